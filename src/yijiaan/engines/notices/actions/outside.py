"""Messages to persons outside: queued once, sent in order, never twice unseen.

created → sending → delivered; temporary_failure is tried again with growing pauses; permanent_failure (refused),
technical_failure (nobody knows whether it arrived) and suppressed (not to be sent) are ends that a person may look at.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.retries import growing_pause
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.engines.notices import permissions
from yijiaan.engines.notices.models import WAITING, Message, MessageChannel, MessageState, Reason
from yijiaan.engines.notices.providers import standing_in

SUBJECT = "notices.message"
MORNING = time(8, 0)  # when what was put off to another day is sent
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
LASTS = timedelta(days=3)  # what could not be sent for so long is old news
UNCLEAR = timedelta(minutes=10)  # longer than any time-out: who was sending is gone
REPORT_WITHIN = timedelta(days=3)
BATCH = 20
Kind = Literal["delivered", "accepted", "temporary", "permanent", "unclear"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message that is to be sent. phone: plain digits. text: as the person reads it; version: of the wording it was made from."""

    phone: str
    text: str
    template_code: str
    template_version: str
    subject_type: str
    subject_id: UUID
    subject_number: str
    area_code: str
    dedup_key: str
    gaps: dict[str, str] = field(default_factory=dict)
    is_urgent: bool = False
    channel: str = MessageChannel.SMS.value


@dataclass(frozen=True, slots=True)
class Result:
    """What a gateway said of one message. is_down: it answers nobody now. reference: its own number of the message."""

    kind: Kind
    words: str = ""
    reference: str = ""
    is_down: bool = False


@transaction.atomic
def queue_messages(*, actor: Actor, county: str, messages: Sequence[Outgoing]) -> int:
    """Queue messages to persons; returns how many rows are new. The same dedup_key never comes twice.

    Without a carrier they are kept as suppressed, without phone and words. A person hears of one subject once a day: a newer
    message takes the place of one that waits, and goes out the next morning when one went out today; urgent ones do not wait.
    """
    actor.require(permissions.SEND)
    if not messages:
        return 0
    now = clock.now()
    known = set(
        Message.objects.filter(county=county, dedup_key__in=[one.dedup_key for one in messages]).values_list(
            "dedup_key", flat=True
        )
    )
    fresh = [one for one in messages if one.dedup_key not in known]
    is_ready = standing_in(county).is_ready
    before = _sent_before(county, fresh) if is_ready and fresh else {}
    rows: dict[str, Message] = {}
    for one in fresh:
        row = _row(county, one, now)
        if one.channel == MessageChannel.SMS and not is_ready:
            row.state, row.reason, row.ended_at = MessageState.SUPPRESSED, Reason.NO_GATEWAY, now
        else:
            row.phone_sealed, row.phone_search, row.text_sealed = one.phone, one.phone, one.text
            row.gaps_sealed = json.dumps(one.gaps, ensure_ascii=False)
        if one.channel == MessageChannel.SMS and is_ready:
            earlier = [*before.get((one.subject_id, one.phone), ())]
            earlier += [other for other in rows.values() if _is_same(other, row) and other.state in WAITING]
            _take_turn(row, earlier, now)
        rows[one.dedup_key] = row
    made = Message.objects.bulk_create(list(rows.values()), ignore_conflicts=True)
    return len(made)


def _row(county: str, one: Outgoing, now: datetime) -> Message:
    return Message(
        id=uuid7(), county=county, channel=one.channel, template_code=one.template_code, template_version=one.template_version,
        subject_type=one.subject_type, subject_id=one.subject_id, subject_number=one.subject_number[:40],
        area_code=one.area_code, dedup_key=one.dedup_key, is_urgent=one.is_urgent,
        created_at=now, waiting_since=now, next_at=now,
    )  # fmt: skip


def _is_same(one: Message, other: Message) -> bool:
    return one.subject_id == other.subject_id and one.phone_sealed == other.phone_sealed


def _sent_before(county: str, messages: Sequence[Outgoing]) -> dict[tuple[UUID, str], list[Message]]:
    """What each person was or is to be told of the same subjects, by subject and phone."""
    found = Message.objects.filter(
        county=county, channel=MessageChannel.SMS, subject_id__in={one.subject_id for one in messages}
    ).exclude(state=MessageState.SUPPRESSED)
    told: dict[tuple[UUID, str], list[Message]] = defaultdict(list)
    for row in found.order_by("id"):
        told[row.subject_id, row.phone_sealed].append(row)
    return told


def _take_turn(row: Message, earlier: Sequence[Message], now: datetime) -> None:
    today = clock.local_day(now)
    stale = [other for other in earlier if other.state in WAITING]
    for other in stale:
        other.state, other.reason, other.ended_at = MessageState.SUPPRESSED, Reason.SUPERSEDED, now
    Message.objects.filter(county=row.county, id__in=[other.id for other in stale], state__in=WAITING).update(
        state=MessageState.SUPPRESSED, reason=Reason.SUPERSEDED, ended_at=now
    )
    if row.is_urgent:
        return
    if any(other.claimed_at is not None and clock.local_day(other.claimed_at) == today for other in earlier):
        tomorrow = today + timedelta(days=1)
        row.next_at = datetime.combine(tomorrow, MORNING, tzinfo=clock.SHANGHAI)


