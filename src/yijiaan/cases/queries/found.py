"""Search: which cases a few words mean. By the number of a case, of a report or of an outside system, by a reporter's phone, and by
any two characters of what was said, the title and the place."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Q

from yijiaan.cases.flows import OPEN
from yijiaan.cases.models import Case, CaseWords, Report, Reporter, newest_orders
from yijiaan.cases.search import TOWN, month_mark, normal, pairs, town_mark
from yijiaan.core import clock
from yijiaan.core.checks import normal_phone
from yijiaan.core.compiled import Compiled, compiled
from yijiaan.core.errors import RuleError
from yijiaan.core.postgresql.raw import ask_anew
from yijiaan.core.scope import Actor

MOST_WORDS = 60  # characters of a question that are looked at
MOST_OPEN = 3000
MOST_ENDED = 300  # the newest of those that ended; older ones want more words
MOST_RECENT = 1000  # among which a single character is looked for
MOST_ORDERS = 2000  # the newest orders of a unit, for those who see no area
WHOLE_NUMBER = re.compile(
    r"[0-9a-z\-]*[0-9]{8}[0-9a-z\-]*"
)  # nobody says such a thing in passing: who asks for it means it
NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z\-_/]{3,39}")


@dataclass(frozen=True, slots=True)
class Found:
    """ids of cases that match, some of which the actor may not see: lay `visible_to` over them. is_cut: there are older ones."""

    ids: tuple[str, ...]
    is_cut: bool = False
    is_short: bool = False  # one character: only recent cases were looked at


def find_cases(actor: Actor, *, words: str, area_code: str = "") -> Found:
    """The cases that a question means; area_code narrows it to a place before the newest are taken.

    A phone is asked for only by those who may contact reporters: to anybody else it is a number like any other.
    """
    asked = normal(words[:MOST_WORDS])
    by_number = _by_number(actor, words[:MOST_WORDS])
    if by_number and WHOLE_NUMBER.fullmatch(asked):
        return Found(tuple(dict.fromkeys(by_number)))
    if len(asked) < 2:
        return Found(tuple(dict.fromkeys([*by_number, *_recent_with(actor, asked)])), is_short=True)
    found, is_cut = list[str](), False
    for kind, ids in _said(actor, asked, area_code):
        these = ids.split(",") if ids else []
        is_cut = is_cut or (kind == "ended" and len(these) > MOST_ENDED)
        found += these[:MOST_ENDED] if kind == "ended" else these
    return Found(tuple(dict.fromkeys([*by_number, *found])), is_cut=is_cut)


def _said(actor: Actor, asked: str, area_code: str) -> list[tuple[Any, ...]]:
    """What was said with these words, in one statement: the open ones, and the newest of those that ended, one more than are taken."""
    marks = sorted(pairs(asked))
    today = clock.local_day()
    lately = [month_mark(today), month_mark(today.replace(day=1) - timedelta(days=1))]
    parts, values = list[str](), list[Any]([actor.county, f"%{_plain(asked)}%"])

    def among(scope: str, *its: Any, newest: bool = False) -> None:
        """Both of a scope, a condition on `said`. newest: very many may lie in it, so the last two months are asked first."""
        parts.append(_OPEN.format(scope=scope, most=MOST_OPEN))
        parts.append((_NEWEST if newest else _ENDED).format(scope=scope, most=MOST_ENDED))
        values.extend([*its, *its, lately, *its] if newest else [*its, *its])

    areas = (area_code,) if area_code and actor.covers(area_code) else actor.areas
    for area in areas:
        scope, its = HAS, list[Any]([[*marks, town_mark(area)] if len(area) >= TOWN else marks])
        if len(area) > TOWN:
            scope += (
                " AND EXISTS (SELECT FROM cases_case c WHERE c.county = said.county AND c.id = said.case_id"
                " AND c.area_code >= %s AND c.area_code < %s)"
            )
            its += [area, area + "~"]
        among(scope, *its, newest=True)
    if actor.unit_id is not None:
        orders, held = _own_queries(actor, MOST_ORDERS, MOST_OPEN)
        among(f"{HAS} AND id = ANY(ARRAY({orders.sql}))", marks, *orders.parameters)
        if held.sql:
            parts.append(_OPEN.format(scope=f"{HAS} AND id = ANY(ARRAY({held.sql}))", most=MOST_OPEN))
            values.extend([marks, *held.parameters])
    return ask_anew(_SAID + " UNION ALL ".join(parts), values) if parts else []


HAS = "marks @> %s::int[]"  # every scope says it once, with all marks it knows: asked twice, the index reads them twice
_SAID = """
WITH said AS NOT MATERIALIZED (
    SELECT county, id, case_id, marks, is_open FROM case_words WHERE county = %s AND words LIKE %s
)"""
# identifiers come as text: nobody looks into them before they are handed back
_OPEN = """
SELECT 'open', string_agg(case_id::text, ',') FROM (SELECT case_id FROM said WHERE is_open AND {scope} LIMIT {most}) o"""
_ENDED = """
SELECT 'ended', string_agg(case_id::text, ',' ORDER BY case_id DESC) FROM (
    SELECT case_id FROM said WHERE NOT is_open AND {scope} ORDER BY case_id DESC LIMIT {most} + 1
) e"""
_NEWEST = """
SELECT 'ended', string_agg(case_id::text, ',' ORDER BY case_id DESC) FROM (
    WITH lately AS MATERIALIZED (
        SELECT case_id FROM said WHERE NOT is_open AND {scope} AND marks && %s::int[] ORDER BY case_id DESC LIMIT {most} + 1
    ), enough AS (SELECT count(*) > {most} FROM lately)
    SELECT case_id FROM lately WHERE (TABLE enough)
    UNION ALL (
        SELECT case_id FROM said WHERE NOT is_open AND {scope} AND NOT (TABLE enough) ORDER BY case_id DESC LIMIT {most} + 1
    )
) e"""


def _plain(asked: str) -> str:
    return asked.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@lru_cache(maxsize=1024)
def _own_queries(actor: Actor, most_orders: int, most_held: int) -> tuple[Compiled, Compiled]:
    """Cases that the actor's unit had a part in lately, and those it holds outside his areas."""
    orders = newest_orders(actor)
    held = Case.objects.listed_parts(actor)[-1].filter(owner_id=actor.unit_id, status__in=OPEN).order_by()
    return compiled(orders.values_list("case_id")[:most_orders]), compiled(held.values_list("id")[:most_held])


def _by_number(actor: Actor, words: str) -> list[str]:
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
    return list(map(str, found))


def _phone(words: str) -> str:
    try:
        return normal_phone(words)
    except RuleError:
        return ""


def _recent_with(actor: Actor, letter: str) -> list[str]:
    """A single character stands in no pair: it is looked for in what came last."""
    if not letter:
        return []
    recent = Case.objects.listed_to(actor).order_by("-id").values_list("id", flat=True)[:MOST_RECENT]
    said = CaseWords.objects.filter(county=actor.county, id__any=list(recent), words__contains=letter)
    return list(map(str, said.values_list("case_id", flat=True)))
