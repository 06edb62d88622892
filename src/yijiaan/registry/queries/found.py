"""查一查: one line finds people by name, initials, numbers, and everything else by its words; only what lies in the actor's areas."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from yijiaan.core.bigrams import normal, pairs
from yijiaan.core.checks import is_mobile, plain_digits
from yijiaan.core.scope import Actor
from yijiaan.registry.fields import KINDS, PERSON
from yijiaan.registry.marks import town_mark
from yijiaan.registry.models import Household, Membership, Organisation, Person, Record, Status, Vehicle
from yijiaan.registry.queries.plates import county_of_number, list_same_codes
from yijiaan.registry.values import PLATE_LENGTH, PLATE_NO, plain_plate_no, title_of

MOST_FOUND = 20
MOST_ASKED = 60
IDENTITY = re.compile(r"\d{17}[\dX]")
LETTERS = re.compile(r"[a-z]{2,12}")
CHINESE = re.compile(r"[\u4e00-\u9fff·]{2,15}")
SHOWN = (Status.ACTIVE, Status.MOVED_OUT, Status.DEAD)
BY_WORDS = ("household", "organisation", "place", "facility", "building", "room")
TOWN = 9


@dataclass(frozen=True, slots=True)
class Hit:
    """One line that was found. where: what tells it from its namesakes."""

    kind: str
    id: UUID
    title: str
    where: str
    area_code: str
    status: str
    household_id: UUID | None = None


def search_base(actor: Actor, *, text: str, area_code: str = "") -> list[Hit]:
    """What a line of typing may mean, people first; at most twenty of a kind. Seven statements at most."""
    text = text.replace("\0", "").strip()[:MOST_ASKED]
    squeezed = plain_digits(text).upper()
    if IDENTITY.fullmatch(squeezed):
        return _people(actor, _in(actor, Person, area_code).filter(id_no_search=squeezed))
    if is_mobile(squeezed) or (squeezed.isdigit() and 7 <= len(squeezed) <= 12):
        found = _people(actor, _in(actor, Person, area_code).filter(phone_search=squeezed))
        found += _records("household", _in(actor, Household, area_code).filter(phone_search=squeezed))
        return found + ([] if is_mobile(squeezed) else _by_words(actor, text, area_code, ("household",)))
    if len(squeezed) == PLATE_LENGTH and squeezed.isascii() and squeezed.isalnum():
        return list_behind_plate(actor, code=squeezed, area_code=area_code)
    if county_of_number(actor, number=text):
        return list_behind_plate(actor, code=text, area_code=area_code)
    plate_no = plain_plate_no(text)
    if PLATE_NO.fullmatch(plate_no):
        return _records("vehicle", _in(actor, Vehicle, area_code).filter(plate_no_search=plate_no))
    letters = text.lower().replace(" ", "")
    if LETTERS.fullmatch(letters):
        people = _in(actor, Person, area_code).filter(sort_key__gte=letters, sort_key__lt=letters + "~")
        return _people(actor, people.order_by("sort_key", "area_code", "id"))
    found = []
    if CHINESE.fullmatch(text):
        found = _people(actor, _in(actor, Person, area_code).filter(name_search=normal(text)))
    return found + _by_words(actor, text, area_code, BY_WORDS)


def list_behind_plate(actor: Actor, *, code: str, area_code: str = "") -> list[Hit]:
    """The households and organisations registered under a door plate, or under one that hung there before it."""
    codes = list_same_codes(actor, code=code) or [code]
    found = _records("household", _in(actor, Household, area_code).filter(plate_code__in=codes))
    return found + _records("organisation", _in(actor, Organisation, area_code).filter(plate_code__in=codes))


def find_person(actor: Actor, *, number: str) -> Person | None:
    """Who has this identity or phone number, when it is one person; None otherwise."""
    squeezed = plain_digits(number).upper()
    column = "phone_search" if is_mobile(squeezed) else "id_no_search"
    if not squeezed:
        return None
    found = list(Person.objects.visible_to(actor).filter(status__in=SHOWN, **{column: squeezed}).order_by("id")[:2])
    return found[0] if len(found) == 1 else None


def find_namesakes(actor: Actor, *, person: Person) -> list[Hit]:
    """Others with his name or his phone: perhaps the same human being, registered twice."""
    people = Person.objects.visible_to(actor).filter(status__in=SHOWN)
    found = {row.id: row for row in people.filter(name_search=person.name_search)[: MOST_FOUND + 1]}
    if person.phone_search is not None:
        found |= {row.id: row for row in people.filter(phone_search=person.phone_search)[: MOST_FOUND + 1]}
    found.pop(person.id, None)
    return _draw(actor, found.values())


def _in(actor: Actor, model: type[Record], area_code: str) -> Any:
    rows = model.objects.visible_to(actor)  # type: ignore[attr-defined]
    rows = rows.filter(status__in=SHOWN) if model is Person else rows.filter(status=Status.ACTIVE)
    return rows.inside(area_code) if area_code and actor.covers(area_code) else rows


def _people(actor: Actor, rows: Any) -> list[Hit]:
    return _draw(actor, rows[:MOST_FOUND])


def _draw(actor: Actor, people: Iterable[Person]) -> list[Hit]:
    people = list(people)
    homes = Membership.objects.filter(
        county=actor.county, person__in=[person.id for person in people], to_on__isnull=True
    ).select_related("household")  # fmt: skip
    home = {row.person_id: row.household for row in homes} if people else {}
    return [
        Hit(
            "person", person.id, title_of(person, PERSON), home[person.id].address if person.id in home else "",
            person.area_code, person.get_status_display() if person.status != Status.ACTIVE else "",
            home[person.id].id if person.id in home else None,
        )
        for person in people
    ]  # fmt: skip


def _records(kind: str, rows: Any) -> list[Hit]:
    which = KINDS[kind]
    return [
        Hit(kind, row.id, title_of(row, which), getattr(row, "address", ""), row.area_code, "")
        for row in rows.order_by("area_code", "id")[:MOST_FOUND]
    ]


def _by_words(actor: Actor, text: str, area_code: str, kinds: Iterable[str]) -> list[Hit]:
    words = [part for part in (normal(word) for word in text.split()) if len(part) > 1][:4]
    if not words:
        return []
    marks = {pair for word in words for pair in pairs(word)}
    prefix = area_code if area_code and actor.covers(area_code) else (actor.areas[0] if len(actor.areas) == 1 else "")
    if len(prefix) >= TOWN:
        marks.add(town_mark(prefix))
    found: list[Hit] = []
    for kind in kinds:
        rows = _in(actor, KINDS[kind].model, area_code).filter(marks__contains=sorted(marks))
        for word in words:
            rows = rows.filter(words__contains=word)
        found += _records(kind, rows)
    return found
