"""安全检查: list, plan, the page of one, the run of its checklist on the phone."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.checklists.queries import answers_of, get_run_of, list_items
from yijiaan.engines.files.queries import list_files_of
from yijiaan.safety import actions, forms
from yijiaan.safety.flows import INSPECTION_FLOW
from yijiaan.safety.models import Inspection
from yijiaan.safety.queries import (
    get_inspection,
    list_inspections,
    list_of_source,
    list_team,
    moves_of_inspection,
)
from yijiaan.safety.views.photos import shown
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import day, pill

HEADS = ("查谁", "检查表", "状态", "哪天", "不合格", "检查单位", "网格")
KIND = {
    "planned": "new", "in_progress": "doing", "submitted": "check", "signed": "check", "refused_to_sign": "soon",
    "closed": "done", "cancelled": "hold",
}  # fmt: skip
FORMS: dict[str, type[django_forms.Form]] = {
    "sign": forms.SignForm, "refuse": forms.RefuseForm, "close": forms.BareForm, "cancel": forms.CancelForm,
}  # fmt: skip
SAID = {"sign": "记下了签字。", "refuse": "记下了拒绝签字和见证人。", "close": "这次检查了结。", "cancel": "取消了。"}


@staff_only
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """安全检查, newest first, or those of one state."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("safety.view")
    status = request.GET.get("status", "")
    status = status if status in dict(INSPECTION_FLOW.choices()) else ""
    wanted = list_inspections(actor)
    page = page_of(request, wanted.filter(status=status) if status else wanted, keys=("-id",))
    names = area_names(actor, codes=[row.area_code for row in page.rows])
    rows = [
        [
            Cell(row.target, "title", reverse("safety:inspection", args=[row.id])),
            row.template.name,
            pill(row.status_label, KIND[row.status]),
            day(row.planned_on),
            Cell(f"{row.failed_count} 项" if row.submitted_at else "", "num"),
            row.unit.name,
            names.get(row.area_code, ""),
        ]
        for row in page.rows
    ]
    context = {
        "page": page, "rows": rows, "heads": HEADS, "status": status, "tabs": INSPECTION_FLOW.choices(),
        "may_inspect": actor.may("safety.inspect"),
    }  # fmt: skip
    return render(request, "safety/inspections.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """安排检查."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("safety.inspect")
    form = forms.InspectionForm(
        request.POST if request.method == "POST" else None, actor=actor, initial={"planned_on": clock.local_day()}
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        facts = actions.InspectionFacts(
            target=said["target"], template_id=_uuid(said["template"]), area_code=said["area_code"], place=said["place"],
            planned_on=said["planned_on"], way=said["way"], team=tuple(UUID(one) for one in said.get("team", [])),
        )  # fmt: skip
        try:
            made = actions.plan_inspection(actor=actor, facts=facts, client_key=said["client_key"])
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"安排好了，{made.planned_on.month}月{made.planned_on.day}日查“{made.target}”。")
            return redirect("safety:inspection", made.id)
    return render(request, "safety/new_inspection.html", {"form": form}, status=422 if form.errors else 200)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@staff_only
@never_cache
@require_safe
def inspection(request: HttpRequest, inspection_id: UUID) -> HttpResponse:
    """One inspection."""
    return _page(request, inspection_id)


def _page(
    request: HttpRequest, inspection_id: UUID, refused: tuple[str, django_forms.Form] | None = None
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = get_inspection(actor, inspection_id=inspection_id)
    team = list_team(actor, inspection=found)
    run = get_run_of(actor, county=found.county, subject_id=found.id)
    items = list_items(actor, version_id=run.version_id) if run else []
    answers = answers_of(actor, run=run) if run else {}
    moves = moves_of_inspection(actor, inspection=found, team=team)
    deeds = [
        {
            "name": name,
            "label": INSPECTION_FLOW.named(name).label,
            "form": refused[1] if refused and refused[0] == name else FORMS[name](auto_id=f"id_{name}_%s"),
            "is_open": bool(refused and refused[0] == name),
        }
        for name in moves
        if name in FORMS
    ]
    context = {
        "inspection": found,
        "team": team,
        "run": run,
        "lines": [(item, answers.get(item.id)) for item in items],
        "hazards": list_of_source(actor, county=found.county, source_ids=[found.id]),
        "photos": shown(
            list_files_of(actor, county=found.county, subject_ids=[found.id]), {item.code: item.text for item in items}
        ),
        "area": area_names(actor, codes=[found.area_code]).get(found.area_code, ""),
        "may_start": "start" in moves,
        "may_go_on": "submit" in moves,
        "deeds": deeds,
    }
    return render(request, "safety/inspection.html", context, status=422 if refused else 200)


@staff_only
@require_POST
def move(request: HttpRequest, inspection_id: UUID, name: str) -> HttpResponse:
    """Start it, have it signed, note a refusal, close or cancel it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if name == "start":
        try:
            actions.start_inspection(actor=actor, inspection_id=inspection_id)
        except RuleError as error:
            messages.error(request, error.message)
            return redirect("safety:inspection", inspection_id)
        return redirect("safety:field_run", inspection_id)
    if name not in FORMS:
        raise NotFound
    get_inspection(actor, inspection_id=inspection_id)
    form = FORMS[name](request.POST, auto_id=f"id_{name}_%s")
    if not form.is_valid():
        return _page(request, inspection_id, (name, form))
    here: dict[str, Any] = {"actor": actor, "inspection_id": inspection_id}
    deeds: dict[str, Callable[[], Inspection]] = {
        "sign": lambda: actions.sign_inspection(**here, name=form.cleaned_data["name"]),
        "refuse": lambda: actions.refuse_signature(
            **here, text=form.cleaned_data["text"], witness=form.cleaned_data["witness"]
        ),
        "close": lambda: actions.close_inspection(**here),
        "cancel": lambda: actions.cancel_inspection(**here, text=form.cleaned_data["text"]),
    }
    try:
        deeds[name]()
    except RuleError as error:
        apply_rule_error(form, error)
        return _page(request, inspection_id, (name, form))
    messages.success(request, SAID[name])
    return redirect("safety:inspection", inspection_id)
