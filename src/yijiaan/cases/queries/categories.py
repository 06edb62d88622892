import time
from collections import defaultdict
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from yijiaan.cases.models import Case, Category, Duty
from yijiaan.core import clock
from yijiaan.core.scope import Actor

_KEEP = 15.0  # seconds; an edited category is seen by every process within this time
_lock = Lock()


@dataclass(frozen=True, slots=True)
class CategoryTable:
    """All categories in force, as the process remembers them."""

    by_id: dict[UUID, Category]
    by_code: dict[str, Category]
    leaves: tuple[Category, ...]
    duties: dict[UUID, tuple[Duty, ...]]


_kept: tuple[float, CategoryTable | None] = (0.0, None)


def category_table(actor: Actor) -> CategoryTable:
    """Categories and their duty list, read once in a quarter of a minute: intake and lists ask at every request."""
    global _kept
    until, table = _kept
    if table is None or until < time.monotonic():
        rows = list(Category.objects.order_by("code", "version").select_related("parent"))
        duties: dict[UUID, list[Duty]] = defaultdict(list)
        for duty in Duty.objects.order_by("-is_lead", "rank", "unit_kind"):
            duties[duty.category_id].append(duty)
        current = [row for row in rows if row.valid_to is None or row.valid_to > clock.local_day()]
        table = CategoryTable(
            by_id={row.id: row for row in rows},
            by_code={row.code: row for row in current},
            leaves=tuple(row for row in current if row.parent_id),
            duties={key: tuple(value) for key, value in duties.items()},
        )
        with _lock:
            _kept = (time.monotonic() + _KEEP, table)
    return table


def forget_categories() -> None:
    """Drop what this process remembers."""
    global _kept
    with _lock:
        _kept = (0.0, None)


def category_by_code(actor: Actor, *, code: str) -> Category | None:
    """A category in force, either level; None when there is none."""
    return category_table(actor).by_code.get(code)


def category_of(actor: Actor, *, case: Case) -> Category | None:
    """The category of a case, from what the process remembers."""
    if case.category_id is None:
        return None
    return category_table(actor).by_id.get(case.category_id) or case.category


def list_leaf_categories(actor: Actor) -> tuple[Category, ...]:
    """The small categories in force, by code."""
    return category_table(actor).leaves


def list_categories(actor: Actor) -> list[tuple[Category, list[Category]]]:
    """Big categories with their small ones, by code."""
    table = category_table(actor)
    small: dict[UUID | None, list[Category]] = defaultdict(list)
    for leaf in table.leaves:
        small[leaf.parent_id].append(leaf)
    return [(row, small[row.id]) for row in table.by_code.values() if row.parent_id is None]
