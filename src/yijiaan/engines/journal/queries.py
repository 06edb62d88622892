from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from yijiaan.core.scope import Actor
from yijiaan.engines.journal import permissions
from yijiaan.engines.journal.models import PERSONAL, Delivery, Entry, PersonKey, Seal
from yijiaan.engines.journal.personal import opened_values
from yijiaan.engines.journal.seals import SUBSCRIBER, Verdict, verify


def list_entries_of(actor: Actor, *, county: str, subject_id: UUID) -> QuerySet[Entry]:
    """The deeds done to one subject, newest first. The caller has made sure that the actor may see the subject."""
    return (
        Entry.objects.filter(county=county, subject_id=subject_id)
        .select_related("post__user", "post__unit", "post__role")
        .order_by("-id")
    )


def list_entries_about(actor: Actor, *, area_code: str, subject_types: Collection[str]) -> QuerySet[Entry]:
    """The deeds on kinds of subjects that belong to one area as a whole (settings of a county), newest first. The caller has made
    sure that the actor may see them."""
    return (
        Entry.objects.filter(county=actor.county, area_code=area_code, subject_type__in=list(subject_types))
        .select_related("post__user", "post__unit", "post__role")
        .order_by("-id")
    )


def get_oldest_delivery(actor: Actor) -> Delivery | None:
    """The delivery that has waited longest, for the operations page."""
    return Delivery.objects.order_by("next_at").first()


def list_sealed_counties(actor: Actor) -> list[str]:
    """Counties that have a chain, by code."""
    return list(Seal.objects.order_by("county").values_list("county", flat=True).distinct())


def count_unsealed(actor: Actor, *, county: str) -> int:
    """Entries that wait for their seal."""
    return Delivery.objects.filter(county=county, subscriber=SUBSCRIBER).count()


def personal_values_of(actor: Actor, *, county: str, entries: Iterable[Entry]) -> dict[UUID, dict[str, str] | None]:
    """The values about persons in some rows of a county, by the row's id; None where they were erased (`ERASED`). Rows
    without such values are left out. The caller has made sure that the actor may read them."""
    holding = [entry for entry in entries if PERSONAL in entry.data]
    people = {UUID(entry.data[PERSONAL]["of"]) for entry in holding}
    keys = {row.person: row for row in PersonKey.objects.filter(county=county, person__in=people)} if people else {}
    return {entry.id: opened_values(entry, keys.get(UUID(entry.data[PERSONAL]["of"]))) for entry in holding}


def list_audited(actor: Actor) -> QuerySet[Entry]:
    """The journal of the actor's areas for an auditor, with what no area is named for. NotAllowed without the permission."""
    actor.require(permissions.AUDIT)
    counties = [actor.county, "000000"]
    here = actor.area_filter() | Q(area_code="")
    return Entry.objects.filter(here, county__in=counties).select_related("post__user", "post__unit", "post__role")


def get_head(actor: Actor, *, county: str, until: datetime | None = None) -> Seal | None:
    """The last seal of a county's chain, or the last one over an entry before a moment. Entries are sealed in the order of
    their ids, which carry their time."""
    actor.require(permissions.AUDIT)
    seals = Seal.objects.filter(county=county)
    if until is not None:
        seals = seals.filter(entry__happened_at__lt=until)
    return seals.select_related("entry").order_by("-number").first()


def count_entries_between(actor: Actor, *, county: str, since: datetime, until: datetime) -> int:
    """How many deeds a county saw in a time."""
    actor.require(permissions.AUDIT)
    return Entry.objects.filter(county=county, happened_at__gte=since, happened_at__lt=until).count()


def list_verdicts(actor: Actor) -> list[Verdict]:
    """Walk the chain of every county that has one."""
    return [verify(county) for county in list_sealed_counties(actor)]
