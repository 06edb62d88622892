import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from yijiaan.cases.asking import Question, question_of
from yijiaan.cases.models import Case, Category, CategoryQuestion, Duty, ReportAnswer
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
    questions: dict[str, tuple[Question, ...]]  # by the category's code, those asked now, in their order


_kept: tuple[float, CategoryTable | None] = (0.0, None)


def category_table(actor: Actor) -> CategoryTable:
    """Categories with their duty list and questions, read once in a quarter of a minute: intake and lists ask at every request."""
    global _kept
    until, table = _kept
    if table is None or until < time.monotonic():
        rows = list(Category.objects.order_by("code", "version").select_related("parent"))
        duties: dict[UUID, list[Duty]] = defaultdict(list)
        for duty in Duty.objects.order_by("-is_lead", "rank", "unit_kind"):
            duties[duty.category_id].append(duty)
        by_id = {row.id: row for row in rows}
        asked: dict[str, list[Question]] = defaultdict(list)
        for row in CategoryQuestion.objects.filter(is_active=True).order_by("rank", "code"):
            asked[by_id[row.category_id].code].append(question_of(row))
        current = [row for row in rows if row.valid_to is None or row.valid_to > clock.local_day()]
        table = CategoryTable(
            by_id=by_id,
            by_code={row.code: row for row in current},
            leaves=tuple(row for row in current if row.parent_id),
            duties={key: tuple(value) for key, value in duties.items()},
            questions={code: tuple(value) for code, value in asked.items()},
        )
        with _lock:
            _kept = (time.monotonic() + _KEEP, table)
    return table


def forget_categories() -> None:
    """Drop what this process remembers."""
    global _kept
    with _lock:
        _kept = (0.0, None)


def questions_of(actor: Actor, *, category_codes: Iterable[str]) -> dict[str, tuple[Question, ...]]:
    """What is asked now in each of these categories (small or big, by its code), in order; empty where nothing is.

    They are public: whoever reports must know them. From what the process remembers, a quarter of a minute old at most.
    """
    questions = category_table(actor).questions
    return {code: questions.get(code, ()) for code in category_codes}


def open_questions(actor: Actor, *, case: Case, category: str = "") -> list[Question]:
    """What must be asked in the category (the case's own where none is named) and no reporter of the case answered. Asks the
    database only where something must be asked; the caller has made sure that the actor may see the case."""
    if not category:
        own = category_of(actor, case=case)
        category = own.code if own else ""
    asked = [question for question in questions_of(actor, category_codes=[category])[category] if question.is_required]
    if not asked:
        return []
    answers = ReportAnswer.objects.filter(county=case.county, report__county=case.county, report__case_id=case.id)
    said = set(answers.values_list("question_id", flat=True))
    return [question for question in asked if question.id not in said]


def asked_categories(actor: Actor) -> list[tuple[Category, tuple[Question, ...]]]:
    """The categories in force that ask something, with what they ask, by code."""
    table = category_table(actor)
    return [(table.by_code[code], asked) for code, asked in sorted(table.questions.items()) if code in table.by_code]


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
