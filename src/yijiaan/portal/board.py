"""指挥台: the figures, the map and the worklist of one moment, the poll that keeps them fresh, and the lists behind the numbers."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.accounts.queries import get_centre, get_duty, list_holders, unit_name
from yijiaan.areas.queries import area_names, get_area
from yijiaan.cases.queries import (
    TABS,
    TO_DO,
    category_by_code,
    category_of,
    channel_names,
    get_undo,
    list_emergencies,
    list_work,
    list_work_numbers,
)
from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.insight.queries import (
    Board,
    Drill,
    Place,
    Records,
    focus_of,
    get_board,
    get_live,
    get_records,
    open_cases,
)
from yijiaan.ui.drawing import PlaceRow, place_table
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import pill, when
from yijiaan.ui.words import duty_words, today_words, when_words

SHOWN = 20
MOST_SHOWN = 200
SMALL_STEPS = (1, 2, 4, 7)  # where the colours of the map begin


@cache
def page_of_name(name: str) -> str:
    """The address of a page without parameters, looked up once: a board has a hundred of them."""
    return reverse(name)


def address_of(drill: Drill) -> str:
    """The page that a number opens."""
    return f"{page_of_name('portal:records' if drill.shows_deeds else 'cases:list')}?{drill.encoded}"


def steps_of(places: Sequence[Place]) -> tuple[int, ...]:
    """Where the four colours above nought begin: fixed for grids, wider where a place holds many."""
    most = max((place.tally.open for place in places), default=0)
    if most < 5 * SMALL_STEPS[-1]:
        return SMALL_STEPS
    size = 10 ** (len(str(most)) - 1)
    width = -(-most // (4 * size)) * size if most > 4 * size else -(-most // 4)
    return (1, width, 2 * width, 3 * width)


def legend_of(steps: Sequence[int]) -> list[dict[str, str]]:
    """0, 1, 2–3, 4–6, 7+ with the class of each colour."""
    words = ["0"]
    for start, following in zip(steps, [*steps[1:], None], strict=True):
        if following is None:
            words.append(f"{start}+")
        else:
            words.append(str(start) if following - start == 1 else f"{start}–{following - 1}")
    return [{"kind": f"l{number}", "words": text} for number, text in enumerate(words)]


def level_of(places: Sequence[Place]) -> str:
    """Which borders the map draws: towns or grids."""
    return "town" if places and len(places[0].code) == 9 else "grid"


def map_of(board: Board, focus: str) -> dict[str, Any]:
    """What the script of the map needs; borders come by an address of their own."""
    has_map, level = len(focus) in (6, 9, 12), level_of(board.places)
    return {
        "shapes": reverse("areas:shapes", args=[focus, level]) if has_map else "",
        "outlines": reverse("areas:shapes", args=[focus, "village"]) if has_map and level == "grid" else "",
        "steps": steps_of(board.places),
        "counts": counts_of(board),
    }


def counts_of(board: Board) -> dict[str, list[int]]:
    """Open, late, due within a day and new, by the code of the place; places without any are left out."""
    return {
        place.code: [place.tally.open, place.tally.late, place.tally.soon, place.tally.fresh]
        for place in board.places
        if place.tally.open
    }


def state_of(board: Board) -> dict[str, Any]:
    """The numbers of a board as its script puts them in place."""
    return {
        "at": when_words(board.at, board.at),
        "today": today_words(board.at),
        "figures": {figure.code: {"value": figure.value, "note": figure.note} for figure in board.figures},
        "tabs": board.live.by_tab,
        "counts": counts_of(board),
        "gridless": board.gridless,
        "emergencies": board.live.emergencies,
        "worries": [{"title": worry.title, "words": worry.words} for worry in board.worries],
    }


def _tab_of(request: HttpRequest) -> str:
    tab = request.GET.get("tab", "")
    return tab if tab in TABS else "new"


def _shown_of(request: HttpRequest) -> int:
    text = request.GET.get("show", "")
    return min(max(int(text), SHOWN), MOST_SHOWN) if text.isascii() and text.isdigit() and len(text) < 6 else SHOWN


def _done_of(request: HttpRequest) -> str:
    deed, _, number = request.GET.get("done", "").partition("-")
    return number if deed == "dispatch" and number.isascii() and number.isalnum() else ""


def _work(request: HttpRequest, live: Any, tab: str) -> dict[str, Any]:
    """What the worklist shows of one tab."""
    actor, shown, area_code = request.actor, _shown_of(request), request.GET.get("area", "")  # type: ignore[attr-defined]
    items = list_work(actor, tab=tab, at=live.at, area_code=area_code, limit=shown) if live.by_tab[tab] else []
    kept = f"&area={area_code}" if area_code else ""
    names = area_names(actor, codes=[item.area_code for item in items])
    return {
        "tab": tab,
        "tab_label": TABS[tab][0],
        "work_rows": [{"item": item, "place": names.get(item.area_code, "")} for item in items],
        "rest": live.by_tab[tab] - len(items),
        "more": f"?tab={tab}&show={min(shown + SHOWN, MOST_SHOWN)}{kept}" if shown < MOST_SHOWN else "",
        "all_url": f"{reverse('cases:list')}?tab=all{kept}",
        "here": f"{reverse('portal:board')}?tab={tab}{kept}",
        "may_dispatch": actor.may("cases.dispatch"),
        "may_call": actor.may("cases.contact"),
        "may_merge": actor.may("cases.merge"),
        "at": live.at,
    }


def _undo(actor: Actor, number: str) -> Any:
    try:
        return get_undo(actor, number=number, at=clock.now()) if number else None
    except NotFound:
        return None


def duty_of(actor: Actor, focus: str) -> dict[str, Any]:
    """Who answers for the centre now and where he is rung: who is put down for the day, else those who dispatch there and the
    centre's telephone. Nothing where there is no centre."""
    try:
        centre = get_centre(actor, area_code=focus)
    except NotFound:
        return {}
    duty = get_duty(actor, unit_id=centre.id)
    if duty is not None:
        phone = duty.phone_sealed or centre.phone
        return {"unit": centre.name, "phone": phone, "people": [(duty_words(clock.now()), duty.name)], "more": 0}
    holders = list_holders(actor, unit_id=centre.id, permission="cases.dispatch")
    return {"unit": centre.name, "phone": centre.phone, "people": holders[:2], "more": len(holders) - 2}


