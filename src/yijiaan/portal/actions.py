"""Deeds on settings that no app owns alone: the change itself, its journal row, and what follows from it."""

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.engines.worktime.actions import HolidayImport, choose_preset, import_holidays
from yijiaan.engines.worktime.models import Version

SUBJECT = "worktime.version"


@transaction.atomic
def import_holiday_table(*, actor: Actor, text: str, source: str = "") -> HolidayImport:
    """Take in a table of holidays; deadlines that begin from now on count by it, open ones follow within minutes.

    RuleErrors of `import_holidays` name the line.
    """
    done = import_holidays(actor=actor, text=text, source=source)
    if done.version is not None:
        _note(actor, "worktime.holidays_imported", done.version, done.facts())
    return done


@transaction.atomic
def choose_limits(*, actor: Actor, code: str) -> Version:
    """Let another preset of limits hold from now on; promises given stay as given. NotFound for an unknown one."""
    version = choose_preset(actor=actor, code=code)
    _note(actor, "worktime.preset_chosen", version, dict(version.data))
    return version


def _note(actor: Actor, verb: str, version: Version, data: dict[str, object]) -> None:
    record(
        actor=actor,
        verb=verb,
        county=actor.county,
        subject_type=SUBJECT,
        subject_id=version.stamp,
        area_code=actor.county,
        at=clock.now(),
        data=data,
    )
