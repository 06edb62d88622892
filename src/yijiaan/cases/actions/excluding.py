"""剔除: an answer that two persons take out of the rates, with a code and evidence. It stays readable, is counted beside the rate
it was taken out of, and can be taken back."""

from datetime import datetime
from typing import Any

from django.db import transaction

from yijiaan.cases.actions.parties import require_no_interest
from yijiaan.cases.actions.proposing import propose
from yijiaan.cases.actions.steps import lock_case, moment_for, note_deed, save_case
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Case, Exclusion, ExclusionCode, Proposal, ProposalKind, Rating, Report
from yijiaan.cases.permissions import EXCLUDE, SET_CATEGORIES
from yijiaan.cases.queries.excluding import exclusion_codes
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.engines.journal.models import Entry

SUBJECT_CODE = "cases.exclusioncode"


@transaction.atomic
def exclude_rating(
    *, actor: Actor, number: str, report_number: str, code: str, text: str, seen_version: int | None = None
) -> Exclusion:
    """提请剔除 the last answer to a report of a closed case: why (a code in use), and the evidence. Another person agrees.

    RuleErrors unknown_report, not_rated, unknown_code, no_evidence, already_excluded, already_proposed, conflict_of_interest,
    wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "exclude", case.status)
    require_no_interest(actor, case)
    report = Report.objects.filter(county=case.county, case_id=case.id, number=report_number).first()
    if report is None:
        raise RuleError("unknown_report", "请选是哪一个诉求的评价", "report")
    rating = Rating.objects.filter(county=case.county, report=report).order_by("-round").first()
    if rating is None:
        raise RuleError("not_rated", "这个诉求没有评价，不算在率里，不用剔除", "report")
    if code not in exclusion_codes(actor):
        raise RuleError("unknown_code", "请选一个剔除原因", "code")
    text = clean_text(text, most=500, field="text")
    if not text:
        raise RuleError("no_evidence", "请写明依据：查了什么、有什么佐证；复核的人和以后看的人都靠它", "text")
    if Exclusion.objects.filter(county=case.county, report=report, round=rating.round, is_in_force=True).exists():
        raise RuleError("already_excluded", "这个评价已经剔除了", "report")
    proposal = propose(actor, case, ProposalKind.EXCLUDE, code, text, moment_for(case))
    row = Exclusion(
        id=uuid7(), county=case.county, case=case, report=report, proposal=proposal, round=rating.round, code=code
    )
    row.save(force_insert=True)
    return row


def put_in_force(actor: Actor, case: Case, proposal: Proposal, now: datetime) -> None:
    """The second person agreed: the answer counts in no rate from now on."""
    row = Exclusion.objects.get(county=case.county, proposal=proposal)
    row.is_in_force = True
    row.save(update_fields=["is_in_force"])
    save_case(case)
    note_deed(actor, case, "cases.excluded", now, _counted(row) | {"proposal": str(proposal.id)})


@transaction.atomic
def revoke_exclusion(*, actor: Actor, number: str, report_number: str, text: str) -> Case:
    """撤销剔除: the answer counts again, with the reason why; what was taken out is put back as it was counted then. RuleErrors not_excluded, no_reason, conflict_of_interest."""
    case = lock_case(actor, number=number)
    actor.require(EXCLUDE)
    require_no_interest(actor, case)
    row = (
        Exclusion.objects.select_for_update(of=("self",), no_key=True)
        .filter(county=case.county, case_id=case.id, report__number=report_number, is_in_force=True)
        .order_by("-round")
        .first()
    )
    if row is None:
        raise RuleError("not_excluded", "这个评价没有剔除")
    text = clean_text(text, most=300, field="revoke_text")
    if not text:
        raise RuleError("no_reason", "请写一句为什么撤销", "revoke_text")
    now = moment_for(case)
    row.is_in_force, row.revoked_by_id, row.revoked_at, row.revoke_text = False, actor.post_id, now, text
    row.save(update_fields=["is_in_force", "revoked_by", "revoked_at", "revoke_text"])
    save_case(case)
    counted = Entry.objects.filter(
        county=case.county, subject_id=case.id, verb="cases.excluded", data__exclusion=str(row.id)
    ).values_list("data", flat=True)
    told = counted.order_by("-id").first() or _counted(row)
    names = ("exclusion", "report", "result", "solved", "on")
    note_deed(actor, case, "cases.exclusion_revoked", now, {name: told[name] for name in names})
    return case


def _counted(row: Exclusion) -> dict[str, Any]:
    """What the counts need: which answer, what it said, and the day it is counted on."""
    rating = Rating.objects.get(county=row.county, report_id=row.report_id, round=row.round)
    return {
        "exclusion": str(row.id),
        "report": str(row.report_id),
        "result": rating.result,
        "solved": rating.is_solved,
        "on": clock.local_day(rating.rated_at).isoformat(),
    }


@transaction.atomic
def set_exclusion_code(*, actor: Actor, code: str, name: str, is_active: bool) -> ExclusionCode:
    """Word a reason anew, stop it, or make one of one's own (a code not known yet). RuleErrors empty_name, name_taken, bad_code."""
    actor.require(SET_CATEGORIES)
    name = clean_text(name, most=30, field="name")
    if not name:
        raise RuleError("empty_name", "请填写名称", "name")
    if not code.isidentifier() or not code.isascii() or len(code) > 20:
        raise RuleError("bad_code", "代码用小写字母、数字和下划线，字母开头，最多 20 个", "code")
    known = exclusion_codes(actor, with_stopped=True)
    if any(other == name for key, other in known.items() if key != code):
        raise RuleError("name_taken", "已有同名的，请换一个名称", "name")
    before = [known.get(code, ""), code in exclusion_codes(actor)]
    row, _ = ExclusionCode.objects.update_or_create(code=code, defaults={"name": name, "is_active": is_active})
    changed = {
        label: [old, new]
        for label, old, new in (("name", before[0], name), ("is_active", before[1], is_active))
        if old != new
    }
    if changed:
        record(
            actor=actor,
            verb="cases.exclusion_code_set",
            county=actor.county,
            subject_type=SUBJECT_CODE,
            subject_id=row.id,
            area_code=actor.county,
            at=clock.now(),
            data={"changed": changed},
        )
    return row
