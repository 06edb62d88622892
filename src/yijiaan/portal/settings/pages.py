"""What a kind of setting says of itself, and what views need of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.providers import verb_of
from yijiaan.engines.journal.queries import list_entries_about, list_entries_of
from yijiaan.ui.tables import Cell

MOST_HISTORY = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list: the first cell leads to its form. group: the heading that it stands under."""

    key: str
    cells: Sequence[Cell | str]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """What can be done to a row beside changing it; asks says what will happen."""

    name: str
    label: str
    asks: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a history."""

    entry: Entry
    label: str
    who: str
    lines: tuple[str, ...]


class SettingPage:
    """One kind of setting. Subclasses fill in what differs."""

    slug = ""
    label = ""
    icon = ""
    permission = ""
    intro = ""  # one sentence below the heading
    add_label = ""  # empty: none can be added
    none_words = "还没有。"  # what an empty list says
    heads: Sequence[str] = ()
    subject_types: Sequence[str] = ()
    form_class: type[forms.Form] = forms.Form
    has_list_history = True

    def state(self, actor: Actor) -> str:
        """How it stands, for the table of contents."""
        return ""

    def lacks(self, actor: Actor) -> str:
        """What must be done here before all works; empty when nothing."""
        return ""

    def lines(self, actor: Actor) -> Iterable[Line]:
        """The rows of the list."""
        raise NotImplementedError

    def title(self, actor: Actor, key: str) -> str:
        """What one row is called. NotFound for an unknown key."""
        line = next((line for line in self.lines(actor) if line.key == key), None)
        if line is None:
            raise NotFound
        first = line.cells[0]
        return first.text if isinstance(first, Cell) else first

    def form(self, actor: Actor, key: str, data: QueryDict | None = None) -> forms.Form:
        """The form of a row, or of a new one (key empty), filled with what is or with what was sent."""
        raise NotImplementedError

    def save(self, actor: Actor, key: str, said: dict[str, Any]) -> str:
        """Do it; returns one sentence that says what happened."""
        raise NotImplementedError

    def deeds(self, actor: Actor, key: str) -> Sequence[Deed]:
        """What else can be done to a row now."""
        return ()

    def do(self, actor: Actor, key: str, name: str) -> str:
        """Do one of the deeds; returns one sentence."""
        raise NotFound

    def links(self, actor: Actor, key: str) -> Sequence[tuple[str, str]]:
        """Other pages that belong to a row: words and address."""
        return ()

    def subject(self, actor: Actor, key: str) -> UUID | None:
        """What stands for a row in the journal."""
        return None

    def history(self, actor: Actor, key: str = "") -> list[Change]:
        """The latest changes of a row, or of the whole list."""
        if key:
            subject = self.subject(actor, key)
            if subject is None:
                return []
            entries = list_entries_of(actor, county=actor.county, subject_id=subject)
        elif self.has_list_history:
            entries = list_entries_about(actor, area_code=actor.county, subject_types=self.subject_types)
        else:
            return []
        return [
            Change(entry, verb_of(entry.verb).label, _who(entry), tuple(self.words_of(entry)))
            for entry in entries[:MOST_HISTORY]
        ]

    def words_of(self, entry: Entry) -> Iterable[str]:
        """What an entry changed, a line a field."""
        labels = {name: str(field.label or name) for name, field in self.form_class.base_fields.items()}
        if name := entry.data.get("name"):
            yield str(name)
        for field, (old, new) in entry.data.get("changed", {}).items():
            yield f"{labels.get(field, field)}：{_said(old)} → {_said(new)}"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value) if value not in ("", None) else "空"


def _who(entry: Entry) -> str:
    if entry.post is None:
        return "系统"
    return f"{entry.post.title or entry.post.role.name} {entry.post.user.name}"
