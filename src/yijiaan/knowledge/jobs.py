from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import periodic
from yijiaan.knowledge.actions import warn_owners


@periodic("30 0 * * *")
def warn_of_articles_out_of_date() -> None:
    """Every morning at 8:30 in Shandong: owners hear of articles that end within a month, or have ended."""
    warn_owners(actor=system("warn_of_articles_out_of_date"))
