"""并案 and 拆出 on pages."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yijiaan.accounts.access import staff_only
from yijiaan.cases import actions
from yijiaan.cases.forms import MergeForm, SplitForm
from yijiaan.cases.models import Case
from yijiaan.cases.queries import get_case, list_similar
from yijiaan.cases.views.moves import try_move
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.ui.answers import lead_on


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, number: str) -> HttpResponse:
    """并案: the likely ones with the reason for each, or any other by its number."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.merge")
    case = get_case(actor, number=number)
    similar = list_similar(actor, case=case)
    choices = [(found.case.number, f"{found.case.title}（{found.words}）") for found in similar]
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    back = wanted if _is_ours(request, wanted) else reverse("cases:case", args=[number])
    form = MergeForm(
        request.POST if request.method == "POST" else None,
        initial={"seen_version": case.version},
        similar=choices,
        auto_id="id_merge_%s",
    )
    if request.method == "POST" and form.is_valid():
        try:
            into = actions.merge_cases(
                actor=actor,
                number=number,
                parts=form.numbers(),
                similarity=next((found.words for found in similar if found.case.number in form.numbers()), ""),
                seen_version=form.cleaned_data["seen_version"],
            )
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.look_again(case.version)
            form.add_error(None, error.message)
        else:
            messages.success(request, f"并好了，现在一共 {into.report_count} 个诉求，办好以后各人都会收到答复。")
            return lead_on(request, back)
    context: Mapping[str, Any] = {"case": case, "form": form, "similar": similar, "back": back, "next": wanted}
    return render(request, "cases/merge.html", context, status=422 if form.errors else 200)


def _is_ours(request: HttpRequest, url: str) -> bool:
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())


@staff_only
@require_POST
def split(request: HttpRequest, number: str) -> HttpResponse:
    """拆出: one report is about something else."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = SplitForm(request.POST)

    def deed() -> Case:
        said = form.cleaned_data
        return actions.split_report(
            actor=actor, number=number, report_number=said["report"], seen_version=said["seen_version"]
        )

    if form.is_valid():
        try:
            own = deed()
        except (RuleError, Conflict) as error:
            messages.error(request, error.message)
            return redirect("cases:case", number)
        messages.success(request, f"拆出来了，成了 {own.number}，请派单。")
        return redirect("cases:case", own.number)
    return try_move(request, number, "split", form, deed, lambda case: "")
