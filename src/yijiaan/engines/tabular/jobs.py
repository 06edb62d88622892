from uuid import UUID

from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import task
from yijiaan.engines.tabular.actions import write_export


@task
def write_wanted_export(county: str, export_id: str) -> None:
    """Write the file that somebody asked for; a second run writes it anew."""
    write_export(actor=system("write_wanted_export", county), export_id=UUID(export_id))
