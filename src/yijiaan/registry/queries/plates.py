from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from yijiaan.core.errors import NotFound
from yijiaan.core.identifiers import county_of_token
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.registry.masks import DIGITS, LEAST_DIGITS, LONGEST, SHORTEST, fits, plain_number
from yijiaan.registry.models import Plate, PlateDay, PlateEnd, PlateNumbering, PlatePrint, PlateState, PlateStyle

CODE_LENGTH = 20
USE_DAYS = 30
MOST_REPLACED = 20  # how often one plate is followed to the next
SLOGAN = "扫一扫：报问题、找网格员"
USES = ("opened_count", "reported_count", "called_count")


def get_plate(actor: Actor, *, code: str) -> Plate:
    """The plate with this code, or with this number of an older scheme, for anybody who stands before it; also one that is
    not in use any more. NotFound for anything else."""
    code = plain_number(code[: 3 * CODE_LENGTH])
    plate = None
    if len(code) == CODE_LENGTH and code.isascii() and code.isalnum():
        county = county_of_token(code)
        plate = Plate.objects.filter(county=county, code=code).first() if county else None
    else:
        county = county_of_number(actor, number=code)
        plate = Plate.objects.filter(county=county, external_no=code).first() if county else None
    if plate is None:
        raise NotFound
    return plate


def list_masks(actor: Actor, *, county: str) -> list[str]:
    """The shapes of a county's older numbers."""
    row = PlateNumbering.objects.filter(county=county).first()
    return row.masks.splitlines() if row else []


def county_of_number(actor: Actor, *, number: str) -> str:
    """The county whose scheme an older number belongs to, however it was typed; empty when nobody's. No two counties have schemes that meet."""
    number = plain_number(number[: 3 * CODE_LENGTH])
    if not SHORTEST <= len(number) <= LONGEST or sum(sign in DIGITS for sign in number) < LEAST_DIGITS:
        return ""
    rows = PlateNumbering.objects.exclude(masks="").values_list("county", "masks")
    return next((county for county, masks in rows if fits(number, masks.splitlines())), "")


def get_plate_style(actor: Actor, *, county: str) -> PlateStyle:
    """What stands on a county's plates; the words that everybody begins with where nothing was set."""
    return PlateStyle.objects.filter(county=county).first() or PlateStyle(county=county, slogan=SLOGAN)


def list_plate_prints(actor: Actor) -> list[PlatePrint]:
    """What the actor wanted on paper in this post, newest first, the last twenty."""
    return list(PlatePrint.objects.visible_to(actor).order_by("-requested_at", "-id")[:20])


def get_plate_print(actor: Actor, *, print_id: UUID) -> PlatePrint:
    """One of them; NotFound for anybody else's."""
    found: PlatePrint = PlatePrint.objects.get_visible(actor, county=actor.county, id=print_id)
    return found


def list_plates(actor: Actor, *, area_code: str = "", only_in_use: bool = False) -> ScopedQuerySet:
    """Plates in the actor's areas, or in one place of them, in the order they were made."""
    plates = Plate.objects.visible_to(actor).filter(county=actor.county)
    if area_code:
        plates = plates.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
    if only_in_use:
        plates = plates.filter(state=PlateState.IN_USE)
    return plates.order_by("area_code", "id")


def get_own_plate(actor: Actor, *, plate_id: UUID) -> Plate:
    """A plate in the actor's areas; NotFound for any other."""
    plate = list_plates(actor).filter(id=plate_id).first()
    if plate is None:
        raise NotFound
    return plate  # type: ignore[no-any-return]


def get_end(actor: Actor, *, plate: Plate) -> PlateEnd | None:
    """Why a plate is not in use; None for one that is."""
    return PlateEnd.objects.filter(county=plate.county, plate=plate).select_related("replaced_by").first()


def get_successor(actor: Actor, *, plate: Plate) -> Plate | None:
    """The plate that hangs there now, over any number of replacements; None when none does."""
    for _ in range(MOST_REPLACED):
        end = get_end(actor, plate=plate)
        if end is None:
            return plate if plate.is_in_use else None
        if end.replaced_by is None:
            return None
        plate = end.replaced_by
    return None


def list_same_codes(actor: Actor, *, code: str) -> list[str]:
    """The code of a plate with those that hung there before and after it: a record that holds one of them stands behind all.
    Empty for an unknown plate."""
    try:
        plate = get_plate(actor, code=code)
    except NotFound:
        return []
    found = {plate.id: plate.code}
    waiting = [plate.id]
    while waiting and len(found) < MOST_REPLACED:
        near = PlateEnd.objects.filter(Q(plate__in=waiting) | Q(replaced_by__in=waiting), county=plate.county)
        waiting = []
        for end in near.select_related("plate", "replaced_by"):
            for one in (end.plate, end.replaced_by):
                if one is not None and one.id not in found:
                    found[one.id] = one.code
                    waiting.append(one.id)
    return sorted(found.values())


def count_uses(actor: Actor, *, plate_ids: Iterable[UUID], today: date) -> dict[UUID, dict[str, int]]:
    """How often each plate was opened, reported from and rung from within the last thirty days."""
    days = PlateDay.objects.filter(
        county=actor.county, plate__in=list(plate_ids), on__gt=today - timedelta(days=USE_DAYS)
    )
    rows = days.values_list("plate").annotate(*(Sum(name, default=0) for name in USES))
    return {plate_id: dict(zip(USES, counts, strict=True)) for plate_id, *counts in rows}


def count_all_uses(actor: Actor, *, area_code: str, today: date) -> dict[str, Any]:
    """The same of all plates in the actor's areas, or in one place of them."""
    plates = list_plates(actor, area_code=area_code)
    days = PlateDay.objects.filter(
        county=actor.county, on__gt=today - timedelta(days=USE_DAYS), plate__in=plates.order_by().values("id")
    )
    return days.aggregate(**{name: Sum(name, default=0) for name in USES})
