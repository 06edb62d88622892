"""How often plates are of use: a number a plate and day. Who stood before it is nowhere kept, so the journal says nothing either."""

from django.db import transaction
from django.db.models import F

from yijiaan.core import clock
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.registry.models import Plate, PlateDay

COLUMNS = {"opened": "opened_count", "reported": "reported_count", "called": "called_count"}


@transaction.atomic
def count_plate_use(*, actor: Actor, plate: Plate, use: str) -> None:
    """One more time that a plate was opened, reported from or rung from today; anybody may. KeyError for another use."""
    column = COLUMNS[use]
    today = clock.local_day()
    mine = PlateDay.objects.filter(county=plate.county, plate=plate, on=today)
    more = {column: F(column) + 1}
    if mine.update(**more):
        return
    row = PlateDay(id=uuid7(), county=plate.county, plate=plate, on=today)
    PlateDay.objects.bulk_create([row], ignore_conflicts=True)  # somebody may be faster
    mine.update(**more)
