"""Which open cases may be the same matter: by place, time, kind and the pairs of characters that their words share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from yijiaan.cases import search
from yijiaan.cases.models import Case, CaseQuerySet, CaseWords, Report
from yijiaan.cases.queries.categories import category_table
from yijiaan.cases.queries.suggest import suggest_category
from yijiaan.core import clock
from yijiaan.core.bigrams import normal, pairs
from yijiaan.core.geo import distance_m
from yijiaan.core.scope import Actor, system
from yijiaan.ui.words import span_words

DAYS = 30
MOST_LOOKED_AT = 200
MOST_SHOWN = 5
LEAST_SCORE = 0.5
NEAR, NEARBY = 80.0, 300.0  # metres
MERGEABLE = ("received", "need_info", "dispatched", "arbitration", "in_progress", "coordinating", "suspended")


@dataclass(frozen=True, slots=True)
class Matter:
    """What is looked for: a case, or what somebody is about to report."""

    area_code: str
    text: str
    at: datetime
    lon: float | None = None
    lat: float | None = None
    category_id: UUID | None = None
    case_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Similar:
    """An open case that may be the same, why, and how sure (0 to about 2)."""

    case: Case
    reasons: tuple[str, ...]
    score: float

    @property
    def words(self) -> str:
        """The reasons in one line."""
        return "，".join(self.reasons)

    @property
    def public_words(self) -> str:
        """What somebody at a public door may know of it: how far, and when."""
        return "，".join(reason for reason in self.reasons if reason.startswith("相距") or reason.endswith("报的"))


def list_similar(actor: Actor, *, case: Case) -> list[Similar]:
    """Open cases of the same village (of the town, where no village is known) that may be the same matter, likeliest first."""
    texts = Report.objects.filter(county=case.county, case_id=case.id).order_by("id").values_list("text", flat=True)
    matter = Matter(
        case.area_code, "\n".join([case.title, *texts]), case.received_at, case.lon, case.lat, case.category_id, case.id
    )
    return _similar(actor, Case.objects.listed_in(actor, _around(matter.area_code)), matter)


def list_nearby(actor: Actor, *, area_code: str, text: str, lon: float | None, lat: float | None) -> list[Similar]:
    """What somebody at a public door may be about to report once more. Nothing confidential, no tip, no private matter."""
    category = suggest_category(actor, text=text)
    matter = Matter(area_code, text, clock.now(), lon, lat, category.category.id if category else None)
    cases = Case.objects.visible_to(system("nearby", actor.county)).filter(
        is_confidential=False, kind__in=("help", "complaint", "suggestion")
    )
    return [found for found in _similar(actor, cases, matter) if _is_shared(actor, found.case)]


# 道路交通, 公共设施, 环境卫生, 农业农村: what a street sees anyway. Quarrels and hardships concern nobody else
SHARED = ("03", "04", "05", "06")


def _is_shared(actor: Actor, case: Case) -> bool:
    category = category_table(actor).by_id.get(case.category_id) if case.category_id else None
    if category is None:
        guessed = suggest_category(actor, text=case.title)
        category = guessed.category if guessed else None
    return category is not None and category.code[:2] in SHARED


def _around(area_code: str) -> str:
    """The village; the town where no village is known."""
    return area_code[: 12 if len(area_code) >= 12 else 9]  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class _Row:
    """What is compared of an open case."""

    id: UUID
    title: str
    area_code: str
    lon: float | None
    lat: float | None
    category_id: UUID | None
    received_at: datetime
    marks: Sequence[int]


def _similar(actor: Actor, cases: CaseQuerySet, matter: Matter) -> list[Similar]:
    """Compared by few columns, in one statement; only what is shown is read whole."""
    prefix = _around(matter.area_code)
    words = CaseWords.objects.filter(county=actor.county, id=OuterRef("id")).values("marks")
    rows = cases.filter(
        area_code__gte=prefix,
        area_code__lt=prefix + "~",
        status__in=MERGEABLE,
        is_confidential=False,
        received_at__gte=matter.at - timedelta(days=DAYS),
    ).order_by("-id")
    columns = ("id", "title", "area_code", "lon", "lat", "category_id", "received_at")
    read: Iterable[tuple[Any, ...]] = rows.annotate(marks=Subquery(words[:1])).values_list(*columns, "marks")[
        :MOST_LOOKED_AT
    ]
    found = [_Row(*values[:-1], values[-1] or ()) for values in read if values[0] != matter.case_id]  # type: ignore[call-arg]
    said = {mark for line in matter.text.split("\n") for mark in pairs(normal(line))}
    scored = [(row.id, *_score(actor, matter, said, row)) for row in found]
    likely = sorted((line for line in scored if line[1] >= LEAST_SCORE), key=lambda line: -line[1])[:MOST_SHOWN]
    if not likely:
        return []
    whole = {
        case.id: case for case in Case.objects.filter(county=actor.county, id__in=[case_id for case_id, *_ in likely])
    }
    return [Similar(whole[case_id], reasons, score) for case_id, score, reasons in likely if case_id in whole]


def _score(actor: Actor, matter: Matter, said: set[int], case: _Row) -> tuple[float, tuple[str, ...]]:
    reasons: list[str] = []
    score = 0.0
    if matter.lon is not None and matter.lat is not None and case.lon is not None and case.lat is not None:
        metres = distance_m(matter.lon, matter.lat, case.lon, case.lat)
        if metres <= NEAR:
            score += 0.5
        elif metres <= NEARBY:
            score += 0.25
        else:
            score -= 0.3
        if metres <= NEARBY:
            reasons.append(f"相距约 {max(round(metres, -1), 10):.0f} 米")
    elif len(matter.area_code) == len(case.area_code) == 16 and matter.area_code == case.area_code:  # noqa: PLR2004
        score += 0.2
        reasons.append("同一网格")
    category_id = case.category_id
    if category_id is None and matter.category_id is not None:
        guessed = suggest_category(actor, text=case.title)
        category_id = guessed.category.id if guessed else None
    if matter.category_id is not None and category_id == matter.category_id:
        score += 0.3
        reasons.append(f"同是{category_table(actor).by_id[matter.category_id].name}")
    theirs = {mark for mark in case.marks if mark != search.town_mark(case.area_code)}
    shared = len(said & theirs)
    if said and theirs and shared >= 2:  # noqa: PLR2004
        alike = shared / min(len(said), len(theirs))
        score += min(alike, 1.0)
        if alike >= 0.25:  # noqa: PLR2004
            reasons.append(f"说的有 {alike:.0%} 一样")
    reasons.append(
        f"{span_words(abs(matter.at - case.received_at))}{'前' if case.received_at <= matter.at else '后'}报的"
    )
    return score, tuple(reasons)
