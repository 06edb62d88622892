"""剔除: the page of a closed case's answers, on which one is proposed to be taken out of the rates, or put back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yijiaan.accounts.access import staff_only
from yijiaan.cases import actions
from yijiaan.cases.asked_forms import PhotosField
from yijiaan.cases.forms import MoveForm, offer
from yijiaan.cases.queries import exclusion_codes, get_case, rated_reports
from yijiaan.cases.queries.excluding import RatedReport
from yijiaan.cases.views.photos import keep_photos
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error


class ExcludeForm(MoveForm):
    report = forms.ChoiceField(label="哪一个评价", required=False, widget=forms.RadioSelect)
    code = forms.ChoiceField(label="为什么剔除", required=False, widget=forms.RadioSelect)
    text = forms.CharField(
        label="依据", help_text="查了什么、有什么佐证", required=False, strip=False, widget=forms.Textarea
    )
    photos = PhotosField(label="佐证照片")

    def __init__(self, *args: Any, actor: Actor, rated: list[RatedReport], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_ones = [row for row in rated if row.rating is not None and row.in_force is None]
        choices = [
            (row.report.number, f"{row.report.number} {row.rating.get_result_display()}")
            for row in open_ones
            if row.rating is not None
        ]
        offer(self, "report", choices)
        if len(choices) == 1:
            self.initial["report"] = choices[0][0]
        offer(self, "code", list(exclusion_codes(actor).items()))


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def exclude(request: HttpRequest, number: str) -> HttpResponse:
    """Propose to take an answer out of the rates."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.exclude")
    if request.method != "POST":
        return _page(request, number)
    case = get_case(actor, number=number)
    form = ExcludeForm(
        request.POST, request.FILES, actor=actor, rated=rated_reports(actor, case=case), auto_id="id_exclude_%s"
    )
    if not form.is_valid():
        return _page(request, number, form, status=422)
    said = form.cleaned_data
    try:
        actions.exclude_rating(
            actor=actor,
            number=number,
            report_number=said["report"],
            code=said["code"],
            text=said["text"],
            seen_version=said["seen_version"],
        )
    except RuleError as error:
        apply_rule_error(form, error)
        return _page(request, number, form, status=422)
    except Conflict as error:
        form.look_again(case.version)
        form.add_error(None, error.message)
        return _page(request, number, form, status=409)
    _, refused = keep_photos(actor, said["photos"], number=number, purpose="evidence")
    for sentence in refused:
        messages.warning(request, sentence)
    messages.success(request, "提上去了，等另一个人复核；复核同意以前照样算。")
    return redirect("cases:case", number)


@staff_only
@require_POST
def revoke(request: HttpRequest, number: str) -> HttpResponse:
    """Let an answer count again."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        actions.revoke_exclusion(
            actor=actor,
            number=number,
            report_number=request.POST.get("report", ""),
            text=request.POST.get("revoke_text", ""),
        )
    except RuleError as error:
        return _page(request, number, refused=error.message, status=422)
    messages.success(request, "撤销了，这个评价又算在率里。")
    return redirect("cases:exclude", number)


def _page(
    request: HttpRequest, number: str, form: ExcludeForm | None = None, *, refused: str = "", status: int = 200
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = get_case(actor, number=number)
    rated = rated_reports(actor, case=case)
    names = exclusion_codes(actor, with_stopped=True)
    context = {
        "case": case,
        "form": form
        or ExcludeForm(initial={"seen_version": case.version}, actor=actor, rated=rated, auto_id="id_exclude_%s"),
        "lines": [
            {
                "row": row,
                "past": [{"row": each, "name": names.get(each.code, each.code)} for each in row.exclusions],
            }
            for row in rated
        ],
        "may_propose": case.status == "closed"
        and any(row.rating is not None and row.in_force is None for row in rated)
        and not any(each.proposal.decided_at is None for row in rated for each in row.exclusions),
        "refused": refused,
        "typed": request.POST.get("revoke_text", ""),
        "typed_for": request.POST.get("report", ""),
    }
    return render(request, "cases/exclude.html", context, status=status)
