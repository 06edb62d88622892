from pathlib import Path

from django.conf import settings

from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import periodic
from yijiaan.operations.actions import back_up, close_unsaid, keep_newest_nightly, purge_expired


@periodic("0 19 * * *")
def make_nightly_backup() -> None:
    """At three in the morning in Shandong, where YIJIAAN_BACKUP_NIGHTLY says how many to keep."""
    if settings.BACKUP_NIGHTLY:
        actor = system("make_nightly_backup")
        back_up(actor=actor, passphrase=settings.BACKUP_PASSPHRASE, is_nightly=True)
        keep_newest_nightly(actor=actor, folder=Path(settings.BACKUP_FOLDER), count=settings.BACKUP_NIGHTLY)


@periodic("30 18 * * *")
def purge_what_is_old() -> None:
    """At half past two in the morning in Shandong."""
    purge_expired(actor=system("purge_what_is_old"))


@periodic("40 17 * * *")
def close_answered_opinions() -> None:
    """At twenty to two in the morning in Shandong: what was answered a week ago and nobody objected to."""
    close_unsaid(actor=system("close_answered_opinions"))
