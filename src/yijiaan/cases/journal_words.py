"""How the journal's verbs of cases are called, and a case by its number: what an auditor may know of it."""

from collections.abc import Iterable
from uuid import UUID

from yijiaan.cases.models import Case, Report
from yijiaan.cases.queries.page import LABELS, PURPOSES
from yijiaan.cases.queries.tracking import normal_number
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.providers import Subject, Verb, name_subject, name_verbs


def name_deeds() -> None:
    """Tell the journal."""
    name_verbs(LABELS)
    name_verbs({"cases.reporter_seen": Verb(LABELS["cases.reporter_seen"], is_look=True, purposes=PURPOSES)})
    name_subject("cases.case", Subject("事件", _find, _names))


def _find(actor: Actor, *, text: str) -> list[UUID]:
    """By the number of the case or of a report of it."""
    number = normal_number(text)
    if not number:
        return []
    cases = Case.objects.filter(county=actor.county, number=number).values_list("id", flat=True)
    reports = Report.objects.filter(county=actor.county, number=number).values_list("case_id", flat=True)
    return [*cases, *reports]


def _names(actor: Actor, *, county: str, ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(Case.objects.filter(county=county, id__in=list(ids)).values_list("id", "number"))
