from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import periodic
from yijiaan.patrols.actions import keep_arrangements_of_today, make_runs_of_today


@periodic("5 16 * * *")
def make_patrols_of_the_day() -> None:
    """Five past midnight in Shandong: the walks of the new day are there when people wake up."""
    make_runs_of_today(actor=system("make_patrols_of_the_day"))


@periodic("8 16 * * *")
def keep_visits_of_the_day() -> None:
    """Eight past midnight in Shandong: who is to be visited from today on, and whether the care lists are followed."""
    keep_arrangements_of_today(actor=system("keep_visits_of_the_day"))
