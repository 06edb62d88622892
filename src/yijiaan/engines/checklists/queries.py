from uuid import UUID

from django.db.models import QuerySet

from yijiaan.core.scope import Actor
from yijiaan.engines.checklists.models import Answer, Item, Run, Template, Version


def list_templates(actor: Actor, *, active_only: bool = False) -> QuerySet[Template]:
    """The checklists of the actor's county and those shipped, by name; what was stopped last."""
    templates = Template.objects.visible_to(actor)
    if active_only:
        templates = templates.filter(is_active=True)
    return templates.order_by("-is_active", "name", "id")


def get_template(actor: Actor, *, template_id: UUID) -> Template:
    """One checklist; NotFound for another county's."""
    found: Template = Template.objects.get_visible(actor, id=template_id)
    return found


def newest_version(actor: Actor, *, template: Template) -> Version:
    """The wording that a new inspection goes by."""
    return Version.objects.filter(template=template).select_related("template").order_by("-number")[:1].get()


def list_versions(actor: Actor, *, template: Template) -> QuerySet[Version]:
    """Every wording a checklist ever had, newest first."""
    return (
        Version.objects.filter(template=template)
        .select_related("written_by__user", "written_by__unit")
        .order_by("-number")
    )


def list_items(actor: Actor, *, version_id: UUID) -> list[Item]:
    """The lines of a version, in their order."""
    return list(Item.objects.filter(version_id=version_id).order_by("place"))


def get_run_of(actor: Actor, *, county: str, subject_id: UUID) -> Run | None:
    """The run over a subject, the newest; None when there is none. The caller has made sure that the actor may see the subject."""
    runs = Run.objects.filter(county=county, subject_id=subject_id).select_related("version__template")
    return runs.order_by("-started_at", "-id").first()


def answers_of(actor: Actor, *, run: Run) -> dict[UUID, Answer]:
    """What was found so far, by the item's id."""
    rows = Answer.objects.filter(county=run.county, run_id=run.id).select_related("item")
    return {row.item_id: row for row in rows}
