"""What an outside system sends: taken once, whatever it repeats, in whatever order it comes."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.cases import actions as cases
from yijiaan.cases.models import CategoryMapping, Report
from yijiaan.cases.queries import list_leaf_categories, reporter_actor
from yijiaan.connectors import permissions
from yijiaan.connectors.hotline.mapping import Message, read_message
from yijiaan.connectors.models import Connection, InboundMessage, InboundState
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, Refusal, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.core.web import describe

MOST_WAITING = 50  # messages about one number whose order has not come
PATIENCE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message. problem: why it waits, or what of it we could not use."""

    number: str
    state: str
    our_number: str = ""
    problem: str = ""
    is_new: bool = True


def take_message(*, actor: Actor, connection: Connection, body: Any, source: str = "接口") -> Taken:
    """Take one message in. The same again gives the first answer; an order with another body under its number is a Conflict.

    What belongs to an order that has not come yet waits for it. A refusal is kept with its reason and its body, so that the
    page can show which one and why; RuleErrors of `read_message`, of the intake and of the deed it asks for.
    """
    actor.require(permissions.EXCHANGE)
    message = read_message(body)
    digest = hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True, default=str).encode()).digest()
    try:
        with transaction.atomic():
            return _take(connection, message, digest, body, source)
    except Conflict:
        raise
    except Refusal as error:
        _keep_refused(connection, message, digest, body, source, error)
        raise


def _take(connection: Connection, message: Message, digest: bytes, body: Any, source: str) -> Taken:
    county = connection.area_id[:6]
    known = (
        InboundMessage.objects.select_for_update(of=("self",), no_key=True)
        .filter(county=county, connection=connection, message_key=message.key)
        .select_related("report")
        .first()
    )
    if known is not None and known.state != InboundState.REFUSED:
        if bytes(known.body_hash) != digest:
            if message.kind == "order":
                raise Conflict("这个编号已经收过，内容不一样：补充情况请发 supplement", code="other_body")
            raise Conflict("这个 message_id 已经用过，内容不一样", code="other_body")
        return Taken(
            message.number, known.state, known.report.number if known.report else "", known.problem, is_new=False
        )
    row = known or InboundMessage(
        id=uuid7(), county=county, connection=connection, message_key=message.key, kind=message.kind,
        external_number=message.number, received_at=clock.now(),
    )  # fmt: skip
    row.body_hash, row.body_sealed, row.problem, row.source = digest, "", "", source[:60]
    row.report, row.state = None, InboundState.TAKEN
    if message.kind == "order":
        row.report, row.problem = _order(connection, message)
    else:
        row.report = report_of(connection, message.number)
        if row.report is None:
            _wait(connection, row, body)
        else:
            _apply(connection, row.report, message)
    row.save(force_insert=known is None)
    if message.kind == "order" and row.report is not None:
        _catch_up(connection, row.report)
    return Taken(message.number, row.state, row.report.number if row.report else "", row.problem)


def _order(connection: Connection, message: Message) -> tuple[Report, str]:
    area = connection.area_id
    actor = Actor(
        kind=ActorKind.PARTNER,
        identity=str(connection.id),
        county=area[:6],
        areas=(area,),
        channel=connection.channel,
        name=connection.name,
    )
    category, problem = _category(connection, message.category)
    receipt = cases.submit_report(
        actor=actor, intake=message.intake(connection.id, category), door=area, channel=connection.channel
    )
    calls_back = connection.calls_back if message.calls_back is None else message.calls_back
    if receipt.is_new and (message.due_at is not None or calls_back):
        cases.set_outside_terms(
            actor=system(f"connection {connection.code}", area[:6]),
            number=receipt.case_number,
            due_at=message.due_at,
            calls_back=calls_back,
        )
    return Report.objects.get(county=area[:6], id=receipt.report_id), problem


def _category(connection: Connection, said: str) -> tuple[str, str]:
    """Our category for theirs, by the mapping table, by our name, or by our code; unknown ones are told, not refused."""
    if not said:
        return "", ""
    today = clock.local_day()
    mapped = (
        CategoryMapping.objects.filter(system=connection.code[:20], code=said, valid_from__lte=today)
        .exclude(valid_to__lt=today)
        .select_related("category")
        .first()
    )
    if mapped is not None:
        return mapped.category.code, ""
    for leaf in list_leaf_categories(system("connectors")):
        if said in (leaf.name, leaf.code):
            return leaf.code, ""
    return "", f"没有“{said[:40]}”的类别对照，按内容建议"


