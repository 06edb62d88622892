"""Search: which cases a few words mean. By the number of a case, of a report or of an outside system, by a reporter's phone, and by
any two characters of what was said, the title and the place."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q, QuerySet

from yijiaan.cases.flows import OPEN
from yijiaan.cases.models import Assignment, Case, CaseWords, Report, Reporter
from yijiaan.cases.search import TOWN, normal, pairs, town_mark
from yijiaan.core.checks import normal_phone
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor

MOST_WORDS = 60  # characters of a question that are looked at
MOST_OPEN = 3000
MOST_ENDED = 300  # the newest of those that ended; older ones want more words
MOST_RECENT = 1000  # among which a single character is looked for
MOST_ORDERS = 2000  # the newest orders of a unit, for those who see no area
NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z\-_/]{3,39}")


@dataclass(frozen=True, slots=True)
class Found:
    """ids of cases that match, some of which the actor may not see: lay `visible_to` over them. is_cut: there are older ones."""

    ids: tuple[UUID, ...]
    is_cut: bool = False
    is_short: bool = False  # one character: only recent cases were looked at


def find_cases(actor: Actor, *, words: str, area_code: str = "") -> Found:
    """The cases that a question means; area_code narrows it to a place before the newest are taken.

    A phone is asked for only by those who may contact reporters: to anybody else it is a number like any other.
    """
    asked = normal(words[:MOST_WORDS])
    by_number = _by_number(actor, words[:MOST_WORDS])
    if len(asked) < 2:
        return Found(tuple(dict.fromkeys([*by_number, *_recent_with(actor, asked)])), is_short=True)
    marks = sorted(pairs(asked))
    said = CaseWords.objects.filter(county=actor.county, marks__contains=marks, words__contains=asked)
    found: list[UUID] = []
    is_cut = False
    for query in _seen(actor, said.filter(is_open=True), marks, area_code):
        found += query.values_list("case_id", flat=True)[:MOST_OPEN]
    if actor.unit_id is not None:
        held = Case.objects.listed_to(actor).filter(owner_id=actor.unit_id, status__in=OPEN).order_by()
        found += said.filter(is_open=True, id__any=ArraySubquery(held.values("id")[:MOST_OPEN])).values_list(
            "case_id", flat=True
        )[:MOST_OPEN]
    for query in _seen(actor, said.filter(is_open=False), marks, area_code):
        rows = list(query.order_by("-case_id").values_list("case_id", flat=True)[: MOST_ENDED + 1])
        is_cut = is_cut or len(rows) > MOST_ENDED
        found += rows[:MOST_ENDED]
    return Found(tuple(dict.fromkeys([*by_number, *found])), is_cut=is_cut)


def _seen(actor: Actor, said: "QuerySet[CaseWords]", marks: list[int], area_code: str) -> list["QuerySet[CaseWords]"]:
    """Of what was said: what lies inside the actor's areas, and what his unit had a part in."""
    queries = []
    areas = (area_code,) if area_code and actor.covers(area_code) else actor.areas
    for area in areas:
        inside = said
        if len(area) >= TOWN:
            inside = said.filter(marks__contains=[*marks, town_mark(area)])
        if len(area) > TOWN:
            inside = inside.filter(case__area_code__gte=area, case__area_code__lt=area + "~")
        queries.append(inside)
    if actor.unit_id is not None:
        orders = Assignment.objects.filter(county=actor.county, unit_id=actor.unit_id).order_by("-dispatched_at")
        queries.append(said.filter(id__any=ArraySubquery(orders.values("case_id")[:MOST_ORDERS])))
    return queries


def _by_number(actor: Actor, words: str) -> list[UUID]:
    number = "".join(words.split()).replace("\0", "")
    county, found = actor.county, list[UUID]()
    if NUMBER.fullmatch(number):
        upper = number.upper()
        cases = Case.objects.visible_to(actor).filter(number__gte=upper, number__lt=upper + "~")
        found += cases.order_by("-number").values_list("id", flat=True)[:MOST_ENDED]
        reports = Report.objects.filter(Q(number=upper) | Q(external_number=number), county=county)
        found += reports.values_list("case_id", flat=True)[:MOST_ENDED]
    phone = _phone(words) if actor.may("cases.contact") else ""
    if phone:
        reporters = Reporter.objects.filter(county=county, phone_search=phone).order_by("-id")
        found += reporters.values_list("report__case_id", flat=True)[:MOST_ENDED]
    return found


def _phone(words: str) -> str:
    try:
        return normal_phone(words)
    except RuleError:
        return ""


def _recent_with(actor: Actor, letter: str) -> list[UUID]:
    """A single character stands in no pair: it is looked for in what came last."""
    if not letter:
        return []
    recent = Case.objects.listed_to(actor).order_by("-id").values_list("id", flat=True)[:MOST_RECENT]
    said = CaseWords.objects.filter(county=actor.county, id__any=list(recent), words__contains=letter)
    return list(said.values_list("case_id", flat=True))
