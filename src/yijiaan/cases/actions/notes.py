from uuid import UUID

from django.db import transaction

from yijiaan.cases.actions.steps import close_duties, lock_case, moment_for, note_deed
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Case, Note, NoteKind, Proxy, Report, Reporter
from yijiaan.cases.permissions import CONTACT, NOTE
from yijiaan.cases.queries.page import PURPOSES
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.engines.files.actions import store_image, store_recording
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
    close_duties(actor, case, moment_for(case), "first_contact")
    return note


def _note(actor: Actor, case: Case, kind: str, text: str, verb: str, empty: str) -> Note:
    text = clean_text(text, most=500, field="text")
    if not text:
        raise RuleError("empty_text", empty, "text")
    entry = note_deed(actor, case, verb, moment_for(case))
    note = Note(id=uuid7(), county=case.county, case=case, entry_id=entry.id, kind=kind, text=text)
    note.save(force_insert=True)
    return note


@transaction.atomic
def see_reporter(*, actor: Actor, number: str, report_id: UUID, purpose: str, words: str = "") -> dict[str, str]:
    """The reporter's name and phone in full, for a purpose, those of who told for him, and under `look` the journal row of the look, which the reporter and
    the auditor can read.

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
    look = note_deed(
        actor,
        case,
        "cases.reporter_seen",
        moment_for(case),
        {"report": str(report_id), "purpose": purpose},
        personal={"words": words} if words else None,
        person=reporter.id,
    )
    proxy = Proxy.objects.filter(county=case.county, report_id=report_id).first()
    told = {"proxy_name": proxy.name_sealed, "proxy_phone": proxy.phone_sealed} if proxy else {}
    return told | {"name": reporter.name_sealed, "phone": reporter.phone_sealed, "look": str(look.id)}


@transaction.atomic
def add_photo(*, actor: Actor, raw: bytes, number: str = "", purpose: str = "before") -> StoredFile:
    """Add a picture: a reporter to his own report, staff to a case they may see. RuleErrors of `files`."""
    case, subject_type, subject_id = _to_add(actor, number, "照片", "photo")
    kept, is_new = store_image(
        actor=actor,
        county=case.county,
        subject_type=subject_type,
        subject_id=subject_id,
        purpose=purpose,
        raw=raw,
    )
    if is_new:
        note_deed(actor, case, "cases.photo_added", moment_for(case), {"file": str(kept.id), "purpose": purpose})
    return kept


@transaction.atomic
def add_voice(*, actor: Actor, raw: bytes, number: str = "") -> StoredFile:
    """Add what somebody said instead of writing it: a reporter to his own report, staff to a case they may see.

    RuleErrors of `files`.
    """
    case, subject_type, subject_id = _to_add(actor, number, "录音", "voice")
    kept, is_new = store_recording(
        actor=actor, county=case.county, subject_type=subject_type, subject_id=subject_id, raw=raw
    )
    if is_new:
        note_deed(actor, case, "cases.voice_added", moment_for(case), {"file": str(kept.id), "seconds": kept.seconds})
    return kept


def _to_add(actor: Actor, number: str, what: str, field: str) -> tuple[Case, str, UUID]:
    """The case that something is added to, and the subject it is kept under."""
    if actor.kind is not ActorKind.REPORTER:
        case = lock_case(actor, number=number)
        actor.require(NOTE)
        return case, "cases.case", case.id
    report = Report.objects.filter(county=actor.county, id=actor.identity).select_related("case").first()
    if report is None:
        raise NotFound
    if not report.case.is_open:
        raise RuleError("wrong_state", f"这件事已经结案，不能再加{what}", field)
    return report.case, "cases.report", report.id
