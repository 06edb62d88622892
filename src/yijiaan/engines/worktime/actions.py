import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.worktime import permissions
from yijiaan.engines.worktime.calendars import known_years, window_numbers
from yijiaan.engines.worktime.holiday_file import SpecialDay, read_holidays, whole_years
from yijiaan.engines.worktime.models import Clock, DutyKind, Holiday, Limit, LimitPreset, OfficeHours, Version
from yijiaan.engines.worktime.queries.current import forget_calendar

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class HolidayImport:
    """What an import changed. The caller writes it into the journal: this engine does not know the journal."""

    version: Version | None  # None: everything was there already
    years: tuple[int, ...]  # those whose whole table the file was
    added: tuple[date, ...]
    changed: tuple[date, ...]
    removed: tuple[date, ...]

    def facts(self) -> dict[str, Any]:
        """The data of the journal row `worktime.holidays_imported`."""
        return {
            "years": list(self.years),
            **{name: [day.isoformat() for day in getattr(self, name)] for name in ("added", "changed", "removed")},
        }


@transaction.atomic
def load_default_calendar(*, actor: Actor) -> int:
    """Make what is missing of the shipped holidays, office hours and limits; returns how many rows were made.

    What is there stays as edited: years with a table of their own, hours, presets and limits with the code of a shipped one.
    """
    actor.require(permissions.MANAGE)
    number = _next_number()
    holidays = _missing_holidays()
    known_hours = set(OfficeHours.objects.values_list("code", flat=True))
    hours = [
        OfficeHours(
            code=row["code"],
            name=row["name"],
            valid_from=date.fromisoformat(row["valid_from"]),
            season_from=row["season_from"],
            windows=[window.split("-") for window in row["windows"].split()],
            source=row["source"],
        )
        for row in _shipped("office_hours.csv")
        if row["code"] not in known_hours
    ]
    known_presets = set(LimitPreset.objects.values_list("code", flat=True))
    has_default = LimitPreset.objects.filter(is_default=True).exists()
    # a duty or scope that an update brings comes with its limit; one that a preset has already stays as edited
    known_limits = set(Limit.objects.values_list("preset_id", "duty", "scope"))
    presets = [
        LimitPreset(
            code=row["code"],
            name=row["name"],
            base_id=row["base"] or None,
            source=row["source"],
            is_default=row["is_default"] == "yes" and not has_default,
        )
        for row in _shipped("limit_presets.csv")
        if row["code"] not in known_presets
    ]
    limits = [
        Limit(
            preset_id=row["preset"],
            duty=row["duty"],
            scope=row["scope"],
            label=row["label"],
            clock=row["clock"],
            amount=int(row["amount"]),
            extension=int(row["extension"]),
            warn_before=int(row["warn_before"]),
            source=row["source"],
        )
        for row in _shipped("limits.csv")
        if (row["preset"], row["duty"], row["scope"]) not in known_limits
    ]
    counts = {"holidays": len(holidays), "hours": len(hours), "presets": len(presets), "limits": len(limits)}
    if any(counts.values()):
        _new_version(actor, number, "shipped", counts, "随平台提供")
        Holiday.objects.bulk_create(holidays)
        OfficeHours.objects.bulk_create(hours)
        LimitPreset.objects.bulk_create(presets)
        Limit.objects.bulk_create(limits)
    return sum(counts.values())


def _missing_holidays() -> list[Holiday]:
    known = known_years({day: kind == "work" for day, kind in Holiday.objects.values_list("day", "kind")})
    rows = read_holidays((DATA / "holidays_2024_2026.csv").read_text("utf-8"))
    there = set(Holiday.objects.values_list("day", flat=True))
    return [_holiday(row) for row in rows if row.day.year not in known and row.day not in there]


def _shipped(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text("utf-8").splitlines()))


def _holiday(row: SpecialDay) -> Holiday:
    return Holiday(day=row.day, kind=row.kind, name=row.name, source=row.source)


@transaction.atomic
def import_holidays(*, actor: Actor, text: str, source: str = "") -> HolidayImport:
    """Take holidays from CSV with the columns date, name, kind (rest, work) and, if wanted, official_notice.

    A year whose New Year stands in the file is replaced as a whole: its days that the file leaves out become ordinary again.
    Days of other years are added or changed. RuleError names the line; Conflict when somebody imports at the same moment.
    All comes in or nothing.
    """
    actor.require(permissions.MANAGE)
    rows = read_holidays(text)
    years = whole_years(rows)
    number = _next_number()
    wanted = {row.day: row for row in rows}
    known = {holiday.day: holiday for holiday in Holiday.objects.order_by("day")}
    added = tuple(day for day in wanted if day not in known)
    changed = tuple(
        day
        for day, row in wanted.items()
        if day in known and (known[day].kind, known[day].name) != (row.kind, row.name)
    )
    removed = tuple(day for day in known if day.year in years and day not in wanted)
    if not (added or changed or removed):
        return HolidayImport(None, years, added, changed, removed)
    facts = HolidayImport(None, years, added, changed, removed).facts()
    version = _new_version(actor, number, "holidays", facts, source)
    Holiday.objects.filter(day__in=removed).delete()
    Holiday.objects.bulk_create(
        [_holiday(wanted[day]) for day in sorted({*added, *changed})],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["kind", "name", "source"],
    )
    return HolidayImport(version, years, added, changed, removed)


