"""Grids are redrawn: no ground is lost, codes come once, until the day all can be taken back, and a year's sum stays what it was."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from yijiaan.areas.actions import begin_redraws, import_grids, schedule_redraw, undo_redraw
from yijiaan.areas.models import Area, Border, Lineage, Redraw, RedrawState
from yijiaan.areas.providers import places_of
from yijiaan.areas.queries import Drawing, find_grid, grids_of_day, plan_redraw
from yijiaan.areas.redrawing import SMALLEST, Piece, cut, handed_over, joined
from yijiaan.areas.tests import make
from yijiaan.areas.tests.make import COUNTY, FIRST, SECOND, SIDE, SOUTH, WEST, collection, feature, middle, square
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry

pytestmark = pytest.mark.django_db
TABLES = (Area, Border, Lineage, Redraw, Entry)
WHO = system("tests", COUNTY)
LATER = timedelta(days=3)
ACROSS = ((WEST + SIDE / 2, SOUTH - 0.001), (WEST + SIDE / 2, SOUTH + SIDE + 0.001))
CORNER = (
    (WEST + SIDE * 0.8, SOUTH + SIDE * 0.2), (WEST + SIDE * 1.1, SOUTH + SIDE * 0.2), (WEST + SIDE * 1.1, SOUTH + SIDE * 0.6),
    (WEST + SIDE * 0.8, SOUTH + SIDE * 0.6),
)  # fmt: skip


def four() -> list[str]:
    return [area.code for area in make.grids()]


def drawing(kind: str, *grids: str, **more: object) -> Drawing:
    return Drawing(kind=kind, village=FIRST, grids=grids, **more)


def schedule(what: Drawing, **more: object) -> Redraw:
    values = {"effective_on": clock.local_day() + LATER, "reason": "户数太多", "client_key": uuid4(), "actor": WHO}
    return schedule_redraw(drawing=what, **values | more)


def borders_on(day: date) -> dict[str, float]:
    rows = Border.objects.filter(period__contains=day).values_list("area_id", "geometry")
    return {code: shape(geometry).area for code, geometry in rows}


def test_two_grids_become_one_on_the_day():
    west, east, *rest = four()
    before = borders_on(clock.local_day())
    redraw = schedule(drawing("merge", west, east, names=("新驿一村东西网格",)))
    day = redraw.effective_on
    assert redraw.after == [FIRST + "1003"]
    assert borders_on(day - timedelta(days=1)) == before
    assert set(borders_on(day)) == {FIRST + "1003", *rest}
    assert sum(borders_on(day).values()) == pytest.approx(sum(before.values()))
    new = Area.objects.get(code=FIRST + "1003")
    assert (new.name, new.valid_from, new.valid_to) == ("新驿一村东西网格", day, None)
    assert set(Area.objects.filter(valid_to=day).values_list("code", flat=True)) == {west, east}
    lon, lat = middle(0)
    assert find_grid(WHO, county=COUNTY, lon=lon, lat=lat) == west
    assert find_grid(WHO, county=COUNTY, lon=lon, lat=lat, on=day) == new.code
    with clock.later(LATER):
        assert begin_redraws(actor=WHO) == 1
        assert begin_redraws(actor=WHO) == 0
    assert Redraw.objects.get().state == RedrawState.IN_FORCE
    entry = Entry.objects.get(verb="areas.redraw_in_force")
    assert entry.data == {"kind": "merge", "on": day.isoformat(), "before": [west, east], "after": [new.code]}


def test_a_grid_is_cut_from_west_to_east():
    west, *_ = four()
    redraw = schedule(drawing("split", west, points=ACROSS, names=("西头", "")))
    day = redraw.effective_on
    assert redraw.after == [FIRST + "1003", FIRST + "1004"]
    assert [Area.objects.get(code=code).name for code in redraw.after] == ["西头", "新驿一村第4网格"]
    assert find_grid(WHO, county=COUNTY, lon=WEST + 0.002, lat=SOUTH + 0.005, on=day) == FIRST + "1003"
    assert find_grid(WHO, county=COUNTY, lon=WEST + 0.008, lat=SOUTH + 0.005, on=day) == FIRST + "1004"
    assert set(Lineage.objects.values_list("before_id", "after_id")) == {(west, code) for code in redraw.after}


def test_ground_goes_to_a_neighbour_and_both_keep_their_codes():
    west, east, *_ = four()
    redraw = schedule(drawing("shift", west, east, points=CORNER))
    day = redraw.effective_on
    assert redraw.after == [west, east]
    before, after = borders_on(clock.local_day()), borders_on(day)
    assert before[west] - after[west] == pytest.approx(SIDE * SIDE * 0.08, rel=1e-3)
    assert after[east] - before[east] == pytest.approx(SIDE * SIDE * 0.08, rel=1e-3)
    assert not Lineage.objects.exists()
    assert find_grid(WHO, county=COUNTY, lon=WEST + SIDE * 0.9, lat=SOUTH + SIDE * 0.4, on=day) == east


@pytest.mark.parametrize("kind", ["merge", "split", "shift"])
def test_before_its_day_a_redraw_is_undone_without_a_trace_but_for_the_codes(kind):
    west, east, *_ = four()
    rows = set(Border.objects.values_list("id", "area_id", "period"))
    areas = set(Area.objects.values_list("code", "name", "valid_from", "valid_to"))
    points = {"merge": (), "split": ACROSS, "shift": CORNER}[kind]
    redraw = schedule(drawing(kind, *((west,) if kind == "split" else (west, east)), points=points))
    undone = undo_redraw(actor=WHO, redraw_id=redraw.id)
    assert undone.state == RedrawState.UNDONE
    assert set(Border.objects.values_list("id", "area_id", "period")) == rows
    assert set(Area.objects.values_list("code", "name", "valid_from", "valid_to")) == areas
    with unchanged(*TABLES):
        undo_redraw(actor=WHO, redraw_id=redraw.id)
    if kind == "merge":
        assert schedule(drawing("merge", west, east)).after == [FIRST + "1004"]
        more = collection(feature(FIRST, square(0, 4)))
        assert import_grids(actor=WHO, collection=more, valid_from=make.SINCE)[0].code == FIRST + "1005"


def test_on_its_day_it_cannot_be_undone():
    redraw = schedule(drawing("merge", *four()[:2]))
    with clock.later(LATER), unchanged(*TABLES), pytest.raises(RuleError) as refused:
        undo_redraw(actor=WHO, redraw_id=redraw.id)
    assert refused.value.code == "already_in_force"


def test_a_repeated_request_gives_the_first_answer():
    west, east, *_ = four()
    key = uuid4()
    first = schedule(drawing("merge", west, east), client_key=key)
    with unchanged(*TABLES):
        assert schedule(drawing("merge", west, east), client_key=key) == first
        with pytest.raises(Conflict):
            schedule(drawing("split", west, points=ACROSS), client_key=key)


WRONG = {
    "unknown_kind": (lambda w, e: drawing("turn", w), {}, "kind"),
    "too_few_grids": (lambda w, e: drawing("merge", w, w), {}, "grids"),
    "too_many_grids": (lambda w, e: drawing("split", w, e, points=ACROSS), {}, "grids"),
    "unknown_grid": (lambda w, e: drawing("merge", w, SECOND + "1001"), {}, "grids"),
    "short_line": (lambda w, e: drawing("split", w, points=ACROSS[:1]), {}, "points"),
    "no_cut": (lambda w, e: drawing("split", w, points=((WEST + 0.004, SOUTH + 0.005), (WEST + 0.006, SOUTH + 0.005))), {}, "points"),
    "nothing_inside": (lambda w, e: drawing("shift", e, w, points=((0, 0), (0, 1), (1, 1))), {}, "points"),
    "bad_ring": (lambda w, e: drawing("shift", w, e, points=(CORNER[0], CORNER[2], CORNER[1], CORNER[3])), {}, "points"),
    "all_inside": (lambda w, e: drawing("shift", w, e, points=((116, 35), (117, 35), (117, 36), (116, 36))), {}, "points"),
    "not_touching": (lambda w, e: drawing("shift", w, e, points=tuple((x - 0.005, y) for x, y in CORNER)), {}, "points"),
    "too_many_points": (lambda w, e: drawing("split", w, points=ACROSS * 101), {}, "points"),
    "no_day": (lambda w, e: drawing("merge", w, e), {"effective_on": None}, "effective_on"),
    "too_early": (lambda w, e: drawing("merge", w, e), {"effective_on": date(2026, 1, 2)}, "effective_on"),
    "too_late": (lambda w, e: drawing("merge", w, e), {"effective_on": date(2999, 1, 2)}, "effective_on"),
    "no_reason": (lambda w, e: drawing("merge", w, e), {"reason": "  "}, "reason"),
    "reason_too_long": (lambda w, e: drawing("merge", w, e), {"reason": "多" * 201}, "reason"),
    "name_too_long": (lambda w, e: drawing("merge", w, e, names=("长" * 61,)), {}, "names"),
    "same_name": (lambda w, e: drawing("split", w, points=ACROSS, names=("东头", "东头")), {}, "names"),
    "unknown_village": (lambda w, e: Drawing(kind="merge", village="370812102", grids=(w, e)), {}, "village"),
}  # fmt: skip


@pytest.mark.parametrize("code", WRONG)
def test_what_is_wrong_is_said_at_the_field_and_nothing_changes(code):
    west, east, *_ = four()
    build, more, at = WRONG[code]
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        schedule(build(west, east), **more)
    assert (refused.value.code, refused.value.field) == (code, at)


def test_grids_apart_are_not_merged():
    import_grids(
        actor=WHO, collection=collection(feature(FIRST, square(0)), feature(FIRST, square(3))), valid_from=make.SINCE
    )
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        schedule(drawing("merge", FIRST + "1001", FIRST + "1002"))
    assert refused.value.code == "not_neighbours"


def test_a_grid_that_waits_for_a_redraw_takes_no_second_one():
    west, east, *_ = four()
    schedule(drawing("shift", west, east, points=CORNER))
    with unchanged(*TABLES), pytest.raises(RuleError, match="等生效") as refused:
        schedule(drawing("split", west, points=ACROSS))
    assert refused.value.code == "pending"


def test_strangers_and_those_without_the_right_do_nothing():
    west, east, *_ = four()
    redraw = schedule(drawing("merge", west, east))
    near = Actor(kind=ActorKind.STAFF, identity="1", county=COUNTY, areas=(COUNTY,))
    far = Actor(
        kind=ActorKind.STAFF, identity="2", county="370811", areas=("370811",), permissions=frozenset({"areas.redraw"})
    )
    with unchanged(*TABLES):
        for who, error in ((near, NotAllowed), (far, NotFound)):
            with pytest.raises(error):
                undo_redraw(actor=who, redraw_id=redraw.id)
        with pytest.raises(NotAllowed):
            schedule(drawing("split", west, points=ACROSS), actor=near)
        with pytest.raises(RuleError, match="辖区"):
            plan_redraw(far, drawing=drawing("merge", west, east))


def test_a_record_finds_the_grid_of_today_by_its_point_else_by_the_one_heir_else_the_village():
    west, east, *_ = four()
    merged = schedule(drawing("merge", west, east)).after[0]
    with clock.later(LATER):
        assert grids_of_day(WHO, county=COUNTY, stands=[(west, None, None), (east, *middle(1))]) == [merged] * 2
        line = ((WEST + SIDE, SOUTH - 0.001), (WEST + SIDE, SOUTH + SIDE + 0.001))
        halves = schedule(drawing("split", merged, points=line)).after
        with clock.later(2 * LATER):
            stands = [
                (west, None, None),
                (west, *middle(0)),
                (merged, *middle(1)),
                (FIRST, None, None),
                (west, *middle(3)),
            ]
            assert grids_of_day(WHO, county=COUNTY, stands=stands) == [FIRST, halves[0], halves[1], FIRST, FIRST]


def test_a_point_put_right_by_hand_stays_where_it_was_put():
    west, east, *_ = four()
    assert grids_of_day(WHO, county=COUNTY, stands=[(east, *middle(0))]) == [east]
    schedule(drawing("shift", west, east, points=CORNER))
    inside = (WEST + SIDE * 0.9, SOUTH + SIDE * 0.4)
    with clock.later(LATER):
        assert grids_of_day(WHO, county=COUNTY, stands=[(west, *inside), (west, None, None), (east, *middle(0))]) == [
            east, west, east,
        ]  # fmt: skip


def test_a_simulation_says_what_nobody_can_place():
    left, right = (shape(square(column)) for column in (0, 1))
    cutting = [Piece("", "", left, ("a",)), Piece("", "", right, ("a",))]
    stands = [("a", *middle(0)), ("a", *middle(1)), ("a", None, None), ("a", 0.0, 0.0), ("b", None, None)]
    assert places_of(stands, cutting) == [0, 1, None, None, None]
    handing = [Piece("a", "", left, ("a",)), Piece("b", "", right, ("b", "a"))]
    assert places_of(stands, handing) == [0, 1, 0, 0, 1]


unit = st.floats(0.05, 0.95)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)), min_size=2, max_size=6),
    st.lists(st.tuples(unit, unit), max_size=30),
)
def test_whatever_line_is_drawn_no_ground_is_lost_and_no_point_lies_twice(line, points):
    polygon = shape(square(0))
    drawn = [(WEST + x * SIDE, SOUTH + y * SIDE) for x, y in line]
    try:
        parts = cut(polygon, drawn)
    except RuleError as error:
        assert error.code in {"short_line", "no_cut", "too_many_parts"}
        return
    assert sum(part.area for part in parts) == pytest.approx(polygon.area, rel=1e-9)
    assert shapely.union_all(parts).symmetric_difference(polygon).area < polygon.area * 1e-6
    assert all(part.area >= SMALLEST for part in parts)
    for x, y in points:
        point = shapely.Point(WEST + x * SIDE, SOUTH + y * SIDE)
        assert sum(part.contains(point) for part in parts) <= 1
    assert joined(parts).symmetric_difference(polygon).area < polygon.area * 1e-3


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 2.0), st.floats(-0.2, 1.2)), min_size=3, max_size=6))
def test_whatever_ring_is_drawn_both_grids_together_keep_their_ground(ring):
    giver, taker = (shape(square(column)) for column in (0, 1))
    try:
        left, grown = handed_over(giver, taker, [(WEST + x * SIDE, SOUTH + y * SIDE) for x, y in ring])
    except RuleError as error:
        assert error.code in {"short_line", "bad_ring", "nothing_inside", "all_inside", "not_touching"}
        return
    assert left.intersection(grown).area < SMALLEST
    assert left.area + grown.area == pytest.approx(giver.area + taker.area, rel=1e-6)
    assert grown.buffer(1e-9).contains(taker)
