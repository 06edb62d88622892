"""拉网式 at the desk: how far a sweep has come, by points and by households; each number opens to its rows."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core.errors import NotAllowed
from yijiaan.core.scope import Actor
from yijiaan.patrols.models import Sweep
from yijiaan.patrols.permissions import VISIT
from yijiaan.patrols.queries import (
    HOMES,
    POINTS,
    Homes,
    count_sweep_homes,
    get_sweep,
    list_runs,
    list_sweep_homes,
    list_sweep_points,
    may_see_homes,
    read_coverage,
    visits_on_days,
)
from yijiaan.patrols.views.desk import KIND
from yijiaan.patrols.ways import KINDS
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import day, pill, when

POINT_WORDS = {
    "all": "所有的点",
    "checked": "看过的点",
    "left": "还没有看的点",
    "hazard": "有隐患的点",
    "missed": "到不了的点",
}
HOME_WORDS = {"all": "所有住户", "visited": "走访过的住户", "left": "还没有走访的住户"}
POINT_HEADS = ("网格", "点", "看什么", "结果", "说明", "什么时候", "谁看的", "隐患")
HOME_HEADS = ("网格", "哪一户", "走访", "哪天", "怎么走访的")


def _found(request: HttpRequest, sweep_id: UUID) -> tuple[Actor, Sweep]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("patrols.view")
    return actor, get_sweep(actor, sweep_id=sweep_id)


def _rows(name: str, sweep: Sweep, show: str, grid: str = "") -> str:
    """The address of the rows behind a number."""
    return (
        f"{reverse(f'patrols:{name}', args=[sweep.id])}?{urlencode({'show': show} | ({'grid': grid} if grid else {}))}"
    )


@staff_only
@never_cache
@require_safe
def sweep(request: HttpRequest, sweep_id: UUID) -> HttpResponse:
    """A sweep: how much of it was looked at, how many households were visited, and which grids are left."""
    actor, found = _found(request, sweep_id)
    those = list_runs(actor).filter(sweep_id=found.id)
    page = page_of(request, those, keys=("-id",), size=100)
    homes = count_sweep_homes(actor, sweep=found)
    context = {
        "sweep": found,
        "coverage": read_coverage(actor, runs=those),
        "homes": Homes(sum(each.total for each in homes.values()), sum(each.visited for each in homes.values())),
        "sees_homes": may_see_homes(actor),
        "page": page,
        "heads": (
            "网格",
            "谁去",
            "状态",
            "点看了",
            "隐患",
            "到不了",
            *(("走访了的户",) if may_see_homes(actor) else ()),
            "原因",
        ),
        "rows": _grid_rows(actor, found, page.rows, homes),
    }
    return render(request, "patrols/sweep.html", context)


def _grid_rows(actor: Actor, found: Sweep, runs: list[Any], homes: dict[str, Homes]) -> list[list[Any]]:
    names = area_names(actor, codes=[run.area_code for run in runs])
    rows = []
    for run in runs:

        def points(count: int, show: str, words: str = "", grid: str = run.area_code) -> Cell:
            return Cell(words or str(count or ""), "num", _rows("sweep_points", found, show, grid) if count else "")

        row = [
            Cell(names.get(run.area_code, run.area_code), "title", reverse("patrols:run", args=[run.id])),
            f"{run.unit.name}{' ' + run.post.user.name if run.post else ''}",
            pill(run.status_label, KIND[run.status]),
            points(run.total, "all", f"点 {run.checked} / {run.total}"),
            points(run.found, "hazard"),
            points(run.missed, "missed"),
        ]
        if may_see_homes(actor):
            here = homes.get(run.area_code, Homes(0, 0))
            url = _rows("sweep_homes", found, "all", run.area_code) if here.total else ""
            row.append(Cell(f"户 {here.visited} / {here.total}", "num", url))
        rows.append([*row, run.reason])
    return rows


def _asked(request: HttpRequest, shows: Any) -> tuple[str, str]:
    """Which rows are meant, and of which grid; everything for what makes no sense."""
    show, grid = request.GET.get("show", ""), request.GET.get("grid", "")
    return show if show in shows else "all", grid if grid.isascii() and grid.isdigit() and len(grid) <= 16 else ""


@staff_only
@never_cache
@require_safe
def sweep_points(request: HttpRequest, sweep_id: UUID) -> HttpResponse:
    """The points behind a number of a sweep."""
    actor, found = _found(request, sweep_id)
    show, grid = _asked(request, POINTS)
    page = page_of(
        request,
        list_sweep_points(actor, sweep=found, show=show, area_code=grid),
        keys=("grid", "place_number", "id"),
        size=50,
    )
    names = area_names(actor, codes=[check.grid for check in page.rows])
    rows = [
        [
            names.get(check.grid, check.grid), Cell(check.place, "title", reverse("patrols:run", args=[check.run_id])), check.hint,
            pill(check.get_result_display(), KINDS[check.result]), check.note, when(check.checked_at),
            check.checked_by.user.name if check.checked_by else "",
            Cell("看隐患", "", reverse("safety:hazard", args=[check.hazard_id])) if check.hazard_id else "",
        ]
        for check in page.rows
    ]  # fmt: skip
    tabs = [(_rows("sweep_points", found, key, grid), words, key == show) for key, words in POINT_WORDS.items()]
    return _list(
        request, actor, found, page=page, rows=rows, heads=POINT_HEADS, tabs=tabs, title=POINT_WORDS[show], grid=grid
    )


@staff_only
@never_cache
@require_safe
def sweep_homes(request: HttpRequest, sweep_id: UUID) -> HttpResponse:
    """The households behind a number of a sweep."""
    actor, found = _found(request, sweep_id)
    if not may_see_homes(actor):
        raise NotAllowed(VISIT)
    show, grid = _asked(request, HOMES)
    page = page_of(
        request, list_sweep_homes(actor, sweep=found, show=show, area_code=grid), keys=("area_code", "id"), size=50
    )
    names = area_names(actor, codes=[home.area_code for home in page.rows])
    went = visits_on_days(actor, sweep=found).filter(household__in=[home.id for home in page.rows])
    last = {visit.household_id: visit for visit in reversed(went)}
    rows = []
    for home in page.rows:
        visit = last.get(home.id)
        rows.append(
            [
                names.get(home.area_code, home.area_code),
                Cell(
                    home.address or f"户号 {home.household_no}",
                    "title",
                    reverse("registry:record", args=["household", home.id]),
                ),
                pill("走访过", "done") if visit else pill("还没有走访", "hold"),
                Cell(day(visit.on), "", reverse("patrols:visit", args=[visit.id])) if visit else "",
                visit.get_way_display() if visit else "",
            ]
        )
    tabs = [(_rows("sweep_homes", found, key, grid), words, key == show) for key, words in HOME_WORDS.items()]
    return _list(
        request, actor, found, page=page, rows=rows, heads=HOME_HEADS, tabs=tabs, title=HOME_WORDS[show], grid=grid
    )


def _list(request: HttpRequest, actor: Actor, found: Sweep, *, grid: str, **context: Any) -> HttpResponse:
    place = area_names(actor, codes=[grid]).get(grid, "") if grid else ""
    return render(request, "patrols/sweep_rows.html", {"sweep": found, "place": place, **context})
