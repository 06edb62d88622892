"""A form that is to be filled in for a grid goes on for the grids that come of it."""

from collections.abc import Sequence

from django.db import transaction

from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.oneform.models import FormArea
from yijiaan.oneform.permissions import MANAGE


@transaction.atomic
def follow_redraw(*, actor: Actor, county: str, before: Sequence[str], after: Sequence[str]) -> int:
    """Forms that have not ended ask in the new grids of a redraw where they asked in an old one; what was told of that stays its own.
    Doing it again changes nothing. Returns how many places came in."""
    actor.require(MANAGE)
    asked = FormArea.objects.filter(county=county, area_code__in=before).exclude(form__state="closed")
    wanted = {(form_id, code) for form_id in asked.values_list("form_id", flat=True) for code in after}
    known = FormArea.objects.filter(county=county, area_code__in=after).values_list("form_id", "area_code")
    new = sorted(wanted - set(known), key=str)
    FormArea.objects.bulk_create(
        [FormArea(id=uuid7(), county=county, form_id=form_id, area_code=code) for form_id, code in new],
        ignore_conflicts=True,
    )
    return len(new)
