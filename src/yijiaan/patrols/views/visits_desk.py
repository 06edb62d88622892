"""走访 at the desk: what is due in each grid, how often who is visited, and the random second look."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.patrols import actions, visit_forms
from yijiaan.patrols.models import SampleResult
from yijiaan.patrols.permissions import PLAN_VISITS
from yijiaan.patrols.queries import (
    count_due_by_grid,
    get_sample,
    list_due_visits,
    list_samples,
    list_visits,
    read_cycles,
)
from yijiaan.patrols.views.visits import due_rows
from yijiaan.registry.models import CareKind
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import day, pill
from yijiaan.ui.words import place_title

TOWN = 9  # digits
DUE_HEADS = ("哪一户", "为什么", "网格", "哪天去", "上次去", "周期")
HEADS = ("网格", "在走访的", "该走访了", "过了日子", "先不去")
RESULTS = {
    "": ("还没有问", "hold"),
    "agrees": ("和记的一样", "done"),
    "differs": ("和记的不一样", "soon"),
    "not_reached": ("没有联系上", "hold"),
}


def planner(request: HttpRequest) -> Actor:
    """Who plans visits."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(PLAN_VISITS)
    return actor


def _area(request: HttpRequest, actor: Actor) -> str:
    code = request.GET.get("area", "")
    return code if code.isascii() and code.isdigit() and actor.covers(code) else ""


@staff_only
@never_cache
@require_safe
def due_by_grid(request: HttpRequest) -> HttpResponse:
    """走访: how much is due in each grid, of a county in each town; every number opens to its rows. Grids are shown in the order of their codes, not ranked."""
    actor = planner(request)
    area = _area(request, actor)
    lines = count_due_by_grid(actor, area_code=area)
    names = area_names(actor, codes={code for line in lines for code in (line["area_code"], line["area_code"][:12])})
    rows = []
    for line in lines:
        code = line["area_code"]
        name = place_title(code, names)
        url = f"{reverse('patrols:due_visits')}?area={code}"
        inner = f"{reverse('patrols:due_by_grid')}?area={code}" if len(code) == TOWN and code != area else url
        rows.append(
            [
                Cell(name, "title", inner), Cell(str(line["running"]), "num"), Cell(str(line["due"] or ""), "num", url if line["due"] else ""),
                Cell(str(line["overdue"] or ""), "num", url if line["overdue"] else ""), Cell(str(line["paused"] or ""), "num"),
            ]
        )  # fmt: skip
    total = {key: sum(line[key] for line in lines) for key in ("running", "due", "overdue", "paused")}
    return render(request, "patrols/visits/grids.html", {"heads": HEADS, "rows": rows, "total": total, "area": area})


@staff_only
@never_cache
@require_safe
def due_visits(request: HttpRequest) -> HttpResponse:
    """What is due in a grid, the longest waiting first."""
    actor = planner(request)
    area = _area(request, actor)
    page = page_of(request, list_due_visits(actor, area_code=area, near=False), keys=("next_on", "id"))
    name = area_names(actor, codes=[area]).get(area, "") if area else ""
    rows = [
        [
            Cell(row["where"], "title", reverse("patrols:arrangement", args=[row["one"].id])), row["why"], row["area"],
            format_html("{} {}", row["when"], pill(row["one"].status_label, row["pill"])),
            day(row["one"].last_on) if row["one"].last_on else "还没有去过", row["cycle"],
        ]
        for row in due_rows(actor, page.rows)
    ]  # fmt: skip
    context = {"page": page, "heads": DUE_HEADS, "rows": rows, "area": name}
    return render(request, "patrols/visits/due.html", context)


@staff_only
@never_cache
@require_safe
def all_visits(request: HttpRequest) -> HttpResponse:
    """走访记录, newest first."""
    actor = planner(request)
    page = page_of(request, list_visits(actor), keys=("-id",))
    names = area_names(actor, codes=[one.area_code for one in page.rows])
    rows = [
        [
            day(one.on), Cell(one.household.address, "title", reverse("patrols:visit", args=[one.id])), names.get(one.area_code, ""),
            one.get_way_display(), one.get_kind_display(), pill("不愿见面", "hold") if one.is_refused else "",
            Cell(one.case_number, "num", reverse("cases:case", args=[one.case_number]) if one.case_number else ""),
        ]
        for one in page.rows
    ]  # fmt: skip
    heads = ("哪天", "哪一户", "网格", "怎么走访的", "类别", "", "报上去的事件")
    return render(request, "patrols/visits/records.html", {"page": page, "rows": rows, "heads": heads})


@staff_only
@never_cache
@require_safe
def cycles(request: HttpRequest) -> HttpResponse:
    """走访周期: every list with how often and by whom."""
    known = read_cycles(planner(request))
    rows = [
        [Cell(label, "title", reverse("patrols:visit_cycle", args=[kind])), Cell(f"{known[kind].every_days} 天一次", "num"), known[kind].who]
        for kind, label in CareKind.choices
    ]  # fmt: skip
    return render(request, "patrols/visits/cycles.html", {"rows": rows, "heads": ("关爱类别", "几天一次", "由谁去")})


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit_cycle(request: HttpRequest, care_kind: str) -> HttpResponse:
    """One of them, changed."""
    actor = planner(request)
    known = read_cycles(actor).get(care_kind)
    if known is None:
        raise NotFound
    initial: dict[str, Any] = {"every_days": known.every_days, "who": known.who}
    form = visit_forms.CycleForm(request.POST if request.method == "POST" else None, initial=initial)
    label = CareKind(care_kind).label
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.set_visit_cycle(
                actor=actor, care_kind=care_kind, every_days=said["every_days"] or 0, who=said["who"]
            )
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, f"{label}的走访周期定好了，已经排好的跟着改。")
            return redirect("patrols:visit_cycles")
    context = {"form": form, "label": label}
    return render(request, "patrols/visits/cycle.html", context, status=422 if form.errors else 200)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def samples(request: HttpRequest) -> HttpResponse:
    """抽查: visits drawn at random, about which somebody else asks."""
    actor = planner(request)
    form = visit_forms.DrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            drawn = actions.draw_visit_sample(actor=actor, percent=form.cleaned_data["percent"] or 0)
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, f"抽到 {len(drawn)} 次走访，打电话问一问。")
            return redirect("patrols:visit_samples")
    page = page_of(request, list_samples(actor), keys=("-id",))
    rows = [
        [
            day(one.drawn_at.date()), Cell(one.visit.household.address, "title", reverse("patrols:visit_sample", args=[one.id])),
            day(one.visit.on), pill(*RESULTS[one.result]), one.checked_by.user.name if one.checked_by else "",
        ]
        for one in page.rows
    ]  # fmt: skip
    heads = ("抽到那天", "哪一户", "走访那天", "问的结果", "谁问的")
    context = {"form": form, "page": page, "rows": rows, "heads": heads}
    return render(request, "patrols/visits/samples.html", context, status=422 if form.errors else 200)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit_sample(request: HttpRequest, sample_id: UUID) -> HttpResponse:
    """One drawn visit: what was written down, and what the household says."""
    actor = planner(request)
    found = get_sample(actor, sample_id=sample_id)
    form = visit_forms.SampleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.check_visit_sample(actor=actor, sample_id=sample_id, result=said["result"], text=said["text"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, f"记下了：{SampleResult(said['result']).label}。")
            return redirect("patrols:visit_samples")
    context = {"sample": found, "visit": found.visit, "form": form, "result": RESULTS[found.result]}
    return render(request, "patrols/visits/sample.html", context, status=422 if form.errors else 200)
