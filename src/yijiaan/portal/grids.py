"""网格管理: the grids of a village now and ever, redraws with what they would do, and a year's figures on both sides of one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from shapely.geometry import mapping

from yijiaan.accounts.access import staff_only
from yijiaan.areas.actions import schedule_redraw, undo_redraw
from yijiaan.areas.models import LENGTH_OF, Area, Redraw, RedrawKind, RedrawState
from yijiaan.areas.permissions import REDRAW
from yijiaan.areas.providers import Counted, count_all
from yijiaan.areas.queries import (
    Piece,
    area_names,
    get_area,
    get_redraw,
    list_grids_ever,
    list_places,
    list_redraws,
    pieces_of,
    plan_redraw,
)
from yijiaan.cases.queries import count_by_grid
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.portal.grid_forms import RedrawForm
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell

YEARS = 3
HEADS = ("生效日", "村", "怎么调", "涉及的网格", "状态")
KINDS = {"base": "基础网格", "exclusive": "专属网格"}
COLOURS = {RedrawState.SCHEDULED: "soon", RedrawState.IN_FORCE: "done", RedrawState.UNDONE: ""}


@staff_only
@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every redraw of the actor's areas, and the villages to begin one in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(REDRAW)
    wanted = request.GET.get("village", "")
    if wanted:
        return redirect("portal:village_grids", village=_village(actor, wanted).code)
    page = page_of(request, list_redraws(actor), keys=("-effective_on", "-id"))
    names = _names(actor, page.rows)
    rows = [
        [
            Cell(_day(redraw), "title", reverse("portal:redraw", args=[redraw.id])),
            names.get(redraw.area_code, ""),
            redraw.get_kind_display(),
            "、".join(names.get(code, code) for code in redraw.before),
            redraw.get_state_display(),
        ]
        for redraw in page.rows
    ]
    villages = [village for area in actor.areas for village, _ in list_places(actor, code=area)]
    return render(
        request, "portal/grids/overview.html", {"heads": HEADS, "rows": rows, "page": page, "villages": villages}
    )


@staff_only
@never_cache
@require_safe
def village(request: HttpRequest, village: str) -> HttpResponse:
    """The grids of a village, those that ended too, with a year's cases by the grids of then and by those of today."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(REDRAW)
    place = _village(actor, village)
    this_year = clock.local_day().year
    asked = request.GET.get("year", "")
    years = list(range(this_year - YEARS + 1, this_year + 1))
    year = int(asked) if asked.isdigit() and int(asked) in years else this_year
    grids = list_grids_ever(actor, village=place.code)
    then, today = count_by_grid(actor, village=place.code, year=year)
    lines = [
        {"grid": grid, "kind": KINDS.get(grid.kind, ""), "state": _state(grid), "then": then[grid.code], "today": today[grid.code]}
        for grid in grids
    ]  # fmt: skip
    known = {grid.code for grid in grids}
    rest = (
        sum(number for code, number in then.items() if code not in known),
        sum(number for code, number in today.items() if code not in known),
    )
    context = {
        "village": place, "lines": lines, "rest": rest, "total": (sum(then.values()), sum(today.values())), "year": year,
        "years": years, "redraws": list(list_redraws(actor, area_code=place.code)[:20]), "shapes": _shapes(place),
    }  # fmt: skip
    return render(request, "portal/grids/village.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def draw(request: HttpRequest, village: str) -> HttpResponse:
    """The editor: look first at what a redraw would do, then decide."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(REDRAW)
    place = _village(actor, village)
    day = clock.local_day()
    grids = [grid for grid in list_grids_ever(actor, village=place.code) if _stands(grid, day)]
    form = RedrawForm(request.POST if request.method == "POST" else None, grids=grids)
    simulation: dict[str, Any] | None = None
    if request.method == "POST" and form.is_valid():
        drawing = form.drawing(place.code)
        try:
            if "decide" in request.POST:
                said = form.cleaned_data
                redraw = schedule_redraw(
                    actor=actor, drawing=drawing, effective_on=said["effective_on"], reason=said["reason"],
                    client_key=said["client_key"],
                )  # fmt: skip
                messages.success(
                    request, f"定下了，{redraw.effective_on.month}月{redraw.effective_on.day}日起生效，之前可以撤销。"
                )
                return redirect("portal:redraw", redraw.id)
            pieces = plan_redraw(actor, drawing=drawing)
            simulation = _simulation(actor, list(drawing.grids), pieces)
        except RuleError as error:
            apply_rule_error(form, _at_a_field_of(error, drawing.kind))
    context = {"form": form, "village": place, "grids": grids, "simulation": simulation, "shapes": _shapes(place)}
    return render(request, "portal/grids/draw.html", context, status=422 if form.errors else 200)


def _at_a_field_of(error: RuleError, kind: str) -> RuleError:
    """The form asks for one grid in another field than for several."""
    if error.field != "grids" or kind == RedrawKind.MERGE:
        return error
    return RuleError(error.code, error.message, "giver")


@staff_only
@never_cache
@require_safe
def redrawn(request: HttpRequest, redraw_id: UUID) -> HttpResponse:
    """One redraw: what becomes what, and what lies on it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(REDRAW)
    redraw = get_redraw(actor, redraw_id=redraw_id)
    pieces = pieces_of(actor, redraw=redraw)
    context = {
        "redraw": redraw,
        "village": _village(actor, redraw.area_code),
        "names": _names(actor, [redraw]),
        "before": [(code, name) for code, name in _named(actor, redraw.before)],
        "after": [(code, name) for code, name in _named(actor, redraw.after)],
        "colour": COLOURS[RedrawState(redraw.state)],
        "is_waiting": redraw.state == RedrawState.SCHEDULED and redraw.effective_on > clock.local_day(),
        "simulation": _simulation(actor, redraw.before, pieces) if redraw.state == RedrawState.SCHEDULED else None,
        "shapes": _shapes(get_area(actor, code=redraw.area_code)),
    }
    return render(request, "portal/grids/redraw.html", context)


@staff_only
@require_POST
def undo(request: HttpRequest, redraw_id: UUID) -> HttpResponse:
    """Take a redraw back before its day."""
    try:
        undo_redraw(actor=request.actor, redraw_id=redraw_id)  # type: ignore[attr-defined]
    except RuleError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "撤销了，网格还是原来的样子。")
    return redirect("portal:redraw", redraw_id)


