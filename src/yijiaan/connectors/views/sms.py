"""短信: how it goes, what is stuck and why, who must be rung; and the page on which a gateway is set up and tried out."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.connectors import actions
from yijiaan.connectors.actions.sms import GatewayFacts
from yijiaan.connectors.forms import GatewayForm, TryForm
from yijiaan.connectors.models import SmsGateway
from yijiaan.connectors.queries import get_gateway
from yijiaan.connectors.views.access import actor_of
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.notices.actions import note_call, resend_message
from yijiaan.engines.notices.models import MessageState, Reason
from yijiaan.engines.notices.providers import standing_in
from yijiaan.engines.notices.queries import count_messages, list_calls, list_put_off, list_stuck
from yijiaan.engines.texts.providers import sentences
from yijiaan.ui.paging import page_of

DAYS = 30


def _counts(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Counts in words, in the order of a message's life."""
    words = [(str(label), counts.get(value, 0)) for value, label in MessageState.choices if value != "suppressed"]
    return words + [
        (f"没有发：{label}", counts[f"suppressed:{value}"])
        for value, label in Reason.choices
        if counts.get(f"suppressed:{value}")
    ]


@staff_only
@never_cache
@require_safe
def sms(request: HttpRequest) -> HttpResponse:
    """How SMS go."""
    actor = actor_of(request)
    if not actor.may("notices.keep_messages"):
        actor.require("notices.view_messages")
    labels = {sentence.code: sentence.label for sentence in sentences()}
    page, calls = page_of(request, list_stuck(actor), keys=("-id",)), list_calls(actor)
    for row in (*page.rows, *calls):
        row.label = labels.get(row.template_code, "")
    context = {
        "is_ready": standing_in(actor.county).is_ready,
        "counts": _counts(count_messages(actor, since=clock.now() - timedelta(days=DAYS))),
        "days": DAYS,
        "put_off": list_put_off(actor),
        "page": page,
        "calls": calls,
        "may_manage": actor.may("connectors.manage"),
        "may_call": actor.may("notices.note_call"),
    }
    return render(request, "connectors/sms.html", context)


@staff_only
@require_POST
def resend(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """再发."""
    try:
        resend_message(actor=actor_of(request), message_id=message_id)
    except RuleError as error:
        messages.info(request, error.message)
    else:
        messages.success(request, "排上了，马上再发一次。")
    return redirect("connectors:sms")


@staff_only
@require_POST
def called(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Somebody rang, and told him or did not reach him."""
    try:
        note_call(actor=actor_of(request), message_id=message_id, is_reached=request.POST.get("result") == "told")
    except RuleError as error:
        messages.info(request, error.message)
    else:
        messages.success(request, "记下了。")
    return redirect("connectors:sms")


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """The gateway of the county."""
    actor = actor_of(request, "connectors.manage")
    row = get_gateway(actor)
    sent = request.POST if request.method == "POST" else None
    form = GatewayForm(sent, initial=_initial(row) if row else {"site": request.build_absolute_uri("/").rstrip("/")})
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_gateway(actor=actor, facts=GatewayFacts(**form.facts()))
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, "短信网关存好了。试发一条看看通不通。")
            return redirect("connectors:sms_settings")
    return _page(request, row, form, TryForm())


def _initial(row: SmsGateway) -> dict[str, Any]:
    return {name: getattr(row, name) for name in GatewayForm.base_fields if name != "secret"}


def _page(
    request: HttpRequest, row: SmsGateway | None, form: GatewayForm, tried: TryForm, result: Any = None
) -> HttpResponse:
    report_url = request.build_absolute_uri(reverse("sms:reports", args=[row.report_token])) if row else ""
    context = {"gateway": row, "form": form, "try_form": tried, "result": result, "report_url": report_url}
    return render(request, "connectors/sms_settings.html", context, status=422 if form.errors or tried.errors else 200)


@staff_only
@never_cache
@require_POST
def try_out(request: HttpRequest) -> HttpResponse:
    """试发一条."""
    actor = actor_of(request, "connectors.manage")
    row = get_gateway(actor)
    tried = TryForm(request.POST)
    result = None
    if tried.is_valid():
        try:
            result = actions.try_gateway(actor=actor, phone=tried.cleaned_data["phone"])
        except RuleError as error:
            apply_rule_error(tried, error)
    return _page(request, row, GatewayForm(initial=_initial(row) if row else {}), tried, result)
