"""登记情况的数: counted anew as a whole, so that they are right as of a moment that the page names."""

from datetime import timedelta

from django.db import transaction

from yijiaan.areas.models import Area
from yijiaan.core import clock
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.registry.models import GridCount
from yijiaan.registry.permissions import SEE_PEOPLE
from yijiaan.registry.queries import count_now

OFTEN = timedelta(minutes=1)
FACTS = ("household_count", "person_count", "filled_count", "wanted_count", "due_count", "oldest_on", "counted_at")


@transaction.atomic
def count_base(*, actor: Actor) -> int:
    """Count the base of the actor's county, grid by grid; who asks within a minute of the last count gets that one. Returns how many
    grids have records. A few hundred milliseconds for half a million people; two at once do no harm."""
    actor.require(SEE_PEOPLE)
    now = clock.now()
    known = GridCount.objects.filter(county=actor.county)
    if actor.kind is not ActorKind.SYSTEM and known.filter(counted_at__gt=now - OFTEN).exists():
        return known.count()
    lines = count_now(system("count_base", actor.county))
    rows = [
        GridCount(
            id=uuid7(), county=actor.county, area_code=line.area_code, household_count=line.households, person_count=line.people,
            filled_count=line.filled, wanted_count=line.wanted, due_count=line.due, oldest_on=line.oldest_on or clock.local_day(now), counted_at=now,
        )
        for line in lines
    ]  # fmt: skip
    GridCount.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["county", "area_code"], update_fields=FACTS, batch_size=500
    )
    known.exclude(area_code__in=[row.area_code for row in rows]).delete()
    return len(rows)


def count_all_bases(*, actor: Actor) -> int:
    """Count every county, each for itself; returns how many. A job."""
    counties = list(Area.objects.filter(level="county").order_by("code").values_list("code", flat=True))
    for county in counties:
        count_base(actor=system(actor.identity, county))
    return len(counties)
