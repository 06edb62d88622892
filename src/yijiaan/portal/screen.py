from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import get_area
from yijiaan.core import clock
from yijiaan.insight.queries import focus_of, get_board
from yijiaan.portal.board import duty_of, legend_of, level_of, map_of, steps_of
from yijiaan.ui.words import today_words


@staff_only
@never_cache
@require_safe
def screen(request: HttpRequest) -> HttpResponse:
    """大屏: one map, six numbers, three worries, for a wall. No case, no person, nothing to press."""
    actor = request.actor  # type: ignore[attr-defined]
    area_code = request.GET.get("area", "")
    shown = get_board(actor, at=clock.now(), area_code=area_code)
    focus = focus_of(actor, area_code=area_code)
    context = {
        "board": shown,
        "focus": get_area(actor, code=focus) if focus else None,
        "area_code": area_code,
        "level_words": "个镇街" if level_of(shown.places) == "town" else "个网格",
        "name": duty_of(actor, focus).get("unit", ""),
        "today": today_words(shown.at),
        "map": map_of(shown, focus),
        "legend": legend_of(steps_of(shown.places)),
    }
    return render(request, "portal/screen.html", context)