@transaction.atomic
def set_office_hours(
    *,
    actor: Actor,
    code: str,
    name: str,
    valid_from: date,
    windows: Sequence[tuple[str, str]],
    season_from: str = "01-01",
    source: str = "",
) -> Version:
    """Set the hours of a code from a day on (and within each year from a month and day on); windows are pairs like 08:30, 12:00.

    Hours of earlier days stay. RuleError bad_windows, bad_season, bad_name.
    """
    actor.require(permissions.MANAGE)
    number = _next_number()
    try:
        pairs = [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in windows]
        window_numbers(pairs)
    except ValueError as error:
        raise RuleError("bad_windows", "时段应写成 08:30 到 12:00，先后不重叠，请检查", "windows") from error
    try:
        date.fromisoformat(f"2000-{season_from}")
    except ValueError as error:
        raise RuleError("bad_season", "季节开始应写成 月-日，例如 06-01", "season_from") from error
    if not 0 < len(name.strip()) <= 40 or not 0 < len(code) <= 30:
        raise RuleError("bad_name", "请填写名称（40 个字以内）和方案代码（30 个字符以内）", "name")
    texts = [[opens.isoformat("minutes"), closes.isoformat("minutes")] for opens, closes in pairs]
    facts = {"code": code, "valid_from": valid_from.isoformat(), "season_from": season_from, "windows": texts}
    version = _new_version(actor, number, "office_hours", facts, source)
    OfficeHours.objects.update_or_create(
        code=code,
        valid_from=valid_from,
        season_from=season_from,
        defaults={"name": name.strip(), "windows": texts, "source": source},
    )
    return version


@transaction.atomic
def set_limit(
    *,
    actor: Actor,
    preset: str,
    duty: str,
    clock_kind: str,
    amount: int,
    scope: str = "general",
    label: str = "一般",
    extension: int = 0,
    warn_before: int = 0,
    source: str = "",
) -> Version:
    """Set how long a duty may take under a preset. It holds for duties that begin from now on: promises given stay as given.

    NotFound for an unknown preset; RuleError unknown_duty, unknown_clock, bad_amount.
    """
    actor.require(permissions.MANAGE)
    number = _next_number()
    if not LimitPreset.objects.filter(code=preset).exists():
        raise NotFound
    if duty not in DutyKind.values:
        raise RuleError("unknown_duty", "没有这个事项，请重新选择", "duty")
    if clock_kind not in Clock.values:
        raise RuleError("unknown_clock", "没有这种计时方式，请重新选择", "clock")
    most = 366 if clock_kind == Clock.WORKING_DAYS else 366 * 24 * 60
    if not 0 < amount <= most or not 0 <= extension <= most or not 0 <= warn_before <= amount:
        raise RuleError("bad_amount", "时限应大于零、不超过一年，提前提醒不能超过时限", "amount")
    values = {
        "label": label,
        "clock": clock_kind,
        "amount": amount,
        "extension": extension,
        "warn_before": warn_before,
        "source": source,
    }
    before = Limit.objects.filter(preset_id=preset, duty=duty, scope=scope).values(*values).first()
    facts = {"preset": preset, "duty": duty, "scope": scope, "before": before, "after": values}
    version = _new_version(actor, number, "limits", facts, source)
    Limit.objects.update_or_create(preset_id=preset, duty=duty, scope=scope, defaults=values)
    return version


@transaction.atomic
def choose_preset(*, actor: Actor, code: str) -> Version:
    """Make a preset the one that holds for duties beginning from now on. NotFound when there is none of that code."""
    actor.require(permissions.MANAGE)
    number = _next_number()
    if not LimitPreset.objects.filter(code=code).exists():
        raise NotFound
    before = LimitPreset.objects.filter(is_default=True).values_list("code", flat=True).first()
    version = _new_version(actor, number, "preset", {"before": before, "after": code}, "")
    LimitPreset.objects.filter(is_default=True).update(is_default=False)
    LimitPreset.objects.filter(code=code).update(is_default=True)
    return version


@transaction.atomic
def add_preset(*, actor: Actor, name: str, base: str, source: str) -> Version:
    """A preset of one's own that says nothing yet and takes all from its base. RuleErrors at name, source; NotFound for the base."""
    actor.require(permissions.MANAGE)
    number = _next_number()
    name, source = " ".join(name.split()), source.strip()
    if not 0 < len(name) <= 40 or LimitPreset.objects.filter(name=name).exists():
        raise RuleError("bad_name", "请填写名称，40 个字以内，不和别的方案重名", "name")
    if not 0 < len(source) <= 200:
        raise RuleError("bad_source", "请写依据，例如哪一份文件", "source")
    if not LimitPreset.objects.filter(code=base).exists():
        raise NotFound
    code = f"own_{number}"
    version = _new_version(actor, number, "preset_added", {"code": code, "name": name, "base": base}, source)
    LimitPreset.objects.create(code=code, name=name, base_id=base, source=source)
    return version


def _next_number() -> int:
    """Asked for before anything is read: who changes the tables meanwhile takes the number, and the later one is refused."""
    return (Version.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1


def _new_version(actor: Actor, number: int, what: str, data: dict[str, Any], source: str) -> Version:
    """Written before the rows it is about: whoever changes the tables at the same moment waits here, and then hears Conflict."""
    version = Version(
        number=number,
        what=what,
        data=data,
        source=source[:200],
        actor_kind=actor.kind.value,
        actor_id=actor.identity,
        made_at=clock.now(),
    )
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("刚刚有人改过工作日历，请刷新后再试") from error
    forget_calendar()
    return version
