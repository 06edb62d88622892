"""催办, 督办, 批示: words from above or from the reporter to the unit that holds a case. They move nothing and rank nobody."""

from datetime import timedelta

from django.db import transaction

from yijiaan.cases import limits
from yijiaan.cases.actions.steps import lock_case, lock_case_of, moment_for, note_deed, save_case
from yijiaan.cases.flows import FLOW
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Case, Note, NoteKind, Report, Supervision
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.engines.journal.models import Entry

VERB_OF = {NoteKind.URGE: "cases.urged", NoteKind.SUPERVISE: "cases.supervised", NoteKind.INSTRUCT: "cases.instructed"}


@transaction.atomic
def urge_case(*, actor: Actor, number: str = "", text: str = "", seen_version: int | None = None) -> Case:
    """催办: the centre, a leader or the reporter asks the holder to hurry; a reporter once a day.

    RuleError wrong_state, urged_already.
    """
    if actor.kind is ActorKind.REPORTER:
        report = Report.objects.filter(county=actor.county, id=actor.identity).first()
        if report is None:
            raise NotFound
        case = lock_case_of(report.county, report.case_id)
        if not FLOW.named("urge").starts_from(case.status):
            raise RuleError("wrong_state", "已经办好了，请您评价" if case.is_open else "这件事已经结束，不用催了")
        _once_a_day(actor, case)
    else:
        case = lock_case(actor, number=number, seen_version=seen_version)
        FLOW.check(actor, "urge", case.status)
    return _say(actor, case, NoteKind.URGE, text)


@transaction.atomic
def supervise_case(*, actor: Actor, number: str, text: str, seen_version: int | None = None) -> Case:
    """督办: the case is marked, and its holder told what is expected. RuleError empty_text, wrong_state."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "supervise", case.status)
    return _say(actor, case, NoteKind.SUPERVISE, text, required="请写一句督办要求")


@transaction.atomic
def instruct_case(*, actor: Actor, number: str, text: str, seen_version: int | None = None) -> Case:
    """批示: a leader's words on a case, for all who work on it. RuleError empty_text, wrong_state."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    FLOW.check(actor, "instruct", case.status)
    return _say(actor, case, NoteKind.INSTRUCT, text, required="请写一句批示")


def _say(actor: Actor, case: Case, kind: NoteKind, text: str, required: str = "") -> Case:
    text = clean_text(text, most=500, field="text")
    if required and not text:
        raise RuleError("empty_text", required, "text")
    if kind is NoteKind.SUPERVISE:
        case.supervision = Supervision.SUPERVISED
    elif kind is NoteKind.URGE and not case.supervision:
        case.supervision = Supervision.URGED
    save_case(case, "supervision")
    entry = note_deed(actor, case, VERB_OF[kind], moment_for(case), {"lead": str(case.owner_id)})
    if text:
        Note(id=uuid7(), county=case.county, case=case, entry_id=entry.id, kind=kind, text=text).save(force_insert=True)
    return case


def _once_a_day(actor: Actor, case: Case) -> None:
    since = moment_for(case) - timedelta(hours=limits.URGE_HOURS)
    if Entry.objects.filter(
        county=case.county,
        subject_id=case.id,
        verb=VERB_OF[NoteKind.URGE],
        actor_kind=ActorKind.REPORTER.value,
        happened_at__gt=since,
    ).exists():
        raise RuleError("urged_already", "今天已经替您催过了，办理单位看得到；急事请打电话")