def is_quiet(moment: datetime, begins: time, ends: time) -> bool:
    """Whether a moment lies in the hours in which nobody is disturbed; they may reach over midnight."""
    at = clock.local(moment).time()
    if begins == ends:
        return False
    return begins <= at < ends if begins < ends else at >= begins or at < ends


@transaction.atomic
def claim_messages(*, actor: Actor, county: str, quiet: tuple[time, time], most: int = BATCH) -> list[Message]:
    """Take messages that are due, each person's in order; they stand as sending until `settle_message`. None in quiet hours."""
    actor.require(permissions.SEND)
    now = clock.now()
    if is_quiet(now, *quiet):
        return []
    earlier = Message.objects.filter(
        Q(state=MessageState.CREATED, next_at__lte=now)
        | Q(state=MessageState.TEMPORARY)
        | Q(state=MessageState.SENDING, accepted_at__isnull=True),
        county=county,
        channel=MessageChannel.SMS,
        phone_search=OuterRef("phone_search"),
        id__lt=OuterRef("id"),
    )
    due = (
        Message.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(~Exists(earlier), county=county, channel=MessageChannel.SMS, state__in=WAITING, next_at__lte=now)
        .order_by("next_at", "id")[:most]
    )
    rows = list(due)
    for row in rows:
        row.state, row.claimed_at, row.tries = MessageState.SENDING, now, row.tries + 1
        row.accepted_at, row.reference = None, ""
        row.save(update_fields=["state", "claimed_at", "tries", "accepted_at", "reference"])
    return rows


@transaction.atomic
def release_messages(*, actor: Actor, county: str, ids: Sequence[UUID]) -> None:
    """Give back claimed messages that were not tried, since the gateway is down: they stand as before."""
    actor.require(permissions.SEND)
    sending = Message.objects.filter(county=county, id__in=list(ids), state=MessageState.SENDING, accepted_at=None)
    sending.filter(tries__gt=1).update(state=MessageState.TEMPORARY, tries=F("tries") - 1)
    sending.filter(tries=1).update(state=MessageState.CREATED, tries=0, claimed_at=None)


