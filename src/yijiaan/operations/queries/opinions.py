"""Opinions about the platform: the administrators' list, one's own, and what a follow-up code opens."""

from uuid import UUID

from yijiaan.core.errors import NotFound
from yijiaan.core.identifiers import county_of_token
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.operations.models import Opinion, OpinionTurn
from yijiaan.operations.permissions import ANSWER

CODE_LENGTH = 20


def list_opinions(actor: Actor, *, status: str = "", kind: str = "") -> ScopedQuerySet:
    """All of the county, those due first at the head. NotAllowed for who does not answer them."""
    actor.require(ANSWER)
    opinions = Opinion.objects.visible_to(actor).select_related("post__unit", "post__role")
    if status:
        opinions = opinions.filter(status=status)
    if kind:
        opinions = opinions.filter(kind=kind)
    return opinions.order_by("due_at", "id")


def count_waiting_opinions(actor: Actor) -> int:
    """How many wait for an answer, for the menu of who answers."""
    return Opinion.objects.visible_to(actor).filter(status="received").count() if actor.may(ANSWER) else 0


def list_own_opinions(actor: Actor) -> ScopedQuerySet:
    """Those that the actor signed, in whichever of his posts, newest first."""
    if actor.user_id is None:
        return Opinion.objects.none()  # type: ignore[no-any-return]
    return Opinion.objects.filter(county=actor.county, post__user_id=actor.user_id).order_by("-id")


def get_opinion(actor: Actor, *, opinion_id: UUID) -> Opinion:
    """One that the actor answers or signed; NotFound otherwise."""
    found: Opinion = Opinion.objects.select_related("post__unit", "post__role", "post__user").get_visible(
        actor, county=actor.county, id=opinion_id
    )
    return found


def get_opinion_by_code(actor: Actor, *, code: str) -> Opinion:
    """The opinion that a follow-up code opens, for whoever holds it; NotFound for any other code."""
    code = code.strip().upper()
    county = county_of_token(code) if len(code) == CODE_LENGTH and code.isascii() and code.isalnum() else None
    found = Opinion.objects.filter(county=county, code_search=code).first() if county else None
    if found is None:
        raise NotFound
    return found


def list_turns(actor: Actor, *, opinion: Opinion) -> list[OpinionTurn]:
    """What was said about it, oldest first, with the unit that answered. The caller may see the opinion."""
    turns = OpinionTurn.objects.filter(county=opinion.county, opinion_id=opinion.id)
    return list(turns.select_related("post__unit", "post__role").order_by("at", "id"))
