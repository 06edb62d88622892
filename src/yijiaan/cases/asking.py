"""What a category asks, and whether an answer is one: pure, so that pages, doors and the phone's outbox judge alike."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from yijiaan.cases.models import CategoryQuestion, QuestionKind
from yijiaan.core.errors import RuleError

MOST_TEXT = 500
FARTHEST = 10**12  # beyond it no count, length or sum that people report
MOST_PHOTOS = 6
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it is asked now."""

    id: UUID
    code: str
    wording: str
    kind: str  # of QuestionKind
    options: tuple[str, ...]
    is_required: bool
    rank: int
    use: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said to a question: words, a number, a list of options, a day as YYYY-MM-DD, how many photos."""

    question: Question
    value: Any


def question_of(row: CategoryQuestion) -> Question:
    """The question that a row holds."""
    return Question(row.id, row.code, row.wording, row.kind, tuple(row.options), row.is_required, row.rank, row.use)


def check_answers(
    questions: Sequence[Question], said: Mapping[str, Any], *, required: bool = True
) -> tuple[Answer, ...]:
    """The answers in the order of the questions; what was left empty is no answer.

    required: whether a question that must be answered holds the report up. RuleErrors at `answers.<code>`:
    unknown_question, unanswered, not_text, long_answer, not_a_number, not_an_option, not_a_date, not_photos.
    """
    known = {question.code for question in questions}
    for code in said:
        if code not in known:
            raise RuleError("unknown_question", f"这一类没有问“{str(code)[:30]}”", f"answers.{str(code)[:30]}")
    found = []
    for question in questions:
        value = READ[question.kind](question, said.get(question.code))
        if value not in (None, "", [], 0) or value == 0 and question.kind == QuestionKind.NUMBER:
            found.append(Answer(question, value))
        elif question.is_required and required:
            raise _wrong(question, "unanswered", f"请答一下：{question.wording}（用来{question.use}）")
    return tuple(found)


def answer_words(kind: str, value: Any) -> str:
    """An answer as people read it."""
    if kind == QuestionKind.MULTIPLE:
        return "、".join(str(option) for option in value)
    if kind == QuestionKind.PHOTO:
        return f"{value} 张，见照片"
    return str(value)


def _wrong(question: Question, code: str, words: str) -> RuleError:
    return RuleError(code, words, f"answers.{question.code}")


def _text(question: Question, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong(question, "not_text", f"“{question.wording}”的答案应是文字")
    value = CONTROL.sub("", value.replace("\r\n", "\n")).strip()
    if len(value) > MOST_TEXT:
        raise _wrong(question, "long_answer", f"写了 {len(value):,} 个字，最多 {MOST_TEXT} 个，请写短些")
    return value


def _number(question: Question, value: Any) -> int | float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        number = float(value.strip() if isinstance(value, str) else value)
        if not math.isfinite(number) or abs(number) > FARTHEST:
            raise ValueError
    except (ValueError, OverflowError) as error:
        raise _wrong(question, "not_a_number", f"“{question.wording}”请填数字，比如 3 或 2.5") from error
    return int(number) if number == int(number) else number


def _single(question: Question, value: Any) -> str:
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or value not in question.options:
        raise _wrong(question, "not_an_option", f"“{question.wording}”只能选：{'、'.join(question.options)}")
    return value


def _multiple(question: Question, value: Any) -> list[str]:
    chosen = [value] if isinstance(value, str) and value else value or []
    if not isinstance(chosen, list | tuple) or any(option not in question.options for option in chosen):
        raise _wrong(question, "not_an_option", f"“{question.wording}”只能选：{'、'.join(question.options)}")
    return [option for option in question.options if option in chosen]


def _date(question: Question, value: Any) -> str:
    if value is None or value == "":
        return ""
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value).strip()[:10])
        if not date(1949, 1, 1) <= day <= date(2200, 1, 1):
            raise ValueError
    except ValueError as error:
        raise _wrong(question, "not_a_date", f"“{question.wording}”请填日期，比如 2026-11-23") from error
    return day.isoformat()[:10]


def _photo(question: Question, value: Any) -> int:
    if value is None or value == "":
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_PHOTOS:
        raise _wrong(question, "not_photos", f"“{question.wording}”填照片张数，最多 {MOST_PHOTOS} 张，照片另传")
    return value


READ = {
    QuestionKind.TEXT.value: _text,
    QuestionKind.NUMBER.value: _number,
    QuestionKind.SINGLE.value: _single,
    QuestionKind.MULTIPLE.value: _multiple,
    QuestionKind.DATE.value: _date,
    QuestionKind.PHOTO.value: _photo,
}
