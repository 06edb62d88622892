"""网格管理: a redraw is looked at, decided, undone; on its day posts and open cases follow; a year has the same sum on both sides."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yijiaan.accounts.models import PostArea
from yijiaan.areas.actions import begin_redraws, schedule_redraw
from yijiaan.areas.models import Area, Border, Lineage, Redraw, RedrawState
from yijiaan.areas.queries import Drawing
from yijiaan.areas.tests.make import FIRST, SIDE, SOUTH, WEST, middle
from yijiaan.cases.models import Case
from yijiaan.cases.queries import count_by_grid
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.todos.models import Todo

pytestmark = pytest.mark.django_db
TABLES = (Area, Border, Lineage, Redraw, Entry)
WHO = system("tests", "370812")
LATER = timedelta(days=2)
PAGE = f"/grids/{FIRST}/"
DRAW = f"{PAGE}redraw/"
CUT = f"{WEST + SIDE / 2},{SOUTH - 0.001}\n{WEST + SIDE / 2}，{SOUTH + SIDE + 0.001}\n"


@pytest.fixture
def town():
    return make.town()


def form(**values):
    day = clock.local_day() + LATER
    return {
        "kind": "merge", "grids": [FIRST + "1001", FIRST + "1002"], "giver": "", "taker": "", "points": "", "names": "",
        "effective_on": day.isoformat(), "reason": "两格户数太少", "client_key": str(uuid4()),
    } | values  # fmt: skip


def told(column, **values):
    lon, lat = middle(column)
    return make.case(make.report(**({"lon": lon, "lat": lat} | values)))


def begin():
    begin_redraws(actor=WHO)
    while deliver(actor=WHO):
        pass


def test_first_looked_at_then_decided_then_undone(town):
    head = town.client("centre_head")
    assert "网格管理" in head.get("/grids/").content.decode()
    assert head.get(f"/grids/?village={FIRST}").url == PAGE
    with unchanged(*TABLES):
        looked = head.post(DRAW, form(look="1"))
    page = looked.content.decode()
    assert "调整后会这样" in page and "没办完的事件" in page
    decided = head.post(DRAW, form(decide="1", names="新驿一村东西网格"))
    redraw = Redraw.objects.get()
    assert decided.url == f"/grids/redraws/{redraw.id}/"
    page = head.get(decided.url).content.decode()
    assert "新驿一村东西网格" in page and "等生效" in page and "撤销这次调整" in page
    assert "等启用" in head.get(PAGE).content.decode()
    head.post(f"{decided.url}undo/")
    redraw.refresh_from_db()
    assert redraw.state == RedrawState.UNDONE
    assert "撤销这次调整" not in head.get(decided.url).content.decode()


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(town):
    head = town.client("centre_head")
    for values, said in (
        ({"grids": []}, "请至少选两个挨着的网格"),
        ({"kind": "split"}, "请选要切开的那一个网格"),
        ({"kind": "split", "giver": FIRST + "1001", "points": "东头那条路"}, "第 1 行没看懂"),
        ({"kind": "split", "giver": FIRST + "1001", "points": "35.6,116.6"}, "经度写在前面"),
        ({"kind": "shift", "giver": FIRST + "1001", "taker": "", "points": CUT}, "再选接过去的网格"),
        ({"effective_on": "", "decide": "1"}, "请选从哪天起按新网格"),
        ({"reason": " ", "decide": "1"}, "请写为什么调"),
        ({"effective_on": "昨天", "decide": "1"}, "日子没看懂"),
    ):
        with unchanged(*TABLES):
            answer = head.post(DRAW, form(**{"names": "记着这个名", **values}))
        assert answer.status_code == 422
        page = answer.content.decode()
        assert said in page, said
        assert "记着这个名" in page


def test_who_may_not_redraw_sees_nothing_of_it(town):
    redraw = schedule_redraw(
        actor=WHO, drawing=Drawing("merge", FIRST, (FIRST + "1001", FIRST + "1002")), effective_on=clock.local_day() + LATER,
        reason="太小", client_key=uuid4(),
    )  # fmt: skip
    for who in ("dispatcher", "worker", "head"):
        client = town.client(who)
        for path in ("/grids/", PAGE, DRAW, f"/grids/redraws/{redraw.id}/"):
            assert client.get(path).status_code == 403
        with unchanged(*TABLES):
            assert client.post(f"/grids/redraws/{redraw.id}/undo/").status_code == 403
    assert town.client("centre_head").get("/grids/370812105200/").status_code == 404


def test_pages_have_a_fixed_number_of_queries(town, django_assert_num_queries):
    head = town.client("centre_head")
    told(0)
    head.get(PAGE)
    with django_assert_num_queries(QUERIES_OF_VILLAGE):
        head.get(PAGE)
    for place in range(5):
        told(place % 2)
    with django_assert_num_queries(QUERIES_OF_VILLAGE):
        head.get(PAGE)


QUERIES_OF_VILLAGE = 11


def test_on_the_day_posts_and_open_cases_follow_and_the_old_figures_stay(town):
    first = told(0)
    second = told(1)
    assert (first.area_code, second.area_code) == (FIRST + "1001", FIRST + "1002")
    redraw = schedule_redraw(
        actor=WHO, drawing=Drawing("merge", FIRST, (FIRST + "1001", FIRST + "1002")), effective_on=clock.local_day() + LATER,
        reason="太小", client_key=uuid4(),
    )  # fmt: skip
    new = redraw.after[0]
    with clock.later(LATER):
        begin()
        rows = Case.objects.filter(county="370812").order_by("id").values_list("area_code", "occurred_area_code")
        assert list(rows) == [(new, FIRST + "1001"), (new, FIRST + "1002")]
        assert set(Todo.objects.filter(county="370812").values_list("area_code", flat=True)) == {new}
        held = PostArea.objects.filter(post=town.posts["worker"]).values_list("area_id", flat=True)
        assert set(held) == {FIRST + "1001", new}
        third = told(1)
        assert third.area_code == new
        year = clock.local_day().year
        then, today = count_by_grid(town.actor("centre_head"), village=FIRST, year=year)
        assert dict(then) == {FIRST + "1001": 1, FIRST + "1002": 1, new: 1}
        assert dict(today) == {new: 3}
        page = town.client("centre_head").get(PAGE).content.decode()
        assert "已停用" in page
        assert town.client("worker").get("/field/").status_code == 200
        entry = Entry.objects.filter(verb="cases.classified", subject_id=first.id).get()
        assert entry.data["changed"]["area_code"] == [FIRST + "1001", new]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(st.tuples(st.floats(0.05, 1.95), st.floats(0.05, 0.95), st.booleans()), max_size=6),
    after=st.lists(st.tuples(st.floats(0.05, 1.95), st.floats(0.05, 0.95), st.booleans()), max_size=6),
    kinds=st.lists(st.sampled_from(["merge", "split", "shift"]), min_size=1, max_size=2),
)
def test_a_year_by_the_grids_of_then_and_of_today_has_one_sum(db, before, after, kinds):
    with transaction.atomic():
        town = make.town()
        who = town.actor("centre_head")

        def tell(points):
            for x, y, has_point in points:
                place = {"lon": WEST + x * SIDE, "lat": SOUTH + y * SIDE}
                if not has_point:
                    place = {"lon": None, "lat": None, "area_code": standing()[int(x) % len(standing())]}
                make.report(**place)

        def standing():
            day = clock.local_day()
            return sorted(Area.objects.on(day).filter(parent_id=FIRST, level="grid").values_list("code", flat=True))

        tell(before)
        moment = timedelta(0)
        for kind in kinds:
            grids = standing()
            with clock.later(moment):
                if kind == "merge" and len(standing()) < 2:
                    continue
                grids = standing()
                line = ((WEST + SIDE / 3, SOUTH - 0.001), (WEST + SIDE / 3, SOUTH + SIDE + 0.001))
                ring = tuple(
                    (WEST + x * SIDE, SOUTH + y * SIDE) for x, y in ((0.5, 0.2), (1.2, 0.2), (1.2, 0.7), (0.5, 0.7))
                )
                chosen = tuple(grids[:1]) if kind == "split" else tuple(grids[:2])
                if kind == "shift" and len(chosen) < 2:
                    continue
                points = {"merge": (), "split": line, "shift": ring}[kind]
                try:
                    schedule_redraw(
                        actor=WHO, drawing=Drawing(kind, FIRST, chosen, points), effective_on=clock.local_day() + LATER,
                        reason="试", client_key=uuid4(),
                    )  # fmt: skip
                except (
                    Exception
                ) as error:  # a ring or line that this map does not allow: another turn of the test has one
                    assert type(error).__name__ == "RuleError"
                    continue
            moment += LATER
            with clock.later(moment):
                begin()
        with clock.later(moment):
            tell(after)
            then, today = count_by_grid(who, village=FIRST, year=clock.local_day().year)
            assert sum(then.values()) == sum(today.values()) == len(before) + len(after)
            assert set(today) <= {*standing(), FIRST}
        transaction.set_rollback(True)
