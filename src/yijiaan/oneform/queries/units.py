"""The rows of a form as somebody sees them: which units there are, what is missing of each, how far each place is."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, Q, QuerySet, Value
from django.db.models.functions import Left

from yijiaan.areas.queries import list_places
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.oneform.deriving import Row, fresh_since, home_rows, place_rows
from yijiaan.oneform.gaps import list_lacking, with_gaps
from yijiaan.oneform.models import FormAnswer, FormArea, FormColumn, OneForm, UnitKind
from yijiaan.oneform.queries.forms import list_asking
from yijiaan.registry.models import Household, Status

SAMPLES = 3
MOST_PLACES = 400
VILLAGE, TOWN = 12, 9


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one place is: rows, those with nothing missing, and items that are missing."""

    area_code: str
    units: int
    complete: int
    gaps: int


def _areas_of(form: OneForm) -> list[str]:
    rows = FormArea.objects.filter(county=form.county, form=form).order_by("area_code")
    return list(rows.values_list("area_code", flat=True))


def _homes(actor: Actor, form: OneForm, area_code: str = "") -> Any:
    inside = Q(pk__in=[])
    for code in _areas_of(form):
        inside |= Q(area_code__gte=code, area_code__lt=code + "~")
    rows = Household.objects.visible_to(actor).filter(inside, county=form.county, status=Status.ACTIVE)
    return rows.inside(area_code) if area_code and actor.covers(area_code) else rows


def list_home_units(
    actor: Actor, *, form: OneForm, columns: Sequence[FormColumn], area_code: str = "", only_gaps: bool = True
) -> QuerySet[Household]:
    """The households of a form in the actor's areas with `gap_count`, those with something missing or all, by grid."""
    rows = with_gaps(actor, _homes(actor, form, area_code), form=form, columns=columns)
    return (rows.filter(gap_count__gt=0) if only_gaps else rows).order_by("area_code", "id")


def list_place_units(actor: Actor, *, form: OneForm, area_code: str = "") -> list[str]:
    """The codes of the grids or villages that have a row in a form, in the actor's areas, by code."""
    found: dict[str, None] = {}
    for code in _areas_of(form):
        for village, grids in list_places(actor, code=code):
            for area in [village] if form.per == UnitKind.VILLAGE else grids:
                if actor.covers(area.code) and area.code.startswith(code) and area.code.startswith(area_code):
                    found[area.code] = None
    return sorted(found)


def count_units(actor: Actor, *, form: OneForm, area_code: str = "") -> int:
    """How many rows a form has in the actor's areas."""
    if form.is_per_household:
        return int(_homes(actor, form, area_code).count())
    return len(list_place_units(actor, form=form, area_code=area_code))


def list_progress(actor: Actor, *, form: OneForm, columns: Sequence[FormColumn]) -> list[Progress]:
    """How far each grid is (each town, for who sees a county; for a form per grid or village, the place above it), by code. Rows
    are counted, nobody who fills them in. Three statements at most."""
    is_wide = any(len(prefix) < TOWN for prefix in actor.areas)
    if not form.is_per_household:
        return _places_progress(actor, form, columns, TOWN if is_wide or form.per == UnitKind.VILLAGE else VILLAGE)
    rows = with_gaps(actor, _homes(actor, form), form=form, columns=columns)
    place = Left("area_code", Value(TOWN if is_wide else 16), output_field=CharField(db_collation="C"))
    counted = (
        rows.order_by().annotate(unit_code=place).values_list("unit_code", "gap_count").annotate(units=Count("id"))
    )
    units, complete, gaps = Counter[str](), Counter[str](), Counter[str]()
    for code, lacking, count in counted:
        units[code] += count
        complete[code] += 0 if lacking else count
        gaps[code] += lacking * count
    return [Progress(code, units[code], complete[code], gaps[code]) for code in sorted(units)]


def _places_progress(actor: Actor, form: OneForm, columns: Sequence[FormColumn], length: int) -> list[Progress]:
    codes = list_place_units(actor, form=form)
    missing = list_missing(actor, form=form, columns=columns, codes=codes)
    units, complete, gaps = Counter[str](), Counter[str](), Counter[str]()
    for code in codes:
        units[code[:length]] += 1
        complete[code[:length]] += not missing[code]
        gaps[code[:length]] += missing[code]
    return [Progress(place, units[place], complete[place], gaps[place]) for place in sorted(units)]


def list_missing(actor: Actor, *, form: OneForm, columns: Sequence[FormColumn], codes: Sequence[str]) -> dict[str, int]:
    """How many items are missing of each grid or village: what is asked and not answered. One statement."""
    asked = sorted({column.answer_key for column in columns if column.is_asked})
    answered = FormAnswer.objects.filter(
        county=form.county, household__isnull=True, area_code__in=list(codes), answer_key__in=asked, is_current=True,
        told_on__gte=fresh_since(form),
    )  # fmt: skip
    known = dict(answered.order_by().values_list("area_code").annotate(Count("id")))
    return {code: len(asked) - known.get(code, 0) for code in codes}


def rows_of_homes(
    actor: Actor, *, form: OneForm, columns: Sequence[FormColumn], households: Sequence[Household], masked: bool = True,
    first: int = 1,
) -> list[Row]:  # fmt: skip
    """The rows of some households that the caller has read for this actor, with their rooms."""
    return home_rows(actor, form, columns, households, masked=masked, first=first)


def rows_of_places(
    actor: Actor, *, form: OneForm, columns: Sequence[FormColumn], codes: Sequence[str], first: int = 1
) -> list[Row]:
    """The rows of some grids or villages of this actor's."""
    return place_rows(actor, form, columns, codes, first=first)


def get_row(actor: Actor, *, form: OneForm, columns: Sequence[FormColumn], subject: str) -> Row:
    """One row by its household's id or the code of its place; NotFound where it is none of the form's or the actor's."""
    if not form.is_per_household:
        if subject not in list_place_units(actor, form=form, area_code=subject):
            raise NotFound
        return place_rows(actor, form, columns, [subject])[0]
    try:
        household_id = UUID(subject)
    except ValueError:
        raise NotFound from None
    home = _homes(actor, form).select_related("room").filter(id=household_id).first()
    if home is None:
        raise NotFound
    return home_rows(actor, form, columns, [home])[0]


def list_samples(actor: Actor, *, form: OneForm, columns: Sequence[FormColumn]) -> list[Row]:
    """The first rows, masked: how the form would look."""
    if form.is_per_household:
        homes = list(_homes(actor, form).select_related("room").order_by("area_code", "id")[:SAMPLES])
        return home_rows(actor, form, columns, homes) if homes else []
    codes = list_place_units(actor, form=form)[:SAMPLES]
    return place_rows(actor, form, columns, codes) if codes else []


def list_carried_forms(actor: Actor, *, household_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """What a phone takes along of forms per household for some households: name, and by household the places of the columns that are
    missing. The number of statements grows with the forms that ask something today, not with the households."""
    found = []
    for form in list_asking(actor):
        if not form.is_per_household:
            continue
        columns = list(FormColumn.objects.filter(county=form.county, form=form).order_by("place"))
        homes = _homes(actor, form).filter(id__any=household_ids).order_by("area_code", "id")
        lacking = list_lacking(actor, homes, form=form, columns=columns)
        units = {str(home): [column.place for column in asked] for home, asked in lacking.items()}
        if units:
            found.append({"id": str(form.id), "name": form.name, "units": units})
    return found
