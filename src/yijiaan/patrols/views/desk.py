"""巡查 at the desk: routes, plans, sweeps, walks and how much of them was looked at."""

from datetime import timedelta
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
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.files.queries import list_files_of
from yijiaan.patrols import actions, forms
from yijiaan.patrols.models import PatrolRun
from yijiaan.patrols.queries import (
    get_patrol_run,
    get_patrol_template,
    list_checks,
    list_patrol_templates,
    list_plans,
    list_points,
    list_runs,
    list_sweeps,
    read_coverage,
)
from yijiaan.patrols.rules import rule_words
from yijiaan.patrols.ways import way_of
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import day, pill

LATELY = timedelta(days=30)
RUN_HEADS = ("哪天", "路线", "谁去", "网格", "状态", "看了", "隐患", "到不了", "原因")
KIND = {"planned": "new", "started": "doing", "finished": "done", "interrupted_ok": "hold", "cancelled": "hold"}


def run_rows(actor: Actor, runs: list[Any]) -> list[list[Any]]:
    """Walks as lines of a table."""
    names = area_names(actor, codes=[run.area_code for run in runs])
    return [
        [
            day(run.on),
            Cell(run.template.name, "title", reverse("patrols:run", args=[run.id])),
            f"{run.unit.name}{' ' + run.post.user.name if run.post else ''}",
            names.get(run.area_code, ""),
            pill(run.status_label, KIND[run.status]),
            Cell(f"{run.checked} / {run.total}", "num"),
            Cell(str(run.found or ""), "num"),
            Cell(str(run.missed or ""), "num"),
            run.reason,
        ]
        for run in runs
    ]


@staff_only
@never_cache
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """巡查: the plans, the ways, the sweeps, and how much of the last month was looked at."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("patrols.view")
    page = page_of(request, list_plans(actor), keys=("-id",))
    since = clock.local_day() - LATELY
    names = area_names(actor, codes=[plan.area_code for plan in page.rows])
    context = {
        "page": page,
        "plans": [(plan, rule_words(plan), names.get(plan.area_code, "")) for plan in page.rows],
        "templates": list(list_patrol_templates(actor)[:50]),
        "sweeps": list(list_sweeps(actor)[:20]),
        "coverage": read_coverage(actor, runs=list_runs(actor).filter(on__gte=since)),
        "may_plan": actor.may("patrols.plan"),
    }
    return render(request, "patrols/plans.html", context)


@staff_only
@never_cache
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """巡查记录, newest first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("patrols.view")
    page = page_of(request, list_runs(actor), keys=("-id",))
    return render(request, "patrols/runs.html", {"page": page, "heads": RUN_HEADS, "rows": run_rows(actor, page.rows)})


