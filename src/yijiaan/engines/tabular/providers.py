"""What apps register with this engine in `ready()`: lists that can be exported, and kinds of records that ledgers can become."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from yijiaan.engines.tabular.fields import Field, Kind, mask_unknown, masked_values
from yijiaan.engines.tabular.models import Export
from yijiaan.engines.tabular.targets import (
    Done,
    ImportTarget,
    Judgement,
    Origin,
    Row,
    Verdict,
    Written,
    forget_target,
    provide_posts,
    register_target,
    target_of,
    targets_for,
)

__all__ = [
    "Column", "Columns", "Done", "Exporter", "Field", "Head", "Heads", "ImportTarget", "Judgement", "Kind", "Origin", "Row", "Rows", "Value",
    "Verdict", "Written", "exporter_of", "forget_target", "mask_unknown", "masked_values", "provide_posts",
    "register_export", "register_target", "target_of", "targets_for",
]  # fmt: skip

Value = str | int | float | datetime | None


class Rows(Protocol):
    def __call__(self, export: Export) -> Iterator[Sequence[Value]]:
        """The rows, in portions that fit into memory; a moment is written in the time of Shandong."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading and how wide it is, in characters."""

    head: str
    width: int = 14


class Columns(Protocol):
    def __call__(self, parameters: Mapping[str, Any]) -> Sequence[Column]: ...


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the rows of a list whose layout somebody else made: its lines, and the corners of cells merged in them."""

    lines: Sequence[Sequence[str]]
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()


class Heads(Protocol):
    def __call__(self, parameters: Mapping[str, Any]) -> Head: ...


@dataclass(frozen=True, slots=True)
class Exporter:
    """How one kind of list is written. note: what stands below the table, sources and limits in plain words. head: a layout in
    place of one line of headings. beside: the name of a second sheet of the same shape; then every row is twice as long, and
    its second half stands there."""

    columns: Columns
    rows: Rows
    note: str = ""
    head: Heads | None = None
    beside: str = ""


_exporters: dict[str, Exporter] = {}


def register_export(kind: str, exporter: Exporter) -> None:
    """Let a kind of list be exported; the same kind again replaces the first."""
    _exporters[kind] = exporter


def exporter_of(kind: str) -> Exporter:
    """How a kind is written; KeyError for an unknown one."""
    return _exporters[kind]
