"""Names of verbs and of subjects for people who read the journal: each app names its own in `ready()`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from yijiaan.core.scope import Actor


@dataclass(frozen=True, slots=True)
class Verb:
    """How a verb is called. is_look: somebody opened a sealed identity; purposes: what its codes mean."""

    label: str
    is_look: bool = False
    purposes: Mapping[str, str] = field(default_factory=dict)


class FindsSubject(Protocol):
    def __call__(self, actor: Actor, *, text: str) -> list[UUID]: ...


class NamesSubjects(Protocol):
    def __call__(self, actor: Actor, *, county: str, ids: Iterable[UUID]) -> dict[UUID, str]: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What a kind of subject is called, how one is found by what people type (its number), and what names it without its
    content."""

    label: str
    find: FindsSubject | None = None
    names: NamesSubjects | None = None


_verbs: dict[str, Verb] = {}
_subjects: dict[str, Subject] = {}


def name_verbs(labels: Mapping[str, str | Verb]) -> None:
    """Say how verbs are called."""
    _verbs.update({name: verb if isinstance(verb, Verb) else Verb(verb) for name, verb in labels.items()})


def name_subject(subject_type: str, subject: Subject) -> None:
    """Say how a kind of subject is called and found."""
    _subjects[subject_type] = subject


def verb_of(name: str) -> Verb:
    """A verb; one that nobody named is called by its code."""
    return _verbs.get(name) or Verb(name)


def verbs() -> dict[str, Verb]:
    """All verbs that were named."""
    return dict(_verbs)


def looks() -> list[str]:
    """The verbs that stand for a look at a sealed identity."""
    return sorted(name for name, verb in _verbs.items() if verb.is_look)


def subject_of(subject_type: str) -> Subject:
    """A kind of subject; one that nobody named is called by its code."""
    return _subjects.get(subject_type) or Subject(subject_type)


def subjects() -> dict[str, Subject]:
    """All kinds that were named."""
    return dict(_subjects)
