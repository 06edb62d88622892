from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from yijiaan.cases.actions.steps import lock_case_of, moment_for, note_deed
from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import Case, Report, Reporter
from yijiaan.cases.permissions import EXPORT, EXPORT_CONTACTS
from yijiaan.cases.queries.page import PURPOSES
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.tabular.actions import request_export
from yijiaan.engines.tabular.models import Export

KIND = "cases.case"
MOST_CONTACTS = 500
CONTACT_PURPOSES = {code: words for code, words in PURPOSES.items() if code != "other"}


@transaction.atomic
def export_cases(
    *,
    actor: Actor,
    query: str,
    title: str,
    total_count: int,
    client_key: UUID,
    with_words: bool = False,
    purpose: str = "",
    contact_purpose: str = "",
    contacts_of: Sequence[UUID] = (),
) -> Export:
    """Have a narrowed list of cases written to a file; query, title and total_count tell which. With the reporters' words a
    purpose must be given (PIPL art. 6: handling of personal information needs a clear purpose).

    contact_purpose: not empty, names and phones of the first reporter of each case in `contacts_of` stand in the file in full:
    for the cases in that list alone, never of a confidential one, and each of these reporters finds it among the looks at him.

    RuleErrors purpose_missing, no_contact_purpose, too_many_contacts, and those of `request_export`.
    """
    actor.require(EXPORT)
    purpose = clean_text(purpose, most=200, field="purpose")
    if (with_words or contact_purpose) and not purpose:
        raise RuleError(
            "purpose_missing", "带原话要写明用途" if not contact_purpose else "带联系方式要写明用途", "purpose"
        )
    parameters: dict[str, object] = {"query": query, "with_words": with_words}
    if contact_purpose:
        actor.require(EXPORT_CONTACTS)
        if contact_purpose not in CONTACT_PURPOSES:
            raise RuleError("no_contact_purpose", "请选要联系方式做什么，报事人能看到", "contact_purpose")
        if len(contacts_of) > MOST_CONTACTS:
            raise RuleError(
                "too_many_contacts", f"带联系方式一次最多 {MOST_CONTACTS} 件，请把清单筛小一些", "contact_purpose"
            )
        parameters |= {"contacts_of": sorted(str(case_id) for case_id in contacts_of)}
    is_repeat = Export.objects.visible_to(actor).filter(client_key=client_key).exists()
    export = request_export(
        actor=actor,
        kind=KIND,
        title=title,
        parameters=parameters,
        total_count=total_count,
        client_key=client_key,
        purpose=purpose,
    )
    if contact_purpose and not is_repeat:
        _tell_reporters(actor, export, contacts_of, contact_purpose)
    return export


def first_reporters(county: str, case_ids: Sequence[UUID]) -> dict[UUID, tuple[Report, Reporter | None]]:
    """The first report of each case and who told it, by case."""
    said: dict[UUID, Report] = {}
    for report in Report.objects.filter(county=county, case_id__in=list(case_ids)).order_by("-id"):
        said[report.case_id] = report
    of_report = {
        row.report_id: row
        for row in Reporter.objects.filter(county=county, report_id__in=[report.id for report in said.values()])
    }
    return {case_id: (report, of_report.get(report.id)) for case_id, report in said.items()}


def _tell_reporters(actor: Actor, export: Export, case_ids: Sequence[UUID], purpose: str) -> None:
    """The receipt of each reporter: a journal row as for a look, in the order of the cases' keys."""
    wanted = sorted(case_ids)
    seen = set(Case.objects.visible_to(actor).filter(id__in=wanted, is_confidential=False).values_list("id", flat=True))
    if seen != set(wanted):
        raise NotFound
    told_by = first_reporters(export.county, wanted)
    for case_id in wanted:
        report, reporter = told_by.get(case_id, (None, None))
        if report is None or reporter is None:
            continue
        case = lock_case_of(export.county, case_id)
        data = {"report": str(report.id), "purpose": purpose, "export": str(export.id)}
        note_deed(actor, case, "cases.contact_exported", moment_for(case), data)
