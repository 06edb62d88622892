"""Many reports, one case: merge and un-merge without loss, split a report off, and a report that follows a case already there.

What moves are the reports; each keeps its number, its codes, its reporter, its answers. A merged case keeps its past and ends as
已并案; undone, it is received again with the reports it brought.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from yijiaan.cases import search
from yijiaan.cases.actions.intake import once
from yijiaan.cases.actions.requesting import drop_requests
from yijiaan.cases.actions.steps import (
    CLOSED,
    hand_over,
    lock_case,
    lock_case_of,
    lock_cases_of,
    mark_ended,
    moment_for,
    note_deed,
    note_deeds,
    open_duty,
    owe,
    save_case,
    told_of,
)
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import (
    Intake,
    Receipt,
    answer_rows,
    answered_data,
    case_number,
    check_intake,
    give_numbers,
    models_of,
    owner_for,
    receipt_of,
    title_of,
)
from yijiaan.cases.models import Assignment, Case, HopKind, Merge, Report, ReportAnswer
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.engines.todos.actions import close_all_todos

MOST_MERGED = 50


@transaction.atomic
def merge_cases(
    *, actor: Actor, number: str, parts: list[str], similarity: str = "", seen_version: int | None = None
) -> Case:
    """并案: put cases into one that goes on; their reports come along, each reporter keeps his own answer and rating.

    similarity: why they are one, as the page showed it. RuleError no_parts, too_many, itself, confidential, already_merged,
    other_county, wrong_state. NotFound for a case outside the actor's view.
    """
    actor.require("cases.merge")
    numbers = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if not numbers:
        raise RuleError("no_parts", "请选要并进来的事件", "parts")
    if number in numbers:
        raise RuleError("itself", "不能把一件事并给它自己", "parts")
    if len(numbers) > MOST_MERGED:
        raise RuleError("too_many", f"一次最多并 {MOST_MERGED} 件", "parts")
    found = {
        case.number: case.id
        for case in Case.objects.visible_to(actor).filter(county=actor.county, number__in=[number, *numbers])
    }
    if len(found) != len(numbers) + 1:
        raise NotFound
    locked = lock_cases_of(actor.county, found.values())
    into = locked[found[number]]
    if seen_version is not None and seen_version != into.version:
        lock_case(actor, number=number, seen_version=seen_version)
    if not into.is_open or into.status == "callback":
        raise RuleError("wrong_state", "并到的那件已经办完了，请选一件还在办的")
    similarity = similarity.strip()[:200]
    coming = [locked[found[name]] for name in numbers]
    ids = [part.id for part in coming]
    # what moves is read and written for all at once: fifty cases are one answer to one click
    brought: dict[UUID, list[UUID]] = {key: [] for key in ids}
    reports = Report.objects.filter(county=into.county, case_id__in=ids)
    for case_id, report_id in reports.order_by("id").values_list("case_id", "id"):
        brought[case_id].append(report_id)
    now = max(moment_for(case) for case in (into, *coming))
    left, came = [], []
    for part in coming:
        holder, brings = part.owner_id, len(brought[part.id])
        _leave(actor, into, part, now)
        told = {"into": str(into.id), "lead": str(holder), "reports": brings}
        left.append((part, told_of(actor, part, "cases.merged", now, told)))
        into.report_count += brings
        told = {"part": str(part.id), "lead": str(into.owner_id), "reports": brings}
        came.append((into, told_of(actor, into, "cases.merge_received", now, told)))
    note_deeds(actor, "cases.merged", now, left)
    note_deeds(actor, "cases.merge_received", now, came)
    Merge.objects.bulk_create(
        Merge(
            id=uuid7(),
            county=into.county,
            case=into,
            part=part,
            report_ids=brought[part.id],
            similarity=similarity,
            merged_by_id=actor.post_id,
            merged_at=now,
        )
        for part in coming
    )
    orders = Assignment.objects.filter(county=into.county, case_id__in=ids, ended_at__isnull=True)
    orders.update(ended_at=now)
    close_all_todos(actor=actor, county=into.county, subject_ids=ids, at=now, fulfilled=False)
    reports.update(case_id=into.id)
    save_case(into, "report_count")
    _keep_words(into)
    return into


def _leave(actor: Actor, into: Case, part: Case, now: datetime) -> None:
    """One case goes into another; what is written for all at once, the caller writes."""
    FLOW.check(actor, "merge", part.status)
    if part.is_confidential or into.is_confidential:
        raise RuleError("confidential", "举报和保密事件不能并案")
    FLOW.move(part, "merge", actor, to="merged")
    mark_ended(part, now, reason="merged")
    part.report_count = 0
    save_case(part, "report_count", *CLOSED)
    drop_requests(actor, part)


@transaction.atomic
def unmerge_case(*, actor: Actor, number: str, text: str = "", seen_version: int | None = None) -> Case:
    """撤销并案: a merged case is received again with the reports it brought; the other goes on with its own.

    RuleError not_merged, answered (the other has ended and its reporters have their answer), wrong_state.
    """
    seen = Case.objects.get_visible(actor, county=actor.county, number=number)
    FLOW.check(actor, "unmerge", seen.status)
    row = Merge.objects.filter(county=actor.county, part_id=seen.id, undone_at__isnull=True).first()
    if row is None:
        raise RuleError("not_merged", "这件事没有并案")
    locked = {case_id: lock_case_of(actor.county, case_id) for case_id in sorted((row.case_id, row.part_id))}
    into, part = locked[row.case_id], locked[row.part_id]
    if seen_version is not None and seen_version != part.version:
        lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "unmerge", part.status)
    if not into.is_open:
        raise RuleError("answered", "并到的那件已经结束、各人都有了答复，不能再拆；有新情况请再启动")
    now = max(moment_for(into), moment_for(part))
    row.undone_at = now
    row.save(update_fields=["undone_at"])
    Report.objects.filter(county=part.county, id__in=row.report_ids).update(case_id=part.id)
    FLOW.move(part, "unmerge", actor, to="received")
    part.report_count = len(row.report_ids)
    part.closed_at, part.close_reason = None, ""
    hand_over(part, owner_for(actor, area_code=part.area_code), HopKind.UNMERGE, now)
    owe(actor, part, now)
    save_case(part, "report_count", "owner", "hop_count", *CLOSED)
    note_deed(actor, part, "cases.unmerged", now, {"from": str(into.id), "lead": str(part.owner_id)})
    into.report_count -= len(row.report_ids)
    save_case(into, "report_count")
    _keep_words(into)
    note_deed(actor, into, "cases.merge_undone", now, {"part": str(part.id), "lead": str(into.owner_id)})
    return part


@transaction.atomic
def split_report(*, actor: Actor, number: str, report_number: str, seen_version: int | None = None) -> Case:
    """拆出: one of several reports is about something else; it gets a case of its own, received at the same centre.

    RuleError last_report, unknown_report, wrong_state.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    actor.require("cases.merge")
    if not case.is_open:
        raise RuleError("wrong_state", "这件事已经结束，不能再拆")
    report = Report.objects.filter(county=case.county, case_id=case.id, number=report_number).first()
    if report is None:
        raise RuleError("unknown_report", "这件事里没有这个编号的诉求", "report")
    if case.report_count < 2 or Report.objects.filter(county=case.county, case_id=case.id).count() < 2:  # noqa: PLR2004
        raise RuleError("last_report", "只有一个诉求，不用拆")
    merged = Merge.objects.filter(
        county=case.county, case_id=case.id, undone_at__isnull=True, report_ids__contains=[report.id]
    ).first()
    if merged is not None:
        raise RuleError("came_by_merge", "这个诉求是并案来的，请撤销那次并案")
    now = moment_for(case)
    own = _case_of(actor, case, report, now)
    report.case = own
    report.save(update_fields=["case"])
    case.report_count -= 1
    save_case(case, "report_count")
    _keep_words(case)
    search.keep_words(own, [report.text], is_new=True)
    note_deed(
        actor,
        case,
        "cases.report_split",
        now,
        {"report": str(report.id), "into": str(own.id), "lead": str(case.owner_id)},
    )
    note_deed(
        actor, own, "cases.received", now,
        {
            "report": str(report.id), "channel": own.channel, "kind": own.kind, "split_from": str(case.id),
            "first": {
                "owner_id": str(own.owner_id), "level": own.level, "category_id": "", "urgency": own.urgency,
                "area_code": own.area_code, "next_due_at": own.next_due_at.isoformat() if own.next_due_at else "",
            },
        },
    )  # fmt: skip
    return own


