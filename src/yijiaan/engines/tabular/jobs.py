from uuid import UUID

from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import task
from yijiaan.engines.tabular.actions import check_import, run_import, undo_import, write_export


@task
def write_wanted_export(county: str, export_id: str) -> None:
    """Write the file that somebody asked for; a second run writes it anew."""
    write_export(actor=system("write_wanted_export", county), export_id=UUID(export_id))


@task
def check_wanted_import(county: str, import_id: str) -> None:
    """Judge every line of a ledger; a second run judges anew."""
    check_import(actor=system("check_wanted_import", county), import_id=UUID(import_id))


@task
def run_wanted_import(county: str, import_id: str) -> None:
    """Write a ledger; a second run goes on where the first stopped."""
    run_import(actor=system("run_wanted_import", county), import_id=UUID(import_id))


@task
def undo_wanted_import(county: str, import_id: str, post_id: str) -> None:
    """Take an import back; a second run goes on where the first stopped."""
    undo_import(actor=system("undo_wanted_import", county), import_id=UUID(import_id), post_id=UUID(post_id))
