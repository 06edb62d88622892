"""住在哪间房: said at any time, at once by who may confirm, else proposed; only rooms of the village."""

from uuid import uuid4

import pytest

from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.testing import assert_statements, check_refusals, unchanged, without
from yijiaan.registry import actions
from yijiaan.registry.models import Change, Household
from yijiaan.registry.tests import make
from yijiaan.registry.tests.make import TABLES

pytestmark = pytest.mark.django_db


def room(town, grid=0, who="dispatcher", **values):
    facts = {"address": "幸福里 8 号", "door_no": "东 1"} | values
    return actions.add_record(
        actor=town.actor(who), kind="room", area_code=town.grids[grid].code, values=facts, source="office", client_key=uuid4()
    )  # fmt: skip


def put(town, home, where, who="head", **more):
    values = {"client_key": uuid4(), "source": "visit"} | more
    return actions.set_room(actor=town.actor(who), household_id=home.id, room_id=where.id if where else None, **values)


def fresh(home):
    return Household.objects.get(id=home.id)


def test_a_household_is_put_in_a_room_moved_to_another_and_out_again(town):
    home, first, second = make.household(town), room(town), room(town, grid=1, door_no="东 2")
    key = uuid4()
    line = put(town, home, first, client_key=key)
    assert (line.field, line.state, fresh(home).room_id) == ("in_room", "confirmed", first.id)
    with unchanged(*TABLES):
        assert put(town, home, first, client_key=key) == line
    with unchanged(*TABLES), pytest.raises(Conflict):
        put(town, home, second, client_key=key)
    put(town, home, second)
    assert fresh(home).room_id == second.id
    put(town, home, None)
    assert fresh(home).room_id is None
    assert fresh(home).version == home.version + 3


def test_what_cannot_be_is_refused_and_strangers_do_nothing(town):
    home, here, there = make.household(town), room(town), room(town, grid=2)
    for where, code in ((there, "room_elsewhere"), (None, "same_room")):
        with unchanged(*TABLES), pytest.raises(RuleError) as caught:
            put(town, home, where, who="dispatcher")
        assert caught.value.code == code
    actions.end_record(actor=town.actor("head"), kind="room", record_id=here.id, reason="拆了")
    with unchanged(*TABLES), pytest.raises(RuleError):
        put(town, home, here)
    check_refusals(
        actions.set_room, household_id=home.id, room_id=here.id, source="visit", client_key=uuid4(),
        stranger=town.actor("stranger"), unprivileged=without(town.actor("dispatcher")), tables=TABLES,
    )  # fmt: skip


def test_a_worker_proposes_and_the_head_decides(town):
    home, where = make.household(town), room(town)
    line = put(town, home, where, who="worker")
    assert (line.state, fresh(home).room_id) == ("open", None)
    page = town.client("head").get("/base/changes/").content.decode()
    assert "住在哪间房" in page
    assert "幸福里 8 号 东 1" in page
    actions.confirm_change(actor=town.actor("head"), change_id=line.id)
    assert fresh(home).room_id == where.id
    other = put(town, home, None, who="worker")
    actions.refuse_change(actor=town.actor("head"), change_id=other.id, reason="还住着")
    assert fresh(home).room_id == where.id


def test_the_room_is_chosen_on_a_page_from_those_of_the_village(town):
    home, here = make.household(town), room(town)
    room(town, grid=2, address="别村的")
    client, at = town.client("head"), f"/base/household/{home.id}/room/"
    assert at in client.get(f"/base/household/{home.id}/").content.decode()
    assert at in client.get(f"/base/household/{home.id}/change/").content.decode()
    page = client.get(at).content.decode()
    assert "幸福里 8 号 东 1" in page
    assert "别村的" not in page
    assert "不住在登记的房屋里" not in page
    with unchanged(*TABLES):
        for wrong in ("", str(uuid4()), "x"):
            assert client.post(at, {"room": wrong, "source": "visit", "client_key": str(uuid4())}).status_code == 422
    sent = {"room": str(here.id), "source": "visit", "client_key": str(uuid4())}
    assert client.post(at, sent).status_code == 302
    assert "幸福里 8 号 东 1" in client.get(f"/base/household/{home.id}/").content.decode()
    assert client.post(at, sent | {"room": "none", "client_key": str(uuid4())}).status_code == 302
    assert fresh(home).room_id is None
    assert Change.objects.filter(field="in_room").count() == 2
    assert town.client("stranger").get(at).status_code == 404
    assert town.client("leader").get(at).status_code == 403


def test_the_choice_costs_the_same_however_many_rooms_there_are(town):
    home, client = make.household(town), town.client("head")
    room(town)
    client.get(f"/base/household/{home.id}/room/")
    with assert_statements() as few:
        client.get(f"/base/household/{home.id}/room/")
    for number in range(4):
        room(town, door_no=f"西 {number}")
    with assert_statements(exactly=len(few)):
        client.get(f"/base/household/{home.id}/room/")
