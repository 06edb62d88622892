"""The sentences of the demo: read from data/, chosen by chance, fitted to a village or a part of the town."""

import random
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
_CHOICE = re.compile(r"\{([^{}]*)\}")
_LINE = re.compile(r"(?:〔(?P<first>\d+)-(?P<last>\d+)〕)?(?P<text>.+?) => (?P<results>.+)")
STREET = {"村": "小区", "委": "居委会"}


@dataclass(frozen=True)
class Told:
    """What is said, in which months, and what is done about just that; spot: by a grid worker there and then."""

    text: str
    results: tuple[str, ...]
    spot: tuple[str, ...] = ()
    months: tuple[int, ...] = tuple(range(1, 13))


@dataclass(frozen=True)
class Trouble:
    """One kind of trouble: how it is told, how common it is in each month."""

    category: str
    months: tuple[int, ...]
    told: tuple[Told, ...]
    places: tuple[str, ...] = ("",)
    kinds: tuple[str, ...] = ("help",)
    channels: tuple[str, ...] = ()  # where it is told otherwise than most
    days: str = ""
    rural: bool = False
    tried: tuple[str, ...] = ()
    channel: str = ""  # of an appeal: the talk or the visit it was heard at

    def told_in(self, month: int, *, on_the_spot: bool = False) -> list[Told]:
        """What is said of it in a month; on_the_spot: of what a grid worker can solve himself."""
        return [each for each in self.told if month in each.months and (each.spot or not on_the_spot)]


@dataclass(frozen=True)
class Recent:
    """A trouble of the last weeks, told exactly, and how far it has come."""

    text: str
    village: str
    days: float
    end: str
    place: str = ""
    result: str = ""
    channel: str = "snap_report"
    kind: str = "help"
    rating: str = ""
    category: str = ""
    months: tuple[int, ...] = ()  # when it can happen, where not always
    grid: int = 0  # which of the village's; 0: any
    fit: str = ""  # "school": on school days only


@dataclass(frozen=True)
class Words:
    """Everything else that is said."""

    lists: dict[str, list[Any]] = field(default_factory=dict)
    rejects: tuple[dict[str, str], ...] = ()
    tips: tuple[dict[str, str], ...] = ()
    appeals: tuple[Trouble, ...] = ()

    def one(self, name: str, chance: random.Random, **named: str) -> str:
        """One of the sentences of a name."""
        sentence: str = chance.choice(self.lists[name])
        for key, value in named.items():
            sentence = sentence.replace(f"{{{key}}}", value)
        return chosen(sentence, chance)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text("utf-8"))


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _trouble(row: dict[str, Any]) -> Trouble:
    told = tuple(_told(line) for line in row["told"].strip().splitlines())
    return Trouble(**_tuples({"months": [1] * 12, **row, "told": told}))


def _told(line: str) -> Told:
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise ValueError(f"not a line of what is told: {line}")
    results = [result.strip() for result in found["results"].split("//")]
    first, last = int(found["first"] or 1), int(found["last"] or 12)
    months = range(first, last + 1) if first <= last else (*range(first, 13), *range(1, last + 1))
    usual = tuple(result for result in results if not result.startswith("*"))
    return Told(found["text"], usual, tuple(result[1:] for result in results if result.startswith("*")), tuple(months))


@cache
def troubles() -> tuple[Trouble, ...]:
    """Every kind of trouble."""
    return tuple(_trouble(row) for row in _read("troubles.toml")["trouble"])


@cache
def recents() -> tuple[Recent, ...]:
    """What happened in the last weeks, told exactly; the oldest first."""
    return tuple(
        sorted((Recent(**_tuples(row)) for row in _read("recent.toml")["story"]), key=lambda story: -story.days)
    )


@cache
def words() -> Words:
    """What is said along the way."""
    read = _read("words.toml")
    return Words(
        {name: value for name, value in read.items() if name not in ("reject", "tip", "appeal")}
        | {name: [value] for name, value in read.items() if isinstance(value, str)},
        tuple(read["reject"]),
        tuple(read["tip"]),
        tuple(_trouble(row) for row in read["appeal"]),
    )


def chosen(sentence: str, chance: random.Random) -> str:
    """A sentence with one of each {this|that} chosen."""
    return _CHOICE.sub(lambda found: chance.choice(found[1].split("|")), sentence)


def fitted(sentence: str, is_street: bool) -> str:
    """A sentence in the words of a village or of a part of the town."""
    for mark, street in STREET.items():
        sentence = sentence.replace(f"${mark}", street if is_street else {"村": "村", "委": "村委"}[mark])
    return sentence
