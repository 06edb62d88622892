"""八大员: figures by place and month, each leading to its records."""

from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.providers import ROLE_LABELS, EightRole, field_work, verb_of
from yijiaan.insight.permissions import VIEW
from yijiaan.insight.queries import EARLIEST, PlaceLine, list_roles_by_place, list_work_of_role
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import when


@staff_only
@never_cache
@require_safe
def eight_roles(request: HttpRequest) -> HttpResponse:
    """The figures of a month."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(VIEW)
    month, area = _month(request.GET.get("month", "")), request.GET.get("area", "")
    lines = list_roles_by_place(actor, month=month, area_code=area)
    total = {role: sum(line.counts.get(role, 0) for line in lines) for role in EightRole}
    context = {
        "month": month,
        "area": area,
        "area_name": area_names(actor, codes=[area]).get(area, "") if area else "",
        "before_url": _url("portal:eight_roles", _last(month), area),
        "after_url": _url("portal:eight_roles", _next(month), area) if _next(month) <= clock.local_day() else "",
        "heads": ["地方", *ROLE_LABELS.values()],
        "rows": [_row(line, month) for line in lines],
        "roles": [
            {"label": label, "number": total[role], "words": _words(role)} for role, label in ROLE_LABELS.items()
        ],
        "at": clock.now(),
    }
    return render(request, "portal/eight_roles.html", context)


@staff_only
@never_cache
@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """What one figure is made of."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(VIEW)
    month, area, role = _month(request.GET.get("month", "")), request.GET.get("area", ""), request.GET.get("role", "")
    if role not in set(EightRole):
        raise NotFound
    chosen = EightRole(role)
    rows, after = list_work_of_role(
        actor, role=chosen, month=month, area_code=area, after=_entry(request.GET.get("after", ""))
    )
    names = area_names(actor, codes=[area, *(row.area_code for row in rows)])
    context = {
        "label": ROLE_LABELS[chosen],
        "month": month,
        "area_name": names.get(area, ""),
        "back_url": _url("portal:eight_roles", month, area[:-4] if len(area) > 12 else area[:-3]),
        "heads": ["时间", "做了什么", "哪一件", "网格"],
        "rows": [
            [
                Cell(when(row.at), "num"),
                verb_of(row.verb).label,
                Cell(row.words, "title", row.url) if row.words else Cell("您看不到这一件", "quiet"),
                names.get(row.area_code, ""),
            ]
            for row in rows
        ],
        "next_url": _url("portal:eight_roles_work", month, area, role=role, after=str(after)) if after else "",
        "first_url": _url("portal:eight_roles_work", month, area, role=role) if request.GET.get("after") else "",
    }
    return render(request, "portal/eight_roles_work.html", context)


def _row(line: PlaceLine, month: date) -> list[Cell | str]:
    place = Cell(line.name, "title", _url("portal:eight_roles", month, line.code) if line.opens else "")
    return [place, *(_number(line, role, month) for role in EightRole)]


def _number(line: PlaceLine, role: EightRole, month: date) -> Cell:
    number = line.counts.get(role, 0)
    url = _url("portal:eight_roles_work", month, line.code, role=role.value) if number else ""
    return Cell(f"{number:,}", "num" if number else "num quiet", url)


def _words(role: EightRole) -> str:
    works = field_work().values()
    return "；".join(dict.fromkeys(one.words for one in works if role in (one.role, *one.roles.values())))


def _url(name: str, month: date, area: str, **more: str) -> str:
    query = {"month": f"{month:%Y-%m}", **({"area": area} if area else {}), **more}
    return f"{reverse(name)}?{urlencode(query)}"


def _month(text: str) -> date:
    if not text:
        return clock.local_day().replace(day=1)
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise NotFound from None
    if not EARLIEST <= month <= clock.local_day():
        raise NotFound
    return month


def _last(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _entry(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None
