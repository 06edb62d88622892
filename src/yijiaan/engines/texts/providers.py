"""The registry of sentences; apps declare theirs in `ready()`."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from string import Formatter
from uuid import NAMESPACE_OID, UUID, uuid5

from yijiaan.core.scope import Actor

GAP = re.compile(r"[一-鿿]{1,8}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. gaps: what is filled in where, by the Chinese name that stands between braces in the wording."""

    code: str  # app.place.case
    group: str  # Chinese: where it is read
    label: str  # Chinese: when
    shipped: str
    gaps: tuple[str, ...] = ()
    is_scoped: bool = False  # may be worded apart for a scope, see `declare_scopes`

    @property
    def id(self) -> UUID:
        """Stands for the sentence in the journal, whether it was changed or not."""
        return uuid5(NAMESPACE_OID, f"texts:{self.code}")


_sentences: dict[str, Sentence] = {}
Scopes = Callable[[Actor], list[tuple[str, str]]]
_scopes: list[Scopes] = []


def declare(sentences: Iterable[Sentence]) -> None:
    """Let sentences be worded anew; the same code again replaces the first."""
    for sentence in sentences:
        _sentences[sentence.code] = sentence


def declare_scopes(scopes: Scopes) -> None:
    """Say for what sentences that are scoped may be worded apart: keys and their Chinese names, in order. Once an installation."""
    _scopes[:] = [scopes]


def scopes_for(actor: Actor) -> dict[str, str]:
    """For what a sentence may be worded apart: names by key."""
    return dict(_scopes[0](actor)) if _scopes else {}


def sentences() -> list[Sentence]:
    """All of them, in the order of their declaration."""
    return list(_sentences.values())


def sentence_of(code: str) -> Sentence:
    """One of them; KeyError for a code that no app declared."""
    return _sentences[code]


def gaps_in(text: str) -> list[str]:
    """The names between braces. ValueError when the braces cannot be read."""
    found = []
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if spec or conversion or not GAP.fullmatch(name):
            raise ValueError(name)
        found.append(name)
    return found
