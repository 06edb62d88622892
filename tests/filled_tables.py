"""Rows for any table of any state of the migrations, found by trying: what the columns allow and the constraints take."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import DataError, IntegrityError, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import NOT_PROVIDED

from yijiaan.core.sealed import SealedField, SearchHashField

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
COUNTY = "370812"
TRIES = 400
# what trying would hardly find: model → field → value or a function of (number, chance)
GIVEN: dict[str, dict[str, Any]] = {
    "safety.CarryOver": {
        "from_year": lambda number, chance: 2000 + number % 90,
        "to_year": lambda number, chance: 2001 + number % 90,
    },
    "patrols.VisitCycle": {"every_days": 30},
    # one a place
    "registry.GridCount": {"area_code": lambda number, chance: f"{COUNTY}102{200 + number}1001"},
    # one a county
    "registry.PlateNumbering": {"county": lambda number, chance: f"3708{number:02d}"},
    "registry.PlateStyle": {"county": lambda number, chance: f"3708{number:02d}"},
    "areas.Area": {"code": lambda number, chance: f"{COUNTY}{number:03d}", "level": "town", "parent": None},
    "worktime.OfficeHours": {"windows": [["08:30", "12:00"], ["13:30", "17:30"]]},
    "areas.Border": {
        "polygon": {"type": "Polygon", "coordinates": [[[116.6, 35.6], [116.7, 35.6], [116.7, 35.7], [116.6, 35.6]]]},
    },
}


class CannotFill(Exception):
    """No row was taken: give the table its values in GIVEN."""


def fill(apps: Any, labels: list[str], each: int = 2) -> dict[str, int]:
    """Have at least `each` rows in every table of these apps; returns the rows of each table."""
    chance = random.Random(20261124)
    counts = {}
    for model in _in_order(apps, labels):
        rows = model._base_manager.count()
        for number in range(rows, each):
            _insert(model, number, chance)
        counts[model._meta.db_table] = model._base_manager.count()
    return counts


def _in_order(apps: Any, labels: list[str]) -> Iterator[type[models.Model]]:
    """Every model after those that it points at."""
    left = [m for m in apps.get_models() if m._meta.app_label in labels and m._meta.managed and not m._meta.proxy]
    while left:
        waiting = {m._meta.label for m in left}
        ready = [m for m in left if not _targets(m) & waiting - {m._meta.label}] or left[:1]
        left = [m for m in left if m not in ready]
        yield from ready


def _targets(model: type[models.Model]) -> set[str]:
    return {f.remote_field.model._meta.label for f in model._meta.local_fields if f.remote_field and not f.null}


def _insert(model: type[models.Model], number: int, chance: random.Random) -> None:
    said = ""
    for attempt in range(TRIES):
        values = {
            field.attname: value
            for field in model._meta.local_fields
            if not isinstance(field, models.AutoField)
            and (value := _value(model, field, number + attempt * 7 * (attempt > 9), attempt, chance))
            is not NOT_PROVIDED
        }
        try:
            with transaction.atomic():
                model._base_manager.bulk_create([model(**values)])
        except (IntegrityError, DataError) as refused:
            said = str(refused)
        else:
            return
    raise CannotFill(f"{model._meta.label}: {said}")


def _value(model: type[models.Model], field: Any, number: int, attempt: int, chance: random.Random) -> Any:
    given = GIVEN.get(model._meta.label, {})
    if field.name in given:
        return given[field.name](number, chance) if callable(given[field.name]) else given[field.name]
    # the first tries fill everything, the next as little as possible, the rest throw dice
    bare = attempt % 2 == 1 if attempt < 4 else chance.random() < 0.5
    if field.remote_field:
        return _pointer(model, field, bare, chance)
    if field.null and bare:
        return None
    if field.has_default() and bare:
        return field.get_default()
    if field.choices:
        return chance.choice([value for value, _ in field.flatchoices])
    return _plain(field, number, bare, chance)


def _pointer(model: type[models.Model], field: Any, bare: bool, chance: random.Random) -> Any:
    target = field.remote_field.model
    if field.null and (bare or target is model):
        return None
    kept = list(target._base_manager.values_list(field.target_field.attname, flat=True)[:50])
    if not kept and field.null:
        return None
    if not kept:
        raise CannotFill(f"{model._meta.label}.{field.name} points at {target._meta.label}, which has no rows")
    return chance.choice(kept)


def _plain(field: Any, number: int, bare: bool, chance: random.Random) -> Any:
    length = getattr(field, "max_length", None) or 200
    match field:
        case SealedField():
            return "" if field.blank and bare else f"值 {number}"
        case SearchHashField():
            return uuid.UUID(int=chance.getrandbits(128)).bytes
        case ArrayField() | models.JSONField():
            return field.get_default() if field.has_default() else []
        case models.UUIDField():
            return uuid.UUID(int=chance.getrandbits(128), version=4)
        case models.BooleanField():
            return chance.random() < 0.5
        case models.DateTimeField():
            return NOW + timedelta(minutes=number + chance.randrange(3))
        case models.DateField():
            return date(2026, 1, 1) + timedelta(days=number)
        case models.TimeField():
            return time(number % 24, 30)
        case DateRangeField():
            return DateRange(date(2000 + number, 1, 1), date(2000 + number, 12, 31))
        case models.GenericIPAddressField():
            return "10.0.0.7"
        case models.FloatField():
            return float(number)
        case models.DecimalField():
            return Decimal(number)
        case models.IntegerField():
            return number + 1
        case models.BinaryField():
            return b"\x01" * min(length, 32)
        case models.CharField() | models.TextField():
            if field.name == "county":
                return COUNTY if not field.primary_key else f"3708{number:02d}"
            if field.name.endswith("area_code"):
                return f"{COUNTY}001"
            return "" if field.blank and bare else f"{number}{field.name}"[:length]
    raise CannotFill(f"no value is known for {field!r} of {field.model._meta.label}")
