"""News of cases for those addresses that want it."""

from collections.abc import Sequence
from uuid import UUID

from yijiaan.cases.models import Case, Report
from yijiaan.cases.queries import category_table
from yijiaan.connectors.actions.webhooks import Owing, owe_calls, push_webhooks
from yijiaan.connectors.models import Webhook
from yijiaan.connectors.webhooks.payload import EVENT_OF, body_of
from yijiaan.core.scope import system
from yijiaan.engines.jobs import pumps
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe_many


def call_webhooks(county: str, entries: list[Entry]) -> None:
    """Owe each event to the addresses that chose it; of a confidential case nothing is said. Four statements a batch."""
    actor = system("webhooks", county)
    hooks = list(Webhook.objects.filter(is_active=True, area_id__gte=county, area_id__lt=county + "~").order_by("id"))
    wanted = {event for hook in hooks for event in hook.events}
    told = [entry for entry in entries if EVENT_OF.get(entry.verb) in wanted]
    if not told:
        return
    cases = {
        case.id: case
        for case in Case.objects.filter(
            county=county, id__in={entry.subject_id for entry in told}, is_confidential=False
        )
    }
    numbers = _numbers(county, list(cases))
    categories = category_table(actor).by_id
    owing: list[Owing] = []
    for entry in told:
        case, number = cases.get(entry.subject_id), numbers.get(entry.subject_id)
        if case is None or number is None:
            continue
        event = EVENT_OF[entry.verb]
        category = categories[case.category_id].code if case.category_id in categories else ""
        owing += [
            Owing(
                hook.id,
                event,
                number,
                body_of(entry, case, number, category),
                entry.happened_at,
                f"{entry.id}:{hook.id}",
            )
            for hook in hooks
            if event in hook.events and case.area_code.startswith(hook.area_id)
        ]
    owe_calls(actor=actor, county=county, owing=owing)


def _numbers(county: str, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The public number of each case: that of its first report which is not confidential."""
    rows = Report.objects.filter(county=county, case_id__in=case_ids, is_confidential=False).order_by("-id")
    return dict(rows.values_list("case_id", "number"))


def push_what_is_due() -> int:
    """Called by the worker about once a second."""
    return push_webhooks(actor=system("push_webhooks"))


def register() -> None:
    """Called once when the apps are ready."""
    subscribe_many("connectors.call_webhooks", call_webhooks, tuple(EVENT_OF))
    pumps.register("connectors.push_webhooks", push_what_is_due)
