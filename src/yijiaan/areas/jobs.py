from yijiaan.areas.actions import begin_redraws
from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import periodic


@periodic("5 16 * * *")
def begin_redraws_of_the_day() -> None:
    """Every night at 0:05 in Shandong: redraws of grids that come into force today are told to who keeps things by grid."""
    begin_redraws(actor=system("begin_redraws_of_the_day"))
