from collections.abc import Collection
from uuid import UUID

from yijiaan.core.checks import mask_name, mask_phone
from yijiaan.core.errors import NotFound
from yijiaan.core.identifiers import county_of_token
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.queries import list_entries_of
from yijiaan.registry.models import Plate, TrustedReporter

CODE_LENGTH = 20


def get_plate(actor: Actor, *, code: str) -> Plate:
    """The plate with this code, for anybody who stands before it; NotFound for any other code."""
    code = code.strip().upper()
    county = county_of_token(code) if len(code) == CODE_LENGTH and code.isascii() and code.isalnum() else None
    plate = Plate.objects.filter(county=county, code=code).first() if county else None
    if plate is None:
        raise NotFound
    return plate


def list_plates(actor: Actor, *, area_code: str = "") -> ScopedQuerySet:
    """Plates in the actor's areas, or in one place of them, in the order they were made."""
    plates = Plate.objects.visible_to(actor).filter(county=actor.county)
    if area_code:
        plates = plates.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
    return plates.order_by("area_code", "id")


def get_source_by_link(actor: Actor, *, code: str) -> TrustedReporter:
    """Whose quick link this is, for whoever holds it; NotFound for any other code, and for one that was taken back."""
    code = code.strip().upper()
    county = county_of_token(code) if len(code) == CODE_LENGTH and code.isascii() and code.isalnum() else None
    source = TrustedReporter.objects.filter(county=county, link_search=code).first() if county else None
    if source is None or not source.is_active:
        raise NotFound
    return source


def get_source(actor: Actor, *, source_id: UUID) -> TrustedReporter:
    """One of the people on the actor's lists."""
    found: TrustedReporter = TrustedReporter.objects.get_visible(actor, id=source_id)
    return found


def list_sources(actor: Actor, *, area_code: str = "") -> ScopedQuerySet:
    """The people on the actor's lists, by village, those who left last."""
    sources = TrustedReporter.objects.visible_to(actor)
    if area_code:
        sources = sources.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
    return sources.order_by("area_code", "-ended_on", "id")


def list_active_in(actor: Actor, *, villages: Collection[str]) -> ScopedQuerySet:
    """Those of some villages who have not left."""
    return TrustedReporter.objects.visible_to(actor).filter(area_code__in=villages, ended_on__isnull=True)


def list_told_or_linked(actor: Actor, *, source_ids: Collection[UUID]) -> dict[UUID, str]:
    """Why entries cannot be taken back, in one query; those that can are left out."""
    there = TrustedReporter.objects.visible_to(actor).filter(id__in=source_ids)
    known = {source.id: source for source in there.only("id", "county", "ended_on", "link_search")}
    found = {}
    for source_id in source_ids:
        source = known.get(source_id)
        if source is None or not source.is_active:
            found[source_id] = "这个人后来退出了，记录留着"
        elif source.link_search is not None:
            found[source_id] = "已经给他发过报事链接，留在名单里"
    return found


def masked_source(actor: Actor, *, source: TrustedReporter) -> dict[str, str]:
    """How one shows before anybody has given a purpose: 王** 154****2217; nothing of who left."""
    return {"name": mask_name(source.name_sealed), "phone": mask_phone(source.phone_sealed)}


def list_looks_at(actor: Actor, *, source: TrustedReporter) -> list[Entry]:
    """Who opened this person's contact, newest first. The caller holds the person's link."""
    entries = list_entries_of(actor, county=source.county, subject_id=source.id)
    return [entry for entry in entries if entry.verb == "registry.source_seen" and entry.post is not None]
