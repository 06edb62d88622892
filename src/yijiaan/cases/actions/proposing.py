"""What one person proposes and another decides."""

from datetime import datetime

from yijiaan.cases.actions.steps import note_deed, save_case
from yijiaan.cases.models import Case, Proposal, ProposalKind
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor


def new_proposal(actor: Actor, case: Case, kind: str, reason: str, text: str, now: datetime) -> Proposal:
    """An unsaved proposal. RuleError already_proposed while another waits."""
    if Proposal.objects.filter(county=case.county, case_id=case.id, decided_at__isnull=True).exists():
        raise RuleError("already_proposed", "已经有人提出，正等复核")
    return Proposal(
        id=uuid7(),
        county=case.county,
        case=case,
        kind=kind,
        reason=reason,
        text=text,
        proposed_by_id=actor.post_id,
        proposed_at=now,
    )


def propose(actor: Actor, case: Case, kind: str, reason: str, text: str, now: datetime) -> Proposal:
    """What waits for a second person from now on. RuleError already_proposed."""
    row = new_proposal(actor, case, kind, reason, text, now)
    row.save(force_insert=True)
    save_case(case)
    note_deed(actor, case, "cases.proposed", now, {"proposal": str(row.id), "kind": kind})
    return row


def drop_exclusions(case: Case, now: datetime) -> None:
    """A case that begins again, or is put away: what was proposed to be taken out of the rates waits for nobody any more."""
    Proposal.objects.filter(
        county=case.county, case_id=case.id, kind=ProposalKind.EXCLUDE, decided_at__isnull=True
    ).update(decided_at=now, is_agreed=False, answer="事件又启动或归档了，没有复核")
