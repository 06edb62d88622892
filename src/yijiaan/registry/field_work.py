"""八大员: what was written into the base data belongs to who gathers it; the care list to who serves those on it."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse

from yijiaan.core.scope import Actor
from yijiaan.engines.journal.providers import EightRole, FieldWork, register_field_work
from yijiaan.registry.fields import KINDS
from yijiaan.registry.permissions import SEE_PEOPLE

BASE = (
    "record_added", "person_added", "facts_changed", "change_proposed", "record_checked", "birth_recorded", "moved_in",
    "moved_out", "death_recorded", "head_set", "relation_changed",
)  # fmt: skip
CARE = ("care_added", "care_reviewed")


def name_records(actor: Actor, *, ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Kinds of records that the actor may see, with their pages; never whose they are."""
    wanted, found = list(ids), {}
    if not wanted or not actor.may(SEE_PEOPLE):
        return {}
    for kind in KINDS.values():
        rows = kind.model.objects.visible_to(actor).filter(county=actor.county, id__in=wanted)  # type: ignore[attr-defined]
        for record_id in rows.values_list("id", flat=True):
            found[record_id] = (kind.label, reverse("registry:record", args=[kind.code, record_id]))
    return found


def register() -> None:
    """Called once when the apps are ready."""
    register_field_work(
        FieldWork(f"registry.{verb}", EightRole.BASE, "登记、核对基础数据", name_records) for verb in BASE
    )
    register_field_work(FieldWork(f"registry.{verb}", EightRole.CARE, "列入、复核关爱", name_records) for verb in CARE)
