from collections.abc import Sequence

from django.db import IntegrityError, transaction

from yijiaan.areas.models import LENGTH_OF
from yijiaan.areas.queries import find_grid, get_area
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.geo import check_point
from yijiaan.core.identifiers import tracking_code, uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.registry.masks import fits, plain_number
from yijiaan.registry.models import Plate
from yijiaan.registry.permissions import MAKE_PLATES
from yijiaan.registry.queries import list_masks

MOST_AT_ONCE = 500
MOST_PLACE = 120


@transaction.atomic
def make_plate(
    *,
    actor: Actor,
    area_code: str,
    place: str,
    lon: float | None = None,
    lat: float | None = None,
    external_no: str = "",
) -> Plate:
    """One plate for a place in a village or grid of the actor's. With a point its grid is found, and must lie in that place.
    external_no: the number on a plate that hangs there already, of one of the county's own shapes.

    RuleError empty_place, place_too_long, unknown_area, half_point, point_elsewhere, strange_number, number_taken, and those
    of `geo.check_point`.
    """
    actor.require(MAKE_PLATES)
    number = plain_number(external_no)
    if number and not fits(number, list_masks(actor, county=actor.county)):
        raise RuleError("strange_number", "这个编号和老门牌的编号样式不一样，请核对", "external_no")
    return make_one(actor, village_or_grid(actor, area_code), place, lon, lat, number)


@transaction.atomic
def make_plates(*, actor: Actor, area_code: str, places: Sequence[str]) -> list[Plate]:
    """Plates for a village or grid, one for each line that says a place; all or none. A first word that has the shape of the
    county's older numbers is the number of the plate that hangs there.

    RuleError empty_place when there is no line, too_many beyond 500, number_taken, and those of `make_plate`.
    """
    actor.require(MAKE_PLATES)
    area = village_or_grid(actor, area_code)
    lines = [line for line in (" ".join(place.split()) for place in places) if line]
    if not lines:
        raise RuleError("empty_place", "请写地点，一行一个", "places")
    if len(lines) > MOST_AT_ONCE:
        raise RuleError("too_many", f"一次最多做 {MOST_AT_ONCE} 块，请分几次", "places")
    masks = list_masks(actor, county=actor.county)
    return [
        make_one(actor, area, place, None, None, number) for number, place in (_parted(line, masks) for line in lines)
    ]


def _parted(line: str, masks: Sequence[str]) -> tuple[str, str]:
    """The older number that a line begins with, and the rest of it."""
    first, _, rest = line.partition(" ")
    number = plain_number(first)
    return (number, rest) if masks and fits(number, masks) else ("", line)


def village_or_grid(actor: Actor, area_code: str) -> str:
    """A village or grid of the actor's that exists; RuleError unknown_area."""
    if len(area_code) < LENGTH_OF["village"] or not actor.covers(area_code):
        raise RuleError("unknown_area", "请选辖区里的一个村或网格", "area_code")
    try:
        return str(get_area(actor, code=area_code).code)
    except NotFound as error:
        raise RuleError("unknown_area", "没有这个村或网格，请重新选", "area_code") from error


def make_one(
    actor: Actor, area_code: str, place: str, lon: float | None, lat: float | None, external_no: str = ""
) -> Plate:
    """The row of a plate and its deed, the actor's right being looked at. RuleErrors of `make_plate`."""
    place = "".join(letter for letter in place if letter.isprintable()).strip()
    if not place:
        words = f"{external_no} 后面请写地点" if external_no else "请写地点"
        raise RuleError("empty_place", words, "place")
    if len(place) > MOST_PLACE:
        raise RuleError("place_too_long", f"地点最多 {MOST_PLACE} 个字，请写短些", "place")
    if (lon is None) != (lat is None):
        raise RuleError("half_point", "经度和纬度要一起给", "lon")
    county = area_code[:6]
    if lon is not None and lat is not None:
        check_point(lon, lat)
        grid = find_grid(actor, county=county, lon=lon, lat=lat)
        if not grid.startswith(area_code):
            raise RuleError("point_elsewhere", "这个点不在选的村或网格里，请重新点", "lon")
        area_code = grid
    now = clock.now()
    plate = Plate(
        id=uuid7(), county=county, code=tracking_code(county), place=place, area_code=area_code, lon=lon, lat=lat,
        made_by_id=actor.post_id, made_at=now, external_no=external_no,
    )  # fmt: skip
    try:
        with transaction.atomic():
            plate.save(force_insert=True)
    except IntegrityError as error:
        if "plate_external_once" not in str(error):
            raise
        raise RuleError("number_taken", f"编号 {external_no} 已经登记过了", "external_no") from error
    record(
        actor=actor, verb="registry.plate_made", county=county, subject_type="registry.plate", subject_id=plate.id,
        area_code=area_code, at=now,
    )  # fmt: skip
    return plate
