"""打印: a case leaves the screen for paper. Who printed it and when stands on every page and in the journal."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.cases.actions.steps import lock_case, moment_for, note_deed
from yijiaan.cases.dossier import dossier_of
from yijiaan.cases.models import Case, Reporter
from yijiaan.cases.permissions import CONTACT, PRINT
from yijiaan.cases.queries.page import PURPOSES, case_page
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.models import Entry

LOOK_LASTS = timedelta(minutes=10)


@transaction.atomic
def print_case(*, actor: Actor, number: str, look: UUID | None = None) -> dict[str, Any]:
    """A case for paper: the values of its form (`dossier.dossier_of`), and the print in the journal.

    look: the journal row of a look at a reporter that the actor's own post took within ten minutes; what was opened then
    stands in full, and its purpose on every page. Without it names and phones stay masked. RuleError look_is_over.
    """
    case = lock_case(actor, number=number)
    actor.require(PRINT)
    page = case_page(actor, case=case)
    data: dict[str, Any] = {}
    unsealed: dict[UUID, dict[str, str]] = {}
    purpose = ""
    if look is not None:
        actor.require(CONTACT)
        seen = _look_of(actor, case, look)
        report_id = UUID(seen.data["report"])
        reporter = Reporter.objects.filter(county=case.county, report_id=report_id, report__case_id=case.id).first()
        if reporter is not None:
            unsealed[report_id] = {"name": reporter.name_sealed, "phone": reporter.phone_sealed}
        purpose = PURPOSES.get(seen.data.get("purpose", ""), "")
        data = {"report": str(report_id), "look": str(look), "purpose": seen.data.get("purpose", "")}
    at = moment_for(case)
    values = dossier_of(actor, page, at=at, unsealed=unsealed, purpose=purpose)
    note_deed(actor, case, "cases.printed", at, data)
    return values


def _look_of(actor: Actor, case: Case, look: UUID) -> Entry:
    """The look that unseals, if it is the actor's own and still fresh."""
    looks = Entry.objects.filter(county=case.county, id=look, subject_id=case.id, verb="cases.reporter_seen")
    seen = looks.filter(post_id=actor.post_id).first() if actor.post_id else None
    if seen is None or clock.now() > seen.happened_at + LOOK_LASTS:
        raise RuleError("look_is_over", "看过 10 分钟了，联系方式不能再印；要印请再看一次，写明用途")
    return seen
