"""剔除: the codes, what was taken out of which case, and the rates with and without it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q

from yijiaan.cases.models import Case, Exclusion, ExclusionCode, Rating, RatingResult, Report, ShippedExclusion
from yijiaan.core import clock
from yijiaan.core.scope import Actor

MOST_LISTED = 200


def exclusion_codes(actor: Actor, *, with_stopped: bool = False) -> dict[str, str]:
    """The reasons in use by code, worded as this installation does; with_stopped: those no longer in use as well."""
    own = {row.code: row for row in ExclusionCode.objects.order_by("code")}
    found = {code: own[code].name if code in own else str(name) for code, name in ShippedExclusion.choices}
    found |= {code: row.name for code, row in own.items() if code not in found}
    if with_stopped:
        return found
    return {code: name for code, name in found.items() if code not in own or own[code].is_active}


@dataclass(frozen=True, slots=True)
class RatedReport:
    """A report with its last answer, and what was done to take that out of the rates, newest first."""

    report: Report
    rating: Rating | None
    exclusions: Sequence[Exclusion]

    @property
    def in_force(self) -> Exclusion | None:
        """What holds now."""
        return next((row for row in self.exclusions if row.is_in_force), None)


def rated_reports(actor: Actor, *, case: Case) -> list[RatedReport]:
    """The reports of a case that the actor may see, with their answers; three statements."""
    actor.require("cases.exclude")
    reports = list(Report.objects.filter(county=case.county, case_id=case.id).order_by("id"))
    last: dict[UUID, Rating] = {}
    for rating in Rating.objects.filter(county=case.county, report__in=reports, report__county=case.county).order_by(
        "round"
    ):
        last[rating.report_id] = rating
    rows = Exclusion.objects.filter(county=case.county, case_id=case.id).select_related("proposal", "proposal__proposed_by__user", "proposal__decided_by__user", "revoked_by__user")  # fmt: skip
    of_report: dict[UUID, list[Exclusion]] = {}
    for row in rows.order_by("-id"):
        of_report.setdefault(row.report_id, []).append(row)
    return [RatedReport(report, last.get(report.id), of_report.get(report.id, ())) for report in reports]


def excluded_names(actor: Actor, *, case_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Of the cases with answers taken out of the rates, for which reasons; two statements. The caller has made sure that the
    actor may see the cases."""
    rows = Exclusion.objects.filter(county=actor.county, case_id__in=list(case_ids), is_in_force=True)
    codes = list(rows.order_by("id").values_list("case_id", "code"))
    names = exclusion_codes(actor, with_stopped=True) if codes else {}
    found: dict[UUID, list[str]] = {}
    for case_id, code in codes:
        found.setdefault(case_id, []).append(names.get(code, code))
    return {case_id: "、".join(dict.fromkeys(words)) for case_id, words in found.items()}


@dataclass(frozen=True, slots=True)
class Rate:
    """Of all answers, how many say so: as they were given, and without those taken out of it."""

    counted: int
    whole: int
    counted_left: int
    whole_left: int

    @property
    def share(self) -> float | None:
        """Per cent of all; None without any."""
        return 100 * self.counted / self.whole if self.whole else None

    @property
    def share_left(self) -> float | None:
        """Per cent without what was taken out."""
        return 100 * self.counted_left / self.whole_left if self.whole_left else None

    @property
    def excluded(self) -> int:
        """How many were taken out."""
        return self.whole - self.whole_left


@dataclass(frozen=True, slots=True)
class Rates:
    """解决率 and 满意率, of reports (each answer once) and of cases (all answers to a case say so)."""

    solved_reports: Rate
    content_reports: Rate
    solved_cases: Rate
    content_cases: Rate


CONTENT = (RatingResult.SATISFIED, RatingResult.BASICALLY)


def get_rates(actor: Actor, *, first_day: date, last_day: date, area_code: str = "") -> Rates:
    """The rates of the answers given on some days, in the actor's areas or one of them; confidential cases count nowhere, each
    report counts as it was answered last in its round. Two statements."""
    actor.require("insight.view")
    given = _given(actor, first_day, last_day, area_code)
    content, solved, left = Q(result__in=CONTENT), Q(is_solved=True), Q(is_out=False)
    numbers: dict[str, Any] = {
        "n": Count("id"),
        "c": Count("id", filter=content),
        "s": Count("id", filter=solved),
        "n_left": Count("id", filter=left),
        "c_left": Count("id", filter=left & content),
        "s_left": Count("id", filter=left & solved),
    }
    of_reports = given.aggregate(**numbers)
    every = given.order_by().values("case_id").annotate(**numbers)
    of_cases = every.aggregate(
        all_n=Count("case_id"),
        all_c=Count("case_id", filter=Q(c=F("n"))),
        all_s=Count("case_id", filter=Q(s=F("n"))),
        all_left=Count("case_id", filter=Q(n_left__gt=0)),
        all_c_left=Count("case_id", filter=Q(n_left__gt=0, c_left=F("n_left"))),
        all_s_left=Count("case_id", filter=Q(n_left__gt=0, s_left=F("n_left"))),
    )
    return Rates(
        Rate(of_reports["s"], of_reports["n"], of_reports["s_left"], of_reports["n_left"]),
        Rate(of_reports["c"], of_reports["n"], of_reports["c_left"], of_reports["n_left"]),
        Rate(of_cases["all_s"], of_cases["all_n"], of_cases["all_s_left"], of_cases["all_left"]),
        Rate(of_cases["all_c"], of_cases["all_n"], of_cases["all_c_left"], of_cases["all_left"]),
    )


def list_exclusions(
    actor: Actor, *, first_day: date, last_day: date, area_code: str = "", in_force: bool = True
) -> list[Exclusion]:
    """What was taken out of the rates of some days (in_force), or what waits for a second person, newest first."""
    actor.require("insight.view")
    rows = Exclusion.objects.filter(county=actor.county, case__county=actor.county, case__is_confidential=False)
    rows = rows.filter(actor.area_filter("case__area_code"))
    if area_code:
        rows = rows.filter(case__area_code__gte=area_code, case__area_code__lt=area_code + "~")
    if in_force:
        given = _given(actor, first_day, last_day, area_code).filter(
            county=OuterRef("county"), report_id=OuterRef("report_id"), round=OuterRef("round")
        )
        rows = rows.filter(Exists(given), is_in_force=True)
    else:
        rows = rows.filter(is_in_force=False, revoked_at__isnull=True, proposal__decided_at__isnull=True)
    related = ("case", "report", "proposal", "proposal__proposed_by__user", "proposal__decided_by__user")
    return list(rows.select_related(*related).order_by("-id")[:MOST_LISTED])


def _given(actor: Actor, first_day: date, last_day: date, area_code: str) -> Any:
    begin = datetime.combine(first_day, time.min, clock.SHANGHAI)
    end = datetime.combine(last_day + timedelta(days=1), time.min, clock.SHANGHAI)
    given = Rating.objects.filter(
        actor.area_filter("case__area_code"),
        county=actor.county,
        case__county=actor.county,
        case__is_confidential=False,
        rated_at__gte=begin,
        rated_at__lt=end,
    )
    if area_code:
        given = given.filter(case__area_code__gte=area_code, case__area_code__lt=area_code + "~")
    out = Exclusion.objects.filter(
        county=OuterRef("county"), report_id=OuterRef("report_id"), round=OuterRef("round"), is_in_force=True
    )
    return given.annotate(is_out=Exists(out))
