"""捎话 and 代打电话: who handles a case reaches its reporter without ever having his number.

A message stands on the progress page of each reporter, who may answer there; a call is made by the centre, which has the numbers.
"""

from datetime import datetime

from django.db import models, transaction

from yijiaan.accounts.queries import get_centre
from yijiaan.cases import limits
from yijiaan.cases.actions.parties import require_no_interest
from yijiaan.cases.actions.steps import close_duties, keep_note, lock_case, lock_case_of, moment_for, note_deed
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Assignment, CallTask, Case, Note, NoteKind, Report, Reporter
from yijiaan.cases.permissions import CALLBACK, RELAY
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import made_at, uuid7
from yijiaan.core.scope import Actor, ActorKind


@transaction.atomic
def relay_message(*, actor: Actor, number: str, text: str, seen_version: int | None = None) -> Case:
    """给报事人捎话: words on the progress page of each reporter. The clock goes on: what it should wait for is 请补充.

    RuleError no_text, not_handling, nobody_reads (nobody follows it on the net), relayed_often (five a day), wrong_state.
    """
    case = _handled(actor, number, seen_version)
    text = _words(text, "请写要捎的话")
    if not followed_reports(case).exists():
        raise RuleError("nobody_reads", "这件没有在网上看进度的报事人，请用“请中心代打电话”")
    now = moment_for(case)
    today = clock.day_start(clock.local_day(now))
    sent = Note.objects.filter(county=case.county, case_id=case.id, kind=NoteKind.RELAYED)
    if sum(clock.local(at) >= today for at in _moments(sent)) >= limits.MOST_RELAYED:
        raise RuleError("relayed_often", f"今天已经捎过 {limits.MOST_RELAYED} 次，说不清的请中心代打电话")
    entry = note_deed(actor, case, "cases.relayed", now)
    keep_note(case, entry.id, NoteKind.RELAYED, text)
    return case


@transaction.atomic
def reply_to_relay(*, actor: Actor, text: str) -> Case:
    """回话: a reporter answers what was said to him. RuleError no_text, nothing_said, replied_often (ten a day), wrong_state."""
    if actor.kind is not ActorKind.REPORTER:
        raise NotFound
    report = Report.objects.filter(county=actor.county, id=actor.identity).first()
    if report is None:
        raise NotFound
    case = lock_case_of(report.county, report.case_id)
    if not case.is_open:
        raise RuleError("wrong_state", "这件事已经结束；又有新情况，请用“又出问题了”")
    notes = Note.objects.filter(county=case.county, case_id=case.id)
    if not notes.filter(kind=NoteKind.RELAYED).exists():
        raise RuleError("nothing_said", "办理单位还没有给您捎话")
    text = _words(text, "请写一句回话")
    now = moment_for(case)
    today = clock.day_start(clock.local_day(now))
    if sum(clock.local(at) >= today for at in _moments(notes.filter(kind=NoteKind.REPLIED))) >= limits.MOST_REPLIES:
        raise RuleError("replied_often", "今天回得够多了，急事请打电话")
    entry = note_deed(actor, case, "cases.replied", now, {"lead": str(case.owner_id), "report": str(report.id)})
    keep_note(case, entry.id, NoteKind.REPLIED, text)
    return case


@transaction.atomic
def ask_call(*, actor: Actor, number: str, text: str, seen_version: int | None = None) -> Case:
    """请中心代打电话: the centre rings the reporter and says or asks what stands here.

    RuleError no_text, not_handling, no_phone (no reporter left one), asked_already, confidential, wrong_state.
    """
    case = _handled(actor, number, seen_version)
    text = _words(text, "请写清要说什么、问什么", most=300)
    if case.is_confidential:
        raise RuleError("confidential", "保密事件由经办的人自己联系，不能请别人代打")
    has_phone = Reporter.objects.filter(county=case.county, report__case_id=case.id, phone_search__isnull=False)
    if not has_phone.exclude(phone_search=b"").exists():
        raise RuleError("no_phone", "报事人没有留电话，请用“捎话”")
    if open_call_of(case) is not None:
        raise RuleError("asked_already", "已经请中心打了，还没有打，打过会告诉您")
    centre = get_centre(actor, area_code=case.area_code)
    now = moment_for(case)
    call = CallTask(
        id=uuid7(), county=case.county, case=case, asking_unit_id=actor.unit_id or case.owner_id, asked_by_id=actor.post_id,
        area_code=case.area_code, asked_at=now, words=text,
    )  # fmt: skip
    call.save(force_insert=True)
    note_deed(actor, case, "cases.call_asked", now, {"lead": str(centre.id), "call": str(call.id)})
    return case


@transaction.atomic
def record_call(
    *, actor: Actor, number: str, is_reached: bool, text: str = "", seen_version: int | None = None
) -> Case:
    """代打电话的结果: what the reporter said, or that he did not answer; the unit that asked is told, the number it is not.

    RuleError nothing_asked, no_text (reached, and nothing written), conflict_of_interest.
    """
    case = lock_case(actor, number=number, seen_version=seen_version)
    actor.require(CALLBACK)
    require_no_interest(actor, case)
    call = open_call_of(case)
    if call is None:
        raise RuleError("nothing_asked", "没有等着代打的电话")
    text = clean_text(text, most=500, field="text")
    if is_reached and not text:
        raise RuleError("no_text", "请写一句报事人怎么说", "text")
    now = moment_for(case)
    call.done_at, call.done_by_id, call.is_reached, call.answer = now, actor.post_id, is_reached, text
    call.save(update_fields=["done_at", "done_by", "is_reached", "answer"])
    note_deed(actor, case, "cases.call_made", now, {"lead": str(call.asking_unit_id), "call": str(call.id)})
    if is_reached:
        close_duties(actor, case, now, "first_contact")
    return case


def open_call_of(case: Case) -> CallTask | None:
    """The call on a (locked) case that nobody has made yet."""
    return CallTask.objects.filter(county=case.county, case_id=case.id, done_at__isnull=True).first()


def followed_reports(case: Case) -> "models.QuerySet[Report]":
    """Reports whose reporters can read their progress: those that they sent themselves."""
    return Report.objects.filter(county=case.county, case_id=case.id, entered_by__isnull=True)


def _handled(actor: Actor, number: str, seen_version: int | None) -> Case:
    """The case of somebody who works on it: its holder, a unit with an open order, the centre."""
    case = lock_case(actor, number=number, seen_version=seen_version)
    actor.require(RELAY)
    if not case.is_open:
        raise RuleError("wrong_state", "这件事已经结束")
    require_no_interest(actor, case)
    parts = Assignment.objects.filter(county=case.county, case_id=case.id, ended_at__isnull=True)
    holders = {case.owner_id, *parts.values_list("unit_id", flat=True)}
    if actor.unit_id not in holders and not actor.may("cases.dispatch"):
        raise RuleError("not_handling", "这件事现在不在您单位手里")
    return case


def _words(text: str, empty: str, most: int = 300) -> str:
    text = clean_text(text, most=most, field="text")
    if not text:
        raise RuleError("no_text", empty, "text")
    return text


def _moments(notes: "models.QuerySet[Note]") -> list[datetime]:
    """When some notes were written: their identifiers tell."""
    return [made_at(note_id) for note_id in notes.values_list("id", flat=True)]
