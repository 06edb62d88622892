"""Which finished cases somebody else looks at, and who."""

from uuid import UUID

from django.conf import settings

from yijiaan.accounts.queries import all_units, get_centre
from yijiaan.cases.models import Case, Return
from yijiaan.core.crypto import search_hash
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor


def verifier_for(actor: Actor, case: Case, *, handler_id: UUID) -> UUID | None:
    """The unit that verifies an outcome: the village of the place, or the centre where the village handled it itself.

    None where nobody has to look. Safety, what came back before, what a unit had refused, and a keyed sample of the rest are
    looked at (DOMAIN 3.1); what is confidential is not, for nobody outside its unit may know of it.
    """
    if case.is_confidential or not must_verify(case):
        return None
    near = [
        unit
        for unit in all_units(actor).values()
        if unit.kind == "village" and case.area_code.startswith(unit.area_id) and unit.id != handler_id
    ]
    if near:
        return near[0].id
    try:
        centre = get_centre(actor, area_code=case.area_code)
    except NotFound:
        return None
    return centre.id if centre.id != handler_id else None


def must_verify(case: Case) -> bool:
    """Whether this outcome is one of those that are looked at."""
    if case.category_id and case.category and case.category.is_verified:
        return True
    if case.reopened_count or case.rework_count or case.report_count > 1:
        return True
    if case.hop_count > 2 and Return.objects.filter(county=case.county, case_id=case.id).exists():
        return True
    return in_sample(case)


def in_sample(case: Case) -> bool:
    """Whether chance, by a key that nobody outside knows, picks this case: the same answer every time."""
    drawn = int.from_bytes(search_hash("verify_sample", str(case.id))[:4]) % 100
    return bool(drawn < settings.VERIFY_SAMPLE_PERCENT)
