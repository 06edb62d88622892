"""Who may open the files of a subject: each owning app registers an answer for its subject type."""

from typing import Protocol
from uuid import UUID

from yijiaan.core.scope import Actor


class MayOpen(Protocol):
    def __call__(self, actor: Actor, *, county: str, subject_id: UUID) -> bool: ...


_answers: dict[str, MayOpen] = {}


def register(subject_type: str, may_open: MayOpen) -> None:
    """Let an app answer for its files. Files of a type without an answer open to nobody."""
    _answers[subject_type] = may_open


def may_open(actor: Actor, *, county: str, subject_type: str, subject_id: UUID) -> bool:
    """Whether the actor may open the files of this subject."""
    answer = _answers.get(subject_type)
    return answer is not None and answer(actor, county=county, subject_id=subject_id)
