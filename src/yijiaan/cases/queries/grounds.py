"""Where cases stand on the ground: for the simulation of a redraw, and for a year's figures by grid."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from yijiaan.areas.providers import Stand
from yijiaan.areas.queries import grids_of_day
from yijiaan.cases.models import Case
from yijiaan.core import clock
from yijiaan.core.scope import Actor

YEAR = timedelta(days=365)


def stands_of_open(actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
    """The open cases in some grids that the actor sees."""
    cases = Case.objects.visible_to(actor).filter(county=actor.county, area_code__in=codes).open()
    return cases.order_by("id").values_list("area_code", "lon", "lat")


def stands_of_a_year(actor: Actor, *, codes: Sequence[str]) -> Iterable[Stand]:
    """The cases that came in within a year in some grids, as far as the actor sees them."""
    since = clock.now() - YEAR
    cases = Case.objects.visible_to(actor).filter(
        county=actor.county,
        occurred_area_code__in=codes,
        area_code__gte=codes[0][:12],
        area_code__lt=codes[0][:12] + "~",
    )
    return cases.filter(received_at__gte=since).order_by("id").values_list("occurred_area_code", "lon", "lat")


def count_by_grid(actor: Actor, *, village: str, year: int) -> tuple[Counter[str], Counter[str]]:
    """How many cases a village's grids received in a year, that the actor sees: by the grids of then, and by those of today. The code of
    the village stands for those whose grid nobody can tell. Both have the same sum.
    """
    first, after = clock.day_start(date(year, 1, 1)), clock.day_start(date(year + 1, 1, 1))
    cases = Case.objects.visible_to(actor).filter(
        county=actor.county, area_code__gte=village, area_code__lt=village + "~", received_at__gte=first,
        received_at__lt=after,
    )  # fmt: skip
    stands = list(cases.order_by("id").values_list("occurred_area_code", "lon", "lat"))
    # one that came in under another village was moved here: its ground is what counts
    stands = [(code if code.startswith(village) else village, lon, lat) for code, lon, lat in stands]
    today = grids_of_day(actor, county=actor.county, stands=stands)
    return Counter(code for code, _, _ in stands), Counter(today)
