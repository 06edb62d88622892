"""Somebody changed a record while another wrote in its form: what both wrote, side by side, and nothing is lost of either."""

from dataclasses import dataclass, field
from typing import Any

from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.registry.beside import decided_words, shown
from yijiaan.registry.fields import Kind
from yijiaan.registry.queries import list_changed_since
from yijiaan.registry.record_forms import RecordForm
from yijiaan.registry.values import as_text, read, value_of
from yijiaan.ui.sides import Sides

DECIDES = {
    True: "您来定：再交一次，就按您写的改；要留登记上的，把这一项改回去再交。",
    False: "要改成您写的，再交一次，由网格长或镇里核实时选定；要留登记上的，把这一项改回去再交。",
}


@dataclass(slots=True)
class Meanwhile:
    """sides: facts that both changed; taken: facts that the writer left alone, with the newer value; labels: how those are called."""

    sides: list[Sides] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)


def meanwhile(actor: Actor, kind: Kind, record: Any, form: RecordForm) -> Meanwhile:
    """What of a record changed after the writer saw it, sorted by whether he changed the same. One statement."""
    found, said = Meanwhile(), form.values()
    for key, (before, change) in list_changed_since(actor, record=record, moment=form.seen_moment()).items():
        if key not in kind.keys or key not in form.fields:
            continue
        fact = kind.field(key)
        now = as_text(fact, value_of(record, fact))
        mine = said.get(key)
        if mine is None or _text(fact, mine) == before:
            if not fact.is_sealed:  # a sealed one is not in the page: left empty it stays as it is
                found.taken[key] = now
            found.labels.append(fact.label)
        elif _text(fact, mine) != now:
            sides = Sides(
                fact.label, shown(fact, _text(fact, mine), "清空"), "您刚才写的", shown(fact, now, "没有填"), decided_words(change),
                DECIDES[actor.may("registry.confirm")],
            )  # fmt: skip
            found.sides.append(sides)
    return found


def _text(fact: Any, typed: str) -> str:
    """What was typed as a change would keep it; as it stands where it cannot be read."""
    try:
        return as_text(fact, read(fact, typed))
    except RuleError:
        return typed
