"""What the moves beside the straight way left behind, and how a timeline says it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from yijiaan.accounts.queries import unit_name
from yijiaan.cases.flows import DUTY_LABEL
from yijiaan.cases.models import Case, Proposal, ReportUp, Verification
from yijiaan.core.scope import Actor
from yijiaan.engines.todos.models import Card
from yijiaan.ui.words import deadline_words


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows of a case by id: what was reported up, verified, and proposed to a second person."""

    reports_up: Mapping[str, ReportUp] = field(default_factory=dict)
    verifications: Mapping[str, Verification] = field(default_factory=dict)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)

    @property
    def open_proposal(self) -> Proposal | None:
        """What waits for a second person."""
        return next((row for row in self.proposals.values() if row.decided_at is None), None)

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
    return Facts(
        {str(row.id): row for row in rows},
        {str(row.outcome_id): row for row in looks},
        {str(row.id): row for row in proposals},
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
    reason = f"（{row.get_reason_display()}）" if row.reason else ""
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


WRITTEN: dict[str, Callable[[Actor, Mapping[str, Any], Facts], str]] = {
    "cases.reported_up": _reported_up,
    "cases.verified": _verified,
    "cases.verify_failed": _verified,
    "cases.proposed": _proposed,
    "cases.rejected": _proposed,
    "cases.proposal_refused": _refused,
    "cases.carded": _carded,
    "cases.deadline_moved": _moved,
}


# entries that are no step of the case itself: what is waited for now has been waited for since before them
ASIDE = {
    "cases.carded", "cases.noted", "cases.reporter_seen", "cases.contacted", "cases.photo_added", "cases.urged",
    "cases.supervised", "cases.instructed", "cases.deadline_moved", "cases.due_time_mended", "cases.classified",
    "cases.callback_tried",
}  # fmt: skip


def proposed_lead(facts: Facts, case: Case) -> UUID | None:
    """The department that the level below proposes, while the centre has not confirmed it."""
    last = facts.last_report_up
    return last.proposed_id if last is not None and case.status == "received" else None
