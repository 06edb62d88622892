"""待回访: whom the centre still has to ring, with what the caller needs before he dials."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from yijiaan.accounts.queries import all_units
from yijiaan.cases.limits import CENTRES, CLAIM
from yijiaan.cases.models import (
    Callback,
    CallbackClaim,
    CallbackResult,
    Case,
    Outcome,
    Rating,
    RatingResult,
    Report,
    Reporter,
)
from yijiaan.cases.queries.page import answers_of, masked_reporter
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.texts.queries import say

NEVER = datetime.max.replace(tzinfo=UTC)
MOST_COUNTED = 200
TABS = {"now": "现在可打", "later": "等下次再打"}


@dataclass(frozen=True, slots=True)
class Line:
    """One reporter to be rung about one report."""

    report: Report
    reporter: dict[str, str]  # masked
    tries: int
    next_at: datetime | None
    claimed_by: str  # who has it open now, empty for nobody or the viewer himself
    together: int  # how many more reports of the same person wait


@dataclass(frozen=True, slots=True)
class Call:
    """One report on the page of a call."""

    report: Report
    case: Case
    reporter: dict[str, str]  # masked
    outcome: Outcome | None
    unit: str
    script: str
    answered: Sequence[tuple[str, str]]
    tries: list[Callback]
    said_no: Rating | None  # what he said on the net, where that is why he is rung
    claimed_by: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallPage:
    """A person to be rung: the report that was opened, and the others of his that wait, each with its own answer."""

    first: Call
    others: list[Call] = field(default_factory=list)


def list_waiting_cases(actor: Actor, *, area_code: str = "") -> list[UUID]:
    """The cases whose reporters may wait to be rung, those due first. Two statements: one over both parts of what the actor may
    see finds no index (decision 0010)."""
    if not actor.may("cases.callback"):
        return []
    unit = all_units(actor).get(actor.unit_id) if actor.unit_id else None
    found: list[tuple[bool, datetime, UUID]] = []
    for part in Case.objects.listed_parts(actor):
        cases = part.filter(status="callback", is_called_outside=False)
        if unit is not None and unit.kind not in CENTRES:
            cases = cases.exclude(owner_id=unit.id, is_confidential=False)
        if area_code:
            cases = cases.filter(area_code__gte=area_code, area_code__lt=area_code + "~")
        for case_id, due in cases.order_by().values_list("id", "next_due_at"):
            found.append((due is None, due or NEVER, case_id))
    return [case_id for _, _, case_id in sorted(found)]


def list_callbacks(
    actor: Actor,
    *,
    tab: str = "",
    now: datetime | None = None,
    area_code: str = "",
    cases: Sequence[UUID] | None = None,
) -> QuerySet[Report]:
    """The reports whose reporters wait to be rung, those due first; annotated with `due`, `round`, `next_at`.

    Not in it: who left no phone, answered already, is rung by the system that sent the case, or is rung no more; nor what the
    actor's own unit handled. tab: of TABS, with now. cases: what `list_waiting_cases` said, or the first of it.
    """
    if not actor.may("cases.callback"):
        return Report.objects.none()
    case_ids = list(list_waiting_cases(actor, area_code=area_code) if cases is None else cases)
    here = {"county": OuterRef("county"), "report_id": OuterRef("id"), "round": OuterRef("round")}
    said = Rating.objects.filter(**here).exclude(result=RatingResult.DISSATISFIED, recorded_by__isnull=True)
    calls = Callback.objects.filter(**here, case_id=OuterRef("case_id"))
    ended = calls.filter(is_final=True, result__in=(CallbackResult.UNREACHABLE, CallbackResult.REFUSED))
    waiting = (
        Report.objects.filter(
            Exists(
                Reporter.objects.filter(county=OuterRef("county"), report_id=OuterRef("id"), phone_search__isnull=False)
            ),
            county=actor.county,
            case__county=actor.county,
            case__id__any=case_ids,
            withdrawn_at__isnull=True,
        )
        .annotate(
            due=F("case__next_due_at"),
            round=F("case__reopened_count") + 1,
        )
        .filter(~Exists(said), ~Exists(ended))
        .annotate(next_at=Subquery(calls.order_by("-called_at").values("next_at")[:1]))
    )
    if tab == "later":
        waiting = waiting.filter(next_at__gt=now)
    elif tab == "now":
        waiting = waiting.filter(Q(next_at__isnull=True) | Q(next_at__lte=now))
    return waiting.select_related("case").order_by("due", "id")


def count_callbacks(actor: Actor, *, now: datetime, cases: Sequence[UUID]) -> tuple[dict[str, int], bool]:
    """How many wait in each of TABS, and whether there are more than were counted: a centre that is far behind need not know by how
    much. One statement."""
    waiting = list_callbacks(actor, cases=cases[:MOST_COUNTED]).order_by()
    later = Count("id", filter=Q(next_at__gt=now))
    counted = waiting.aggregate(all=Count("id"), later=later)
    return {"now": counted["all"] - counted["later"], "later": counted["later"]}, len(cases) > MOST_COUNTED


def lines_of(
    actor: Actor, *, reports: Sequence[Report], now: datetime, cases: Sequence[UUID] | None = None
) -> list[Line]:
    """What a list shows of some of `list_callbacks`; four statements however many there are. cases: those that wait."""
    ids = [report.id for report in reports]
    here = {"county": actor.county, "report_id__in": ids}
    reporters = {row.report_id: row for row in Reporter.objects.filter(**here)} if ids else {}
    claims = _claims(actor, ids, now)
    unanswered = Callback.objects.filter(**here, result=CallbackResult.UNREACHABLE)
    tries = {
        (report_id, round_): number
        for report_id, round_, number in unanswered.order_by().values_list("report_id", "round").annotate(n=Count("id"))
    }
    phones = {bytes(row.phone_search) for row in reporters.values() if row.phone_search}
    of_phone: dict[bytes, int] = defaultdict(int)
    if phones:
        for key in (
            list_callbacks(actor, cases=cases)
            .filter(reporters__county=actor.county, reporters__phone_search__in=phones)
            .values_list("reporters__phone_search", flat=True)
        ):
            of_phone[bytes(key or b"")] += 1
    found = []
    for report in reports:
        row = reporters.get(report.id)
        phone = bytes(row.phone_search) if row is not None and row.phone_search else b""
        found.append(
            Line(
                report,
                masked_reporter(actor, reporter=row) if row is not None else {"name": "", "phone": ""},
                tries.get((report.id, report.round), 0),  # type: ignore[attr-defined]
                report.next_at,  # type: ignore[attr-defined]
                claims.get(report.id, ""),
                max(of_phone[phone] - 1, 0),
            )
        )
    return found


def get_call_page(actor: Actor, *, report_id: UUID, now: datetime) -> CallPage:
    """All that the caller has before him. NotFound for a report that waits for no call of this actor."""
    actor.require("cases.callback")
    waiting = list_callbacks(actor)
    first = waiting.filter(id=report_id).first()
    if first is None:
        raise NotFound
    mine = Reporter.objects.filter(county=first.county, report_id=first.id).first()
    same = (
        waiting.filter(reporters__county=actor.county, reporters__phone_search=mine.phone_sealed)
        .exclude(id=first.id)
        .distinct()
        if mine is not None and mine.phone_sealed
        else Report.objects.none()
    )
    reports = [first, *same[:9]]
    calls = _calls(actor, reports, now)
    return CallPage(calls[0], calls[1:])


def _calls(actor: Actor, reports: Sequence[Report], now: datetime) -> list[Call]:
    ids = [report.id for report in reports]
    case_ids = {report.case_id for report in reports}
    reporters = {
        row.report_id: masked_reporter(actor, reporter=row)
        for row in Reporter.objects.filter(county=actor.county, report_id__in=ids)
    }
    outcomes = {
        row.case_id: row
        for row in Outcome.objects.filter(county=actor.county, case_id__in=case_ids).order_by("finished_at", "id")
    }
    tries: dict[tuple[UUID, int], list[Callback]] = defaultdict(list)
    rows = Callback.objects.filter(county=actor.county, report_id__in=ids).select_related("called_by__user")
    for row in rows.order_by("called_at"):
        tries[row.report_id, row.round].append(row)
    unhappy = {
        (row.report_id, row.round): row
        for row in Rating.objects.filter(county=actor.county, report_id__in=ids, result=RatingResult.DISSATISFIED)
    }
    answered = answers_of(actor, county=actor.county, report_ids=ids)
    claims = _claims(actor, ids, now)
    units = all_units(actor)
    here = units.get(actor.unit_id) if actor.unit_id else None
    found = []
    for report in reports:
        outcome = outcomes.get(report.case_id)
        unit = units.get(outcome.unit_id) if outcome else None
        round_ = report.round  # type: ignore[attr-defined]
        script = say(
            actor,
            f"cases.callback_script.{report.kind}",
            中心=here.name if here else "镇网格化服务中心",
            事情=report.case.title.rstrip("。！？…"),
            单位=unit.name if unit else "办理单位",
        )
        found.append(
            Call(
                report,
                report.case,
                reporters.get(report.id, {"name": "", "phone": ""}),
                outcome,
                unit.name if unit else "",
                script,
                answered.get(report.id, ()),
                tries[report.id, round_],
                unhappy.get((report.id, round_)),
                claims.get(report.id, ""),
                report.next_at,  # type: ignore[attr-defined]
            )
        )
    return found


def _claims(actor: Actor, ids: Sequence[UUID], now: datetime) -> dict[UUID, str]:
    """Who else has which of these open now."""
    rows = CallbackClaim.objects.filter(county=actor.county, report_id__in=list(ids), claimed_at__gt=now - CLAIM)
    return {
        row.report_id: row.post.user.name
        for row in (rows.exclude(post_id=actor.post_id) if actor.post_id else rows).select_related("post__user")
    }
