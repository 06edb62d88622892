"""基础数据: one line that searches everything, lists by grid and kind, what waits, what is due, how full the base is."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.registry import actions
from yijiaan.registry.drawing import lines_of, name_of
from yijiaan.registry.fields import KINDS, PERSON
from yijiaan.registry.models import CareKind
from yijiaan.registry.queries import (
    DUE_DAYS,
    count_members,
    list_care,
    list_due,
    list_homes,
    list_proposals,
    list_records,
    read_completeness,
    records_of,
    search_base,
)
from yijiaan.registry.record_forms import NarrowForm, area_choices, asked_area
from yijiaan.registry.subsets import subsets_of
from yijiaan.registry.values import age_words, as_text, value_of, words
from yijiaan.registry.views.frame import draw, path_of, reader, which_kind
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import day, pill
from yijiaan.ui.words import day_words

ALL_DAYS = (90, 180, 365)
COLUMNS = {
    "organisation": ("kind", "address", "staff_count", "risk_grade"),
    "place": ("kind", "address", "risk_grade"),
    "facility": ("component_code", "owner_unit", "address", "state"),
    "building": ("address", "use", "floors"),
    "room": ("use", "is_rented", "floor_area"),
    "vehicle": ("kind", "seats", "inspected_until"),
}


@staff_only
@never_cache
@require_safe
def base(request: HttpRequest) -> HttpResponse:
    """The way in: search, the kinds, and what waits."""
    actor = reader(request)
    text, area = request.GET.get("q", "").strip()[:60], asked_area(request.GET, actor)
    hits = search_base(actor, text=text, area_code=area) if text else []
    names = area_names(actor, codes=[hit.area_code for hit in hits])
    found = [
        {"hit": hit, "url": path_of(hit.kind, hit.id), "kind": KINDS[hit.kind], "area": names.get(hit.area_code, "")}
        for hit in hits
    ]
    context = {
        "is_home": True, "text": text, "area": area, "found": found, "kinds": [kind for kind in KINDS.values() if kind.code != "person"],
        "areas": area_choices(actor),
        "waiting": 0 if text else list_proposals(actor)[:100].count(), "may_care": actor.may("registry.see_care"),
        "may_add": actor.may("registry.change"),
    }  # fmt: skip
    return draw(request, "registry/base.html", context, heading="基础数据", back=reverse("cases:field"))


@staff_only
@never_cache
@require_safe
def listing(request: HttpRequest, record_kind: str) -> HttpResponse:
    """The records of one kind, by grid."""
    actor, kind = reader(request), which_kind(record_kind)
    narrow = NarrowForm(request.GET, actor=actor, parts=[(part.key, part.label) for part in subsets_of(kind.code)])
    records = list_records(actor, kind=kind.code, area_code=narrow.inside, subset=narrow.chosen)
    page = page_of(request, records, keys=("area_code", "id"))
    heads, rows = _rows(actor, kind, page.rows)
    context = {
        "page": page, "heads": heads, "rows": rows, "kind": kind, "area": narrow.inside, "narrow": narrow,
        "may_add": actor.may("registry.change") and kind.code != "person",
    }  # fmt: skip
    return draw(request, "registry/listing.html", context, heading=kind.label)


def _rows(actor: Actor, kind: Any, records: list[Any]) -> tuple[list[str], list[dict[str, Any]]]:
    names = area_names(actor, codes=[record.area_code for record in records])
    today = clock.local_day()
    if kind.code == "household":
        counts = count_members(actor, households=[record.id for record in records])
        heads = ["住址", "户号", "人数", "网格", "核对"]
        cells = [
            [record.household_no, f"{counts.get(record.id, 0)} 人", names.get(record.area_code, ""), day_words(record.checked_on, today)]
            for record in records
        ]  # fmt: skip
    elif kind.code == "person":
        homes = list_homes(actor, people=[record.id for record in records])
        heads = ["姓名", "性别", "年龄", "住在", "网格"]
        cells = [
            [
                record.get_sex_display(), age_words(record.birth_on, today),
                homes[record.id].address if record.id in homes else "", names.get(record.area_code, ""),
            ]
            for record in records
        ]  # fmt: skip
    else:
        fields = [kind.field(key) for key in COLUMNS[kind.code]]
        heads = [kind.named.label, *(field.label for field in fields), "网格"]
        cells = [
            [*(words(field, as_text(field, value_of(record, field)), masked=True) for field in fields), names.get(record.area_code, "")]
            for record in records
        ]  # fmt: skip
    rows = []
    for record, line in zip(records, cells, strict=True):
        title, url = name_of(record, kind), path_of(kind.code, record.id)
        rows.append(
            {
                "title": title,
                "url": url,
                "sub": " · ".join(part for part in line if part),
                "cells": [Cell(title, "title", url), *line],
            }
        )
    return heads, rows


@staff_only
@never_cache
@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """待核实: what was proposed, side by side with what stands."""
    actor = reader(request)
    page = page_of(request, list_proposals(actor, area_code=asked_area(request.GET, actor)), keys=("area_code", "id"))
    records = records_of(actor, changes=page.rows)
    names = area_names(actor, codes=[change.area_code for change in page.rows])
    lines = [
        {
            "line": line, "url": path_of(line.change.kind, line.change.subject_id),
            "title": name_of(records[line.change.subject_id], KINDS[line.change.kind]),
            "kind": KINDS[line.change.kind], "area": names.get(line.change.area_code, ""),
        }
        for line in lines_of(page.rows, actor, records)
        if line.change.subject_id in records
    ]  # fmt: skip
    context = {"page": page, "lines": lines, "may_confirm": actor.may("registry.confirm")}
    return draw(request, "registry/proposals.html", context, heading="待核实的变更")


@staff_only
@never_cache
@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """该核对的住户: households that nobody has looked at for long."""
    actor = reader(request)
    narrow = NarrowForm(request.GET, actor=actor)
    said = request.GET.get("days", "")
    days = int(said) if said in {str(number) for number in ALL_DAYS} else DUE_DAYS
    page = page_of(request, list_due(actor, area_code=narrow.inside, days=days), keys=("checked_on", "area_code", "id"))
    names = area_names(actor, codes=[record.area_code for record in page.rows])
    rows, today = list[dict[str, Any]](), clock.local_day()
    for record in page.rows:
        url, place, seen = path_of("household", record.id), names.get(record.area_code, ""), day(record.checked_on)
        title = record.address or f"户号 {record.household_no}"
        sub = f"{place} · 上次核对 {day_words(record.checked_on, today)}"
        rows.append(
            {
                "title": title,
                "url": url,
                "sub": sub,
                "cells": [Cell(title, "title", url), record.household_no, place, seen],
            }
        )
    context = {
        "page": page,
        "heads": ["住址", "户号", "网格", "上次核对"],
        "rows": rows,
        "days": days,
        "all_days": ALL_DAYS,
        "area": narrow.inside,
        "narrow": narrow,
    }
    return draw(request, "registry/due.html", context, heading="该核对的住户")


@staff_only
@never_cache
@require_safe
def completeness(request: HttpRequest) -> HttpResponse:
    """登记情况: how full and how old the base is, per grid, of a county per town; a figure about records, never about who wrote them."""
    actor = reader(request)
    today = clock.local_day()
    found = read_completeness(actor, area_code=asked_area(request.GET, actor))
    names = area_names(actor, codes=[line.area_code for line in found.lines])
    heads = ["镇街" if found.by_town else "网格", "住户", "人口", "填了", "最旧一项", f"{DUE_DAYS} 天没核对"]
    homes, people, dues, own = (
        reverse("registry:listing", args=["household"]), reverse("registry:listing", args=["person"]),
        reverse("registry:due"), reverse("registry:completeness"),
    )  # fmt: skip
    rows = []
    for line in found.lines:
        query = f"?area={line.area_code}"
        url = f"{own if found.by_town else homes}{query}"
        name = names.get(line.area_code, line.area_code)
        rows.append({
            "title": name, "url": url,
            "sub": f"{line.households} 户 {line.people} 人 · 填了 {line.share}% · {line.due} 户该核对",
            "cells": [
                Cell(name, "title", url), Cell(f"{line.households} 户", "num", f"{homes}{query}"),
                Cell(f"{line.people} 人", "num", f"{people}{query}"),
                Cell(f"{line.share}%（{line.filled}/{line.wanted} 项）", "num"),
                day_words(line.oldest_on, today) if line.oldest_on else "",
                Cell(f"{line.due} 户", "num", f"{dues}{query}" if line.due else ""),
            ],
        })  # fmt: skip
    uses = [(kind.label, [(field.label, field.use) for field in kind.counted]) for kind in (KINDS["household"], PERSON)]
    context = {"heads": heads, "rows": rows, "uses": uses, "counted_at": found.counted_at}
    return draw(request, "registry/completeness.html", context, heading="登记情况")


@staff_only
@require_POST
def count(request: HttpRequest) -> HttpResponse:
    """现在重数."""
    actions.count_base(actor=reader(request))
    messages.success(request, "重新数过了。")
    return redirect(f"{reverse('registry:completeness')}?{urlencode({'area': request.POST.get('area', '')})}")


@staff_only
@never_cache
@require_safe
def care(request: HttpRequest) -> HttpResponse:
    """关爱对象: by the day of review."""
    actor = reader(request)
    actor.require("registry.see_care")
    narrow = NarrowForm(request.GET, actor=actor, parts=CareKind.choices, part="care_kind")
    page = page_of(
        request, list_care(actor, area_code=narrow.inside, care_kind=narrow.chosen), keys=("review_on", "id")
    )
    homes = list_homes(actor, people=[entry.person_id for entry in page.rows])
    names = area_names(actor, codes=[entry.area_code for entry in page.rows])
    today = clock.local_day()
    rows = []
    for entry in page.rows:
        url, title, age = (
            path_of("person", entry.person_id),
            name_of(entry.person, PERSON),
            age_words(entry.person.birth_on, today),
        )
        home = homes[entry.person_id].address if entry.person_id in homes else ""
        kind, place, is_due = entry.get_care_kind_display(), names.get(entry.area_code, ""), entry.review_on <= today
        review = (
            format_html("{} {}", day(entry.review_on), pill("该复核了", "soon")) if is_due else day(entry.review_on)
        )
        sub = f"{age} · {place} · {home} · {'该复核了' if is_due else f'{day_words(entry.review_on, today)} 复核'}"
        cells = [Cell(title, "title", url), age, kind, home, place, review]
        rows.append({"title": f"{title} {kind}", "url": url, "sub": sub, "cells": cells})
    heads = ["姓名", "年龄", "哪一类", "住在", "网格", "复核"]
    context = {"page": page, "heads": heads, "rows": rows, "narrow": narrow}
    return draw(request, "registry/care.html", context, heading="关爱对象")