@staff_only
@never_cache
@require_safe
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One walk at the desk."""
    return _desk_run(request, run_id)


def _desk_run(request: HttpRequest, run_id: UUID, form: django_forms.Form | None = None) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = get_patrol_run(actor, run_id=run_id)
    checks = list_checks(actor, run=found)
    context = {
        "run": found,
        "checks": checks,
        "way": way_of(actor, found, checks),
        "checked": sum(bool(check.result) for check in checks),
        "photos": _photos(actor, found),
        "area": area_names(actor, codes=[found.area_code]).get(found.area_code, ""),
        "may_mark": actor.may("patrols.plan") and actor.covers(found.template.area_code),
        "may_cancel": found.status == "planned" and actor.may("patrols.plan") and actor.covers(found.area_code),
        "form": form or forms.ReasonForm(),
    }
    return render(request, "patrols/run.html", context, status=422 if form is not None else 200)


def _photos(actor: Actor, found: PatrolRun) -> list[dict[str, str]]:
    return [
        {
            "url": f"/files/{file.county}/{file.id}/",
            "thumbnail_url": f"/files/{file.county}/{file.id}/thumb/",
            "label": f"第 {file.purpose} 个点",
        }
        for file in list_files_of(actor, county=found.county, subject_ids=[found.id])
    ]


@staff_only
@require_POST
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """不巡了."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("patrols.plan")
    form = forms.ReasonForm(request.POST)
    if form.is_valid():
        try:
            actions.cancel_run(actor=actor, run_id=run_id, text=form.cleaned_data["text"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, "这一次不巡了。")
            return redirect("patrols:run", run_id)
    return _desk_run(request, run_id, form)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def template(request: HttpRequest, template_id: UUID | None = None) -> HttpResponse:
    """Write a way, or change one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("patrols.plan")
    found = get_patrol_template(actor, template_id=template_id) if template_id else None
    initial: dict[str, Any] = {}
    if found is not None:
        names = ("name", "kind", "area_code", "is_ordered")
        initial = {name: getattr(found, name) for name in names} | {"points": lines(actor, found)}
    form = forms.TemplateForm(request.POST if request.method == "POST" else None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.write_patrol_template(
                actor=actor, name=said["name"], kind=said["kind"], area_code=said["area_code"], points=form.facts(),
                is_ordered=said["is_ordered"], client_key=said["client_key"], template_id=found.id if found else None,
                safety_track=found.safety_track if found else False,
            )  # fmt: skip
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"“{made.name}”存好了{'，以后的巡查用新的点' if found else '，接着安排谁去'}。")
            return redirect("patrols:plans") if found else redirect("patrols:plan", made.id)
    context = {"form": form, "found": found, "map_url": reverse("areas:shapes", args=[_town(actor), "grid"])}
    return render(request, "patrols/template.html", context, status=422 if form.errors else 200)


def _town(actor: Actor) -> str:
    """Whose borders stand on the map: the actor's town, or his whole county."""
    return (actor.areas[0] if actor.areas else actor.county)[:9]


def lines(actor: Actor, found: Any) -> str:
    """The points of a way as they are typed."""
    return forms.lines_of(list_points(actor, template=found))


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """安排 who walks a way, and when."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("patrols.plan")
    found = get_patrol_template(actor, template_id=template_id)
    sent = request.POST if request.method == "POST" else None
    form = forms.PlanForm(sent, actor=actor, template=found, initial={"starts_on": clock.local_day()})
    if sent is not None and form.is_valid():
        try:
            made = actions.plan_patrol(
                actor=actor, template_id=found.id, facts=form.facts(), client_key=form.cleaned_data["client_key"]
            )
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"安排好了，{made.unit.name} {rule_words(made)}。")
            return redirect("patrols:plans")
    context = {"form": form, "template": found, "points": list_points(actor, template=found)}
    return render(request, "patrols/plan.html", context, status=422 if form.errors else 200)


@staff_only
@require_POST
def switch(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """停 or 恢复 a plan."""
    is_active = request.POST.get("to") == "on"
    actions.switch_plan(actor=request.actor, plan_id=plan_id, is_active=is_active)  # type: ignore[attr-defined]
    messages.success(request, "恢复了。" if is_active else "停了，以后不再按它巡查。")
    return redirect("patrols:plans")


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_sweep(request: HttpRequest) -> HttpResponse:
    """安排 a sweep."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("patrols.plan")
    sent = request.POST if request.method == "POST" else None
    form = forms.SweepForm(sent, actor=actor, initial={"on": clock.local_day()})
    if sent is not None and form.is_valid():
        said = form.cleaned_data
        template_id = forms.uuid_or_none(said["template"])
        try:
            if template_id is None:
                raise RuleError("unknown_template", "请选一条路线，没有就先写一条", "template")
            made = actions.start_sweep(
                actor=actor, name=said["name"], template_id=template_id, area_code=said["area_code"], on=said["on"],
                ends_on=said["ends_on"], client_key=said["client_key"],
            )  # fmt: skip
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"“{made.name}”安排好了，每个网格一趟。")
            return redirect("patrols:sweep", made.id)
    return render(request, "patrols/new_sweep.html", {"form": form}, status=422 if form.errors else 200)
