"""Who sees which row: roles against places, ended posts, and the choice among several."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from yijiaan.accounts.actions import appoint, end_post
from yijiaan.accounts.queries import staff_actor
from yijiaan.accounts.signin import POST_KEY
from yijiaan.accounts.tests import make as people
from yijiaan.areas.tests import make as land
from yijiaan.cases import actions
from yijiaan.cases.models import Case, Report
from yijiaan.cases.queries import case_page, count_by_status, get_case, list_cases, list_my_orders, list_worklist
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.core.testing import assert_statements, without

ROWS = ("first grid", "second village", "unplaced", "at power", "helped by power", "tip", "other town")
SEEN = {
    "dispatcher": {"first grid", "second village", "unplaced", "at power", "helped by power"},
    "centre_head": {"first grid", "second village", "unplaced", "at power", "helped by power"},
    "leader": {"first grid", "second village", "unplaced", "at power", "helped by power"},
    "county": {"first grid", "second village", "unplaced", "at power", "helped by power", "other town"},
    "head": {"first grid", "at power", "helped by power"},
    "worker": {"first grid", "at power", "helped by power"},
    "other_worker": {"second village"},
    "power": {"at power", "helped by power"},
    "enforcement": {"helped by power"},
    "tips": {"tip"},
    "stranger": {"other town"},
    "admin": set(),
}


@pytest.fixture
def rows(town):
    """One case of each sort, by name."""
    lon, lat = land.middle(2)
    nowhere = {"lon": None, "lat": None}
    receipts = {
        "first grid": make.report(),
        "second village": make.report(lon=lon, lat=lat),
        "unplaced": make.report(**nowhere),
        "at power": make.report(),
        "helped by power": make.report(),
        "tip": make.report(kind="tip"),
        "other town": make.report(land.OTHER_TOWN, **nowhere),
    }
    units = {name: unit.id for name, unit in town.units.items()}
    for name, lead, assistants in (("at power", "power", []), ("helped by power", "enforcement", ["power"])):
        actions.dispatch_case(
            actor=town.actor("dispatcher"),
            number=make.case(receipts[name]).number,
            lead_id=units[lead],
            assistant_ids=[units[assistant] for assistant in assistants],
        )
    return {name: make.case(receipt) for name, receipt in receipts.items()}


def names(rows, found):
    known = {case.id: name for name, case in rows.items()}
    return {known[case.id] for case in found}


@pytest.mark.parametrize("role", SEEN)
def test_each_role_sees_its_rows_and_no_others(town, rows, role):
    actor = town.actor(role)
    assert names(rows, Case.objects.visible_to(actor)) == SEEN[role]
    assert names(rows, list_cases(actor)) == SEEN[role]
    assert names(rows, list_worklist(actor)) == SEEN[role]
    reports = Report.objects.visible_to(actor).values_list("case_id", flat=True)
    assert {name for name, case in rows.items() if case.id in set(reports)} == SEEN[role]
    if role == "admin":
        with pytest.raises(NotAllowed):
            get_case(actor, number=rows["first grid"].number)
        return
    for name, case in rows.items():
        if name in SEEN[role]:
            assert get_case(actor, number=case.number).id == case.id
        else:
            with pytest.raises(NotFound):
                get_case(actor, number=case.number)
    assert sum(count_by_status(actor, cases=list_cases(actor)).values()) == len(SEEN[role])


def test_who_may_not_view_sees_nothing(town, rows):
    blind = without(town.actor("dispatcher"), "cases.view")
    assert not Case.objects.visible_to(blind).exists()
    for nobody in (
        Actor(kind=ActorKind.PUBLIC, identity="web"),
        Actor(kind=ActorKind.PARTNER, identity="x", areas=(land.TOWN,)),
    ):
        assert not Case.objects.visible_to(nobody).exists()
        assert not Report.objects.visible_to(nobody).exists()


def test_a_reporter_sees_his_own_only(town):
    mine, other = make.report(), make.report()
    reporter = make.reporter(mine)
    assert [report.id for report in Report.objects.visible_to(reporter)] == [mine.report_id]
    assert [case.id for case in Case.objects.visible_to(reporter)] == [mine.case_id]
    assert other.case_id != mine.case_id


def test_the_system_sees_its_county_or_all(town, rows):
    assert names(rows, Case.objects.visible_to(system("tests", make.COUNTY))) == set(ROWS)
    assert not Case.objects.visible_to(system("tests", "370811")).exists()


def test_orders_are_what_lies_with_the_unit_now(town, rows):
    assert names(rows, list_my_orders(town.actor("power"))) == {"at power"}
    assert names(rows, list_my_orders(town.actor("enforcement"))) == {"helped by power"}
    assert names(rows, list_my_orders(town.actor("dispatcher"))) == set()


def test_a_prefix_of_another_county_is_no_way_in(town, rows):
    far = staff_actor(town.posts["county"].user, town.posts["county"])
    far = Actor(
        kind=far.kind,
        identity=far.identity,
        county="370811",
        areas=("3708",),
        unit_id=far.unit_id,
        permissions=far.permissions,
    )
    assert not Case.objects.visible_to(far).exists()


def test_an_ended_post_opens_nothing_from_the_next_day(town, rows):
    client, post = town.client("dispatcher"), town.posts["dispatcher"]
    today = clock.local_day()
    assert len(client.get("/api/v1/cases").json()["items"]) == 5
    end_post(actor=people.BOSS, post_id=post.id, on=today)
    assert len(client.get("/api/v1/cases").json()["items"]) == 5
    with clock.later(timedelta(days=1)):
        assert client.get("/api/v1/cases").status_code == 401
        assert client.get("/cases/").status_code == 302


def test_a_post_of_tomorrow_opens_nothing_today(town, rows):
    post = people.post(town.units["centre"], "dispatcher", land.TOWN, starts_on=clock.local_day() + timedelta(days=1))
    client = people.client(post)
    assert client.get("/api/v1/cases").status_code == 401
    with clock.later(timedelta(days=1)):
        assert client.get("/api/v1/cases").status_code == 200


def test_one_person_with_two_posts_acts_in_the_one_chosen(town, rows):
    post = town.posts["dispatcher"]
    second = appoint(
        actor=people.BOSS,
        user=post.user,
        unit=town.units["power"],
        role="handler",
        area_codes=[],
        starts_on=date(2026, 1, 1),
    )
    client = town.client("dispatcher")
    assert len(client.get("/api/v1/cases").json()["items"]) == 5
    session = client.session
    session[POST_KEY] = str(second.id)
    session.save()
    assert len(client.get("/api/v1/cases").json()["items"]) == 2
    session[POST_KEY] = str(town.posts["centre_head"].id)  # somebody else's
    session.save()
    assert client.get("/api/v1/cases").status_code == 401


def test_another_towns_number_is_not_found_anywhere(town, rows):
    number = rows["other town"].number
    client = town.client("dispatcher")
    for path in (f"/cases/{number}/", f"/api/v1/cases/{number}", f"/cases/{uuid4()}/", "/api/v1/cases/%00"):
        assert client.get(path).status_code == 404, path
    for move in ("take", "sign", "dispatch", "finish", "solve", "callback", "classify", "note", "contact"):
        sent = {"lead": str(town.units["power"].id), "result": "satisfied", "text": "x"}
        answer = client.post(f"/api/v1/cases/{number}/{move}", sent, content_type="application/json")
        assert answer.status_code == 404, move
        assert answer.json()["code"] == "not_found"
    assert Client().get(f"/api/v1/cases/{number}").status_code == 401


def test_a_case_page_is_read_in_a_fixed_number_of_statements(town, rows):
    case, receipt = make.case_in(town, "in_progress")
    actor = town.actor("dispatcher")
    case_page(actor, case=get_case(actor, number=case.number))
    for statements in (6, 7):  # remarks are asked for once the journal names one
        with assert_statements(statements):
            case_page(actor, case=get_case(actor, number=case.number))
        for turn in range(4):
            actions.add_note(actor=actor, number=case.number, text=f"第 {turn} 次看。")
