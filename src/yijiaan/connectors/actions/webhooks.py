"""Webhooks: made, changed, their secret renewed with a time in which both count; what they are owed, and when they are given up."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.accounts.models import Post
from yijiaan.areas.queries import get_area
from yijiaan.connectors import permissions
from yijiaan.connectors.hotline.client import answer_of
from yijiaan.connectors.line import call, check_url
from yijiaan.connectors.models import OutboundState, Webhook, WebhookCall
from yijiaan.connectors.outbox import Answer, Lane, push_lane
from yijiaan.connectors.webhooks.payload import DELIVERY, EVENT, EVENTS, SIGNATURE, as_bytes, signature
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.engines.notices.actions import notify

SUBJECT = "connectors.webhook"
OVERLAP = timedelta(hours=24)  # how long an old secret still signs beside the new one
GIVEN_UP_AFTER = timedelta(days=5)
COLUMNS = ("name", "url", "events", "is_active")
Send = Callable[[Webhook, WebhookCall], Answer]


@dataclass(frozen=True, slots=True)
class Owing:
    """One event that a webhook is to hear."""

    webhook_id: UUID
    event: str
    number: str
    body: dict[str, Any]
    at: datetime
    dedup_key: str


@transaction.atomic
def make_webhook(*, actor: Actor, name: str, url: str, area_code: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """Add an address that hears of events; returns it with its secret, which is shown this once. RuleErrors no_name,
    bad_address, private_address, unknown_area, no_events at their fields."""
    actor.require(permissions.MANAGE)
    try:
        area = get_area(actor, code=area_code)
    except NotFound as error:
        raise RuleError("unknown_area", "请选哪里的事", "area") from error
    if not actor.covers(area.code) or len(area.code) not in (6, 9):
        raise RuleError("unknown_area", "请选本区或一个镇街", "area")
    secret = secrets.token_urlsafe(32)
    row = Webhook(id=uuid7(), area_id=area.code, secret_sealed=secret, made_at=clock.now())
    _fill(row, name, url, events, is_active=True)
    row.save(force_insert=True)
    _note(actor, row, "connectors.webhook_made", {"events": row.events})
    return row, secret


@transaction.atomic
def change_webhook(
    *, actor: Actor, webhook_id: UUID, name: str, url: str, events: Sequence[str], is_active: bool
) -> Webhook:
    """Change an address, pause it, or let it go on; while paused it is owed nothing new. RuleErrors as `make_webhook`."""
    actor.require(permissions.MANAGE)
    row = _locked(actor, webhook_id)
    before = {column: getattr(row, column) for column in COLUMNS}
    _fill(row, name, url, events, is_active)
    changed = {
        column: [before[column], getattr(row, column)] for column in COLUMNS if before[column] != getattr(row, column)
    }
    if changed:
        if is_active:
            row.failing_since = row.stopped_at = None
            WebhookCall.objects.filter(county=row.area_id[:6], webhook_id=row.id, state=OutboundState.WAITING).update(
                next_at=clock.now(), tries=0
            )
        row.save(update_fields=[*COLUMNS, "failing_since", "stopped_at"])
        _note(actor, row, "connectors.webhook_changed", {"changed": changed})
    return row


@transaction.atomic
def renew_webhook_secret(*, actor: Actor, webhook_id: UUID) -> str:
    """A new secret, returned this once; for a day what we send carries the signatures of both."""
    actor.require(permissions.MANAGE)
    row = _locked(actor, webhook_id)
    secret = secrets.token_urlsafe(32)
    row.old_secret_sealed, row.old_until, row.secret_sealed = row.secret_sealed, clock.now() + OVERLAP, secret
    row.save(update_fields=["old_secret_sealed", "old_until", "secret_sealed"])
    _note(actor, row, "connectors.webhook_secret_renewed", {})
    return secret


def _fill(row: Webhook, name: str, url: str, events: Sequence[str], is_active: bool) -> None:
    name = " ".join(name.split())
    if not name or len(name) > 30:  # noqa: PLR2004
        raise RuleError("no_name", "请填名称，最多 30 个字", "name")
    chosen = [event for event in EVENTS if event in set(events)]
    if not chosen or set(events) - set(EVENTS):
        raise RuleError("no_events", "请至少选一项", "events")
    row.name, row.url, row.events, row.is_active = name, check_url(url, field="url"), chosen, is_active


def _locked(actor: Actor, webhook_id: UUID) -> Webhook:
    row: Webhook = Webhook.objects.select_for_update(of=("self",)).get_visible(actor, id=webhook_id)
    return row


@transaction.atomic
def owe_calls(*, actor: Actor, county: str, owing: Sequence[Owing]) -> int:
    """Write down what webhooks are to hear; returns how many are new. The same dedup_key never comes twice."""
    actor.require(permissions.EXCHANGE)
    rows = [
        WebhookCall(
            id=uuid7(), county=county, webhook_id=one.webhook_id, event=one.event, number=one.number, body=one.body,
            next_at=one.at, happened_at=one.at, dedup_key=one.dedup_key,
        )
        for one in owing
    ]  # fmt: skip
    return len(WebhookCall.objects.bulk_create(rows, ignore_conflicts=True))


def send_call(webhook: Webhook, row: WebhookCall) -> Answer:
    """Send one event, signed now."""
    return post(webhook, event=row.event, delivery=row.dedup_key, body=row.body)


def post(webhook: Webhook, *, event: str, delivery: str, body: dict[str, Any]) -> Answer:
    """One signed request to an address; guarded against addresses inside."""
    raw, now = as_bytes(body), clock.now()
    keys = [webhook.secret_sealed]
    if webhook.old_until is not None and webhook.old_until > now and webhook.old_secret_sealed:
        keys.append(webhook.old_secret_sealed)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "yijiaan-webhook/1",
        EVENT: event,
        DELIVERY: delivery,
        SIGNATURE: signature(keys, at=int(now.timestamp()), body=raw),
    }
    return answer_of(call(webhook.url, body=raw, headers=headers))


def push_webhooks(*, actor: Actor, send: Send = send_call) -> int:
    """Push what is due to every address in use, returns how many were tried. The worker's pump.

    An address that has taken nothing for five days is put out of use, and the administrators are told."""
    actor.require(permissions.EXCHANGE)
    tried = 0
    for webhook in Webhook.objects.filter(is_active=True).order_by("id"):
        lane = Lane(WebhookCall, webhook.area_id[:6], {"webhook_id": webhook.id}, "number", stuck_blocks=False)
        count, answers = push_lane(lane, lambda row, webhook=webhook: send(webhook, row))  # type: ignore[misc]
        tried += count
        if answers:
            _judge(actor, webhook, answers)
    return tried


@transaction.atomic
def _judge(actor: Actor, webhook: Webhook, answers: Sequence[Answer]) -> None:
    now = clock.now()
    row = Webhook.objects.select_for_update(of=("self",)).get(id=webhook.id)
    if any(answer.is_taken for answer in answers):
        if row.failing_since is not None:
            row.failing_since = None
            row.save(update_fields=["failing_since"])
        return
    if row.failing_since is None:
        row.failing_since = now
        row.save(update_fields=["failing_since"])
    elif row.is_active and row.failing_since < now - GIVEN_UP_AFTER:
        row.is_active, row.stopped_at = False, now
        row.save(update_fields=["is_active", "stopped_at"])
        _note(actor, row, "connectors.webhook_stopped", {"since": row.failing_since.isoformat()})
        _tell_keepers(actor, row, now)


def _tell_keepers(actor: Actor, row: Webhook, now: datetime) -> None:
    county = row.area_id[:6]
    posts = Post.objects.on(clock.local_day(now)).filter(
        role__permissions__contains=[permissions.MANAGE], areas__area_id=county
    )
    for post_id, unit_id in posts.order_by("id").values_list("id", "unit_id").distinct():
        notify(
            actor=actor,
            county=county,
            unit_id=unit_id,
            post_id=post_id,
            title=f"消息推送“{row.name}”五天推不到，停用了",
            link=f"/connectors/webhooks/{row.id}/",
            dedup_key=f"hook:{row.id}:{now:%y%m%d%H%M}:{post_id}",
        )


@transaction.atomic
def retry_call(*, actor: Actor, call_id: UUID) -> WebhookCall:
    """Push an event again that the address refused. RuleError not_stuck."""
    actor.require(permissions.MANAGE)
    row: WebhookCall = WebhookCall.objects.select_for_update(of=("self",)).get_visible(
        actor, county=actor.county, id=call_id
    )
    if row.state == OutboundState.SENT:
        raise RuleError("not_stuck", "这一条已经推到了")
    row.state, row.next_at, row.tries = OutboundState.WAITING, clock.now(), 0
    row.save(update_fields=["state", "next_at", "tries"])
    return row


def try_webhook(*, actor: Actor, webhook_id: UUID) -> Answer:
    """试推一次: an event named `ping` that is about nothing; says what the address answered."""
    actor.require(permissions.MANAGE)
    row: Webhook = Webhook.objects.get_visible(actor, id=webhook_id)
    delivery = str(uuid7())
    body = {"id": delivery, "event": "ping", "happened_at": clock.local().isoformat(timespec="seconds")}
    return post(row, event="ping", delivery=delivery, body=body)


def _note(actor: Actor, row: Webhook, verb: str, data: dict[str, Any]) -> None:
    record(
        actor=actor,
        verb=verb,
        county=row.area_id[:6],
        subject_type=SUBJECT,
        subject_id=row.id,
        area_code=row.area_id,
        at=clock.now(),
        data=data | {"name": row.name},
    )
