"""批量派单, 批量催办: the ordinary deed on each of several cases in turn, with an answer for each. None is half done, and the same
wish sent twice does nothing twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from yijiaan.cases.actions.dispatching import dispatch_case
from yijiaan.cases.actions.steering import urge_case
from yijiaan.cases.models import Assignment, Case
from yijiaan.cases.permissions import DISPATCH, URGE
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.models import Entry

MOST = 100
LATELY = timedelta(minutes=10)  # within which the same wish counts as sent twice
GONE = "看不到这件事，可能转到别处去了"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A case that was ticked, and the state of it that the page showed."""

    number: str
    seen_version: int


@dataclass(frozen=True, slots=True)
class BatchLine:
    """What became of one of them. code: why not, for tests and scripts; words: for people."""

    number: str
    is_done: bool
    words: str
    code: str = ""
    title: str = ""


def dispatch_cases(*, actor: Actor, chosen: Sequence[Chosen], lead_id: UUID | None, note: str = "") -> list[BatchLine]:
    """Dispatch several cases to one unit; an answer for each, in the order given, refusals of `dispatch_case` among them.

    RuleError none_chosen, too_many, no_lead for the whole.
    """
    actor.require(DISPATCH)
    if lead_id is None:
        raise RuleError("no_lead", "请选由哪个单位主办", "lead")
    unit_id = lead_id

    def deed(one: Chosen) -> Case:
        return dispatch_case(actor=actor, number=one.number, lead_id=unit_id, note=note, seen_version=one.seen_version)

    def was_done(case: Case) -> bool:
        return Assignment.objects.filter(
            county=case.county, case_id=case.id, unit_id=unit_id, is_lead=True, ended_at__isnull=True,
            dispatched_by_id=actor.post_id, dispatched_at__gt=clock.now() - LATELY,
        ).exists()  # fmt: skip

    return _each(actor, chosen, deed, was_done, lambda case: f"派给{case.owner.name}了")


def urge_cases(*, actor: Actor, chosen: Sequence[Chosen], text: str = "") -> list[BatchLine]:
    """Hurry the holders of several cases, in the same words; an answer for each, refusals of `urge_case` among them.

    RuleError none_chosen, too_many for the whole.
    """
    actor.require(URGE)

    def deed(one: Chosen) -> Case:
        return urge_case(actor=actor, number=one.number, text=text, seen_version=one.seen_version)

    def was_done(case: Case) -> bool:
        urged = Entry.objects.filter(county=case.county, subject_id=case.id, verb="cases.urged")
        lately = urged.filter(happened_at__gt=clock.now() - LATELY)
        return actor.post_id is not None and lately.filter(post_id=actor.post_id).exists()

    return _each(actor, chosen, deed, was_done, lambda case: f"催了{case.owner.name}")


def _each(
    actor: Actor,
    chosen: Sequence[Chosen],
    deed: Callable[[Chosen], Case],
    was_done: Callable[[Case], bool],
    say: Callable[[Case], str],
) -> list[BatchLine]:
    wanted = list({one.number: one for one in chosen}.values())
    if not wanted:
        raise RuleError("none_chosen", "还没有选，请先在清单里打勾")
    if len(wanted) > MOST:
        raise RuleError("too_many", f"一次最多 {MOST} 件，选了 {len(wanted)} 件，请分几次")
    return [_one(actor, one, deed, was_done, say) for one in wanted]


def _one(
    actor: Actor,
    one: Chosen,
    deed: Callable[[Chosen], Case],
    was_done: Callable[[Case], bool],
    say: Callable[[Case], str],
) -> BatchLine:
    try:
        case = deed(one)
    except (RuleError, Conflict, NotFound, NotAllowed) as refusal:
        found = Case.objects.visible_to(actor).filter(county=actor.county, number=one.number).select_related("owner")
        seen = None if "\0" in one.number else found.first()
        if seen is None:
            return BatchLine(one.number, False, GONE, "not_found")
        if seen.version != one.seen_version and was_done(seen):  # pressed twice: the first answer again
            return BatchLine(one.number, True, say(seen), title=seen.title)
        if isinstance(refusal, RuleError | Conflict):
            return BatchLine(one.number, False, refusal.message, refusal.code, seen.title)
        return BatchLine(one.number, False, "这件事不归您办", "not_allowed", seen.title)
    return BatchLine(one.number, True, say(case), title=case.title)
