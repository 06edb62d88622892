"""Where two told different things of one fact: which changes wait beside something newer, and what changed since a moment."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from yijiaan.core.scope import Actor
from yijiaan.registry.beside import is_overtaken, sides_of
from yijiaan.registry.models import Change, ChangeState
from yijiaan.registry.queries.records import list_latest, records_of
from yijiaan.ui.sides import Sides


def list_two_sides(actor: Actor, *, changes: Iterable[Change]) -> list[Sides]:
    """Those of some changes that wait beside something newer, with both values (sealed ones masked), both authors and times.

    Statements: one a kind of record and one for the authors; none where no change waits.
    """
    waiting = [change for change in changes if change.state == ChangeState.OPEN]
    records = records_of(actor, changes=waiting)
    waiting = [change for change in waiting if is_overtaken(change, records)]
    latest = list_latest(actor, changes=waiting)
    return [
        sides_of(change, records, latest.get((change.subject_id, change.field)), viewer=actor.post_id)
        for change in waiting
    ]


def list_changed_since(actor: Actor, *, record: Any, moment: datetime) -> dict[str, tuple[str, Change]]:
    """The facts of a record that were changed after a moment: what stood there then, and the last change since. One statement."""
    rows = Change.objects.visible_to(actor).filter(
        subject_id=record.id, state=ChangeState.CONFIRMED, decided_at__gt=moment, field__gt=""
    )
    found: dict[str, tuple[str, Change]] = {}
    for row in rows.select_related("decided_by__unit", "decided_by__role").order_by("decided_at", "id"):
        before = found[row.field][0] if row.field in found else row.old_sealed
        found[row.field] = (before, row)
    return found
