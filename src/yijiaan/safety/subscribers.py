"""What safety does on the news of cases, and who may open its pictures."""

from uuid import UUID

from yijiaan.areas.providers import register_tally
from yijiaan.cases.models import Case
from yijiaan.core.scope import Actor, system
from yijiaan.engines.files import providers as files
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe
from yijiaan.engines.notices.actions import notify
from yijiaan.engines.todos import providers as duties
from yijiaan.safety.actions import follow_redraw, take_back_from_case
from yijiaan.safety.actions.alerts import KEEPERS
from yijiaan.safety.actions.inspecting import INSPECTION
from yijiaan.safety.actions.steps import LINK, SUBJECT
from yijiaan.safety.models import Hazard, Inspection
from yijiaan.safety.queries import stands_of_hazards

ENDED = ("cases.closed", "cases.rejected", "cases.withdrawn", "cases.merged")


def follow_case(entry: Entry) -> None:
    """A case that a hazard was handed over to has ended."""
    case = Case.objects.get(county=entry.county, id=entry.subject_id)
    if not case.is_open:  # it may have been taken up again since
        take_back_from_case(actor=system("journal", entry.county), case=case)


def tell_unit(entry: Entry) -> None:
    """The responsible unit hears of what it was given, and of what was found not right."""
    hazard = Hazard.objects.get(county=entry.county, id=entry.subject_id)
    if hazard.unit_id is None:
        return
    what = {"safety.hazard_notified": "交办给您单位", "safety.hazard_rejected": "复查不合格，请再改"}.get(
        entry.verb, "延期了"
    )
    notify(
        actor=system("journal", entry.county), county=entry.county, unit_id=hazard.unit_id,
        title=f"隐患{what}：{hazard.title}", link=LINK.format(id=hazard.id), dedup_key=f"{entry.id}:unit",
    )  # fmt: skip


def follow_grids(entry: Entry) -> None:
    """Open hazards follow their ground."""
    follow_redraw(actor=system("redraw", entry.county), county=entry.county, before=entry.data["before"])


def may_open_hazard_file(actor: Actor, *, county: str, subject_id: UUID) -> bool:
    """Pictures of a hazard open to those who see it."""
    return bool(Hazard.objects.visible_to(actor).filter(county=county, id=subject_id).exists())


def may_open_inspection_file(actor: Actor, *, county: str, subject_id: UUID) -> bool:
    """Pictures of an inspection open to those who see it."""
    return bool(Inspection.objects.visible_to(actor).filter(county=county, id=subject_id).exists())


def register() -> None:
    """Called once when the apps are ready."""
    subscribe("safety.follow_case", ENDED, follow_case)
    subscribe("safety.follow_grids", ("areas.redraw_in_force",), follow_grids)
    register_tally("没销号的隐患", "处", stands_of_hazards)
    subscribe(
        "safety.tell_unit", ("safety.hazard_notified", "safety.hazard_rejected", "safety.hazard_extended"), tell_unit
    )
    for subject, keeper in KEEPERS.items():
        duties.register(subject, keeper)
    files.register(SUBJECT, may_open_hazard_file)
    files.register(INSPECTION, may_open_inspection_file)
