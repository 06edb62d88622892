from uuid import UUID

from django.db.models import QuerySet

from yijiaan.accounts.models import Post
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.safety.flows import INSPECTION_FLOW
from yijiaan.safety.models import Inspection, Inspector


def list_inspections(actor: Actor) -> QuerySet[Inspection]:
    """The inspections that the actor sees, newest first."""
    return Inspection.objects.visible_to(actor).select_related("unit", "template").order_by("-id")


def get_inspection(actor: Actor, *, inspection_id: UUID) -> Inspection:
    """One inspection; NotFound outside what the actor sees."""
    found: Inspection = Inspection.objects.select_related("unit", "template", "planned_by__user").get_visible(
        actor, county=actor.county, id=inspection_id
    )
    return found


def list_team(actor: Actor, *, inspection: Inspection) -> list[Inspector]:
    """Who inspects. The caller has made sure that the actor may see the inspection."""
    rows = Inspector.objects.filter(county=inspection.county, inspection_id=inspection.id)
    return list(rows.select_related("post__user", "post__role", "post__unit").order_by("id"))


def list_own_open(actor: Actor) -> QuerySet[Inspection]:
    """What the actor's own team has to inspect, the next day first."""
    rows = Inspection.objects.visible_to(actor).filter(
        team__post_id=actor.post_id, team__county=actor.county, status__in=("planned", "in_progress", "submitted")
    )
    return rows.select_related("template").order_by("planned_on", "id")


def team_choices(actor: Actor) -> list[tuple[str, str]]:
    """The colleagues of the actor's unit who may inspect today, himself first."""
    posts = (
        Post.objects.on(clock.local_day())
        .filter(unit_id=actor.unit_id, role__permissions__contains=["safety.inspect"])
        .select_related("user", "role")
        .order_by("starts_on", "id")
    )
    rows = [(str(post.id), f"{post.user.name}（{post.title or post.role.name}）") for post in posts]
    return sorted(rows, key=lambda row: row[0] != str(actor.post_id))


def moves_of_inspection(actor: Actor, *, inspection: Inspection, team: list[Inspector]) -> list[str]:
    """What this actor may do with it now: its team, whoever planned it."""
    if actor.post_id not in {row.post_id for row in team}:
        return []
    return [move.name for move in INSPECTION_FLOW.possible(actor, inspection.status)]
