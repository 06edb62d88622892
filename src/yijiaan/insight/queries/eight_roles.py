"""八大员: how many records of field work stand behind each of the eight roles, by place and month. Records are counted, nobody is:
no name, no score, no order of places but that of the map."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, QuerySet, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from yijiaan.areas.models import LENGTH_OF
from yijiaan.areas.queries import area_names
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.providers import EightRole, field_work
from yijiaan.insight.periods import month_span
from yijiaan.insight.permissions import VIEW
from yijiaan.insight.queries.board import focus_of

FIELD = "cases:field"  # where posts that work in the villages begin
NOT_BY_HAND = "import:"
BELOW = {6: "town", 9: "village", 12: "grid"}
PAGE = 20


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place in a month: how many records stand behind each role."""

    code: str
    name: str
    counts: dict[EightRole, int]

    @property
    def opens(self) -> bool:
        """Whether it has parts of its own."""
        return len(self.code) in BELOW


@dataclass(frozen=True, slots=True)
class Work:
    """One record behind a figure. url: empty for who may not open it."""

    at: datetime
    verb: str
    area_code: str
    words: str
    url: str


def list_roles_by_place(actor: Actor, *, month: date, area_code: str = "") -> list[PlaceLine]:
    """The parts of an area (the viewer's own where none is named), in the order of their codes. NotFound for an area that is not
    his."""
    actor.require(VIEW)
    focus = focus_of(actor, area_code=area_code)
    length = LENGTH_OF[BELOW[len(focus)]] if len(focus) in BELOW else LENGTH_OF["grid"]
    rows = (
        _of_month(actor, month, focus).order_by().values_list("area_code", "verb", "about").annotate(number=Count("id"))
    )
    works = field_work()
    found: dict[str, Counter[EightRole]] = {}
    for code, verb, about, number in rows:
        role = works[verb].role_of(about)
        if role is not None:
            found.setdefault(code[:length], Counter())[role] += number
    names = area_names(actor, codes=found)
    return [PlaceLine(code, names.get(code, code), dict(found[code])) for code in sorted(found)]


def list_work_of_role(
    actor: Actor, *, role: EightRole, month: date, area_code: str, after: UUID | None = None
) -> tuple[list[Work], UUID | None]:
    """The records behind one figure, newest first, twenty a page, and where the next page begins. NotFound for an area that is not
    the viewer's."""
    actor.require(VIEW)
    if not area_code or not area_code.isdigit() or not actor.covers(area_code):
        raise NotFound
    works = field_work()
    entries = _of_month(actor, month, area_code)
    verbs = [verb for verb, work in works.items() if role in (work.role, *work.roles.values())]
    entries = entries.filter(verb__in=verbs)
    if after is not None:
        entries = entries.filter(id__lt=after)
    taken: list[Any] = []
    for entry in entries.order_by("-id").iterator(chunk_size=200):
        if works[entry.verb].role_of(entry.about) == role:
            taken.append(entry)
            if len(taken) > PAGE:
                break
    rows = taken[:PAGE]
    return _named(actor, rows), rows[-1].id if len(taken) > PAGE else None


def _named(actor: Actor, entries: Sequence[Any]) -> list[Work]:
    works = field_work()
    wanted: dict[object, list[UUID]] = {}
    for entry in entries:
        wanted.setdefault(works[entry.verb].names, []).append(entry.subject_id)
    named: dict[UUID, tuple[str, str]] = {}
    for names, ids in wanted.items():
        named |= names(actor, ids=ids)  # type: ignore[operator]
    return [
        Work(entry.happened_at, entry.verb, entry.area_code, *named.get(entry.subject_id, ("", "")))
        for entry in entries
    ]


def _of_month(actor: Actor, month: date, area_code: str) -> QuerySet[Any]:
    """Deeds of posts that work in the villages, typed by hand, with what they were about."""
    begin, end = month_span(month)
    works = field_work()
    about = [When(verb=verb, then=work.about()) for verb, work in sorted(works.items()) if work.about is not None]
    return (
        Entry.objects.visible_to(actor)
        .filter(
            county=actor.county, area_code__gte=area_code, area_code__lt=area_code + "~", verb__in=sorted(works),
            post__role__landing=FIELD, happened_at__gte=begin, happened_at__lt=end,
        )
        .annotate(
            about=Case(*about, default=Value(""), output_field=CharField()),
            typed_from=Coalesce(KeyTextTransform("source", "data"), Value(""), output_field=TextField()),
        )
        .exclude(typed_from__startswith=NOT_BY_HAND)
    )  # fmt: skip
