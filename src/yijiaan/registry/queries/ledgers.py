"""What a ledger's lines may mean among the records there are, for many lines in few statements.

Some answers reach beyond the actor's areas, as the constraints of the county do: a number is registered once. Callers say no more
of such a record than that it is there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q

from yijiaan.core.crypto import search_hash
from yijiaan.core.scope import Actor
from yijiaan.registry.fields import Kind
from yijiaan.registry.models import CareEntry, Change, ChangeState, Household, Membership, Person, PersonMerge, Status

ONCE = (Status.ACTIVE, Status.MOVED_OUT, Status.DEAD)


def list_numbered_people(actor: Actor, *, numbers: Collection[str]) -> dict[str, Person]:
    """Who in the county has these identity numbers, outside the actor's areas too."""
    by_hash = {search_hash("id_no", number): number for number in numbers}
    found = Person.objects.filter(county=actor.county, id_no_search__in=list(by_hash), status__in=ONCE)
    return {by_hash[bytes(person.id_no_search)]: person for person in found}


def list_numbered_households(actor: Actor, *, numbers: Collection[str]) -> dict[str, Household]:
    """Households in use in the county with these 户号, outside the actor's areas too."""
    found = Household.objects.filter(county=actor.county, household_no__in=list(numbers), status=Status.ACTIVE)
    return {household.household_no: household for household in found}


def list_households_at(actor: Actor, *, addresses: Collection[str], villages: Collection[str]) -> list[Household]:
    """Households of the actor's in use at these addresses, in these villages."""
    inside = Q(pk__in=[])
    for code in sorted(villages):
        inside |= Q(area_code__gte=code, area_code__lt=code + "~")
    rows = Household.objects.visible_to(actor).filter(inside, address__in=list(addresses), status=Status.ACTIVE)
    return list(rows.order_by("id"))


def list_members(actor: Actor, *, households: Iterable[UUID]) -> dict[UUID, list[Membership]]:
    """Who lives in each of some households, with the persons."""
    living = Membership.objects.filter(county=actor.county, household__in=list(households), to_on__isnull=True)
    found: dict[UUID, list[Membership]] = defaultdict(list)
    for member in living.select_related("person").order_by("id"):
        found[member.household_id].append(member)
    return found


def list_homes_of(actor: Actor, *, people: Iterable[UUID]) -> dict[UUID, Membership]:
    """Where each of some people lives, without the household's facts."""
    living = Membership.objects.filter(county=actor.county, person__in=list(people), to_on__isnull=True)
    return {member.person_id: member for member in living}


def list_made_households(actor: Actor, *, client_keys: Collection[UUID]) -> dict[UUID, Household]:
    """Households that an import made already, by its client key."""
    found = Household.objects.visible_to(actor).filter(client_key__in=list(client_keys))
    return {household.client_key: household for household in found}


def list_like(actor: Actor, kind: Kind, *, key: str, values: Collection[str]) -> list[Any]:
    """Records of a kind in use in the county whose fact is one of some values, outside the actor's areas too."""
    rows = kind.model.objects.filter(county=actor.county, status=Status.ACTIVE, **{f"{key}__in": list(values)})  # type: ignore[attr-defined]
    return list(rows.order_by("id"))


def list_named_in(
    actor: Actor, kind: Kind, *, key: str, values: Collection[str], villages: Collection[str]
) -> list[Any]:
    """Records of a kind in use in the actor's areas whose fact is one of some values, in some villages."""
    inside = Q(pk__in=[])
    for code in sorted(villages):
        inside |= Q(area_code__gte=code, area_code__lt=code + "~")
    rows = kind.model.objects.visible_to(actor).filter(inside, status=Status.ACTIVE, **{f"{key}__in": list(values)})  # type: ignore[attr-defined]
    return list(rows.order_by("id"))


def list_records_by_id(actor: Actor, kind: Kind, *, ids: Collection[UUID]) -> dict[UUID, Any]:
    """Records of the actor's by their ids."""
    return {row.id: row for row in kind.model.objects.visible_to(actor).filter(id__in=list(ids))}  # type: ignore[attr-defined]


def list_built_on(actor: Actor, kind: Kind, *, ids: Collection[UUID]) -> set[UUID]:
    """Of some records those on which somebody has built: a change that stands or waits, care, a merge, another home, a part of it.
    What was changed and taken back again is as it was."""
    ids = list(ids)
    changes = Change.objects.filter(
        county=actor.county, subject_id__in=ids, state__in=(ChangeState.OPEN, ChangeState.CONFIRMED)
    )
    found = set(changes.values_list("subject_id", flat=True))
    match kind.code:
        case "person":
            found |= set(
                CareEntry.objects.filter(county=actor.county, person__in=ids).values_list("person_id", flat=True)
            )
            merges = PersonMerge.objects.filter(Q(kept__in=ids) | Q(merged__in=ids), county=actor.county)
            found |= {each for pair in merges.values_list("kept_id", "merged_id") for each in pair}
            gone = Membership.objects.filter(county=actor.county, person__in=ids, to_on__isnull=False)
            found |= set(gone.values_list("person_id", flat=True))
        case "household":
            gone = Membership.objects.filter(county=actor.county, household__in=ids, to_on__isnull=False)
            found |= set(gone.values_list("household_id", flat=True))
        case "room":
            homes = Household.objects.filter(county=actor.county, room__in=ids)
            found |= set(homes.values_list("room_id", flat=True))
        case "building" | "organisation":
            parts = kind.model._meta.get_field("rooms" if kind.code == "building" else "vehicles").related_model
            held = parts.objects.filter(county=actor.county, **{f"{kind.code}__in": ids})  # type: ignore[union-attr]
            found |= set(held.values_list(f"{kind.code}_id", flat=True))
    return found & set(ids)
