"""八大员: a walk belongs to who looks after safety; a visit to the role that its kind says."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.urls import reverse

from yijiaan.core.scope import Actor
from yijiaan.engines.journal.providers import EightRole, FieldWork, register_field_work
from yijiaan.patrols.models import PatrolRun, Visit, VisitKind

BY_KIND = {
    VisitKind.CARE.value: EightRole.CARE,
    VisitKind.NEW_COMER.value: EightRole.BASE,
    VisitKind.POLICY.value: EightRole.POLICY,
    VisitKind.PARTY.value: EightRole.PARTY,
    VisitKind.FOLLOW_UP.value: EightRole.ERRAND,
    VisitKind.DISASTER.value: EightRole.SAFETY,
}


def _kind() -> Coalesce:
    return Coalesce(KeyTextTransform("kind", "data"), Value(""), output_field=TextField())


def name_visits(actor: Actor, *, ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Kind and day of visits that the actor may see, with their pages; never to whom."""
    rows = Visit.objects.visible_to(actor).filter(county=actor.county, id__in=list(ids)).only("county", "kind", "on")
    return {
        row.id: (f"{row.get_kind_display()}（{row.on:%m月%d日}）", reverse("patrols:visit", args=[row.id]))
        for row in rows
    }


def name_runs(actor: Actor, *, ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Routes of walks that the actor may see, with their pages."""
    rows = PatrolRun.objects.visible_to(actor).filter(county=actor.county, id__in=list(ids)).select_related("template")
    return {
        row.id: (f"{row.template.name}（{row.on:%m月%d日}）", reverse("patrols:run", args=[row.id])) for row in rows
    }


def register() -> None:
    """Called once when the apps are ready."""
    register_field_work(
        (
            FieldWork("patrols.visit_recorded", EightRole.OPINION, "走访，按走访类别分", name_visits, _kind, BY_KIND),
            FieldWork("patrols.run_finished", EightRole.SAFETY, "巡查", name_runs),
            FieldWork("patrols.run_interrupted", EightRole.SAFETY, "巡查", name_runs),
        )
    )
