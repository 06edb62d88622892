"""The ledger, a hazard, its moves and its export, at the desk."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.files.actions import keep_pictures
from yijiaan.safety import actions
from yijiaan.safety.filters import HazardFilter, in_tab, narrowed, plain_query, tab_label, tab_of
from yijiaan.safety.flows import DUTY_LABEL, DUTY_OF, FLOW
from yijiaan.safety.forms import ExportForm, StepForm
from yijiaan.safety.models import Hazard
from yijiaan.safety.queries import Counts, count_hazards, get_hazard, list_hazards
from yijiaan.safety.views.show import FORMS, move_form, show_hazard
from yijiaan.ui.answers import lead_on
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import due, pill, when

HEADS = ("隐患", "登记号", "等级", "状态", "剩余或销号", "责任单位", "网格", "来源")
GRADE_KIND = {"major": "late", "larger": "soon", "general": "new"}
STATUS_KIND = {
    "found": "new", "graded": "new", "notified": "doing", "rectifying": "doing", "protected": "hold", "submitted": "check",
    "verified": "check", "in_case": "hold", "written_off": "done",
}  # fmt: skip
PURPOSE = {"submit": "after", "verify": "verify", "reject": "verify"}


def tabs_of(counts: Counts) -> list[dict[str, Any]]:
    """The states with how many stand in each."""
    lines = [{"value": "open", "label": "在办", "count": counts.open}]
    lines += [{"value": s.value, "label": s.label, "count": counts.by_status[s.value]} for s in FLOW.states]
    return lines


def rows_of(actor: Actor, hazards: list[Hazard]) -> list[list[Any]]:
    """The lines of the ledger."""
    names = area_names(actor, codes=[hazard.area_code for hazard in hazards])
    return [
        [
            Cell(hazard.title, "title", reverse("safety:hazard", args=[hazard.id])),
            Cell(hazard.number, "num"),
            pill(hazard.get_grade_display(), GRADE_KIND[hazard.grade]) if hazard.grade else "",
            pill("挂牌督办", "late") if hazard.is_listed and hazard.is_open else pill(hazard.status_label, STATUS_KIND[hazard.status]),
            due(hazard.next_due_at, DUTY_LABEL.get(DUTY_OF.get(hazard.status, ""), ""), True)
            if hazard.is_open else when(hazard.written_off_at),
            hazard.unit.name if hazard.unit else "",
            names.get(hazard.area_code, ""),
            hazard.get_source_display(),
        ]
        for hazard in hazards
    ]  # fmt: skip


@staff_only
@never_cache
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """安全隐患: the ledger, with figures that open to their rows."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("safety.view")
    tab = tab_of(request.GET.get("tab", ""))
    filters = HazardFilter(request.GET, queryset=list_hazards(actor), actor=actor)
    counts = count_hazards(actor, hazards=filters.qs)
    page = page_of(request, in_tab(filters.qs, tab), keys=("-id",))
    context = {
        "form": filters.form,
        "counts": counts,
        "tabs": tabs_of(counts),
        "tab": tab,
        "tab_label": tab_label(tab),
        "kept": kept_query(request.GET),
        "query": plain_query(request.GET),
        "words": filters.words,
        "page": page,
        "heads": HEADS,
        "rows": rows_of(actor, page.rows),
        "may_register": actor.may("safety.register"),
        "may_export": actor.may("safety.export"),
    }
    return render(request, "safety/ledger.html", context)


def kept_query(asked: QueryDict) -> str:
    """The filters of an address without its tab."""
    kept = QueryDict(plain_query(asked), mutable=True)
    kept.pop("tab", None)
    return kept.urlencode()


@staff_only
@never_cache
@require_safe
def hazard(request: HttpRequest, hazard_id: UUID) -> HttpResponse:
    """One hazard at the desk."""
    return show_hazard(request, hazard_id, face="desk")


