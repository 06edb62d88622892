"""Counts over grids or villages: a statement for each kind of thing counted, however many places there are."""

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any

from django.db.models import CharField, Count, Q, Value
from django.db.models.functions import Left

from yijiaan.cases.models import Case
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.registry.models import (
    Building,
    CareEntry,
    Facility,
    Household,
    Organisation,
    Person,
    Place,
    Room,
    Status,
    Vehicle,
)
from yijiaan.registry.providers import subsets

Counts = dict[str, dict[str, int]]  # by place, then by what is counted


def count_in(actor: Actor, *, prefixes: Collection[str], length: int, keys: Collection[str]) -> Counts:
    """What is asked for of each place: codes of `length` digits inside the prefixes. One statement for each kind of record that is
    counted, at most eleven."""
    found: Counts = defaultdict(dict)
    wanted: dict[Part, set[str]] = defaultdict(set)
    for key in keys:
        wanted[_part_of(key)].add(key)
    for part, mine in wanted.items():
        part(actor, tuple(sorted(prefixes)), length, mine, found)
    return found


def _inside(prefixes: tuple[str, ...], column: str = "area_code") -> Q:
    inside = Q(pk__in=[])
    for prefix in prefixes:
        inside |= Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix + "~"})
    return inside


def _active(actor: Actor, model: Any, prefixes: tuple[str, ...]) -> Any:
    return model.objects.visible_to(actor).filter(_inside(prefixes), status=Status.ACTIVE)


def _tally(rows: Any, length: int, counts: dict[str, Any], found: Counts, column: str = "area_code") -> None:
    unit = Left(column, Value(length), output_field=CharField(db_collation="C"))
    for row in rows.order_by().annotate(unit_code=unit).values("unit_code").annotate(**counts):
        code = row.pop("unit_code")
        found[code].update(row)


def _counts(keys: set[str], whole: str) -> dict[str, Any]:
    """All of a kind under the key `whole`, and the parts of it that have a name in the base."""
    return {key: Count("id") if key == whole else Count("id", filter=subsets()[key].where()) for key in sorted(keys)}


def _households(actor: Actor, inside: tuple[str, ...], length: int, keys: set[str], found: Counts) -> None:
    _tally(_active(actor, Household, inside), length, _counts(keys, "households"), found)


def _people(actor: Actor, inside: tuple[str, ...], length: int, keys: set[str], found: Counts) -> None:
    _tally(_active(actor, Person, inside), length, _counts(keys, "people"), found)


def _care(actor: Actor, inside: tuple[str, ...], length: int, keys: set[str], found: Counts) -> None:
    rows = CareEntry.objects.visible_to(actor).filter(
        _inside(inside), ended_on__isnull=True, person__status=Status.ACTIVE
    )
    counts = {
        key: Count("person", filter=Q(care_kind=key.removeprefix("care_")), distinct=True) for key in sorted(keys)
    }
    _tally(rows, length, counts, found)


def _organisations(actor: Actor, inside: tuple[str, ...], length: int, keys: set[str], found: Counts) -> None:
    _tally(_active(actor, Organisation, inside), length, _counts(keys, "organisations"), found)


def _rooms(actor: Actor, inside: tuple[str, ...], length: int, keys: set[str], found: Counts) -> None:
    _tally(_active(actor, Room, inside), length, _counts(keys, "rooms"), found)


def _cases(actor: Actor, inside: tuple[str, ...], length: int, keys: set[str], found: Counts) -> None:
    """Open ones stand where they are now; those of a period where they happened."""
    seen = Case.objects.visible_to(actor).filter(is_confidential=False)
    if "cases_open" in keys:
        rows = seen.filter(_inside(inside), next_due_at__isnull=False)
        _tally(rows, length, {"cases_open": Count("id")}, found)
    today = clock.local_day()
    starts = {"month": clock.day_start(today.replace(day=1)), "year": clock.day_start(today.replace(month=1, day=1))}
    counts: dict[str, Any] = {}
    for key in sorted(keys - {"cases_open"}):
        what, _, span = key.partition("_")
        column = "received_at" if what == "cases" else "closed_at"
        counts[key] = Count("id", filter=Q(**{f"{column}__gte": starts[span]}))
    if counts:
        since, happened = starts["year"], "occurred_area_code"
        rows = seen.filter(Q(received_at__gte=since) | Q(closed_at__gte=since), _inside(inside, happened))
        _tally(rows, length, counts, found, happened)


def _other(actor: Actor, inside: tuple[str, ...], length: int, keys: set[str], found: Counts) -> None:
    for key in sorted(keys):
        _tally(_active(actor, OTHERS[key], inside), length, {key: Count("id")}, found)


Part = Callable[[Actor, tuple[str, ...], int, set[str], Counts], None]
OTHERS: dict[str, Any] = {"places": Place, "buildings": Building, "facilities": Facility, "vehicles": Vehicle}


def _part_of(key: str) -> Part:
    """Which statement counts it."""
    if key.startswith("care_"):
        return _care
    if key.startswith("organisation"):
        return _organisations
    if key.startswith(("cases_", "closed_")):
        return _cases
    if key in ("households", "families", "tenants", "collectives"):
        return _households
    if key in ("rooms", "rented"):
        return _rooms
    return _other if key in OTHERS else _people