def _village(actor: Actor, code: str) -> Area:
    if len(code) != LENGTH_OF["village"] or not actor.covers(code):
        raise NotFound
    return get_area(actor, code=code)


def _stands(grid: Area, day: Any) -> bool:
    return (grid.valid_from is None or grid.valid_from <= day) and (grid.valid_to is None or grid.valid_to > day)


def _state(grid: Area) -> tuple[str, str]:
    day = clock.local_day()
    if grid.valid_from is not None and grid.valid_from > day:
        return "等启用", "soon"
    return ("在用", "done") if _stands(grid, day) else ("已停用", "")


def _day(redraw: Redraw) -> str:
    return f"{redraw.effective_on.year}年{redraw.effective_on.month}月{redraw.effective_on.day}日"


def _names(actor: Actor, redraws: list[Redraw]) -> dict[str, str]:
    codes = {code for redraw in redraws for code in (redraw.area_code, *redraw.before, *redraw.after)}
    return area_names(actor, codes=codes)


def _named(actor: Actor, codes: list[str]) -> list[tuple[str, str]]:
    names = area_names(actor, codes=codes)
    return [(code, names.get(code, "（已撤销）")) for code in codes]


def _shapes(village: Area) -> str:
    return reverse("areas:shapes", args=[village.code, "grid"])


def _simulation(actor: Actor, before: list[str], pieces: list[Piece]) -> dict[str, Any]:
    names = [piece.name or f"新网格 {number}" for number, piece in enumerate(pieces, 1)]
    lines: list[Counted] = count_all(actor, codes=before, pieces=pieces)
    return {
        "names": names,
        "lines": lines,
        "has_unplaced": any(line.unplaced for line in lines),
        "shapes": {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": {"name": name}, "geometry": mapping(piece.polygon)}
                for name, piece in zip(names, pieces, strict=True)
            ],
        },
        "areas": [f"{piece.polygon.area * 1.0e10 / 1e6:.2f}" for piece in pieces],
    }