@staff_only
@never_cache
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The landing page of those who dispatch and of leaders."""
    actor = request.actor  # type: ignore[attr-defined]
    area_code, at = request.GET.get("area", ""), clock.now()
    shown = get_board(actor, at=at, area_code=area_code)
    focus, tab = focus_of(actor, area_code=area_code), _tab_of(request)
    live = shown.live
    tabs = [
        {"value": value, "label": label, "count": live.by_tab[value], "is_to_do": value in TO_DO}
        for value, (label, _) in TABS.items()
    ]
    context = {
        "board": shown,
        "focus": get_area(actor, code=focus) if focus else None,
        "above": actor.areas[0] if area_code and area_code != actor.areas[0] else "",
        "area_code": area_code,
        "figures": [{"figure": figure, "url": address_of(figure.drill)} for figure in shown.figures],
        "worries": [{"worry": worry, "url": address_of(worry.drill)} for worry in shown.worries],
        "places": _place_table(shown) if shown.places else "",
        "gridless_url": address_of(open_cases(area_code, only="gridless")),
        "outside": shown.elsewhere.open - shown.gridless,
        "level_words": "个镇街" if level_of(shown.places) == "town" else "个网格",
        "map": map_of(shown, focus),
        "legend": legend_of(steps_of(shown.places)),
        "sources": [{"line": line, "url": address_of(line.drill)} for line in shown.sources],
        "levels": [{"line": line, "url": address_of(line.drill)} for line in shown.levels],
        "chart": {"days": [f"{day.month}/{day.day}" for day in shown.days], **shown.trend},
        "chart_rows": list(zip(shown.days, *shown.trend.values(), strict=True)),
        "totals": {name: sum(values) for name, values in shown.trend.items()},
        "tabs": tabs,
        "emergencies": list_emergencies(actor, at=at, area_code=area_code) if live.emergencies else [],
        "duty": duty_of(actor, focus),
        "undo": _undo(actor, _done_of(request)),
        "leads": not actor.may("cases.dispatch"),
        **_work(request, live, tab),
    }
    return render(request, "portal/board.html", context)


def _place_table(shown: Board) -> str:
    """The list beside the map: the same places, those with most late and open first."""
    order = sorted(shown.places, key=lambda place: (-place.tally.late, -place.tally.open, place.code))
    board_url = page_of_name("portal:board")
    rows = [
        PlaceRow(
            place.code,
            place.name,
            place.tally.open,
            place.tally.late,
            address_of(place.drill),
            f"{board_url}?area={place.code}" if len(place.code) == 9 else "",
        )
        for place in order
    ]
    return place_table(["镇街" if level_of(shown.places) == "town" else "网格", "未办结", "超时"], rows)


@staff_only
@never_cache
@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """The numbers alone, asked every ten seconds: one statement of its own, and 304, while nothing has changed."""
    actor = request.actor  # type: ignore[attr-defined]
    area_code, at, tab = request.GET.get("area", ""), clock.now(), _tab_of(request)
    focus_of(actor, area_code=area_code)
    live = get_live(actor, at=at, area_code=area_code)
    # the day counts follow within the minute, and so do the words of time left
    etag = f'"{live.digest}-{at:%d%H%M}-{tab}-{area_code}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    answer = state_of(get_board(actor, at=at, area_code=area_code, live=live))
    if request.GET.get("work"):
        answer["numbers"] = list_work_numbers(actor, tab=tab, at=at, area_code=area_code, limit=_shown_of(request))
    return JsonResponse(answer, headers={"ETag": etag}, json_dumps_params={"ensure_ascii": False})


@staff_only
@never_cache
@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """The rows of the worklist, as they stand now."""
    actor = request.actor  # type: ignore[attr-defined]
    area_code = request.GET.get("area", "")
    focus_of(actor, area_code=area_code)
    live = get_live(actor, at=clock.now(), area_code=area_code)
    return render(request, "portal/board.html#rows", _work(request, live, _tab_of(request)))


@staff_only
@never_cache
@require_safe
def undo(request: HttpRequest, number: str) -> HttpResponse:
    """The line that lets a dispatch be taken back, while it can be."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("insight.view")
    for _ in get_messages(request):
        pass  # this line says it; told again on the next page it would be old
    context = {"undo": get_undo(actor, number=number, at=clock.now()), "here": reverse("portal:board")}
    return render(request, "portal/board.html#undo", context)


