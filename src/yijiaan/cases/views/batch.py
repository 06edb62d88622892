"""批量派单 and 批量催办 from ticked rows: one page that says which and to whom, then an answer for each."""

from collections.abc import Sequence
from os.path import commonprefix
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from yijiaan.accounts.access import staff_only
from yijiaan.accounts.queries import list_units_for
from yijiaan.areas.queries import area_names
from yijiaan.cases import actions
from yijiaan.cases.batch_forms import BatchDispatchForm, BatchUrgeForm, chosen_of
from yijiaan.cases.models import Case
from yijiaan.cases.queries import MOST_BATCH, category_of, list_chosen
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dispatch(request: HttpRequest) -> HttpResponse:
    """批量派单: one unit for all that are ticked."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.dispatch")
    sent = request.POST if request.method == "POST" else request.GET
    cases = list_chosen(actor, numbers=[one.number for one in chosen_of(sent)[:MOST_BATCH]])
    units = list_units_for(actor, area_code=_place_of(cases)) if cases else []
    form = BatchDispatchForm(request.POST if request.method == "POST" else None, units=units, initial=_back(request))
    if request.method == "POST" and form.is_valid():
        try:
            lines = actions.dispatch_cases(
                actor=actor, chosen=chosen_of(sent), lead_id=form.lead_id(), note=form.cleaned_data["note"]
            )
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return _done(request, "dispatch", lines)
    return _page(request, "dispatch", form, cases)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def urge(request: HttpRequest) -> HttpResponse:
    """批量催办: the same words to all who hold one of the ticked cases."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.urge")
    sent = request.POST if request.method == "POST" else request.GET
    cases = list_chosen(actor, numbers=[one.number for one in chosen_of(sent)[:MOST_BATCH]])
    form = BatchUrgeForm(request.POST if request.method == "POST" else None, initial=_back(request))
    if request.method == "POST" and form.is_valid():
        try:
            lines = actions.urge_cases(actor=actor, chosen=chosen_of(sent), text=form.cleaned_data["text"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return _done(request, "urge", lines)
    return _page(request, "urge", form, cases)


def _place_of(cases: Sequence[Case]) -> str:
    """The place that all the cases lie in."""
    common = commonprefix([case.area_code for case in cases])
    return common[: max(length for length in (0, 6, 9, 12, 16) if length <= len(common))]


def _back(request: HttpRequest) -> dict[str, str]:
    return {"back": request.GET.get("back", "")}


def _list_url(request: HttpRequest) -> str:
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, request.is_secure()
    )
    return wanted if is_ours else reverse("cases:list")


def _page(request: HttpRequest, kind: str, form: Any, cases: Sequence[Case]) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not cases and request.method != "POST":
        messages.info(request, "还没有选，请先在清单里打勾。")
        return redirect(_list_url(request))
    sent = chosen_of(request.POST) if request.method == "POST" else chosen_of(request.GET)
    seen = {one.number: one.seen_version for one in sent}
    names = area_names(actor, codes=[case.area_code for case in cases])
    rows = [
        {
            "case": case,
            # what the page showed first stays: whoever was faster meanwhile is told of
            "value": f"{case.number}:{seen.get(case.number) or case.version}",
            "place": "地点待核" if case.is_place_unknown else names.get(case.area_code, ""),
            "category": category_of(actor, case=case),
        }
        for case in cases
    ]
    context = {
        "kind": kind,
        "form": form,
        "rows": rows,
        "back": _list_url(request),
        "most": MOST_BATCH,
        "more": max(len(seen) - MOST_BATCH, 0),
    }
    return render(request, "cases/batch.html", context, status=422 if form.errors else 200)


def _done(request: HttpRequest, kind: str, lines: Sequence[Any]) -> HttpResponse:
    context = {
        "kind": kind,
        "done": [line for line in lines if line.is_done],
        "refused": [line for line in lines if not line.is_done],
        "back": _list_url(request),
    }
    return render(request, "cases/batch_done.html", context)
