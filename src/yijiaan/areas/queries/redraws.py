"""What a redraw would do, what was redrawn, and which grid of today stands for one of the past."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from yijiaan.areas.models import LENGTH_OF, Area, Border, Lineage, Redraw, RedrawKind, RedrawState
from yijiaan.areas.queries.locate import find_grids
from yijiaan.areas.redrawing import Piece, Point, cut, handed_over, joined
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor

MOST_MERGED = 20
MOST_POINTS = 200
MOST_NAME = 60


@dataclass(frozen=True, slots=True)
class Drawing:
    """What somebody wants: which grids, how, along which points (longitude, latitude), and what the new ones shall be called.

    split: the first grid is cut. shift: the first gives, the second takes.
    """

    kind: str
    village: str
    grids: tuple[str, ...]
    points: tuple[Point, ...] = ()
    names: tuple[str, ...] = ()


def plan_redraw(actor: Actor, *, drawing: Drawing) -> list[Piece]:
    """The grids that a drawing would make, without changing anything.

    RuleErrors unknown_kind, unknown_village, too_few_grids, too_many_grids, unknown_grid, no_border, pending, too_many_points, and
    those of `redrawing`.
    """
    if drawing.kind not in RedrawKind.values:
        raise RuleError("unknown_kind", "请选怎么调", "kind")
    if len(drawing.village) != LENGTH_OF["village"] or not actor.covers(drawing.village):
        raise RuleError("unknown_village", "请选辖区里的一个村", "village")
    if len(drawing.points) > MOST_POINTS:
        raise RuleError("too_many_points", f"线上最多 {MOST_POINTS} 个点", "points")
    grids = _grids(drawing)
    polygons = _polygons(grids)
    if drawing.kind == RedrawKind.MERGE:
        sources = tuple(grid.code for grid in grids)
        return [Piece("", _name(drawing, 0), joined([polygons[code] for code in sources]), sources)]
    if drawing.kind == RedrawKind.SPLIT:
        parts = cut(polygons[grids[0].code], drawing.points)
        return [Piece("", _name(drawing, place), part, (grids[0].code,)) for place, part in enumerate(parts)]
    giver, taker = grids
    left, grown = handed_over(polygons[giver.code], polygons[taker.code], drawing.points)
    return [
        Piece(giver.code, giver.name, left, (giver.code,)),
        Piece(taker.code, taker.name, grown, (taker.code, giver.code)),
    ]


def _grids(drawing: Drawing) -> list[Area]:
    codes = tuple(dict.fromkeys(drawing.grids))
    least, most, word = {
        RedrawKind.MERGE: (2, MOST_MERGED, "请至少选两个挨着的网格"),
        RedrawKind.SPLIT: (1, 1, "请选要切开的那一个网格"),
        RedrawKind.SHIFT: (2, 2, "请先选划出的网格，再选接过去的网格"),
    }[RedrawKind(drawing.kind)]
    if len(codes) < least:
        raise RuleError("too_few_grids", word, "grids")
    if len(codes) > most:
        raise RuleError("too_many_grids", word if most < MOST_MERGED else f"一次最多并 {most} 个网格", "grids")
    today = clock.local_day()
    there = {
        area.code: area
        for area in Area.objects.on(today).filter(code__in=codes, parent_id=drawing.village, level="grid")
    }
    missing = [code for code in codes if code not in there]
    if missing:
        raise RuleError("unknown_grid", "选的网格不在这个村里，或者已经停用，请重新选", "grids")
    ending = next((area for area in there.values() if area.valid_to is not None), None)
    waiting = Border.objects.filter(area__in=codes, period__startswith__gt=today).first()
    if ending is not None or waiting is not None:
        name = ending.name if ending is not None else there[waiting.area_id].name  # type: ignore[union-attr]
        raise RuleError("pending", f"{name}已经有一次调整在等生效，请等它生效，或者先撤销它", "grids")
    return [there[code] for code in codes]


def _polygons(grids: Sequence[Area]) -> dict[str, BaseGeometry]:
    borders = Border.objects.filter(area__in=grids, period__contains=clock.local_day())
    found = {code: shape(geometry) for code, geometry in borders.values_list("area_id", "geometry")}
    for grid in grids:
        if grid.code not in found:
            raise RuleError("no_border", f"{grid.name}还没有边界，请先导入", "grids")
    return found


def _name(drawing: Drawing, place: int) -> str:
    return drawing.names[place].strip() if place < len(drawing.names) else ""


def list_redraws(actor: Actor, *, area_code: str = "") -> QuerySet[Redraw]:
    """Redraws in the actor's areas, the one with the latest day first."""
    redraws = Redraw.objects.visible_to(actor)
    if area_code:
        redraws = redraws.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
    return redraws.order_by("-effective_on", "-id")


