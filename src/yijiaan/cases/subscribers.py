"""What the case base does on its own news: messages to units, and the answer to who may open a picture."""

from uuid import UUID

from yijiaan.cases.actions.alerts import CaseKeeper
from yijiaan.cases.models import Case, Report
from yijiaan.core.scope import Actor, system
from yijiaan.engines.files import providers
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe
from yijiaan.engines.notices.actions import notify
from yijiaan.engines.todos import providers as duties

SAID = {
    "cases.dispatched": "请签收",
    "cases.reopened": "报事人不满意，请重办",
    "cases.returned": "退回来了，请重派",
    "cases.reported_up": "提级上报，请确认派给谁",
    "cases.verify_failed": "核查不过，请再办",
    "cases.urged": "有人催办",
    "cases.supervised": "督办",
    "cases.instructed": "有批示",
    "cases.restarted": "结案后又有新情况，请派单",
    "cases.withdrawn": "报事人撤回了，不用再办",
}


def tell_units(entry: Entry) -> None:
    """A dispatch is told to lead and assistants, everything else to the unit that has to act on it."""
    case = Case.objects.get(county=entry.county, id=entry.subject_id)
    told = [(entry.data["lead"], SAID[entry.verb])]
    told += [(unit, "请协办") for unit in entry.data.get("assistants", [])]
    # everybody in a unit reads its messages, a tip only its named posts
    title = "一件保密事件" if case.is_confidential else case.title
    for unit, what in told:
        notify(
            actor=system("journal", entry.county),
            county=entry.county,
            unit_id=UUID(unit),
            title=f"{what}：{title}",
            link=f"/cases/{case.number}/",
            dedup_key=f"{entry.id}:{unit}",
        )


def may_open_case_file(actor: Actor, *, county: str, subject_id: UUID) -> bool:
    """Pictures of a case open to those who see the case."""
    return bool(Case.objects.visible_to(actor).filter(county=county, id=subject_id).exists())


def may_open_report_file(actor: Actor, *, county: str, subject_id: UUID) -> bool:
    """Pictures of a report open to its reporter and to those who see the case."""
    return bool(Report.objects.visible_to(actor).filter(county=county, id=subject_id).exists())


def register() -> None:
    """Called once when the apps are ready."""
    subscribe("cases.tell_units", tuple(SAID), tell_units)
    duties.register("cases.case", CaseKeeper())
    providers.register("cases.case", may_open_case_file)
    providers.register("cases.report", may_open_report_file)
