"""What the moves beside the straight way left behind, and how a timeline says it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from yijiaan.accounts.queries import unit_name
from yijiaan.cases.flows import DUTY_LABEL
from yijiaan.cases.models import (
    CallTask,
    Case,
    HandlingRequest,
    Merge,
    Party,
    Pause,
    Proposal,
    ReportUp,
    RequestKind,
    Ruling,
    Summons,
    Verification,
)
from yijiaan.core.scope import Actor
from yijiaan.engines.todos.models import Card
from yijiaan.ui.words import deadline_words


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows of a case by id: what was reported up, verified, and proposed to a second person."""

    reports_up: Mapping[str, ReportUp] = field(default_factory=dict)
    verifications: Mapping[str, Verification] = field(default_factory=dict)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    requests: Mapping[str, HandlingRequest] = field(default_factory=dict)
    summonses: Mapping[str, Summons] = field(default_factory=dict)
    rulings: Mapping[str, Ruling] = field(default_factory=dict)
    merges: Mapping[str, Merge] = field(default_factory=dict)  # by the case that came in
    parties: Mapping[str, Party] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    merged_into: Merge | None = None
    calls: Mapping[str, CallTask] = field(default_factory=dict)

    @property
    def open_proposal(self) -> Proposal | None:
        """What waits for a second person."""
        return next((row for row in self.proposals.values() if row.decided_at is None), None)

    @property
    def open_call(self) -> CallTask | None:
        """What the centre is asked to ring the reporter for, and has not yet."""
        return next((row for row in self.calls.values() if row.done_at is None), None)

    @property
    def open_request(self) -> HandlingRequest | None:
        """What the unit asks for and nobody has decided yet."""
        return next((row for row in self.requests.values() if row.decided_at is None), None)

    @property
    def called(self) -> list[Summons]:
        """The units that are whistled for now, those not there yet first."""
        rows = [row for row in self.summonses.values() if row.released_at is None]
        return sorted(rows, key=lambda row: (row.arrived_at is not None, row.due_at))

    @property
    def last_report_up(self) -> ReportUp | None:
        """What the level below tried, and whom it proposes."""
        return max(self.reports_up.values(), key=lambda row: row.reported_at, default=None)


def facts_of_moves(case: Case, verbs: Collection[str]) -> Facts:
    """Read those that the journal's verbs speak of; most cases have none."""
    here = {"county": case.county, "case_id": case.id}
    rows = ReportUp.objects.filter(**here) if "cases.reported_up" in verbs else ()
    looks = Verification.objects.filter(**here) if {"cases.verified", "cases.verify_failed"} & set(verbs) else ()
    proposals = Proposal.objects.filter(**here) if {"cases.proposed", "cases.rejected"} & set(verbs) else ()
    said = set(verbs)

    def of(model: Any, *told: str, related: tuple[str, ...] = ()) -> dict[str, Any]:
        if not said.intersection(told):
            return {}
        return {str(row.id): row for row in model.objects.filter(**here).select_related(*related)}

    merges = of(Merge, "cases.merge_received", related=("part",))
    into = None
    if "cases.merged" in said and case.status in ("merged", "archived"):
        into = (
            Merge.objects.filter(county=case.county, part_id=case.id, undone_at__isnull=True)
            .select_related("case")
            .first()
        )
    return Facts(
        {str(row.id): row for row in rows},
        {str(row.outcome_id): row for row in looks},
        {str(row.id): row for row in proposals},
        of(HandlingRequest, "cases.requested"),
        of(Summons, "cases.whistled"),
        of(Ruling, "cases.ruled"),
        {str(row.part_id): row for row in merges.values()},
        of(Party, "cases.party_declared", related=("unit", "user")),
        tuple(of(Pause, "cases.asked", "cases.suspended").values()),
        into,
        of(CallTask, "cases.call_asked"),
    )


