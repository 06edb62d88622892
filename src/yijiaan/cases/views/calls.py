"""代打电话: what units ask the centre to say to reporters, whose numbers it alone has."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.cases.queries.calls import list_calls_to_make
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import when

HEADS = ("要说要问的", "事件", "请打的单位", "提出", "地点")


@staff_only
@never_cache
@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """Those not made yet, the longest waiting first."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.callback")
    page = page_of(request, list_calls_to_make(actor), keys=("asked_at", "id"), unit="件")
    names = area_names(actor, codes=[row.area_code for row in page.rows])
    rows = [
        [
            Cell(row.words, "title wrap", reverse("cases:case", args=[row.case.number])),
            row.case.title,
            row.asking_unit.name,
            Cell(when(row.asked_at), "num quiet"),
            names.get(row.area_code, ""),
        ]
        for row in page.rows
    ]
    return render(request, "cases/calls.html", {"page": page, "heads": HEADS, "rows": rows})