def _case_of(actor: Actor, case: Case, report: Report, now: datetime) -> Case:
    """A case of its own for a report that stood with others."""
    own = Case(
        id=uuid7(), county=case.county, number=case_number(actor, now), title=title_of(report.text), status="received",
        kind=report.kind, channel=report.channel, category=None, area_code=report.area_code,
        occurred_area_code=report.area_code, is_place_unknown=case.is_place_unknown, place=report.place, lon=report.lon,
        lat=report.lat, owner_id=owner_for(actor, area_code=report.area_code), received_at=now, next_due_at=now,
    )  # fmt: skip
    own.save(force_insert=True)
    own.next_due_at = open_duty(actor, own, "dispatch", own.owner_id, now).due_at
    own.save(update_fields=["next_due_at"])
    return own


def follow_case(*, actor: Actor, intake: Intake, case_id: UUID, door: str, channel: str) -> Receipt:
    """我也是这件事: a report that joins an open case nearby instead of making another. Its reporter gets a number, codes, an own
    answer. The same client_key again gives the first receipt.

    RuleErrors of `check_intake`; not_there when the case has ended meanwhile or is not one that anybody may follow.
    """

    def make() -> Receipt:
        now = clock.now()
        facts = check_intake(actor, intake, door=door, channel=channel, now=now)
        if facts.is_tip:
            raise RuleError("not_there", "举报请单独提交，不跟着别人的件")
        case = _followed(actor, case_id)
        facts.case_id = case.id
        give_numbers(actor, [facts], now=now)
        _, report, reporter = models_of(actor, facts)
        report.case = case
        report.save(force_insert=True)
        if reporter is not None:
            reporter.save(force_insert=True)
        if facts.answers:
            ReportAnswer.objects.bulk_create(answer_rows(actor, facts))
        case.report_count += 1
        save_case(case, "report_count")
        _keep_words(case)
        note_deed(
            actor,
            case,
            "cases.followed",
            moment_for(case),
            {"report": str(report.id), "channel": channel, "lead": str(case.owner_id), **answered_data(facts)},
        )
        return receipt_of(actor, facts)

    return once(actor, intake, make)


FOLLOWED = ("received", "need_info", "dispatched", "arbitration", "in_progress", "coordinating", "suspended")


def _followed(actor: Actor, case_id: UUID) -> Case:
    there = Case.objects.filter(county=actor.county, id=case_id, status__in=FOLLOWED, is_confidential=False).exists()
    if actor.kind not in (ActorKind.PUBLIC, ActorKind.STAFF, ActorKind.PARTNER) or not there:
        raise RuleError("not_there", "那件事已经办完了，请照常提交")
    case = lock_case_of(actor.county, case_id)
    if case.status not in FOLLOWED:
        raise RuleError("not_there", "那件事已经办完了，请照常提交")
    return case


def _keep_words(case: Case) -> None:
    texts = Report.objects.filter(county=case.county, case_id=case.id).order_by("id").values_list("text", flat=True)
    search.keep_words(case, texts)
