"""A walk as a way on a map: its points in their order, each with the shape and the words of its state."""

from collections.abc import Iterable
from typing import Any

from yijiaan.areas.queries import grids_around
from yijiaan.core.scope import Actor
from yijiaan.patrols.models import PatrolRun, PointCheck, Result
from yijiaan.ui.way import Stop

KINDS = {Result.OK: "done", Result.HAZARD: "late", Result.NOT_REACHABLE: "soon", Result.WAITING: "hold"}
KEY = tuple((kind, str(result.label)) for result, kind in KINDS.items())


def way_of(actor: Actor, run: PatrolRun, checks: Iterable[PointCheck]) -> dict[str, Any]:
    """What the page of a walk draws: nothing of who walks, and nothing but what was looked at.

    stops; features: the grids around, empty where no point was marked; key: what the shapes mean; unmarked: the numbers of the points
    that have no place yet.
    """
    stops = [
        Stop(
            check.place_number, check.place, KINDS[Result(check.result)], str(check.get_result_display()),
            (check.lon, check.lat) if check.lon is not None and check.lat is not None else None,
        )
        for check in checks
    ]  # fmt: skip
    has_places = any(stop.at for stop in stops)
    return {
        "stops": stops if has_places else [],
        "features": grids_around(actor, code=run.area_code) if has_places else [],
        "own": run.area_code,
        "key": KEY,
        "unmarked": [stop.number for stop in stops if stop.at is None],
    }