@transaction.atomic
def settle_message(*, actor: Actor, county: str, message_id: UUID, result: Result) -> Message:
    """Note what the gateway said of a message that is being sent; a message settled meanwhile stays as it is."""
    actor.require(permissions.SEND)
    row = Message.objects.select_for_update(of=("self",)).get(county=county, id=message_id)
    if row.state != MessageState.SENDING or row.accepted_at is not None:
        return row
    now = clock.now()
    row.problem, row.reference = result.words[:200], result.reference[:80]
    match result.kind:
        case "delivered":
            row.state, row.accepted_at, row.ended_at, row.problem = MessageState.DELIVERED, now, now, ""
        case "accepted":
            row.accepted_at, row.problem = now, ""
        case "temporary" if row.waiting_since < now - LASTS:
            row.state, row.reason, row.ended_at = MessageState.PERMANENT, Reason.EXPIRED, now
        case "temporary":
            row.state = MessageState.TEMPORARY
            row.next_at = now + growing_pause(row.tries, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        case "permanent":
            row.state, row.ended_at = MessageState.PERMANENT, now
        case "unclear":
            row.state, row.ended_at = MessageState.TECHNICAL, now
    row.save(
        update_fields=["state", "accepted_at", "ended_at", "problem", "reference", "reason", "next_at"],
    )
    if result.kind in ("delivered", "accepted"):  # it answers again: what waited for it need not wait longer
        Message.objects.filter(county=county, state=MessageState.TEMPORARY, next_at__gt=now).update(next_at=now)
    return row


@transaction.atomic
def note_delivery(*, actor: Actor, county: str, reference: str, is_delivered: bool, words: str = "") -> bool:
    """A gateway's report on a message it took; False for a message that we do not know. The same again changes nothing."""
    actor.require(permissions.SEND)
    if not reference:
        return False
    row = Message.objects.select_for_update(of=("self",)).filter(county=county, reference=reference[:80]).first()
    if row is None:
        return False
    if row.state in (MessageState.SENDING, MessageState.TECHNICAL):
        row.state = MessageState.DELIVERED if is_delivered else MessageState.PERMANENT
        row.ended_at, row.problem = clock.now(), "" if is_delivered else (words or "网关说没有送到")[:200]
        row.save(update_fields=["state", "ended_at", "problem"])
    return True


@transaction.atomic
def give_up_unclear(*, actor: Actor, county: str) -> int:
    """What was being sent when its sender died, what a gateway never reported on, and what could not be sent for three days is for
    a person to look at. Returns how many."""
    actor.require(permissions.SEND)
    now = clock.now()
    sending = Message.objects.filter(county=county, state=MessageState.SENDING)
    gone = sending.filter(accepted_at__isnull=True, claimed_at__lt=now - UNCLEAR).update(
        state=MessageState.TECHNICAL, ended_at=now, problem="发到一半停了，不知道对方收到没有"
    )
    stale = Message.objects.filter(
        county=county, channel=MessageChannel.SMS, state__in=WAITING, waiting_since__lt=now - LASTS
    ).update(state=MessageState.PERMANENT, reason=Reason.EXPIRED, ended_at=now)
    silent = sending.filter(accepted_at__lt=now - REPORT_WITHIN).update(
        state=MessageState.TECHNICAL, ended_at=now, problem="网关收下了，三天没有说送到没有"
    )
    return gone + stale + silent


@transaction.atomic
def suppress_waiting(*, actor: Actor, county: str) -> int:
    """Where no gateway is in use any more, what waits is not sent. Returns how many."""
    actor.require(permissions.SEND)
    now = clock.now()
    waiting = Message.objects.filter(county=county, channel=MessageChannel.SMS, state__in=WAITING)
    return waiting.update(state=MessageState.SUPPRESSED, reason=Reason.NO_GATEWAY, ended_at=now, **_forgotten())


def _forgotten() -> dict[str, object]:
    return {"phone_sealed": "", "phone_search": None, "text_sealed": "", "gaps_sealed": ""}


@transaction.atomic
def erase_messages(*, actor: Actor, county: str, subject_id: UUID) -> int:
    """依法删除: phones and words of all messages about a subject go; what was not sent is not sent. Returns how many."""
    actor.require(permissions.SEND)
    about = Message.objects.filter(county=county, subject_id=subject_id)
    about.filter(state__in=WAITING).update(state=MessageState.SUPPRESSED, reason=Reason.ERASED, ended_at=clock.now())
    return about.update(**_forgotten())


@transaction.atomic
def drop_calls(*, actor: Actor, county: str, subject_ids: Sequence[UUID]) -> int:
    """What somebody was to be rung for is settled: the calls about these subjects are no longer owed. Returns how many."""
    actor.require(permissions.SEND)
    owed = Message.objects.filter(
        county=county, subject_id__in=list(subject_ids), channel=MessageChannel.CALL, state=MessageState.CREATED
    )
    return owed.update(state=MessageState.SUPPRESSED, reason=Reason.SUPERSEDED, ended_at=clock.now(), **_forgotten())


@transaction.atomic
def resend_message(*, actor: Actor, message_id: UUID) -> Message:
    """Send a message again that did not arrive, or of which nobody knows. RuleErrors not_stuck, nothing_left."""
    if not actor.may(permissions.KEEP):
        actor.require(permissions.RESEND)
    row: Message = Message.objects.select_for_update(of=("self",)).get_visible(
        actor, county=actor.county, id=message_id
    )
    if row.state not in (MessageState.PERMANENT, MessageState.TECHNICAL, MessageState.TEMPORARY):
        raise RuleError("not_stuck", "这一条不用再发")
    if not row.phone_sealed:
        raise RuleError("nothing_left", "这一条的电话已经删除，不能再发")
    row.state, row.reason, row.tries, row.ended_at = MessageState.CREATED, "", 0, None
    row.next_at = row.waiting_since = clock.now()
    row.accepted_at, row.reference = None, ""
    row.save(
        update_fields=[
            "state", "reason", "tries", "ended_at", "next_at", "waiting_since", "accepted_at", "reference",
        ]
    )  # fmt: skip
    _note(actor, row, "notices.message_resent")
    return row


@transaction.atomic
def note_call(*, actor: Actor, message_id: UUID, is_reached: bool) -> Message:
    """Somebody rang the person: told, or not reached. RuleError not_a_call, done_already."""
    actor.require(permissions.CALL)
    row: Message = Message.objects.select_for_update(of=("self",)).get_visible(
        actor, county=actor.county, id=message_id
    )
    if row.channel != MessageChannel.CALL:
        raise RuleError("not_a_call", "这一条是短信，不用打电话")
    if row.state != MessageState.CREATED:
        raise RuleError("done_already", "这个电话已经有人打过了")
    row.state = MessageState.DELIVERED if is_reached else MessageState.PERMANENT
    row.problem, row.ended_at, row.tries = "" if is_reached else "打不通", clock.now(), 1
    row.save(update_fields=["state", "problem", "ended_at", "tries"])
    _note(actor, row, "notices.called", {"is_reached": is_reached})
    return row


def _note(actor: Actor, row: Message, verb: str, data: dict[str, object] | None = None) -> None:
    record(
        actor=actor,
        verb=verb,
        county=row.county,
        subject_type=SUBJECT,
        subject_id=row.id,
        area_code=row.area_code,
        at=clock.now(),
        data={"number": row.subject_number, "template": row.template_code, **(data or {})},
    )
