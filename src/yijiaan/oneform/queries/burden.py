"""What a form costs those who fill it in: for the burden meter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q

from yijiaan.core.scope import Actor
from yijiaan.oneform.models import ASKED, FormArea, OneForm


@dataclass(frozen=True, slots=True)
class FormBurden:
    """A form from above. minutes: of one row filled in by hand, as its issuer says; minutes_asked: of what is left to ask of one."""

    id: UUID
    name: str
    issuer: str
    basis: str
    ends_on: date
    is_asking: bool
    columns: int
    asked: int
    minutes: int

    @property
    def minutes_asked(self) -> float:
        """The part of the minutes that falls to the columns which are asked, in tenths, at least a half."""
        return max(0.5, round(self.minutes * self.asked / self.columns, 1)) if self.columns else float(self.minutes)


def list_form_burdens(actor: Actor, *, ends_from: date, used: Iterable[str] = ()) -> list[FormBurden]:
    """Published forms in and around the actor's areas that end on a day or later, or are among those named by id; by last day. For
    who may look at the meter, whatever else he may. One statement."""
    named = Q(ends_on__gte=ends_from) | Q(id__in=[UUID(one) for one in used])
    near = FormArea.objects.visible_to(actor)
    rows = (
        OneForm.objects.filter(named, county=actor.county, published_at__isnull=False, id__in=near.values("form_id"))
        .annotate(column_count=Count("columns"), asked_count=Count("columns", filter=Q(columns__source=ASKED)))
        .order_by("ends_on", "id")
    )
    return [
        FormBurden(
            row.id,
            row.name,
            row.issuer,
            row.basis,
            row.ends_on,
            row.is_asking,
            row.column_count,
            row.asked_count,
            row.minutes,
        )
        for row in rows
    ]
