"""报事源头: who agreed to tell, how, and until when; the quick link by which he does."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from yijiaan.areas.models import LENGTH_OF
from yijiaan.areas.queries import get_area
from yijiaan.core import clock
from yijiaan.core.checks import normal_phone
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.identifiers import tracking_code, uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.registry.models import ConsentWay, SourceKind, TrustedReporter
from yijiaan.registry.permissions import KEEP_SOURCES

SUBJECT = "registry.trusted_reporter"
MOST_NAME = 30
PURPOSES = {"contact": "联系本人", "link": "送报事链接", "check": "核对名单"}


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is written down of a person who agreed."""

    area_code: str
    kind: str
    name: str
    phone: str
    consented_on: date | None
    consent_way: str


@transaction.atomic
def add_source(*, actor: Actor, facts: SourceFacts, client_key: UUID) -> TrustedReporter:
    """Put somebody on the list of a village. The same client_key again gives the first row.

    RuleErrors at the fields: unknown_area, unknown_kind, empty_name, name_too_long, bad_phone, already_listed, no_consent,
    in_the_future, unknown_way; Conflict where the key was used for another person.
    """
    actor.require(KEEP_SOURCES)
    known = TrustedReporter.objects.visible_to(actor).filter(client_key=client_key).first()
    if known is not None:
        if (known.area_code, known.name_sealed) != (facts.area_code, _clean(facts.name)):
            raise Conflict("刚才那一位已经登记了", code="client_key_reused")
        return known
    village = _village(actor, facts.area_code)
    if facts.kind not in SourceKind.values:
        raise RuleError("unknown_kind", "请选是哪一类人", "kind")
    name = _clean(facts.name)
    if not name:
        raise RuleError("empty_name", "请写怎么称呼，例如“王大爷”", "name")
    if len(name) > MOST_NAME:
        raise RuleError("name_too_long", f"称呼最多 {MOST_NAME} 个字", "name")
    phone = normal_phone(facts.phone, field="phone") if facts.phone.strip() else ""
    if facts.consented_on is None:
        raise RuleError("no_consent", "请写本人哪天同意的；没有同意的不能列进来", "consented_on")
    if facts.consented_on > clock.local_day():
        raise RuleError("in_the_future", "同意的日子不能晚于今天", "consented_on")
    if facts.consent_way not in ConsentWay.values:
        raise RuleError("unknown_way", "请选本人怎么同意的", "consent_way")
    source = TrustedReporter(
        id=uuid7(), county=village[:6], area_code=village, kind=facts.kind, name_sealed=name, phone_sealed=phone,
        phone_search=phone or None, consented_on=facts.consented_on, consent_way=facts.consent_way,
        added_by_id=actor.post_id, added_at=clock.now(), client_key=client_key,
    )  # fmt: skip
    try:
        with transaction.atomic():
            source.save(force_insert=True)
    except IntegrityError as error:
        if "trusted_phone_once" not in str(error):
            raise
        raise RuleError("already_listed", "这个村的名单里已经有这个电话", "phone") from error
    _note(actor, source, "registry.source_added", {"kind": facts.kind})
    return source


@transaction.atomic
def end_source(*, actor: Actor, source_id: UUID) -> TrustedReporter:
    """Somebody leaves the list: his link is dead, his name and phone are deleted at once. Once more changes nothing."""
    source = _lock(actor, source_id)
    if source.is_active:
        source.ended_on = clock.local_day()
        source.name_sealed = source.phone_sealed = ""
        source.phone_search = source.link_search = None  # type: ignore[assignment]
        source.save(update_fields=["ended_on", "name_sealed", "phone_sealed", "phone_search", "link_search"])
        _note(actor, source, "registry.source_ended")
    return source


@transaction.atomic
def retract_source(*, actor: Actor, source_id: UUID) -> None:
    """Take back an entry that should not have been made (an import undone): the row is deleted as if it had never been.

    RuleErrors has_left, has_link, has_told: whoever has been given a link or has told something leaves the list by `end_source`.
    """
    source = _lock(actor, source_id)
    if not source.is_active:
        raise RuleError("has_left", "这个人后来退出了，记录留着")
    if source.link_search is not None:
        raise RuleError("has_link", "已经给他发过报事链接，留在名单里")
    _note(actor, source, "registry.source_retracted")
    try:
        with transaction.atomic():
            source.delete()
    except (ProtectedError, IntegrityError) as error:
        raise RuleError("has_told", "他已经报过事，留在名单里") from error


@transaction.atomic
def issue_link(*, actor: Actor, source_id: UUID) -> tuple[TrustedReporter, str]:
    """A quick link for a person: the code is given out this once, only its hash is kept; an older one is dead from now on.

    RuleError has_left.
    """
    source = _lock(actor, source_id)
    if not source.is_active:
        raise RuleError("has_left", "这个人已经退出，不能再发链接")
    code = tracking_code(source.county)
    source.link_search = code  # type: ignore[assignment]
    source.link_issued_at = clock.now()
    source.save(update_fields=["link_search", "link_issued_at"])
    _note(actor, source, "registry.link_issued")
    return source, code


@transaction.atomic
def revoke_link(*, actor: Actor, source_id: UUID) -> TrustedReporter:
    """Take a quick link back: lost, or seen by others. Without one nothing changes."""
    source = _lock(actor, source_id)
    if source.link_search is not None:
        source.link_search = source.link_issued_at = None  # type: ignore[assignment]
        source.save(update_fields=["link_search", "link_issued_at"])
        _note(actor, source, "registry.link_revoked")
    return source


@transaction.atomic
def see_source(*, actor: Actor, source_id: UUID, purpose: str) -> dict[str, str]:
    """Name and phone in full, for a purpose; the person reads on his own page who looked. RuleError no_purpose; NotFound for
    somebody who left."""
    source = _lock(actor, source_id)
    if not source.is_active:
        raise NotFound
    if purpose not in PURPOSES:
        raise RuleError("no_purpose", "没有打开：请先选查看的用途，本人能看到", "purpose")
    _note(actor, source, "registry.source_seen", {"purpose": purpose})
    return {"name": source.name_sealed, "phone": source.phone_sealed}


def _lock(actor: Actor, source_id: UUID) -> TrustedReporter:
    actor.require(KEEP_SOURCES)
    found: TrustedReporter = TrustedReporter.objects.select_for_update().get_visible(actor, id=source_id)
    return found


def _clean(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _village(actor: Actor, area_code: str) -> str:
    if len(area_code) != LENGTH_OF["village"] or not actor.covers(area_code):
        raise RuleError("unknown_area", "请选辖区里的一个村", "area_code")
    try:
        return str(get_area(actor, code=area_code).code)
    except NotFound as error:
        raise RuleError("unknown_area", "没有这个村，请重新选", "area_code") from error


def _note(actor: Actor, source: TrustedReporter, verb: str, data: dict[str, str] | None = None) -> None:
    record(
        actor=actor, verb=verb, county=source.county, subject_type=SUBJECT, subject_id=source.id,
        area_code=source.area_code, at=clock.now(), data=data,
    )  # fmt: skip