def _deed(actor: Actor, hazard_id: UUID, name: str, form: StepForm) -> Hazard:
    """The action of a move, with what was filled in."""
    said: dict[str, Any] = form.cleaned_data
    here: dict[str, Any] = {"actor": actor, "hazard_id": hazard_id, "seen_version": said["seen_version"]}
    text = said.get("text", "")
    deeds: dict[str, Callable[[], Hazard]] = {
        "grade": lambda: actions.grade_hazard(**here, grade=said["grade"], text=text),
        "dismiss": lambda: actions.dismiss_hazard(**here, text=text),
        "notify": lambda: actions.notify_hazard(
            **here, unit_id=form.unit_id(), due_on=said["due_on"], measure=said["measure"]  # type: ignore[attr-defined]
        ),
        "hand_to_case": lambda: actions.hand_to_case(**here, text=text),
        "begin": lambda: actions.begin_rectifying(**here),
        "resume": lambda: actions.resume_rectifying(**here),
        "protect": lambda: actions.protect_hazard(**here, text=text, review_on=said["review_on"]),
        "submit": lambda: actions.submit_rectified(**here, text=text, cost=said["cost"]),
        "extend": lambda: actions.extend_hazard(**here, due_on=said["due_on"], text=text),
        "supervise": lambda: actions.supervise_hazard(**here, text=text),
        "verify": lambda: actions.verify_hazard(**here, passed=True, text=text),
        "reject": lambda: actions.verify_hazard(**here, passed=False, text=text),
        "write_off": lambda: actions.write_off_hazard(**here, text=text),
    }  # fmt: skip
    return deeds[name]()


def _said(name: str, done: Hazard) -> str:
    """What is told after a move."""
    if name == "verify" and done.status == "submitted":
        return "记下了。重大隐患还要另一个人再复查一次。"
    unit = done.unit.name if done.unit else "责任单位"
    return {
        "grade": f"定为{done.get_grade_display()}隐患，接下来交办。", "dismiss": f"核实不是隐患，{done.write_off_number}。",
        "notify": f"交给{unit}了，会通知他们。", "hand_to_case": "转成事件了，由中心派单。", "begin": "好，开始整改。",
        "resume": "好，接着整改。", "protect": "记下了防护，到日子提醒去看。", "submit": "交上了，等人复查。", "extend": "延期了。",
        "supervise": "挂牌督办了。", "verify": "复查合格，等销号。", "reject": f"退回{unit}再改。",
        "write_off": f"销号了，{done.write_off_number}。",
    }[name]  # fmt: skip


@staff_only
@require_POST
def move(request: HttpRequest, hazard_id: UUID, name: str) -> HttpResponse:
    """A move of a hazard, from desk or field; refused, the page comes back with the form as it was filled in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if name not in FORMS:
        raise NotFound
    face = "field" if request.POST.get("face") == "field" else "desk"
    found = get_hazard(actor, hazard_id=hazard_id)
    form = move_form(actor, found, name, request.POST, request.FILES)
    if not form.is_valid():
        return show_hazard(request, hazard_id, face=face, form=(name, form), status=422)
    try:
        done = _deed(actor, hazard_id, name, form)
    except RuleError as error:
        apply_rule_error(form, error)
        return show_hazard(request, hazard_id, face=face, form=(name, form), status=422)
    except Conflict as error:
        form.look_again(get_hazard(actor, hazard_id=hazard_id).version)
        return show_hazard(request, hazard_id, face=face, form=(name, form), conflict=error.message, status=409)
    _, refused = keep_pictures(
        actor=actor, files=form.cleaned_data.get("photos") or [],
        keep=lambda raw: actions.add_hazard_photo(actor=actor, hazard_id=hazard_id, raw=raw, purpose=PURPOSE.get(name, "before")),
    )  # fmt: skip
    for sentence in refused:
        messages.warning(request, sentence)
    messages.success(request, _said(name, done))
    return lead_on(request, reverse("safety:field_hazard" if face == "field" else "safety:hazard", args=[hazard_id]))


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """导出: the ledger as it is narrowed now."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("safety.export")
    asked = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    query = QueryDict(plain_query(QueryDict(asked)))
    form = ExportForm(request.POST if request.method == "POST" else None, initial={"query": query.urlencode()})
    filters = HazardFilter(query, queryset=list_hazards(actor), actor=actor)
    count = narrowed(actor, query).order_by().count()
    label = tab_label(tab_of(query.get("tab", "")))
    if request.method == "POST" and form.is_valid():
        try:
            wanted = actions.export_hazards(
                actor=actor, query=query.urlencode(), total_count=count, client_key=form.cleaned_data["client_key"],
                title=" · ".join(part for part in ("隐患台账", label, filters.words) if part),
            )  # fmt: skip
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            return lead_on(request, wanted.page_url)
    context = {
        "form": form, "count": count, "tab_label": label, "words": filters.words,
        "back": f"{reverse('safety:hazards')}?{query.urlencode()}",
    }  # fmt: skip
    return render(request, "safety/export.html", context, status=422 if form.errors else 200)
