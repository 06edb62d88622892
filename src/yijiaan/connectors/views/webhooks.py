"""消息推送: addresses that hear of events, what each answered, and its settings."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.connectors import actions
from yijiaan.connectors.forms import WebhookForm
from yijiaan.connectors.models import Webhook
from yijiaan.connectors.queries import get_webhook, list_calls_of, list_webhooks
from yijiaan.connectors.views.access import actor_of
from yijiaan.connectors.webhooks.payload import EVENTS
from yijiaan.core.errors import RuleError
from yijiaan.core.web import apply_rule_error
from yijiaan.ui.paging import page_of


@staff_only
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All addresses, and how each stands."""
    actor = actor_of(request, "connectors.manage")
    return render(request, "connectors/webhooks.html", {"rows": list_webhooks(actor)})


@staff_only
@never_cache
@require_safe
def show(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """One address: what it was sent, and what it answered."""
    return _show(request, webhook_id)


def _show(request: HttpRequest, webhook_id: UUID, **more: Any) -> HttpResponse:
    actor = actor_of(request, "connectors.manage")
    row = get_webhook(actor, webhook_id=webhook_id)
    page = page_of(request, list_calls_of(actor, webhook=row), keys=("-id",))
    context = {
        "webhook": row,
        "event_names": "、".join(EVENTS[event][0] for event in row.events if event in EVENTS),
        "page": page,
    }
    for line in page.rows:
        line.label = EVENTS[line.event][0] if line.event in EVENTS else line.event
    return render(request, "connectors/webhook.html", context | more)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, webhook_id: UUID | None = None) -> HttpResponse:
    """One address, or a new one."""
    actor = actor_of(request, "connectors.manage")
    row = get_webhook(actor, webhook_id=webhook_id) if webhook_id else None
    initial: dict[str, Any] = {"area": actor.areas[0] if actor.areas else "", "events": list(EVENTS)}
    if row is not None:
        initial = {"name": row.name, "url": row.url, "events": row.events, "is_active": row.is_active}
    sent = request.POST if request.method == "POST" else None
    form = WebhookForm(sent, actor=actor, is_new=row is None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if row is not None:
                actions.change_webhook(
                    actor=actor, webhook_id=row.id, name=said["name"], url=said["url"], events=said["events"],
                    is_active=said["is_active"],
                )  # fmt: skip
                messages.success(request, f"{said['name']}改好了。")
                return redirect("connectors:webhook", row.id)
            row, secret = actions.make_webhook(
                actor=actor, name=said["name"], url=said["url"], area_code=said["area"], events=said["events"]
            )
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return _show_secret(request, row, secret)
    context = {"form": form, "webhook": row}
    return render(request, "connectors/webhook_edit.html", context, status=422 if form.errors else 200)


def _show_secret(request: HttpRequest, row: Webhook, secret: str) -> HttpResponse:
    return render(request, "connectors/webhook_secret.html", {"webhook": row, "secret": secret})


@staff_only
@never_cache
@require_POST
def renew(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """A new secret, shown this once."""
    actor = actor_of(request, "connectors.manage")
    secret = actions.renew_webhook_secret(actor=actor, webhook_id=webhook_id)
    return _show_secret(request, get_webhook(actor, webhook_id=webhook_id), secret)


@staff_only
@never_cache
@require_POST
def try_out(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """试推一次."""
    answer = actions.try_webhook(actor=actor_of(request, "connectors.manage"), webhook_id=webhook_id)
    return _show(request, webhook_id, answer=answer)


@staff_only
@require_POST
def retry(request: HttpRequest, webhook_id: UUID, message_id: UUID) -> HttpResponse:
    """Push it again."""
    try:
        actions.retry_call(actor=actor_of(request, "connectors.manage"), call_id=message_id)
    except RuleError as error:
        messages.info(request, error.message)
    else:
        messages.success(request, "排上了，马上再推一次。")
    return redirect("connectors:webhook", webhook_id)
