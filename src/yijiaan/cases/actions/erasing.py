from uuid import UUID

from django.db import transaction

from yijiaan.cases.actions.steps import lock_case, moment_for, note_deed
from yijiaan.cases.models import Proxy, Reporter
from yijiaan.cases.permissions import ERASE_REPORTER
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import erase_person


@transaction.atomic
def erase_reporter(*, actor: Actor, number: str, report_id: UUID) -> Reporter:
    """依法删除 who reported: name and phone go from the report, and what the journal says about him becomes unreadable.

    The case itself stays. NotFound when the report has no reporter; once more changes nothing.
    """
    case = lock_case(actor, number=number)
    actor.require(ERASE_REPORTER)
    reporter = (
        Reporter.objects.select_for_update()
        .filter(county=case.county, report_id=report_id, report__case_id=case.id)
        .first()
    )
    if reporter is None:
        raise NotFound
    if reporter.name_sealed or reporter.phone_sealed:
        reporter.name_sealed, reporter.phone_sealed, reporter.phone_search = "", "", None  # type: ignore[assignment]
        reporter.save(update_fields=["name_sealed", "phone_sealed", "phone_search"])
        # who told for him says who he is
        Proxy.objects.filter(county=case.county, report_id=report_id).update(name_sealed="", phone_sealed="")
        note_deed(actor, case, "cases.reporter_erased", moment_for(case), {"report": str(report_id)})
    erase_person(actor=actor, county=case.county, person=reporter.id, area_code=case.area_code)
    return reporter
