"""What we owe outside systems: written in the transaction that hears the news, pushed in order, until it arrives."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.connectors import permissions
from yijiaan.connectors.hotline.client import push
from yijiaan.connectors.models import Connection, OutboundMessage, OutboundState
from yijiaan.connectors.outbox import Answer, Lane, push_lane
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record

Push = Callable[[Connection, OutboundMessage], Answer]


def owe_message(
    *,
    actor: Actor,
    connection: Connection,
    external_number: str,
    report_id: UUID,
    county: str,
    event: str,
    body: dict[str, Any],
    at: datetime,
    dedup_key: str,
) -> bool:
    """Write down that an outside system is to hear something; False when it is written down already."""
    actor.require(permissions.EXCHANGE)
    row = OutboundMessage(
        id=uuid7(), county=county, connection=connection, external_number=external_number, event=event, report_id=report_id,
        body_sealed=json.dumps(body, ensure_ascii=False), next_at=at, happened_at=at, dedup_key=dedup_key,
    )  # fmt: skip
    made = OutboundMessage.objects.bulk_create([row], ignore_conflicts=True)
    return bool(made)


def push_due(*, actor: Actor, send: Push = push) -> int:
    """Push what is due, the first of each number; returns how many were tried. No transaction is held while the line is busy.

    A receiver that is down keeps its messages waiting, with growing pauses up to an hour; when it answers again all that waits
    for it becomes due. A message that it refuses (4xx) is stuck until somebody looks, and those behind it wait.
    """
    actor.require(permissions.EXCHANGE)
    lines = Connection.objects.filter(is_active=True).exclude(push_url="").order_by("code")
    return sum(_push_line(connection, send) for connection in lines)


def _push_line(connection: Connection, send: Push) -> int:
    lane = Lane(OutboundMessage, connection.area_id[:6], {"connection_id": connection.id}, "external_number")
    tried, _ = push_lane(lane, partial(send, connection))
    return tried


@transaction.atomic
def retry_message(*, actor: Actor, message_id: UUID) -> OutboundMessage:
    """Push a message again that was stuck. RuleError not_stuck."""
    if not actor.may(permissions.MANAGE):
        actor.require(permissions.VIEW)
    row: OutboundMessage = OutboundMessage.objects.select_for_update(of=("self",)).get_visible(
        actor, county=actor.county, id=message_id
    )
    if row.state == OutboundState.SENT:
        raise RuleError("not_stuck", "这一条已经推到了")
    row.state, row.next_at, row.tries = OutboundState.WAITING, clock.now(), 0
    row.save(update_fields=["state", "next_at", "tries"])
    record(
        actor=actor,
        verb="connectors.message_retried",
        county=row.county,
        subject_type="connectors.outboundmessage",
        subject_id=row.id,
        area_code=actor.areas[0] if actor.areas else actor.county,
        at=clock.now(),
        data={"event": row.event},
    )
    return row


@transaction.atomic
def acknowledge(*, actor: Actor, connection: Connection, message_ids: list[str]) -> int:
    """The other side fetched these itself; returns how many were waiting."""
    actor.require(permissions.EXCHANGE)
    waiting = OutboundMessage.objects.filter(
        county=connection.area_id[:6],
        connection=connection,
        dedup_key__in=message_ids,
        state__in=(OutboundState.WAITING, OutboundState.STUCK),
    )
    return waiting.update(state=OutboundState.SENT, sent_at=clock.now(), problem="")