def get_redraw(actor: Actor, *, redraw_id: UUID) -> Redraw:
    """One redraw; NotFound outside the actor's areas."""
    found: Redraw = Redraw.objects.visible_to(actor).get_visible(actor, id=redraw_id)
    return found


def pieces_of(actor: Actor, *, redraw: Redraw) -> list[Piece]:
    """The grids that a redraw made, as they were on its day; of one that was undone none is left."""
    borders = Border.objects.filter(area__in=redraw.after, period__startswith=redraw.effective_on).select_related(
        "area"
    )
    sources: dict[str, list[str]] = {}
    for before, after in Lineage.objects.visible_to(actor).filter(redraw=redraw).values_list("before_id", "after_id"):
        sources.setdefault(after, []).append(before)
    if redraw.kind == RedrawKind.SHIFT:
        giver, taker = redraw.before
        sources = {giver: [giver], taker: [taker, giver]}
    found = {
        border.area_id: Piece(border.area_id, border.area.name, shape(border.geometry), tuple(sources[border.area_id]))
        for border in borders
    }
    return [found[code] for code in redraw.after if code in found]


def list_grids_ever(actor: Actor, *, village: str) -> list[Area]:
    """Every grid that a village has, had or will have, by code."""
    return list(Area.objects.visible_to(actor).filter(parent_id=village, level="grid").order_by("code"))


@dataclass(frozen=True, slots=True)
class Descent:
    """What became of the grids of some villages up to a day."""

    ended: frozenset[str]
    became: dict[str, list[str]]
    gave: dict[str, list[str]]  # to whom a grid gave ground while both kept their codes

    def heirs(self, code: str) -> tuple[str, ...]:
        """The grids that stand for a code: itself as long as it stands."""
        if code not in self.ended or code not in self.became:
            return (code,)
        return tuple(dict.fromkeys(heir for after in self.became[code] for heir in self.heirs(after)))

    def grounds(self, code: str) -> set[str]:
        """Every standing grid that may have some of a code's ground."""
        known, waiting = set(), [code]
        while waiting:
            one = waiting.pop()
            if one not in known:
                known.add(one)
                waiting += [*self.gave.get(one, ()), *(self.became.get(one, ()) if one in self.ended else ())]
        return known - self.ended


def descent_of(actor: Actor, *, villages: Iterable[str], on: date | None = None) -> Descent:
    """The descent of the grids of some villages up to a day (default: today), in three statements."""
    day, wanted = on or clock.local_day(), list(villages)
    ended = Area.objects.visible_to(actor).filter(parent_id__in=wanted, level="grid", valid_to__lte=day)
    became: dict[str, list[str]] = {}
    lines = Lineage.objects.visible_to(actor).filter(before__parent_id__in=wanted, redraw__effective_on__lte=day)
    for before, after in lines.order_by("after_id").values_list("before_id", "after_id"):
        became.setdefault(before, []).append(after)
    gave: dict[str, list[str]] = {}
    shifts = Redraw.objects.filter(area_code__in=wanted, kind=RedrawKind.SHIFT, effective_on__lte=day)
    for codes in shifts.exclude(state=RedrawState.UNDONE).order_by("id").values_list("codes", flat=True):
        giver, taker = codes["before"]
        gave.setdefault(giver, []).append(taker)
    return Descent(frozenset(ended.values_list("code", flat=True)), became, gave)


def grids_of_day(
    actor: Actor, *, county: str, stands: Sequence[tuple[str, float | None, float | None]], on: date | None = None
) -> list[str]:
    """For records of any time (the grid each stood in, and its point): the grid of a day (default: today) that has their ground.

    By the point where it lies in a grid that has ground of the old one; else the one heir of the old grid; where several came of it
    and no point tells, the village. So a year counted by the grids of then and by those of today has the same sum.
    """
    village = LENGTH_OF["village"]
    descent = descent_of(
        actor, villages={code[:village] for code, _, _ in stands if len(code) == LENGTH_OF["grid"]}, on=on
    )
    placed = [(lon, lat) if lon is not None and lat is not None else (0.0, 0.0) for _, lon, lat in stands]
    found = []
    for (code, _, _), grid in zip(stands, find_grids(actor, county=county, points=placed, on=on), strict=True):
        if grid and grid in descent.grounds(code):
            found.append(grid)
            continue
        own = descent.heirs(code)
        found.append(own[0] if len(own) == 1 else code[:village])
    return found


def moves_of_day(
    actor: Actor, *, county: str, rows: Sequence[tuple[UUID, str, float | None, float | None]]
) -> dict[UUID, str]:
    """Of records (id, the grid each stands in, its point) those whose ground another grid has today, with that grid, in their order."""
    grids = grids_of_day(actor, county=county, stands=[row[1:] for row in rows])
    return {row[0]: grid for row, grid in zip(rows, grids, strict=True) if grid != row[1]}
