"""走访: what is due where, what was heard, and what changed by it."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.patrols.models import Arrangement, Visit, VisitCycle, VisitSample
from yijiaan.patrols.permissions import PLAN_VISITS, VISIT
from yijiaan.patrols.visit_flows import OPEN
from yijiaan.patrols.visit_rules import DEFAULTS, NEAR, Cycle
from yijiaan.registry.models import Change, Household, Membership

MOST_LINES = 20
MOST_CARRIED = 500
TOWN, GRID = 9, 16  # digits of their codes


def read_cycles(actor: Actor) -> dict[str, Cycle]:
    """How often and by whom each care list is visited in the actor's county."""
    own = VisitCycle.objects.filter(county=actor.county).values_list("care_kind", "every_days", "who")
    return DEFAULTS | {kind: Cycle(days, who) for kind, days, who in own}


def list_due_visits(actor: Actor, *, area_code: str = "", near: bool = True) -> QuerySet[Arrangement]:
    """Which households are to be visited, the longest waiting first: those that are due, and with near those of the coming week."""
    until = clock.local_day() + NEAR if near else clock.local_day()
    rows = Arrangement.objects.visible_to(actor).filter(status__in=OPEN, next_on__lte=until)
    if area_code and actor.covers(area_code):
        rows = rows.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
    return rows.select_related("household", "care_entry__person").order_by("next_on", "id")


def list_paused(actor: Actor) -> QuerySet[Arrangement]:
    """Which households are not visited for a while."""
    rows = Arrangement.objects.visible_to(actor).filter(status="paused")
    return rows.select_related("household", "care_entry__person").order_by("paused_until", "id")


def list_carried_visits(actor: Actor) -> list[dict[str, str]]:
    """What a phone takes along: which household is due when, at most MOST_CARRIED."""
    due: dict[UUID, date] = {}
    rows = list_due_visits(actor).filter(household__isnull=False).values_list("household_id", "next_on")
    for household_id, day in rows[:MOST_CARRIED]:
        due.setdefault(household_id, day)
    return [{"household": str(household_id), "due": day.isoformat()} for household_id, day in due.items()]


def count_due_by_grid(actor: Actor, *, area_code: str = "") -> list[dict[str, Any]]:
    """How many arrangements run, are due, over their day and paused in each grid, of a whole county in each town; in one statement."""
    rows = Arrangement.objects.visible_to(actor).exclude(status="ended")
    inside = list(actor.areas)
    if area_code and actor.covers(area_code):
        rows = rows.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
        inside = [area_code]
    length = TOWN if any(len(code) < TOWN for code in inside) else GRID
    lines: dict[str, dict[str, Any]] = {}
    counted = rows.values("area_code", "status").annotate(number=Count("id")).order_by("area_code")
    for row in counted:
        code = row["area_code"][:length]
        line = lines.setdefault(code, {"area_code": code, "running": 0, "due": 0, "overdue": 0, "paused": 0})
        line["running"] += row["number"]
        if row["status"] in line:
            line[row["status"]] += row["number"]
    return list(lines.values())


def get_arrangement(actor: Actor, *, arrangement_id: UUID) -> Arrangement:
    """One arrangement; NotFound elsewhere."""
    found: Arrangement = Arrangement.objects.select_related("household", "care_entry__person").get_visible(
        actor, county=actor.county, id=arrangement_id
    )
    return found


def list_visits(actor: Actor, *, household_id: UUID | None = None) -> QuerySet[Visit]:
    """The visits that the actor sees, newest first. Of one household those of before the grids were redrawn too: they stay in the grid
    of their day, and whoever looks after the household now goes on from them."""
    rows = Visit.objects.visible_to(actor) if household_id is None else _visits_to(actor, household_id)
    return rows.select_related("household", "visited_by__user", "visited_by__unit").order_by("-id")


def _visits_to(actor: Actor, household_id: UUID) -> QuerySet[Visit]:
    if not (actor.may(VISIT) or actor.may(PLAN_VISITS)):
        return Visit.objects.none()
    home = Household.objects.visible_to(actor).filter(id=household_id)
    seen = Q(household_id__in=home.values("id")) | actor.area_filter()
    return Visit.objects.filter(seen, county=actor.county, household_id=household_id)


def get_visit(actor: Actor, *, visit_id: UUID) -> Visit:
    """One visit that `list_visits` gives; NotFound elsewhere."""
    household_id = Visit.objects.filter(county=actor.county, id=visit_id).values_list("household_id", flat=True).first()
    found = list_visits(actor, household_id=household_id).filter(id=visit_id).first() if household_id else None
    if found is None:
        raise NotFound
    return found


def list_arrangements_of(actor: Actor, *, household_id: UUID) -> list[Arrangement]:
    """Why and when a household is visited again."""
    rows = Arrangement.objects.visible_to(actor).filter(household_id=household_id).exclude(status="ended")
    return list(rows.select_related("care_entry__person").order_by("next_on", "id"))


def list_changes_of_visit(actor: Actor, *, visit: Visit, keys: Iterable[UUID]) -> list[Change]:
    """What a visit changed or proposed, under the keys of its records."""
    rows = Change.objects.visible_to(actor).filter(client_key__in=list(keys))
    return list(
        rows.select_related("proposed_by__unit", "proposed_by__role", "decided_by__unit", "decided_by__role").order_by(
            "id"
        )
    )


def records_in_household(actor: Actor, *, household_id: UUID) -> list[UUID]:
    """A household and everybody who lives or lived there."""
    members = Membership.objects.filter(county=actor.county, household_id=household_id)
    return [household_id, *members.values_list("person_id", flat=True)]


def list_samples(actor: Actor) -> QuerySet[VisitSample]:
    """The visits that were drawn, newest first."""
    rows = VisitSample.objects.visible_to(actor)
    return rows.select_related("visit__household", "visit__visited_by__unit", "checked_by__user").order_by("-id")


def get_sample(actor: Actor, *, sample_id: UUID) -> VisitSample:
    """One of them; NotFound elsewhere."""
    found: VisitSample = VisitSample.objects.select_related(
        "visit__household", "visit__visited_by__unit", "checked_by__user"
    ).get_visible(actor, county=actor.county, id=sample_id)
    return found
