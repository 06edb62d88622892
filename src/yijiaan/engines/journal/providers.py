"""What apps tell the journal in `ready()`: how their verbs and subjects are called, and which of the eight roles of a grid worker
(八大员) a deed of field work belongs to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
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


class EightRole(StrEnum):
    """The eight tasks of a grid worker as the towns of 兖州 name them. Which one a deed belongs to follows from the form he used and
    what it was about; he is never asked."""

    BASE = "base_info_collector"
    OPINION = "public_opinion_informant"
    PARTY = "party_liaison"
    CARE = "special_care_worker"
    ERRAND = "errand_agent"
    POLICY = "policy_promoter"
    DISPUTE = "dispute_screener"
    SAFETY = "safety_patroller"


ROLE_LABELS: Mapping[EightRole, str] = {
    EightRole.BASE: "基础信息采集员",
    EightRole.OPINION: "社情民意信息员",
    EightRole.PARTY: "党建工作联络员",
    EightRole.CARE: "特殊群体服务员",
    EightRole.ERRAND: "居民事务代办员",
    EightRole.POLICY: "政策法规宣传员",
    EightRole.DISPUTE: "矛盾纠纷排查员",
    EightRole.SAFETY: "治安安全巡查员",
}


SEALED = "sealed"  # what a confidential deed was about: it stands behind no figure


class NamesWork(Protocol):
    def __call__(self, actor: Actor, *, ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
        """Words and address of what a deed was about, of those that the actor may see; nothing about a person."""


@dataclass(frozen=True, slots=True)
class FieldWork:
    """Deeds with one verb. about: an expression over the entry whose beginning decides (a category), longest first in `roles`;
    otherwise `role` holds. words: what they were, in the table beside the figures."""

    verb: str
    role: EightRole
    words: str
    names: NamesWork
    about: Callable[[], Any] | None = None
    roles: Mapping[str, EightRole] = field(default_factory=dict)

    def role_of(self, about: str) -> EightRole | None:
        """The role of a deed that was about this; None for a sealed one."""
        if about == SEALED:
            return None
        for length in range(len(about), 0, -1):
            if about[:length] in self.roles:
                return self.roles[about[:length]]
        return self.role


_work: dict[str, FieldWork] = {}


def register_field_work(works: Iterable[FieldWork]) -> None:
    """Say which role the deeds of an app belong to; the same verb again replaces the first."""
    _work.update({work.verb: work for work in works})


def field_work() -> dict[str, FieldWork]:
    """All of them by verb."""
    return dict(_work)
