"""Cards on hazards and inspections: the holder hears, then whoever stands above him; the duty stays where it is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from yijiaan.accounts.models import Unit
from yijiaan.accounts.queries import all_units, get_centre
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor, system
from yijiaan.engines.journal.actions import record
from yijiaan.engines.notices.actions import Message, notify, notify_all
from yijiaan.engines.todos.models import Card
from yijiaan.engines.todos.providers import Alert, Keeper, Owed, Shift
from yijiaan.safety.actions.inspecting import INSPECTION
from yijiaan.safety.actions.steps import LINK, SUBJECT
from yijiaan.safety.flows import DUTY_LABEL, DUTY_OF
from yijiaan.safety.models import Hazard, Inspection
from yijiaan.ui.words import deadline_words

WORDS = {Card.YELLOW: "快到期", Card.RED: "超期"}


def unit_above(todo: Owed, climbs: int) -> Unit | None:
    """The unit so many levels above the one that owes: the centre of its town, then that of the county."""
    here = system("alerts", todo.county)
    holder = all_units(here).get(todo.unit_id)
    above: list[Unit] = []
    for length in (9, 6):
        try:
            centre = get_centre(here, area_code=todo.area_code[:length])
        except NotFound:
            continue
        is_higher = holder is None or len(centre.area_id) <= len(holder.area_id)
        if is_higher and centre.id != todo.unit_id and centre not in above:
            above.append(centre)
    return above[climbs - 1] if 0 < climbs <= len(above) else None


class HazardKeeper:
    """Looks after what is owed on hazards."""

    def lock(self, county: str, subject_ids: Collection[UUID]) -> set[UUID]:
        """Those that no deed holds at this moment, in key order."""
        free = Hazard.objects.select_for_update(skip_locked=True, no_key=True).filter(
            county=county, id__in=list(subject_ids)
        )
        return set(free.order_by("id").values_list("id", flat=True))

    def may_climb(self, todo: Owed, climbs: int) -> bool:
        """Whether somebody stands so many levels above."""
        return unit_above(todo, climbs) is not None

    def tell(self, actor: Actor, county: str, alerts: Sequence[Alert], now: datetime) -> None:
        """Mark the hazards, write the journal, send the messages."""
        here = system(actor.identity, county)
        hazards = {
            row.id: row for row in Hazard.objects.filter(county=county, id__in=[a.todo.subject_id for a in alerts])
        }
        units = all_units(here)
        messages = []
        for alert in alerts:
            hazard, todo = hazards[alert.todo.subject_id], alert.todo
            if todo.kind == DUTY_OF.get(hazard.status) and hazard.card != alert.card:
                Hazard.objects.filter(county=county, id=hazard.id).update(card=alert.card)
            record(
                actor=here, verb="safety.hazard_carded", county=county, subject_type=SUBJECT, subject_id=hazard.id,
                area_code=hazard.area_code, at=now,
                data={"duty": todo.kind, "card": alert.card, "climbs": alert.climbs},
            )  # fmt: skip
            words = f"{Card(alert.card).label}：隐患{DUTY_LABEL.get(todo.kind, '')}{WORDS[Card(alert.card)]}"
            link = LINK.format(id=hazard.id)
            if alert.climbs <= 1:
                messages.append(
                    Message(
                        todo.unit_id, f"{words}，{hazard.title}", link, f"{todo.id}:{alert.climbs}:{alert.card}:own"
                    )
                )
            upper = unit_above(todo, alert.climbs)
            if upper is not None:
                holder = units.get(todo.unit_id)
                who = f"{holder.name} " if holder is not None else ""
                messages.append(
                    Message(
                        upper.id, f"{words}，{who}{hazard.title}", link, f"{todo.id}:{alert.climbs}:{alert.card}:up"
                    )
                )
        notify_all(actor=here, county=county, messages=messages)

    def shift(self, actor: Actor, county: str, shifts: Sequence[Shift], now: datetime) -> None:
        """A corrected table of holidays moved deadlines: the copies follow, and the holder is told."""
        for shift in shifts:
            todo = shift.todo
            hazard = Hazard.objects.get(county=county, id=todo.subject_id)
            if todo.kind == DUTY_OF.get(hazard.status):
                Hazard.objects.filter(county=county, id=hazard.id).update(next_due_at=todo.due_at)
            notify(
                actor=actor, county=county, unit_id=todo.unit_id,
                title=f"节假日表有更正，{DUTY_LABEL.get(todo.kind, '')}改到 {deadline_words(todo.due_at)}：{hazard.title}",
                link=LINK.format(id=hazard.id), dedup_key=f"moved:{todo.id}:{todo.calendar_version}",
            )  # fmt: skip


class InspectionKeeper:
    """Looks after planned inspections: one reminder on the day before, one when the day has passed."""

    def lock(self, county: str, subject_ids: Collection[UUID]) -> set[UUID]:
        """Those that no deed holds at this moment, in key order."""
        free = Inspection.objects.select_for_update(skip_locked=True, no_key=True).filter(
            county=county, id__in=list(subject_ids)
        )
        return set(free.order_by("id").values_list("id", flat=True))

    def may_climb(self, todo: Owed, climbs: int) -> bool:
        """Nobody above is told: a day for an inspection is the unit's own."""
        return climbs <= 0

    def tell(self, actor: Actor, county: str, alerts: Sequence[Alert], now: datetime) -> None:
        """One message each to the unit that inspects."""
        named = dict(
            Inspection.objects.filter(county=county, id__in=[a.todo.subject_id for a in alerts]).values_list(
                "id", "target"
            )
        )
        for alert in alerts:
            words = "检查的日子到了" if alert.card == Card.YELLOW else "检查的日子过了还没有查"
            notify(
                actor=system(actor.identity, county), county=county, unit_id=alert.todo.unit_id,
                title=f"{words}：{named[alert.todo.subject_id]}", link=f"/safety/inspections/{alert.todo.subject_id}/",
                dedup_key=f"{alert.todo.id}:{alert.card}",
            )  # fmt: skip

    def shift(self, actor: Actor, county: str, shifts: Sequence[Shift], now: datetime) -> None:
        """A day stays a day."""


KEEPERS: dict[str, Keeper] = {SUBJECT: HazardKeeper(), INSPECTION: InspectionKeeper()}
