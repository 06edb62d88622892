"""What came through 报事源头, and who told for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.db.models.functions import Left

from yijiaan.cases.flows import OPEN
from yijiaan.cases.models import Case, Channel, Proxy, Report, SourcedReport
from yijiaan.core.checks import mask_name, mask_phone
from yijiaan.core.scope import Actor
from yijiaan.registry.models import TrustedReporter

VILLAGE = 12
MOST_TOLD = 30


@dataclass(frozen=True, slots=True)
class Told:
    """How many cases of a village came through its trusted reporters."""

    area_code: str
    open: int
    ended: int


def count_told(actor: Actor) -> dict[str, Told]:
    """By village: the cases that the lists of the same filter show, in work and ended."""
    through = SourcedReport.objects.filter(county=actor.county).values("case_id")
    cases = Case.objects.listed_to(actor).filter(channel=Channel.TRUSTED, id__in=through).order_by()
    still_open = ExpressionWrapper(Q(status__in=OPEN), BooleanField())
    groups = cases.values(village=Left("area_code", VILLAGE), still=still_open).annotate(n=Count("id"))
    rows = groups.values_list("village", "still", "n")
    found: dict[str, dict[bool, int]] = {}
    for village, still, count in rows:
        found.setdefault(village, {True: 0, False: 0})[still] += count
    return {village: Told(village, counts[True], counts[False]) for village, counts in found.items()}


def list_told_by(actor: Actor, *, source: TrustedReporter) -> list[Report]:
    """The newest reports of one trusted reporter, each with its case. The caller holds his link."""
    ties = SourcedReport.objects.filter(county=source.county, source_id=source.id).order_by("-id")
    ids = list(ties.values_list("report_id", flat=True)[:MOST_TOLD])
    return list(Report.objects.filter(county=source.county, id__in=ids).select_related("case").order_by("-id"))


def count_told_by(actor: Actor, *, source: TrustedReporter) -> int:
    """How many reports one trusted reporter has told. The caller holds his link."""
    return SourcedReport.objects.filter(county=source.county, source_id=source.id).count()


def proxies_of(actor: Actor, *, reports: Iterable[Report]) -> dict[UUID, dict[str, Any]]:
    """Who told for whom, by report, masked; the caller may see the reports."""
    rows = Proxy.objects.filter(county=actor.county, report_id__in=[report.id for report in reports])
    return {
        row.report_id: {
            "relation": row.get_relation_display(),
            "name": mask_name(row.name_sealed),
            "phone": mask_phone(row.phone_sealed),
            "is_worker": row.post_id is not None,
        }
        for row in rows
    }
