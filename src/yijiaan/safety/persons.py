"""Who had a hand in a hazard: the guards of 复查 (DOMAIN 3.3) ask for persons, in whichever of their posts they acted."""

from uuid import UUID

from yijiaan.accounts.models import Post
from yijiaan.core.scope import Actor
from yijiaan.safety.models import Hazard, HazardStep

DONE_BY_RECTIFIER = ("submit", "begin", "protect", "resume", "case_done")


def is_same_person(actor: Actor, post_id: UUID | None) -> bool:
    """Whether a deed done in this post was the actor's own, in whichever of his posts he acts now."""
    if post_id is None or actor.user_id is None:
        return False
    return post_id == actor.post_id or Post.objects.filter(id=post_id, user_id=actor.user_id).exists()


def first_verifier(hazard: Hazard) -> UUID | None:
    """Who found it right first since it was put right the last time."""
    steps = HazardStep.objects.filter(county=hazard.county, hazard_id=hazard.id)
    last = steps.filter(move__in=("submit", "case_done")).order_by("-id").values_list("id", flat=True).first()
    if last is None:
        return None
    return steps.filter(move="verify", id__gt=last).order_by("id").values_list("post_id", flat=True).first()


def took_part(actor: Actor, hazard: Hazard) -> bool:
    """Whether the actor, in any of his posts, had a hand in putting it right."""
    if actor.user_id is None:
        return False
    mine = Post.objects.filter(user_id=actor.user_id).values_list("id", flat=True)
    steps = HazardStep.objects.filter(county=hazard.county, hazard_id=hazard.id, move__in=DONE_BY_RECTIFIER)
    return steps.filter(post_id__in=list(mine)).exists()
