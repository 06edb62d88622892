"""八大员: a hazard that somebody found belongs to who looks after safety."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse

from yijiaan.core.scope import Actor
from yijiaan.engines.journal.providers import EightRole, FieldWork, register_field_work
from yijiaan.safety.models import Hazard


def name_hazards(actor: Actor, *, ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Hazards that the actor may see, with their pages."""
    rows = Hazard.objects.visible_to(actor).filter(county=actor.county, id__in=list(ids)).only("county", "title")
    return {row.id: (row.title, reverse("safety:hazard", args=[row.id])) for row in rows}


def register() -> None:
    """Called once when the apps are ready."""
    register_field_work((FieldWork("safety.hazard_registered", EightRole.SAFETY, "发现的隐患", name_hazards),))
