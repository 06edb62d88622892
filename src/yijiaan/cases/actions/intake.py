from collections.abc import Callable

from django.db import IntegrityError, transaction

from yijiaan.cases import search
from yijiaan.cases.actions.handling import People, conclude
from yijiaan.cases.actions.steps import note_deed, open_duty
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import (
    Facts,
    Intake,
    Receipt,
    check_intake,
    clean_text,
    first_answer,
    give_numbers,
    models_of,
    receipt_of,
    received_data,
)
from yijiaan.cases.models import Case, Report
from yijiaan.cases.permissions import REGISTER, SOLVE
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
    return _once(actor, intake, lambda: receipt_of(actor, _save(actor, intake, door, channel)[0]))


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

    return _once(actor, intake, make)


def _once(actor: Actor, intake: Intake, make: Callable[[], Receipt]) -> Receipt:
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
    search.keep_words(case, [facts.text], is_new=True)
    note_deed(actor, case, "cases.received", facts.received_at, received_data(facts))
    open_duty(actor, case, "dispatch", facts.owner_id, facts.received_at, facts.dispatch)
    open_duty(actor, case, "first_contact", facts.owner_id, facts.received_at, facts.first_contact)
    return facts, case
