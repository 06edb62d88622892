from uuid import UUID

from django.db import transaction

from yijiaan.cases.actions.steps import close_duties, lock_case, note_deed
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Case, Note, NoteKind, Report, Reporter
from yijiaan.cases.permissions import CONTACT, NOTE
from yijiaan.cases.queries.page import PURPOSES
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.engines.files.actions import store_image
from yijiaan.engines.files.models import StoredFile


@transaction.atomic
def add_note(*, actor: Actor, number: str, text: str) -> Note:
    """加一条说明 for those who work on the case. RuleError empty_text."""
    case = lock_case(actor, number=number)
    actor.require(NOTE)
    return _note(actor, case, NoteKind.NOTE, text, "cases.noted", "请写一句说明")


@transaction.atomic
def record_contact(*, actor: Actor, number: str, text: str) -> Note:
    """Write down a talk with the reporter; the promise of first contact is kept with it. RuleError empty_text."""
    case = lock_case(actor, number=number)
    actor.require(CONTACT)
    note = _note(actor, case, NoteKind.CONTACT, text, "cases.contacted", "请写一句联系的情况")
    close_duties(actor, case, clock.now(), "first_contact")
    return note


def _note(actor: Actor, case: Case, kind: str, text: str, verb: str, empty: str) -> Note:
    text = clean_text(text, most=500, field="text")
    if not text:
        raise RuleError("empty_text", empty, "text")
    entry = note_deed(actor, case, verb, clock.now())
    note = Note(id=uuid7(), county=case.county, case=case, entry_id=entry.id, kind=kind, text=text)
    note.save(force_insert=True)
    return note


@transaction.atomic
def see_reporter(*, actor: Actor, number: str, report_id: UUID, purpose: str, words: str = "") -> dict[str, str]:
    """The reporter's name and phone in full, for a purpose; the look is a journal row that the reporter and the auditor can read.

    Words say more about the purpose; they are kept under the reporter's key. RuleError no_purpose, no_words (for 其他).
    NotFound when the report has no reporter.
    """
    case = lock_case(actor, number=number)
    actor.require(CONTACT)
    if purpose not in PURPOSES:
        raise RuleError("no_purpose", "没有打开：请先选查看的用途，报事人能看到", "purpose")
    words = clean_text(words, most=100, field="words")
    if purpose == "other" and not words:
        raise RuleError("no_words", "没有打开：选“其他”请写明为什么看", "words")
    reporter = Reporter.objects.filter(county=case.county, report_id=report_id, report__case_id=case.id).first()
    if reporter is None:
        raise NotFound
    note_deed(
        actor,
        case,
        "cases.reporter_seen",
        clock.now(),
        {"report": str(report_id), "purpose": purpose},
        personal={"words": words} if words else None,
        person=reporter.id,
    )
    return {"name": reporter.name_sealed, "phone": reporter.phone_sealed}


@transaction.atomic
def add_photo(*, actor: Actor, raw: bytes, number: str = "", purpose: str = "before") -> StoredFile:
    """Add a picture: a reporter to his own report, staff to a case they may see. RuleErrors of `files`."""
    if actor.kind is ActorKind.REPORTER:
        report = Report.objects.filter(county=actor.county, id=actor.identity).select_related("case").first()
        if report is None:
            raise NotFound
        case, subject_type, subject_id = report.case, "cases.report", report.id
        if not case.is_open:
            raise RuleError("wrong_state", "这件事已经结案，不能再加照片", "photo")
    else:
        case = lock_case(actor, number=number)
        actor.require(NOTE)
        subject_type, subject_id = "cases.case", case.id
    kept, is_new = store_image(
        actor=actor,
        county=case.county,
        subject_type=subject_type,
        subject_id=subject_id,
        purpose=purpose,
        raw=raw,
    )
    if is_new:
        note_deed(actor, case, "cases.photo_added", clock.now(), {"file": str(kept.id), "purpose": purpose})
    return kept
