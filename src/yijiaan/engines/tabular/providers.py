"""Lists that can be exported: each app names its own in `ready()`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from yijiaan.engines.tabular.models import Export

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
class Exporter:
    """How one kind of list is written. note: what stands below the table, sources and limits in plain words."""

    columns: Columns
    rows: Rows
    note: str = ""


_exporters: dict[str, Exporter] = {}


def register_export(kind: str, exporter: Exporter) -> None:
    """Let a kind of list be exported; the same kind again replaces the first."""
    _exporters[kind] = exporter


def exporter_of(kind: str) -> Exporter:
    """How a kind is written; KeyError for an unknown one."""
    return _exporters[kind]
