"""What the base does on news: records go with their ground, and who proposed a change hears what became of it."""

from uuid import UUID

from yijiaan.areas.providers import register_tally
from yijiaan.core.scope import system
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.subscribers import subscribe
from yijiaan.engines.notices.actions import notify
from yijiaan.registry.actions import follow_redraw
from yijiaan.registry.drawing import DEED_WORDS
from yijiaan.registry.fields import KINDS
from yijiaan.registry.models import Change, ChangeState
from yijiaan.registry.queries import stands_of_households, stands_of_people

LINK = "/base/mine/"
ENDS = {ChangeState.CONFIRMED: "采纳了", ChangeState.REFUSED: "没有采纳，点开看为什么"}


def tell_proposer(entry: Entry) -> None:
    """A notice for the post that proposed it: 采纳了, or 没有采纳; the values and the reason stand on the page that it leads to."""
    if "change" not in entry.data:  # written by an earlier version
        return
    change = Change.objects.select_related("proposed_by").get(county=entry.county, id=UUID(entry.data["change"]))
    proposer = change.proposed_by
    if proposer is None or change.state not in ENDS or proposer.id == change.decided_by_id:
        return
    kind = KINDS[change.kind]
    label = (
        kind.field(change.field).label
        if change.field in kind.keys
        else DEED_WORDS.get(change.field, "登记").split("，")[0]
    )
    notify(
        actor=system("journal", entry.county), county=entry.county, unit_id=proposer.unit_id, post_id=proposer.id,
        title=f"您提的“{label}”{ENDS[ChangeState(change.state)]}", link=LINK, dedup_key=f"{entry.id}:proposer",
    )  # fmt: skip


def follow_grids(entry: Entry) -> None:
    """Records go with their ground."""
    follow_redraw(actor=system("redraw", entry.county), county=entry.county, before=entry.data["before"])


def register() -> None:
    """Called once when the apps are ready."""
    subscribe("registry.tell_proposer", ("registry.change_confirmed", "registry.change_refused"), tell_proposer)
    subscribe("registry.follow_grids", ("areas.redraw_in_force",), follow_grids)
    register_tally("住户", "户", stands_of_households)
    register_tally("住的人", "人", stands_of_people)
