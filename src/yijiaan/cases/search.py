"""What a case can be found by: its words as pairs of characters, kept beside it in `case_words` and indexed there.

Words of Chinese are not divided by spaces, and dictionaries miss names; pairs find every text of two characters and more. A
pair is an integer (both characters' code points); what pairs find is checked against the words themselves. One more integer
names the town, so that a town's search reads its own cases only; confidential cases have none and are found by the units
that hold them. And one names the month, so that the newest of very many are found without sorting all.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from yijiaan.cases.flows import OPEN
from yijiaan.cases.models import Case, CaseWords
from yijiaan.core import clock
from yijiaan.core.bigrams import normal, pairs
from yijiaan.core.identifiers import made_at

TOWN = 9  # digits


def town_mark(area_code: str) -> int:
    """The integer of a place's town (of the county, where no town is known)."""
    return -int(area_code[:TOWN])


# below the town marks of every county: no province's code begins with 40
MONTH_MARKS = 400_000_000


def month_mark(day: date) -> int:
    """The integer of the month in which a case came in."""
    return -(MONTH_MARKS + 100 * day.year + day.month)


def words_of(*, title: str, place: str, texts: Iterable[str]) -> str:
    """All that is said of a case, in lines: nothing is found across two of them."""
    said = list(texts)
    lines = [normal(text) for text in said]
    heading = title.removesuffix("…")
    if not any(heading in text for text in said):  # mostly it is the first sentence of what was said
        lines.insert(0, normal(heading))
    return "\n".join([*lines, normal(place)])


def marks_of(*, words: str, area_code: str, is_confidential: bool, case_id: UUID) -> list[int]:
    """The pairs of the words, in order, the town, and the month in which the case's identifier was made: the newest are told by it."""
    found = {pair for line in words.split("\n") for pair in pairs(line)}
    if not is_confidential:
        found.add(town_mark(area_code))
    found.add(month_mark(clock.local_day(made_at(case_id))))
    return sorted(found)


def keep_words(case: Case, texts: Iterable[str], *, is_new: bool = False) -> None:
    """Write what a case can be found by; called when it comes in and when its words, its town or its reports change."""
    values = values_of(case, texts)
    if is_new:
        CaseWords(id=case.id, county=case.county, case=case, **values).save(force_insert=True)
    else:
        CaseWords.objects.filter(county=case.county, id=case.id).update(**values)


def values_of(case: Case, texts: Iterable[str]) -> dict[str, Any]:
    """The columns of the row."""
    words = words_of(title=case.title, place=case.place, texts=texts)
    marks = marks_of(words=words, area_code=case.area_code, is_confidential=case.is_confidential, case_id=case.id)
    return {"words": words, "marks": marks, "is_open": case.status in OPEN}


def follow(case: Case, changed: Mapping[str, Sequence[Any]]) -> None:
    """After a deed, with the old and new value of what it changed: keep the words with the town, among the open or the ended."""
    if "area_code" in changed:
        keep_words(case, case.reports.filter(county=case.county).order_by("id").values_list("text", flat=True))
    elif "status" in changed:
        before, now = (status in OPEN for status in changed["status"])
        if before != now:
            CaseWords.objects.filter(county=case.county, id=case.id).update(is_open=now)
