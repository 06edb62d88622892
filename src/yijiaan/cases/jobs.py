from yijiaan.cases.actions import close_unanswered
from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import periodic


@periodic("7 * * * *")
def close_unanswered_callbacks() -> None:
    """Every hour: what nobody answered within a week is closed as unreachable."""
    close_unanswered(actor=system("close_unanswered_callbacks"))
