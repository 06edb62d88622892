from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yijiaan.areas.providers import Stand
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.checklists.models import Grade
from yijiaan.safety.flows import FLOW
from yijiaan.safety.models import Hazard, HazardStep
from yijiaan.safety.persons import first_verifier, is_same_person, took_part

BY_HOLDER = ("begin", "protect", "resume", "submit")


def list_hazards(actor: Actor) -> QuerySet[Hazard]:
    """The hazards that the actor sees, newest first."""
    return Hazard.objects.visible_to(actor).select_related("unit").order_by("-id")


def stands_of_hazards(actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
    """The hazards of some grids that are not written off yet, for the simulation of a redraw."""
    rows = Hazard.objects.visible_to(actor).filter(area_code__in=codes).exclude(status="written_off")
    return rows.order_by("id").values_list("area_code", "lon", "lat")


def get_hazard(actor: Actor, *, hazard_id: UUID) -> Hazard:
    """One hazard; NotFound outside what the actor sees."""
    found: Hazard = Hazard.objects.select_related("unit", "found_by__user", "found_by__unit").get_visible(
        actor, county=actor.county, id=hazard_id
    )
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """What stands above the ledger; each figure opens to its rows."""

    by_status: dict[str, int]
    late: int
    major: int
    listed: int

    @property
    def open(self) -> int:
        """Everything that is not written off."""
        return sum(count for status, count in self.by_status.items() if FLOW.is_open(status))


def count_hazards(actor: Actor, *, hazards: QuerySet[Hazard]) -> Counts:
    """How many of a list stand where, in one statement."""
    is_open = Q(status__in=FLOW.values_in("open"))
    rows: Any = (
        hazards.order_by()
        .values("status")
        .annotate(
            count=Count("id"),
            late=Count("id", filter=is_open & Q(next_due_at__lt=clock.now())),
            major=Count("id", filter=is_open & Q(grade=Grade.MAJOR)),
            listed=Count("id", filter=is_open & Q(is_listed=True)),
        )
    )
    found = list(rows)
    by_status = {state.value: 0 for state in FLOW.states} | {row["status"]: row["count"] for row in found}
    return Counts(by_status, *(sum(row[name] for row in found) for name in ("late", "major", "listed")))


def list_steps(actor: Actor, *, hazard: Hazard) -> list[HazardStep]:
    """Its deeds, newest first. The caller has made sure that the actor may see the hazard."""
    steps = HazardStep.objects.filter(county=hazard.county, hazard_id=hazard.id)
    return list(steps.select_related("post__user", "post__unit", "post__role", "unit").order_by("-id"))


def list_relatives(actor: Actor, *, hazard: Hazard) -> list[Hazard]:
    """What it relapsed from, and what relapsed from it; those that the actor sees."""
    kin = Q(relapse_of_id=hazard.id)
    if hazard.relapse_of_id:
        kin |= Q(id=hazard.relapse_of_id)
    return list(Hazard.objects.visible_to(actor).filter(kin).order_by("id"))


def list_of_source(actor: Actor, *, county: str, source_ids: Iterable[UUID]) -> list[Hazard]:
    """The hazards that came from inspections or patrols. The caller has made sure that the actor may see those."""
    rows = Hazard.objects.filter(county=county, source_id__in=list(source_ids)).select_related("unit")
    return list(rows.order_by("serial", "id"))


def moves_for(actor: Actor, *, hazard: Hazard) -> list[str]:
    """What this actor may do with it now, by the names of the flow."""
    names = [move.name for move in FLOW.possible(actor, hazard.status)]
    if hazard.unit_id != actor.unit_id:
        names = [name for name in names if name not in BY_HOLDER]
    if "supervise" in names and (hazard.grade != Grade.MAJOR or hazard.is_listed):
        names.remove("supervise")
    if "dismiss" in names and is_same_person(actor, hazard.found_by_id):
        names.remove("dismiss")
    if "hand_to_case" in names and not actor.may("cases.register"):
        names.remove("hand_to_case")
    if "verify" in names:
        first = first_verifier(hazard) if hazard.grade == Grade.MAJOR else None
        if took_part(actor, hazard):
            names = [name for name in names if name not in ("verify", "reject")]
        elif first is not None and is_same_person(actor, first):
            names.remove("verify")
    return [name for name in names if name not in ("carry_over", "case_done", "case_back")]
