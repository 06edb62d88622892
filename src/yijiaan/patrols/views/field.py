"""巡查 on the phone: 今天的巡查 and one walk, point by point."""

from uuid import UUID, uuid4

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.files.actions import keep_pictures
from yijiaan.patrols import actions, forms
from yijiaan.patrols.models import Result
from yijiaan.patrols.queries import (
    get_patrol_run,
    list_checks,
    list_runs_of_today,
)
from yijiaan.patrols.ways import way_of
from yijiaan.ui import kept

KIND = {"planned": "new", "started": "doing", "finished": "done", "interrupted_ok": "hold", "cancelled": "hold"}


@staff_only
@never_cache
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """今天的巡查."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("patrols.run")
    mine = list_runs_of_today(actor)
    names = area_names(actor, codes=[one.area_code for one in mine])
    context = {"runs": [(one, names.get(one.area_code, ""), KIND[one.status]) for one in mine]}
    return render(request, "patrols/field/today.html", context)


@staff_only
@never_cache
@require_safe
def walk(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One walk on the phone, a form for each point."""
    return _walk(request, run_id)


def _walk(
    request: HttpRequest, run_id: UUID, *, number: int = 0, form: forms.PointForm | None = None,
    stop: django_forms.Form | None = None,
) -> HttpResponse:  # fmt: skip
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("patrols.run")
    found = get_patrol_run(actor, run_id=run_id)
    checks = list_checks(actor, run=found)
    mine = found.post_id == actor.post_id if found.post_id else found.unit_id == actor.unit_id
    first = next((check.place_number for check in checks if not check.result), 0)
    points = []
    for check in checks:
        is_refused = form is not None and check.place_number == number
        data = form.data if is_refused and form is not None else {}
        points.append(
            {
                "check": check,
                "key": uuid4(),
                "result": data.get("result", check.result),
                "text": data.get("text", check.note),
                "grade": data.get("grade", ""),
                "errors": [str(one) for many in form.errors.values() for one in many] if is_refused and form else [],
                "is_open": is_refused or (form is None and check.place_number == first),
            }
        )
    context = {
        "run": found,
        "area": area_names(actor, codes=[found.area_code]).get(found.area_code, ""),
        "points": points,
        "way": way_of(actor, found, checks),
        "left": sum(not check.result for check in checks),
        "results": [(value, label) for value, label in Result.choices if value],
        "grades": forms.GRADES,
        "may_walk": mine and found.is_open,
        "stop": stop or forms.ReasonForm(auto_id="id_stop_%s"),
        "is_stopping": stop is not None,
    }
    return render(request, "patrols/field/walk.html", context, status=422 if form or stop else 200)


@staff_only
@require_POST
def check(request: HttpRequest, run_id: UUID, number: int) -> HttpResponse:
    """Keep what was found at a point: from the form, or from a phone that kept it without a signal."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    stopped = kept.refuse_owner(request, actor.user_id)
    if stopped is not None:
        return stopped
    form = forms.PointForm(request.POST, request.FILES)
    if not form.is_valid():
        return kept.refused(form) if kept.is_kept(request) else _walk(request, run_id, number=number, form=form)
    said = form.cleaned_data
    try:
        done = actions.check_point_of_run(
            actor=actor, run_id=run_id, place_number=number, client_key=said["client_key"],
            found=actions.Found(result=said["result"], text=said["text"], grade=said["grade"]),
        )  # fmt: skip
    except RuleError as error:
        apply_rule_error(form, error)
        return kept.refused(form) if kept.is_kept(request) else _walk(request, run_id, number=number, form=form)
    except Conflict as error:
        if kept.is_kept(request):
            return kept.conflicting()
        form.add_error(None, error.message)
        return _walk(request, run_id, number=number, form=form)
    _, refused = keep_pictures(
        actor=actor, files=said["photos"],
        keep=lambda raw: actions.add_point_photo(actor=actor, run_id=run_id, place_number=number, raw=raw),
    )  # fmt: skip
    url = reverse("patrols:walk", args=[run_id])
    if kept.is_kept(request):
        label = f"{done.place}：{done.get_result_display()}"
        return kept.took(request, client_key=said["client_key"], number=label, url=url, refused=refused)
    for sentence in refused:
        messages.warning(request, sentence)
    if done.hazard_id is not None:
        messages.success(request, f"“{done.place}”登记成隐患了，等镇里定级。")
    return redirect(url)


@staff_only
@require_POST
def end(request: HttpRequest, run_id: UUID, name: str) -> HttpResponse:
    """巡查完, or 中途停下."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if name == "finish":
        try:
            actions.finish_run_of_patrol(actor=actor, run_id=run_id)
        except RuleError as error:
            messages.error(request, error.message)
            return redirect("patrols:walk", run_id)
        messages.success(request, "巡查完了，辛苦。")
        return redirect("patrols:today")
    if name != "interrupt":
        raise NotFound
    form = forms.ReasonForm(request.POST, auto_id="id_stop_%s")
    if form.is_valid():
        try:
            actions.interrupt_run(actor=actor, run_id=run_id, text=form.cleaned_data["text"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, "停下了，原因记下了。")
            return redirect("patrols:today")
    return _walk(request, run_id, stop=form)
