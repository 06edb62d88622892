"""并档补空: what one record of a human being lacks comes from the other, with the other's source and day, and goes back with it."""

from datetime import date, datetime

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.registry.actions.writing import field_text, new_change, save_facts, set_facts
from yijiaan.registry.fields import PERSON
from yijiaan.registry.models import Change, ChangeState, Person, PersonMerge
from yijiaan.registry.values import check_facts, value_of

CARD = "identity_card"


def fill_gaps(actor: Actor, merge: PersonMerge, at: datetime) -> list[str]:
    """Give the kept one each fact that he lacks and the merged one has, but what would contradict his own; each gets its line in the
    history. Returns the keys. The merged one must have left the list of numbers already."""
    kept, merged = merge.kept, merge.merged
    checked_on, touched, lines = kept.checked_on, set[str](), []
    for field in PERSON.fields:
        text = field_text(merged, field)
        if not text or field_text(kept, field) or not _fits(kept, merged, field.key):
            continue
        values = {field.key: value_of(merged, field)}
        try:
            check_facts(PERSON, values, kept)
        except RuleError:  # his own birthday differs from the one in the other's number
            continue
        source, day = merged.origins.get(field.key) or ("merge", clock.local_day(at).isoformat())
        told_on = date.fromisoformat(day)
        touched.update(set_facts(kept, PERSON, values, source, told_on))
        lines.append(
            new_change(
                actor, kept, PERSON, field=field.key, old="", new=text, source=source, day=told_on, client_key=merge.id,
                is_confirmed=True, at=at,
            )
        )  # fmt: skip
    if lines:
        kept.checked_on = checked_on  # nobody looked at him
        save_facts(actor, kept, PERSON, touched)
        Change.objects.bulk_create(lines)
    return [line.field for line in lines]


def empty_gaps(actor: Actor, merge: PersonMerge, at: datetime) -> None:
    """Take back what `fill_gaps` gave, but what was changed since; its lines stay in the history as undone."""
    kept, merged, touched = merge.kept, merge.merged, set[str]()
    for key in reversed(merge.moved.get("filled", [])):
        field = PERSON.field(key)
        values = {key: field.empty}
        if field_text(kept, field) != field_text(merged, field):
            continue
        try:
            check_facts(PERSON, values, kept)
        except RuleError:  # what was written since needs it
            continue
        touched.update(set_facts(kept, PERSON, values, "merge", kept.checked_on))
    if touched:
        save_facts(actor, kept, PERSON, touched)
    lines = Change.objects.filter(county=kept.county, client_key=merge.id, state=ChangeState.CONFIRMED)
    lines.update(state=ChangeState.UNDONE, decided_by_id=actor.post_id, decided_at=at)


def _fits(kept: Person, merged: Person, key: str) -> bool:
    """A number belongs to its kind of paper: neither comes without the other."""
    if key == "id_no":
        return (kept.id_kind or CARD) == (merged.id_kind or CARD)
    return key != "id_kind" or kept.id_no_sealed in ("", merged.id_no_sealed)
