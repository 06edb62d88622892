from collections.abc import Iterable
from typing import Any

from django.db.models import Count

from yijiaan.cases.flows import OPEN
from yijiaan.cases.models import Case, CaseQuerySet
from yijiaan.core.scope import Actor


def list_cases(actor: Actor) -> CaseQuerySet:
    """Cases the actor sees, newest first, with what a list shows. Filters and keyset paging are laid over it."""
    return Case.objects.visible_to(actor).select_related("owner", "category").order_by("-id")  # type: ignore[return-value]


def list_worklist(actor: Actor, *, statuses: Iterable[str] = OPEN) -> CaseQuerySet:
    """Open cases the actor sees, those due first at the head."""
    cases = Case.objects.visible_to(actor).filter(status__in=tuple(statuses))
    return cases.select_related("owner", "category").order_by("next_due_at", "id")  # type: ignore[return-value]


def list_my_orders(actor: Actor) -> CaseQuerySet:
    """Open cases that lie with the actor's unit now, by time left."""
    cases = Case.objects.visible_to(actor).filter(owner_id=actor.unit_id, status__in=("dispatched", "in_progress"))
    return cases.select_related("owner", "category").order_by("next_due_at", "id")  # type: ignore[return-value]


def count_by_status(actor: Actor, *, cases: Any) -> dict[str, int]:
    """How many of the (already scoped) cases stand in each state; absent states are 0."""
    counted = dict(cases.order_by().values_list("status").annotate(n=Count("id")))
    return {status: counted.get(status, 0) for status in (*OPEN, "closed")}


def get_case(actor: Actor, *, number: str) -> Case:
    """One case by its number; NotFound when it is not the actor's to see."""
    actor.require("cases.view")
    return (  # type: ignore[no-any-return]
        Case.objects.select_related("owner", "category__parent").get_visible(actor, county=actor.county, number=number)
    )
