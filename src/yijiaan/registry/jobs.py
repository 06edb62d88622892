from uuid import UUID

from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import task
from yijiaan.registry.actions import write_plate_print


@task
def write_wanted_plates(county: str, print_id: str) -> None:
    """Set the plates that somebody wants on paper; a second run sets them anew."""
    write_plate_print(actor=system("write_wanted_plates", county), print_id=UUID(print_id))
