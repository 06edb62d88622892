from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from yijiaan.connectors.models import (
    Connection,
    InboundMessage,
    InboundState,
    Open311Key,
    OutboundMessage,
    OutboundState,
    SmsGateway,
    Webhook,
    WebhookCall,
)
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor


@dataclass(frozen=True, slots=True)
class Standing:
    """How one connection stands."""

    connection: Connection
    received: int
    refused: int
    waiting_in: int
    last_received_at: datetime | None
    to_push: int
    stuck: int
    oldest_at: datetime | None


def connection_by_key(actor: Actor, *, key: str) -> Connection:
    """The connection of a key in use; NotFound for any other."""
    row = Connection.objects.filter(code=key[:30], is_active=True).first() if "\0" not in key else None
    if row is None:
        raise NotFound
    return row


def get_connection(actor: Actor, *, connection_id: UUID) -> Connection:
    """One connection that the actor sees."""
    row: Connection = Connection.objects.select_related("area").get_visible(actor, id=connection_id)
    return row


def list_standings(actor: Actor) -> list[Standing]:
    """Every connection that the actor sees with what came and what is owed, in three statements."""
    rows = list(Connection.objects.visible_to(actor).select_related("area").order_by("-is_active", "name"))
    ids = [row.id for row in rows]
    came = {
        line["connection_id"]: line
        for line in InboundMessage.objects.visible_to(actor)
        .filter(connection_id__in=ids)
        .values("connection_id")
        .annotate(
            received=Count("id", filter=Q(state=InboundState.TAKEN, kind="order")),
            refused=Count("id", filter=Q(state=InboundState.REFUSED)),
            waiting=Count("id", filter=Q(state=InboundState.WAITING)),
            last=Max("received_at"),
        )
    }
    owed = {
        line["connection_id"]: line
        for line in OutboundMessage.objects.visible_to(actor)
        .filter(connection_id__in=ids, state__in=(OutboundState.WAITING, OutboundState.STUCK))
        .values("connection_id")
        .annotate(
            to_push=Count("id", filter=Q(state=OutboundState.WAITING)),
            stuck=Count("id", filter=Q(state=OutboundState.STUCK)),
            oldest=Min("happened_at"),
        )
    }
    return [
        Standing(
            row,
            came.get(row.id, {}).get("received", 0),
            came.get(row.id, {}).get("refused", 0),
            came.get(row.id, {}).get("waiting", 0),
            came.get(row.id, {}).get("last"),
            owed.get(row.id, {}).get("to_push", 0),
            owed.get(row.id, {}).get("stuck", 0),
            owed.get(row.id, {}).get("oldest"),
        )
        for row in rows
    ]


def list_unsent(actor: Actor, *, connection: Connection) -> QuerySet[OutboundMessage]:
    """What has not arrived yet, oldest first."""
    return (
        OutboundMessage.objects.visible_to(actor)
        .filter(connection=connection, state__in=(OutboundState.WAITING, OutboundState.STUCK))
        .select_related("report__case")
        .order_by("id")
    )


def list_problems(actor: Actor, *, connection: Connection) -> QuerySet[InboundMessage]:
    """What came and could not be used, or not wholly, newest first."""
    return (
        InboundMessage.objects.visible_to(actor)
        .filter(~Q(problem=""), connection=connection)
        .select_related("report")
        .order_by("-received_at", "-id")
    )


def list_to_fetch(actor: Actor, *, connection: Connection, most: int = 100) -> list[OutboundMessage]:
    """What the other side fetches itself, in the order in which it happened."""
    waiting = OutboundMessage.objects.filter(
        county=connection.area_id[:6], connection=connection, state=OutboundState.WAITING
    )
    return list(waiting.select_related("report").order_by("id")[:most])


def get_gateway(actor: Actor) -> SmsGateway | None:
    """The SMS gateway of the actor's county; None when there is none yet."""
    row: SmsGateway | None = SmsGateway.objects.visible_to(actor).filter(area_id=actor.county).first()
    return row


def gateway_by_token(actor: Actor, *, token: str) -> SmsGateway:
    """The gateway that reports to this address. NotFound for a wrong token, and where no reports are taken."""
    row = (
        SmsGateway.objects.filter(report_token=token[:43], takes_reports=True, is_active=True).first()
        if "\0" not in token
        else None
    )
    if row is None:
        raise NotFound
    return row


def get_webhook(actor: Actor, *, webhook_id: UUID) -> Webhook:
    """One webhook that the actor sees."""
    row: Webhook = Webhook.objects.select_related("area").get_visible(actor, id=webhook_id)
    return row


def list_webhooks(actor: Actor) -> list[Webhook]:
    """Every webhook that the actor sees, with `waiting` and `stuck`: what it is owed. Two statements."""
    rows = list(Webhook.objects.visible_to(actor).select_related("area").order_by("-is_active", "name", "id"))
    owed = {
        line["webhook_id"]: line
        for line in WebhookCall.objects.visible_to(actor)
        .filter(state__in=(OutboundState.WAITING, OutboundState.STUCK))
        .values("webhook_id")
        .annotate(
            waiting=Count("id", filter=Q(state=OutboundState.WAITING)),
            stuck=Count("id", filter=Q(state=OutboundState.STUCK)),
        )
    }
    for row in rows:
        line = owed.get(row.id, {})
        row.waiting, row.stuck = line.get("waiting", 0), line.get("stuck", 0)
    return rows


def list_calls_of(actor: Actor, *, webhook: Webhook) -> QuerySet[WebhookCall]:
    """What a webhook was sent or is owed, newest first."""
    return WebhookCall.objects.visible_to(actor).filter(webhook=webhook).order_by("-id")


def get_key(actor: Actor, *, key_id: UUID) -> Open311Key:
    """One Open311 key that the actor sees."""
    row: Open311Key = Open311Key.objects.select_related("area").get_visible(actor, id=key_id)
    return row


def list_keys(actor: Actor) -> QuerySet[Open311Key]:
    """Every Open311 key that the actor sees."""
    return Open311Key.objects.visible_to(actor).select_related("area").order_by("-is_active", "name", "id")


def key_in_use(actor: Actor, *, key: str) -> Open311Key:
    """The row of a key as its holder gives it. NotFound for a wrong one, and for one withdrawn."""
    row = (
        Open311Key.objects.filter(key_search=key, is_active=True).first()
        if key and len(key) <= 100 and "\0" not in key  # noqa: PLR2004
        else None
    )
    if row is None:
        raise NotFound
    return row