@staff_only
@never_cache
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """How the numbers are counted: formula, until when, and the list behind each."""
    actor = request.actor  # type: ignore[attr-defined]
    area_code = request.GET.get("area", "")
    shown = get_board(actor, at=clock.now(), area_code=area_code)
    context = {
        "at": shown.at,
        "figures": [{"figure": figure, "url": address_of(figure.drill)} for figure in shown.figures],
        "worries": [{"worry": worry, "url": address_of(worry.drill)} for worry in shown.worries],
    }
    return render(request, "portal/figures.html", context)


@staff_only
@never_cache
@require_safe
def records(request: HttpRequest) -> HttpResponse:
    """What a number of deeds is made of: its formula, until when it is counted, and the deeds one by one."""
    actor = request.actor  # type: ignore[attr-defined]
    asked = request.GET
    first_day, last_day = _day(asked.get("from", "")), _day(asked.get("until", ""))
    found = get_records(
        actor,
        what=asked.get("what", ""),
        first_day=first_day,
        last_day=last_day,
        area_code=asked.get("area", ""),
        channel=asked.get("channel", ""),
        category=asked.get("category", ""),
        after=_entry(asked.get("after", "")),
    )
    codes = [row.case.area_code for row in found.rows]
    context = {
        "found": found,
        "first_day": first_day,
        "last_day": last_day,
        "at": clock.now(),
        "narrowed": _narrowed(actor, asked),
        "heads": ["时间", "事件", "编号", "网格", "类别", "来源", "在谁手里"],
        "rows": _record_rows(actor, found, area_names(actor, codes=codes)),
        "halves": [
            {"label": label, "number": number, "url": _with(asked, what=code, after="")}
            for code, label, number in found.halves
        ],
        "beside_url": _with(asked, what=found.beside[0], after="") if found.beside else "",
        "next_url": _with(asked, after=str(found.after)) if found.after else "",
        "first_url": _with(asked, after="") if asked.get("after") else "",
    }
    return render(request, "portal/records.html", context)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None


def _entry(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None


def _with(asked: Any, **changes: str) -> str:
    query = asked.copy()
    for name, value in changes.items():
        query[name] = value
        if not value:
            del query[name]
    return f"?{query.urlencode()}"


def _narrowed(actor: Actor, asked: Any) -> list[str]:
    """By what the list is narrowed, in words."""
    words = []
    if code := asked.get("area", ""):
        words.append(area_names(actor, codes=[code]).get(code, code))
    if channel := asked.get("channel", ""):
        words.append(channel_names(actor)[channel])
    if category := asked.get("category", ""):
        known = category_by_code(actor, code=category)
        words.append(known.name if known else category)
    return words


def _record_rows(actor: Actor, found: Records, names: dict[str, str]) -> list[list[Cell | str]]:
    rows: list[list[Cell | str]] = []
    channels = channel_names(actor)
    for row in found.rows:
        case, category = row.case, category_of(actor, case=row.case)
        at: Cell | str = Cell(when(row.at), "num")
        if row.sign < 0:
            at = when(row.at) + pill(
                "撤销剔除，减去" if row.verb == "cases.exclusion_revoked" else "改了评价，减去", "hold"
            )
        rows.append(
            [
                at,
                Cell(case.title, "title", reverse("cases:case", args=[case.number])),
                Cell(case.number, "num quiet"),
                names.get(case.area_code, "") or "地点待核",
                category.name if category else "",
                channels.get(case.channel, ""),
                unit_name(actor, unit_id=case.owner_id),
            ]
        )
    return rows
