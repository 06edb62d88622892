"""回访 by phone: who may ring, when the next call may be made, and who has a report open to ring its reporter."""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from yijiaan.cases.actions.parties import require_no_kin
from yijiaan.cases.actions.steps import is_same_person, last_outcome, unit_of
from yijiaan.cases.limits import CENTRES, CLAIM
from yijiaan.cases.models import Callback, CallbackClaim, CallbackResult, Case, Rating, RatingResult, Report
from yijiaan.cases.permissions import CALLBACK
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.ui.words import when_words

NOON, MORNING = time(12), time(8)  # when the next half-day of calls begins


def next_call_at(called_at: datetime) -> datetime:
    """When the next call may be made: after a morning call at noon, after any other at eight the next morning."""
    here = clock.local(called_at)
    if here.time() < NOON:
        return datetime.combine(here.date(), NOON, clock.SHANGHAI)
    return datetime.combine(here.date() + timedelta(days=1), MORNING, clock.SHANGHAI)


def require_not_own_work(actor: Actor, case: Case) -> None:
    """RuleError own_work: the unit that handled a case does not ask how content people are with it, nor does whoever is related
    to it; what a centre answered itself, a colleague asks. Tips have one officer: there it is left to him."""
    outcome = last_outcome(case)
    if outcome is None or case.is_confidential or actor.unit_id is None:
        return
    require_no_kin(actor, outcome.unit_id)
    if outcome.unit_id != actor.unit_id:
        return
    unit = unit_of(actor, outcome.unit_id)
    if unit is None or unit.kind not in CENTRES or is_same_person(actor, outcome.finished_by_id):
        raise RuleError("own_work", "您单位办的件，请别的单位的人回访；中心自己答复的，请另一位同事回访")


def require_open_call(case: Case, report: Report) -> None:
    """RuleError already_rated, called_enough: nobody is rung twice for one matter."""
    round_ = case.reopened_count + 1
    said = Rating.objects.filter(county=case.county, report=report, round=round_).first()
    if said is not None and said.result != RatingResult.DISSATISFIED:
        raise RuleError("already_rated", f"报事人 {when_words(said.rated_at, clock.now())}已经评价过了，不用再打")
    ended = Callback.objects.filter(
        county=case.county, report=report, case=case, round=round_, is_final=True,
        result__in=(CallbackResult.UNREACHABLE, CallbackResult.REFUSED),
    ).exists()  # fmt: skip
    if ended:
        raise RuleError("called_enough", "已经三次没打通，或报事人不愿回访，不再打了")


def require_next_half_day(case: Case, report: Report, now: datetime) -> int:
    """How many calls went unanswered before this one. RuleError too_soon within the same half-day, with when the next may be made."""
    before = list(
        Callback.objects.filter(
            county=case.county, report=report, case=case, round=case.reopened_count + 1,
            result=CallbackResult.UNREACHABLE,
        ).order_by("called_at")
    )  # fmt: skip
    if before and before[-1].next_at is not None and now < before[-1].next_at:
        last, again = when_words(before[-1].called_at, now), when_words(before[-1].next_at, now)
        raise RuleError("too_soon", f"{last}打过一次没通，换半天再打才算一次：{again}以后可以再打", "result")
    return len(before)


def keep_call(
    actor: Actor, case: Case, report: Report, result: str, text: str, now: datetime, *, is_final: bool = True
) -> Callback:
    """The row of one call; the claim on the report ends with it."""
    row = Callback(
        id=uuid7(),
        county=case.county,
        report=report,
        case=case,
        round=case.reopened_count + 1,
        result=result,
        text=text,
        is_final=is_final,
        next_at=None if is_final else next_call_at(now),
        called_by_id=actor.post_id,
        called_at=now,
    )
    row.save(force_insert=True)
    CallbackClaim.objects.filter(county=case.county, report=report).delete()
    return row


@transaction.atomic
def claim_callback(*, actor: Actor, report_id: UUID) -> CallbackClaim:
    """Open a report to ring its reporter: for ten minutes others see who has it. Whoever has it keeps it; one that ran out, or
    the actor's own, begins anew. It keeps nobody from calling: it only tells. NotFound for a report that the actor does not see.
    """
    actor.require(CALLBACK)
    report = Report.objects.visible_to(actor).filter(id=report_id).first()
    if report is None or actor.post_id is None:
        raise NotFound
    now = clock.now()
    claim = (
        CallbackClaim.objects.select_for_update(of=("self",), no_key=True)
        .filter(county=report.county, report=report)
        .first()
    )
    if claim is None:
        claim, _ = CallbackClaim.objects.get_or_create(
            county=report.county, report=report, defaults={"id": uuid7(), "post_id": actor.post_id, "claimed_at": now}
        )
    elif claim.post_id == actor.post_id or claim.claimed_at <= now - CLAIM:
        claim.post_id, claim.claimed_at = actor.post_id, now
        claim.save(update_fields=["post", "claimed_at"])
    return claim
