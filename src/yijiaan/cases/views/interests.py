"""利害关系申报: one's own page."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yijiaan.accounts.access import staff_only
from yijiaan.accounts.queries import list_units
from yijiaan.cases import actions
from yijiaan.cases.forms import offer
from yijiaan.cases.queries import list_my_interests
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error


class InterestForm(forms.Form):
    unit = forms.ChoiceField(label="单位", required=False)
    name = forms.CharField(label="或者：一个人的姓名", required=False, max_length=60)
    relation = forms.CharField(
        label="什么关系", help_text="例如 配偶、兄弟、曾在那里任职", required=False, max_length=60
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "unit", [("", "没有"), *((str(unit.id), unit.name) for unit in list_units(actor))])


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """What I declared, and one more."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.declare_interest")
    form = InterestForm(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.declare_interest(
                actor=actor,
                unit_id=UUID(said["unit"]) if said["unit"] else None,
                name=said["name"],
                relation=said["relation"],
            )
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, "申报好了。反映到他们的事，办理、核查、回访都会避开您。")
            return redirect("cases:interests")
    context = {"form": form, "rows": list_my_interests(actor)}
    return render(request, "cases/interests.html", context, status=422 if form.errors else 200)


@staff_only
@require_POST
def end(request: HttpRequest, interest_id: UUID) -> HttpResponse:
    """It no longer holds."""
    actions.end_interest(actor=request.actor, interest_id=interest_id)  # type: ignore[attr-defined]
    messages.success(request, "终止了。")
    return redirect("cases:interests")
