from collections.abc import Callable

from django.db import IntegrityError, transaction

from yijiaan.cases.actions.handling import conclude
from yijiaan.cases.actions.steps import note_deed, open_duty
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import Intake, Prepared, Receipt, clean_text, first_answer, prepare, receipt_of
from yijiaan.cases.models import Report
from yijiaan.cases.permissions import REGISTER, SOLVE
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor, ActorKind


def submit_report(*, actor: Actor, intake: Intake, door: str, channel: str) -> Receipt:
    """Take in one report and open its case: the full path.

    door: the area that receives it when no grid is found. The same client_key again gives the first receipt; with another
    body it is a Conflict. RuleErrors of `cases.intake.prepare`.
    """
    if actor.kind is ActorKind.STAFF:
        actor.require(REGISTER)
    return _once(actor, intake, lambda: receipt_of(_save(actor, prepare(actor, intake, door=door, channel=channel))))


def submit_solved(*, actor: Actor, intake: Intake, door: str, channel: str, result: str) -> Receipt:
    """当场办结 in one form: what it was and how it was solved. Counts like any other case, at the level of the grid.

    RuleError empty_result, and above_level where the category may not be solved there.
    """
    actor.require(REGISTER)
    actor.require(SOLVE)
    result = clean_text(result, most=1000, field="result")
    if not result:
        raise RuleError("empty_result", "请写一句怎么解决的", "result")

    def make() -> Receipt:
        prepared = _save(actor, prepare(actor, intake, door=door, channel=channel))
        FLOW.check(actor, "solve_on_spot", prepared.case.status)
        conclude(actor, prepared.case, result=result, is_on_spot=True, has_reporter=prepared.reporter is not None)
        return receipt_of(prepared)

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
    report = Report.objects.filter(county=actor.county, client_key=intake.client_key).first()
    return repeat_answer(actor, intake, report) if report is not None else None


def repeat_answer(actor: Actor, intake: Intake, report: Report) -> Receipt:
    """The first receipt for a repeat of the same body; Conflict for another body under the same key."""
    if bytes(report.body_hash) != intake.body_hash():
        raise Conflict("同一个 client_key 已经用于另一件诉求，请换一个新的", code="client_key_reused")
    return first_answer(actor, report)


def _save(actor: Actor, prepared: Prepared) -> Prepared:
    case, report = prepared.case, prepared.report
    case.save(force_insert=True)
    report.save(force_insert=True)
    if prepared.reporter is not None:
        prepared.reporter.save(force_insert=True)
    note_deed(actor, case, "cases.received", case.received_at, received_data(prepared))
    open_duty(actor, case, "dispatch", case.owner_id, case.received_at, prepared.dispatch_due_at)
    open_duty(actor, case, "first_contact", case.owner_id, case.received_at, report.promised_at)
    return prepared


def received_data(prepared: Prepared) -> dict[str, str]:
    """What the journal keeps of a receipt: keys and codes only."""
    return {"report": str(prepared.report.id), "channel": prepared.report.channel, "kind": prepared.report.kind}
