"""回访结果: 解决率 and 满意率, of reports and of cases, with and without what two persons took out of them."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.cases.queries import Rate, exclusion_codes, get_rates, list_exclusions
from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.insight.queries import EARLIEST, LATEST, focus_of

PERIOD = 30
MOST_DAYS = 366


@staff_only
@never_cache
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """The rates of some days, the last thirty where none are named."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("insight.view")
    today = clock.local_day()
    last_day = _day(request.GET.get("until", ""), today)
    first_day = _day(request.GET.get("from", ""), last_day - timedelta(days=PERIOD - 1))
    if not EARLIEST <= first_day <= last_day <= LATEST or (last_day - first_day).days > MOST_DAYS:
        first_day, last_day = today - timedelta(days=PERIOD - 1), today
    area_code = request.GET.get("area", "")
    focus_of(actor, area_code=area_code)
    span: dict[str, Any] = {"first_day": first_day, "last_day": last_day, "area_code": area_code}
    found = get_rates(actor, **span)
    names = exclusion_codes(actor, with_stopped=True)
    query = f"from={first_day.isoformat()}&until={last_day.isoformat()}" + (f"&area={area_code}" if area_code else "")
    context: dict[str, Any] = {
        "first_day": first_day,
        "last_day": last_day,
        "area": area_code,
        "rates": [
            _line("解决率", "按诉求", "报事人说解决了 ÷ 有效评价", found.solved_reports),
            _line("解决率", "按事件", "每一位都说解决了的事件 ÷ 有评价的事件", found.solved_cases),
            _line("满意率", "按诉求", "满意和基本满意 ÷ 有效评价", found.content_reports),
            _line("满意率", "按事件", "每一位都满意或基本满意的事件 ÷ 有评价的事件", found.content_cases),
        ],
        "excluded": [{"row": row, "name": names.get(row.code, row.code)} for row in list_exclusions(actor, **span)],
        "waiting": [
            {"row": row, "name": names.get(row.code, row.code)}
            for row in list_exclusions(actor, in_force=False, **span)
        ],
        "records_url": f"{reverse('portal:records')}?what=answered&{query}",
        "at": clock.now(),
    }
    return render(request, "portal/rates.html", context)


def _line(label: str, by: str, formula: str, rate: Rate) -> dict[str, Any]:
    def words(share: float | None) -> str:
        return "—" if share is None else f"{share:.1f}%"

    return {
        "label": label,
        "by": by,
        "formula": formula,
        "rate": rate,
        "all": words(rate.share),
        "left": words(rate.share_left),
    }


def _day(text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
