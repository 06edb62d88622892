"""What the packages above count on the ground of a grid, for the simulation of a redraw: each registers a tally in its `ready()`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import shapely

from yijiaan.areas.redrawing import Piece
from yijiaan.core.scope import Actor

Stand = tuple[str, float | None, float | None]  # the grid a record stands in, and its point where it has one


class Tally(Protocol):
    def __call__(self, actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
        """Where each of the records stands that lie in some grids."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One line of a simulation: how many there are on each piece, and how many of which nobody can tell by the map."""

    label: str
    unit: str
    numbers: tuple[int, ...]
    unplaced: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.numbers) + self.unplaced


_tallies: dict[str, tuple[str, Tally]] = {}


def register_tally(label: str, unit: str, tally: Tally) -> None:
    """Count something more in every simulation: its name and the word it is counted with, 户 or 件."""
    _tallies[label] = (unit, tally)


def count_all(actor: Actor, *, codes: Sequence[str], pieces: Sequence[Piece]) -> list[Counted]:
    """Every registered kind of record, on the pieces of a redraw."""
    return [_counted(label, unit, list(tally(actor, codes=codes)), pieces) for label, (unit, tally) in _tallies.items()]


def _counted(label: str, unit: str, stands: list[Stand], pieces: Sequence[Piece]) -> Counted:
    placed = places_of(stands, pieces)
    numbers = [0] * len(pieces)
    for place in placed:
        if place is not None:
            numbers[place] += 1
    return Counted(label, unit, tuple(numbers), sum(place is None for place in placed))


def places_of(stands: Sequence[Stand], pieces: Sequence[Piece]) -> list[int | None]:
    """On which piece each record lies: by its point, or because the grid it stands in has become one piece alone; None where
    neither tells."""
    heirs: dict[str, list[int]] = {}
    for place, piece in enumerate(pieces):
        for code in piece.sources:
            heirs.setdefault(code, []).append(place)
    for piece in pieces:
        shapely.prepare(piece.polygon)
    found: list[int | None] = []
    for code, lon, lat in stands:
        own = heirs.get(code, [])
        if len(own) > 1 and lon is not None and lat is not None:
            point = shapely.Point(lon, lat)
            own = [place for place in own if pieces[place].polygon.intersects(point)][:1] or own
        if len(own) > 1:
            # a grid that keeps its code keeps what has no point; of one that was cut nobody can tell
            own = [place for place in own if pieces[place].code == code]
        found.append(own[0] if len(own) == 1 else None)
    return found
