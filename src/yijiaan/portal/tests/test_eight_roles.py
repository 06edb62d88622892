"""八大员: records of field work by place and month, derived from form and category; nobody is counted or named."""

from uuid import uuid4

import pytest
from django.test import Client

from yijiaan.areas.tests import make as land
from yijiaan.cases.actions import submit_report
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound
from yijiaan.engines.journal.providers import ROLE_LABELS, EightRole, field_work
from yijiaan.insight.queries import list_roles_by_place, list_work_of_role, month_span
from yijiaan.patrols.actions import VisitFacts, record_visit
from yijiaan.registry.actions import add_record
from yijiaan.safety.actions import HazardFacts, register_hazard

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make.town()


def month():
    return clock.local_day().replace(day=1)


def report(town, category="", who="worker", grid=0):
    lon, lat = land.middle(grid)
    intake = make.intake(category=category, lon=lon, lat=lat, client_key=uuid4(), reporter_name="", reporter_phone="")
    return submit_report(actor=town.actor(who), intake=intake, door=land.TOWN, channel="grid_worker")


def household(town):
    return add_record(
        actor=town.actor("worker"), kind="household", area_code=town.grids[0].code,
        values={"address": "村东头 3 号"}, source="visit", client_key=uuid4(),
    )  # fmt: skip


def counts(town, who="leader", area=""):
    lines = list_roles_by_place(town.actor(who), month=month(), area_code=area)
    return {line.code: {role.value: number for role, number in line.counts.items()} for line in lines}


def test_the_eight_are_named_and_every_deed_that_counts_is_known():
    assert set(ROLE_LABELS) == set(EightRole)
    assert len(EightRole) == 8
    work = field_work()["cases.received"]
    assert [work.role_of(code) for code in ("0101", "0206", "0701", "0702", "0401", "")] == [
        EightRole.DISPUTE, EightRole.SAFETY, EightRole.CARE, EightRole.ERRAND, EightRole.OPINION, EightRole.OPINION,
    ]  # fmt: skip


def test_a_deed_falls_to_a_role_by_its_form_and_its_category(town):
    report(town, "0101")
    report(town, "0401")
    report(town, "0401", grid=1)
    report(town, "0202", who="other_worker", grid=2)
    household(town)
    report(town, "0101", who="dispatcher")  # not field work
    make.report()  # a resident's
    assert counts(town) == {
        land.FIRST: {"dispute_screener": 1, "public_opinion_informant": 2, "base_info_collector": 1},
        land.SECOND: {"safety_patroller": 1},
    }
    assert counts(town, area=land.FIRST) == {
        town.grids[0].code: {"dispute_screener": 1, "public_opinion_informant": 1, "base_info_collector": 1},
        town.grids[1].code: {"public_opinion_informant": 1},
    }
    assert counts(town, "stranger") == {}


def test_visits_walks_and_hazards_fall_to_a_role_and_open(town):
    home, worker = household(town), town.actor("worker")
    for kind in ("", "policy", "party", "follow_up"):
        record_visit(actor=worker, household_id=home.id, facts=VisitFacts(kind=kind), client_key=uuid4())
    facts = HazardFacts(text="电线老化", place="村东头", area_code=town.grids[0].code)
    register_hazard(actor=worker, facts=facts, client_key=uuid4())
    assert counts(town)[land.FIRST] == {
        "base_info_collector": 1, "public_opinion_informant": 1, "policy_promoter": 1, "party_liaison": 1, "errand_agent": 1,
        "safety_patroller": 1,
    }  # fmt: skip
    dispatcher = town.actor("dispatcher")
    for role, words in ((EightRole.PARTY, "联系党员"), (EightRole.SAFETY, "电线老化")):
        (row,), _ = list_work_of_role(dispatcher, role=role, month=month(), area_code=land.FIRST)
        assert words in row.words
        assert town.client("dispatcher").get(row.url).status_code == 200


def test_each_number_opens_to_its_records(town):
    number = report(town, "0401").case_number
    household(town)
    leader = town.actor("leader")
    rows, after = list_work_of_role(leader, role=EightRole.OPINION, month=month(), area_code=land.FIRST)
    assert after is None
    assert [number in row.words for row in rows] == [True]
    rows, _ = list_work_of_role(leader, role=EightRole.BASE, month=month(), area_code=land.FIRST)
    assert [(row.words, row.url) for row in rows] == [("", "")]  # the leader may not open a household
    rows, _ = list_work_of_role(town.actor("dispatcher"), role=EightRole.BASE, month=month(), area_code=land.FIRST)
    assert rows[0].words == "住户"
    for _ in range(21):
        report(town, "0401")
    first, after = list_work_of_role(leader, role=EightRole.OPINION, month=month(), area_code=land.FIRST)
    second, end = list_work_of_role(leader, role=EightRole.OPINION, month=month(), area_code=land.FIRST, after=after)
    assert (len(first), len(second), end) == (20, 2, None)


def test_months_end_where_the_next_begins():
    from datetime import date  # noqa: PLC0415

    begin, end = month_span(date(2026, 12, 5))
    assert (begin.isoformat(), end.isoformat()) == ("2026-12-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00")


def test_who_may_not_look(town):
    with pytest.raises(NotAllowed):
        counts(town, "head")
    with pytest.raises(NotFound):
        counts(town, "leader", area=land.OTHER_TOWN)
    with pytest.raises(NotFound):
        list_work_of_role(town.actor("leader"), role=EightRole.BASE, month=month(), area_code=land.OTHER_TOWN)
    for path in ("/board/roles/", f"/board/roles/work/?role=errand_agent&area={land.FIRST}"):
        assert town.client("head").get(path).status_code == 403
        assert Client().get(path).status_code == 302


def test_the_pages_name_nobody_and_cost_the_same(town, django_assert_num_queries):
    report(town, "0401")
    client = town.client("leader")
    client.get("/board/roles/")
    with django_assert_num_queries(5):
        page = client.get("/board/roles/").content.decode()
    worker = town.posts["worker"].user.name
    assert worker not in page
    address = f"/board/roles/work/?month={month():%Y-%m}&area={land.FIRST}&role=public_opinion_informant"
    assert address.replace("&", "&amp;") in page
    client.get(address)
    with django_assert_num_queries(6):
        rows = client.get(address).content.decode()
    assert worker not in rows
    for _ in range(10):
        report(town, "0401", grid=1)
    with django_assert_num_queries(5):
        client.get("/board/roles/")
    with django_assert_num_queries(6):
        client.get(address)
    for wrong in ("?month=2026-13", "?month=x", "?month=9999-01", f"?area={land.OTHER_TOWN}"):
        assert client.get("/board/roles/" + wrong).status_code == 404
    assert client.get(address.replace("public_opinion_informant", "best_worker")).status_code == 404
    assert client.get(address + "&after=x").status_code == 404
