"""八大员: which of the eight roles of a grid worker a deed belongs to. It follows from the form he used and what it was about; he is
never asked, and nothing more is written than the deed itself.

Each app says in `ready()` what its deeds are; `insight` counts them by grid.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from yijiaan.core.scope import Actor


class EightRole(StrEnum):
    """The eight tasks of a grid worker as the towns of 兖州 name them."""

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

    def role_of(self, about: str) -> EightRole:
        """The role of a deed that was about this."""
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
