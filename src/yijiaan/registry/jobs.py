from uuid import UUID

from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import periodic, task
from yijiaan.registry.actions import count_all_bases, write_plate_print


@task
def write_wanted_plates(county: str, print_id: str) -> None:
    """Set the plates that somebody wants on paper; a second run sets them anew."""
    write_plate_print(actor=system("write_wanted_plates", county), print_id=UUID(print_id))


@periodic("4-59/10 * * * *")
def count_bases() -> None:
    """Every ten minutes: how many records each grid has, how full and how old they are."""
    count_all_bases(actor=system("count_bases"))