def report_of(connection: Connection, number: str) -> Report | None:
    """The report that an order of theirs became."""
    row = (
        InboundMessage.objects.filter(
            county=connection.area_id[:6],
            connection=connection,
            external_number=number,
            kind="order",
            state=InboundState.TAKEN,
        )
        .select_related("report__case")
        .first()
    )
    return row.report if row else None


def _wait(connection: Connection, row: InboundMessage, body: Any) -> None:
    waiting = InboundMessage.objects.filter(
        county=row.county, connection=connection, external_number=row.external_number, state=InboundState.WAITING
    ).count()
    if waiting >= MOST_WAITING:
        raise RuleError("no_order", "这个编号的工单一直没有来，不再等了，请先发工单", "number")
    row.state, row.problem = InboundState.WAITING, "它的工单还没有到，到了自动接上"
    row.body_sealed = json.dumps(body, ensure_ascii=False, default=str)


def _apply(connection: Connection, report: Report, message: Message) -> None:
    here = system(f"connection {connection.code}", report.county)
    number = report.case.number
    said = message.text[:400]
    match message.kind:
        case "supplement":
            cases.add_note(actor=here, number=number, text=f"{connection.name}补充：{said}")
            if message.due_at is not None:
                cases.set_outside_terms(
                    actor=here, number=number, due_at=message.due_at, calls_back=report.case.is_called_outside
                )
        case "urge":
            cases.urge_case(actor=here, number=number, text=f"{connection.name}催办{f'：{said}' if said else ''}")
        case "callback":
            cases.record_outside_answer(
                actor=here, number=number, report_number=report.number, result=message.result, text=message.text[:500]
            )
        case "cancel":
            cases.withdraw_report(actor=reporter_actor(report), text=message.text[:500])


def _catch_up(connection: Connection, report: Report) -> None:
    """What came before its order is done now, in the order in which it came; what cannot be done says why."""
    waiting = InboundMessage.objects.filter(
        county=report.county,
        connection=connection,
        external_number=report.external_number,
        state=InboundState.WAITING,
    ).order_by("received_at", "id")
    for row in list(waiting):
        row.report, row.state, row.problem = report, InboundState.TAKEN, ""
        try:
            with transaction.atomic():
                _apply(
                    connection,
                    Report.objects.select_related("case").get(county=report.county, id=report.id),
                    read_message(json.loads(row.body_sealed)),
                )
        except RuleError as error:
            row.state, row.problem = InboundState.REFUSED, error.message[:200]
        else:
            row.body_sealed = ""
        row.save(update_fields=["report", "state", "problem", "body_sealed"])


def _keep_refused(
    connection: Connection, message: Message, digest: bytes, body: Any, source: str, error: Refusal
) -> None:
    county = connection.area_id[:6]
    why = describe(error)[2][:200]
    values = {
        "body_hash": digest,
        "body_sealed": json.dumps(body, ensure_ascii=False, default=str),
        "state": InboundState.REFUSED,
        "problem": why,
        "source": source[:60],
    }
    rows = InboundMessage.objects.filter(county=county, connection=connection, message_key=message.key)
    known = rows.first()
    if known is None:
        InboundMessage(
            id=uuid7(), county=county, connection=connection, message_key=message.key, kind=message.kind,
            external_number=message.number, received_at=clock.now(), **values,
        ).save(force_insert=True)  # fmt: skip
    elif known.state == InboundState.REFUSED:
        for name, value in values.items():
            setattr(known, name, value)
        known.save(update_fields=list(values))


def forget_waiting(*, actor: Actor) -> int:
    """Refuse what has waited too long for its order; returns how many. A job; harmless when run twice."""
    actor.require(permissions.EXCHANGE)
    old = InboundMessage.objects.filter(state=InboundState.WAITING, received_at__lt=clock.now() - PATIENCE)
    counties: list[str] = list(old.order_by("county").values_list("county", flat=True).distinct())
    return sum(
        InboundMessage.objects.filter(county=county, id__in=_ids(old, county)).update(
            state=InboundState.REFUSED, problem="等了 60 天，它的工单没有来"
        )
        for county in counties
    )


def _ids(rows: Any, county: str) -> list[UUID]:
    return list(rows.filter(county=county).values_list("id", flat=True))
