"""News of cases that an outside system sent: written down for it, an own message for each of its reports."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from yijiaan.accounts.queries import unit_name
from yijiaan.cases.models import Case, HandlingRequest, Outcome, Proposal, Report
from yijiaan.connectors.actions.outbound import owe_message, push_due
from yijiaan.connectors.actions.sms import send_messages
from yijiaan.connectors.models import InboundMessage, InboundState, SmsGateway
from yijiaan.connectors.webhooks import subscribers as webhooks
from yijiaan.core import clock
from yijiaan.core.scope import Actor, system
from yijiaan.engines.jobs import pumps
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe
from yijiaan.engines.notices.providers import Standing, register_carrier

Tell = Callable[[Actor, Entry, Case], dict[str, Any]]


def _unit(actor: Actor, entry: Entry, case: Case) -> dict[str, Any]:
    return {"unit": unit_name(actor, unit_id=case.owner_id)}


def _lead(actor: Actor, entry: Entry, case: Case) -> dict[str, Any]:
    return {"unit": unit_name(actor, unit_id=UUID(entry.data["lead"]))}


def _outcome(actor: Actor, entry: Entry, case: Case) -> dict[str, Any]:
    row = Outcome.objects.filter(county=case.county, id=entry.data["outcome"]).select_related("unit").first()
    return {"unit": row.unit.name, "result": row.text, "level": row.get_level_display()} if row else {}


def _refused(actor: Actor, entry: Entry, case: Case) -> dict[str, Any]:
    row = Proposal.objects.filter(county=case.county, id=entry.data.get("proposal")).first()
    return {"reason": row.reason_label, "result": row.text} if row else {}


def _asked(actor: Actor, entry: Entry, case: Case) -> dict[str, Any]:
    row = HandlingRequest.objects.filter(county=case.county, id=entry.data.get("request")).first()
    if row is None:
        return {}
    told: dict[str, Any] = {"reason": row.reason_label, "text": row.public_text or row.text}
    if row.due_after is not None:
        told["due_at"] = clock.local(row.due_after).isoformat(timespec="seconds")
    if row.review_on is not None:
        told["review_on"] = row.review_on.isoformat()
    return told


EVENTS: dict[str, tuple[str, Tell]] = {
    "cases.dispatched": ("dispatched", _lead),
    "cases.ruled": ("dispatched", _lead),
    "cases.signed": ("signed", _unit),
    "cases.taken": ("signed", _unit),
    "cases.finished": ("finished", _outcome),
    "cases.rejected": ("rejected", _refused),
    "cases.extended": ("extended", _asked),
    "cases.suspended": ("suspended", _asked),
    "cases.restarted": ("restarted", _lead),
}


def tell_outside(entry: Entry) -> None:
    """Owe a message to each outside system that sent a report of this case."""
    case = Case.objects.get(county=entry.county, id=entry.subject_id)
    actor = system("connectors", entry.county)
    orders = InboundMessage.objects.filter(
        county=entry.county,
        kind="order",
        state=InboundState.TAKEN,
        report_id__in=list(Report.objects.filter(county=entry.county, case_id=case.id).values_list("id", flat=True)),
    ).select_related("connection", "report")
    event, tell = EVENTS[entry.verb]
    for order in orders:
        if order.report is None:
            continue
        key = f"{entry.id}:{order.report_id}"
        body = {
            "message_id": key,
            "number": order.external_number,
            "our_number": order.report.number,
            "event": event,
            "at": clock.local(entry.happened_at).isoformat(timespec="seconds"),
            **tell(actor, entry, case),
        }
        owe_message(
            actor=actor,
            connection=order.connection,
            external_number=order.external_number,
            report_id=order.report.id,
            county=entry.county,
            event=event,
            body=body,
            at=entry.happened_at,
            dedup_key=key,
        )


def push_what_is_due() -> int:
    """Called by the worker about once a second."""
    return push_due(actor=system("push_what_is_due"))


def send_what_is_due() -> int:
    """SMS; called by the worker about once a second."""
    return send_messages(actor=system("send_what_is_due"))


class Gateways:
    """Who carries SMS."""

    def standing(self, county: str) -> Standing:
        """Ready where a gateway is in use."""
        site = SmsGateway.objects.filter(area_id=county, is_active=True).values_list("site", flat=True).first()
        return Standing(is_ready=site is not None, site=site or "")


def register() -> None:
    """Called once when the apps are ready."""
    subscribe("connectors.tell_outside", tuple(EVENTS), tell_outside)
    pumps.register("connectors.push_what_is_due", push_what_is_due)
    pumps.register("connectors.send_messages", send_what_is_due)
    register_carrier(Gateways())
    webhooks.register()
