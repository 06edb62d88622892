"""Deeds on settings that no app owns alone: the change itself, its journal row, and what follows from it."""

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.engines.worktime.actions import HolidayImport, add_preset, choose_preset, import_holidays, set_limit
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


@transaction.atomic
def change_limit(
    *,
    actor: Actor,
    preset: str,
    duty: str,
    scope: str,
    label: str,
    clock_kind: str,
    amount: int,
    warn_before: int,
    source: str = "",
) -> Version:
    """Set how long a duty may take from now on; promises given stay as given. RuleErrors of `set_limit`."""
    version = set_limit(
        actor=actor,
        preset=preset,
        duty=duty,
        scope=scope,
        label=label,
        clock_kind=clock_kind,
        amount=amount,
        warn_before=warn_before,
        source=source,
    )
    _note(actor, "worktime.limit_set", version, dict(version.data))
    return version


@transaction.atomic
def add_limit_preset(*, actor: Actor, name: str, base: str, source: str) -> Version:
    """A preset of one's own. RuleErrors of `add_preset`."""
    version = add_preset(actor=actor, name=name, base=base, source=source)
    _note(actor, "worktime.preset_added", version, dict(version.data))
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