def _reported_up(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.reports_up.get(data.get("report_up", ""))
    if row is None:
        return ""
    proposed = f"。建议由{unit_name(actor, unit_id=row.proposed_id)}办" if row.proposed_id else ""
    return f"{row.tried.rstrip('。')}{proposed}" if proposed else row.tried


def _verified(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.verifications.get(data.get("outcome", ""))
    return row.text if row else ""


def _proposed(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.proposals.get(data.get("proposal", ""))
    if row is None:
        return ""
    reason = f"（{row.reason_label}）" if row.reason else ""
    return f"{row.get_kind_display()}{reason}：{row.text}"


def _refused(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.proposals.get(data.get("proposal", ""))
    return row.answer if row else ""


def _carded(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    duty = DUTY_LABEL.get(data.get("duty", ""), "")
    words = "快到期" if data.get("card") == Card.YELLOW else "超期"
    above = "，已提醒上一级" if data.get("climbs") == 1 else "，再次提醒上一级" if data.get("climbs", 0) > 1 else ""
    return f"{Card(data.get('card', '')).label}：{duty}{words}{above}"


def _moved(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    old, new = (datetime.fromisoformat(moment) for moment in data["due"])
    return f"{DUTY_LABEL.get(data.get('duty', ''), '')}由 {deadline_words(old)}改到 {deadline_words(new)}"


def _requested(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.requests.get(data.get("request", ""))
    if row is None:
        return ""
    if row.kind == RequestKind.EXTEND:
        return f"延期 {row.days} 个工作日（{row.reason_label}）：{row.text}"
    day = f"，{row.review_on:%Y-%m-%d} 再看" if row.review_on else ""
    return f"挂账（{row.reason_label}）{day}：{row.text}"


def _decided(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.requests.get(data.get("request", ""))
    if row is None:
        return ""
    if row.due_before and row.due_after:
        moved = f"由 {deadline_words(row.due_before)}改到 {deadline_words(row.due_after)}"
        return f"{moved}。{row.answer}" if row.answer else moved
    return row.answer


def _ruled(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.rulings.get(data.get("ruling", ""))
    if row is None:
        return ""
    more = "。作为先例，以后同类的直接派给它" if row.is_precedent else ""
    return f"由{unit_name(actor, unit_id=row.lead_id)}主办：{row.text.rstrip('。')}{more}"


def _whistled(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    units = "、".join(unit_name(actor, unit_id=UUID(unit)) for unit in data.get("assistants", []))
    due = deadline_words(datetime.fromisoformat(data["due"])) if data.get("due") else ""
    task = next((row.task for row in facts.summonses.values() if str(row.unit_id) in data.get("assistants", [])), "")
    return f"叫{units}，{due}到：{task}"


def _reported_in(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.summonses.get(data.get("summons", ""))
    if row is None:
        return ""
    return f"{unit_name(actor, unit_id=row.unit_id)}到了" + (f"：{row.reply}" if row.reply else "")


def _merged_in(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.merges.get(data.get("part", ""))
    if row is None:
        return ""
    why = f"（{row.similarity}）" if row.similarity else ""
    return f"{row.part.number} {row.part.title}，带来 {len(row.report_ids)} 个诉求{why}"


def _party(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.parties.get(data.get("party", ""))
    if row is None:
        return ""
    who = row.unit.name if row.unit else row.user.name if row.user else ""
    return f"{who}（{row.get_kind_display()}），不办、不核查、不回访这件事"


def _call_asked(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.calls.get(data.get("call", ""))
    return row.words if row else ""


def _call_made(actor: Actor, data: Mapping[str, Any], facts: Facts) -> str:
    row = facts.calls.get(data.get("call", ""))
    if row is None:
        return ""
    return row.answer if row.is_reached else f"没有打通{'：' if row.answer else ''}{row.answer}"


WRITTEN: dict[str, Callable[[Actor, Mapping[str, Any], Facts], str]] = {
    "cases.reported_up": _reported_up,
    "cases.verified": _verified,
    "cases.verify_failed": _verified,
    "cases.proposed": _proposed,
    "cases.rejected": _proposed,
    "cases.excluded": _proposed,
    "cases.proposal_refused": _refused,
    "cases.requested": _requested,
    "cases.request_refused": _decided,
    "cases.extended": _decided,
    "cases.suspended": _decided,
    "cases.ruled": _ruled,
    "cases.whistled": _whistled,
    "cases.reported_in": _reported_in,
    "cases.merge_received": _merged_in,
    "cases.party_declared": _party,
    "cases.call_asked": _call_asked,
    "cases.call_made": _call_made,
    "cases.carded": _carded,
    "cases.deadline_moved": _moved,
}


# entries that are no step of the case itself: what is waited for now has been waited for since before them
ASIDE = {
    "cases.carded", "cases.noted", "cases.reporter_seen", "cases.printed", "cases.told_by_proxy", "cases.contact_exported", "cases.contacted", "cases.photo_added", "cases.voice_added", "cases.urged",
    "cases.supervised", "cases.instructed", "cases.deadline_moved", "cases.due_time_mended", "cases.classified",
    "cases.callback_tried", "cases.requested", "cases.request_refused", "cases.reported_in", "cases.party_declared", "cases.relayed",
    "cases.replied", "cases.call_asked", "cases.call_made",
    "cases.outside_terms_set", "cases.merge_received", "cases.merge_undone", "cases.followed", "cases.report_withdrawn", "cases.report_split",
    "cases.excluded", "cases.exclusion_revoked",
}  # fmt: skip


def proposed_lead(facts: Facts, case: Case) -> UUID | None:
    """The department that the level below proposes, while the centre has not confirmed it."""
    last = facts.last_report_up
    return last.proposed_id if last is not None and case.status == "received" else None
