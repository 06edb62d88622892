from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction

from yijiaan.cases import search
from yijiaan.cases.actions.handling import People, conclude
from yijiaan.cases.actions.steps import close_duties, lock_case, moment_for, note_deed, open_duty, save_case
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import (
    Facts,
    Intake,
    Receipt,
    answer_rows,
    check_intake,
    clean_text,
    first_answer,
    give_numbers,
    models_of,
    receipt_of,
    received_data,
)
from yijiaan.cases.models import Case, Report, ReportAnswer
from yijiaan.cases.permissions import OUTSIDE_TERMS, REGISTER, SOLVE
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor, ActorKind


def submit_report(*, actor: Actor, intake: Intake, door: str, channel: str) -> Receipt:
    """Take in one report and open its case: the full path.

    door: the area that receives it when no grid is found. The same client_key again gives the first receipt; with another
    body it is a Conflict. RuleErrors of `cases.intake.check_intake`.
    """
    if actor.kind is ActorKind.STAFF:
        actor.require(REGISTER)
    return once(actor, intake, lambda: receipt_of(actor, _save(actor, intake, door, channel)[0]))


def submit_solved(*, actor: Actor, intake: Intake, door: str, channel: str, result: str) -> Receipt:
    """当场办结 in one form: what it was and how it was solved. Counts like any other case, at the level of the grid.

    RuleError empty_result, outside_area, and above_level where the category may not be solved there.
    """
    actor.require(REGISTER)
    actor.require(SOLVE)
    result = clean_text(result, most=1000, field="result")
    if not result:
        raise RuleError("empty_result", "请写一句怎么解决的", "result")

    def make() -> Receipt:
        facts, case = _save(actor, intake, door, channel)
        if not actor.covers(facts.area_code):
            raise RuleError("outside_area", "这个地方不在您的辖区，请报上去办", "lon")
        FLOW.check(actor, "solve_on_spot", case.status)
        conclude(actor, case, result=result, is_on_spot=True, people=People(facts.has_reporter, bool(facts.phone)))
        return receipt_of(actor, facts)

    return once(actor, intake, make)


def once(actor: Actor, intake: Intake, make: Callable[[], Receipt]) -> Receipt:
    """Make a report, or give the first answer where its client_key was there already."""
    known = _known(actor, intake)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return make()
    except IntegrityError as error:
        if "report_client_key" not in str(error):
            raise
        known = _known(actor, intake)
        if known is None:
            raise
        return known


def _known(actor: Actor, intake: Intake) -> Receipt | None:
    report = Report.objects.filter(county=actor.county, client_key=intake.client_key).select_related("case").first()
    return repeat_answer(actor, intake, report) if report is not None else None


def repeat_answer(actor: Actor, intake: Intake, report: Report) -> Receipt:
    """The first receipt for a repeat of the same body; Conflict for another body under the same key."""
    if bytes(report.body_hash) != intake.body_hash():
        raise Conflict("同一个 client_key 已经用于另一件诉求，请换一个新的", code="client_key_reused")
    return first_answer(actor, report)


def _save(actor: Actor, intake: Intake, door: str, channel: str) -> tuple[Facts, Case]:
    facts = check_intake(actor, intake, door=door, channel=channel, now=clock.now())
    give_numbers(actor, [facts], now=facts.received_at)
    case, report, reporter = models_of(actor, facts)
    case.save(force_insert=True)
    report.save(force_insert=True)
    if reporter is not None:
        reporter.save(force_insert=True)
    if facts.answers:
        ReportAnswer.objects.bulk_create(answer_rows(actor, facts))
    search.keep_words(case, [facts.text], is_new=True)
    note_deed(actor, case, "cases.received", facts.received_at, received_data(facts))
    open_duty(actor, case, "dispatch", facts.owner_id, facts.received_at, facts.dispatch)
    open_duty(actor, case, "first_contact", facts.owner_id, facts.received_at, facts.first_contact)
    return facts, case


@transaction.atomic
def set_outside_terms(*, actor: Actor, number: str, due_at: datetime | None, calls_back: bool) -> Case:
    """What the system that sent a case (12345 and its like) says of it: its own deadline, which overrides ours, and whether it
    calls the reporter back itself. Said again, the later word holds; an open duty to handle follows. RuleError wrong_state."""
    actor.require(OUTSIDE_TERMS)
    case = lock_case(actor, number=number)
    if not case.is_open:
        raise RuleError("wrong_state", "这件事已经结束，不能再改时限")
    now = moment_for(case)
    case.outside_due_at, case.is_called_outside = due_at, calls_back
    names = ["outside_due_at", "is_called_outside"]
    if due_at is not None and case.status in ("dispatched", "in_progress", "coordinating"):
        close_duties(actor, case, now, "handle", fulfilled=False)
        deadline = open_duty(actor, case, "handle", case.owner_id, now)
        if case.status != "dispatched":
            case.next_due_at, case.card = deadline.due_at, ""
            names += ["next_due_at", "card"]
    save_case(case, *names)
    said = {"due": due_at.isoformat() if due_at else "", "calls_back": calls_back}
    note_deed(actor, case, "cases.outside_terms_set", now, said)
    return case
