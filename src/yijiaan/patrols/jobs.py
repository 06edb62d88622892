from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import periodic
from yijiaan.patrols.actions import make_runs_of_today


@periodic("5 16 * * *")
def make_patrols_of_the_day() -> None:
    """Five past midnight in Shandong: the walks of the new day are there when people wake up."""
    make_runs_of_today(actor=system("make_patrols_of_the_day"))
