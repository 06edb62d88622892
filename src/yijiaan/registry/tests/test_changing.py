"""登记、变更、核实: facts with their source, done at once or proposed; what cannot be is refused and changes nothing."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, RuleError
from yijiaan.core.testing import check_refusals, unchanged, without
from yijiaan.engines.journal.models import Entry
from yijiaan.registry import actions
from yijiaan.registry.models import Change, Household, Organisation, Person, Vehicle
from yijiaan.registry.tests import make
from yijiaan.registry.tests.make import TABLES

pytestmark = pytest.mark.django_db


def change(town, one, who="head", kind="person", **values):
    key = values.pop("client_key", None) or uuid4()
    return actions.change_facts(
        actor=town.actor(who), kind=kind, record_id=one.id, values=values, source="visit", client_key=key
    )


def test_a_household_is_added_with_its_facts_their_source_and_day(town):
    home = make.household(town, plate_code="")
    home = Household.objects.get(id=home.id)
    assert home.origins["address"] == ["visit", clock.local_day().isoformat()]
    assert "kind" not in home.origins
    assert (home.area_code, home.filled_count) == (town.grids[0].code, 3)
    assert Entry.objects.get(verb="registry.record_added").subject_id == home.id
    assert not Change.objects.exists()


def test_a_person_is_sealed_and_found_by_hash_and_initials(town):
    one = make.person(town, make.household(town), id_no=make.identity())
    row = Person.objects.get(name_search="王小明")
    assert (row.id, row.sort_key, row.name_sealed) == (one.id, "wxm", "王小明")
    assert row.id_no_sealed == make.identity()
    assert Person.objects.get(phone_search=make.PHONE).id == one.id


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"name": ""}, "empty_name", "name"),
        ({"name": "王" * 41}, "too_long", "name"),
        ({"phone": "12"}, "bad_phone", "phone"),
        ({"sex": "third"}, "unknown_choice", "sex"),
        ({"birth_on": "去年"}, "bad_day", "birth_on"),
        ({"birth_on": "2999-01-01"}, "in_the_future", "birth_on"),
        ({"id_no": "370812195703090001"}, "bad_identity_number", "id_no"),
        ({"id_no": make.identity("19600101")}, "birthday_differs", "birth_on"),
        ({"id_no": make.identity(serial=12)}, "sex_differs", "sex"),
        ({"shoe_size": "43"}, "unknown_field", None),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(town, values, code, field):
    home, people = make.family(town)
    with pytest.raises(RuleError) as refused, unchanged(*TABLES):
        make.person(town, home, relation="other", **values)
    assert (refused.value.code, refused.value.field) == (code, field)
    with pytest.raises(RuleError) as refused, unchanged(*TABLES):
        change(town, people[0], **values)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_identity_number_stands_once_in_a_county(town):
    home = make.household(town)
    make.person(town, home, id_no=make.identity())
    with pytest.raises(RuleError) as refused, unchanged(*TABLES):
        make.person(town, home, relation="other", name="别的人", id_no=make.identity().lower())
    assert (refused.value.code, refused.value.field) == ("already_registered", "id_no")


def test_who_may_confirm_changes_at_once_and_each_fact_has_its_line(town):
    home, people = make.family(town)
    lines = change(town, people[0], phone="15400015555", political="party", sex="male")
    assert sorted((line.field, line.state) for line in lines) == [("phone", "confirmed"), ("political", "confirmed")]
    one = Person.objects.get(id=people[0].id)
    assert (one.phone_sealed, one.political, one.version) == ("15400015555", "party", 2)
    assert Person.objects.get(phone_search="15400015555").id == one.id
    line = Change.objects.get(field="phone")
    assert (line.old_sealed, line.new_sealed, line.source) == (make.PHONE, "15400015555", "visit")
    entry = Entry.objects.get(verb="registry.facts_changed")
    assert entry.data == {"fields": ["phone", "political"], "source": "visit"}


def test_a_grid_worker_proposes_and_the_head_confirms(town):
    _, people = make.family(town)
    one = people[0]
    with unchanged(Person):
        (line,) = change(town, one, "worker", phone="15400015555")
    assert line.state == "open"
    with pytest.raises(NotAllowed), unchanged(*TABLES):
        actions.confirm_change(actor=town.actor("worker"), change_id=line.id)
    actions.confirm_change(actor=town.actor("head"), change_id=line.id)
    assert Person.objects.get(id=one.id).phone_sealed == "15400015555"
    with pytest.raises(Conflict), unchanged(*TABLES):
        actions.refuse_change(actor=town.actor("head"), change_id=line.id, reason="晚了")


def test_a_fact_changed_meanwhile_is_shown_to_the_decider_who_chooses(town):
    _, people = make.family(town)
    (line,) = change(town, people[0], "worker", phone="15400015555")
    change(town, people[0], phone="15400016666")
    with pytest.raises(RuleError) as refused, unchanged(*TABLES):
        actions.confirm_change(actor=town.actor("head"), change_id=line.id)
    assert refused.value.code == "changed_meanwhile"
    actions.confirm_change(actor=town.actor("head"), change_id=line.id, over=True)
    assert Person.objects.get(id=people[0].id).phone_sealed == "15400015555"
    assert Change.objects.get(id=line.id).old_sealed == "15400016666"


def test_a_refused_proposal_changes_nothing_and_says_why(town):
    _, people = make.family(town)
    (line,) = change(town, people[0], "worker", phone="15400015555")
    with pytest.raises(RuleError) as refused, unchanged(*TABLES):
        actions.refuse_change(actor=town.actor("head"), change_id=line.id, reason=" ")
    assert refused.value.field == "reason"
    with unchanged(Person):
        actions.refuse_change(actor=town.actor("head"), change_id=line.id, reason="号码打不通")
    assert Change.objects.get(id=line.id).reason == "号码打不通"


def test_a_confirmed_change_is_undone_unless_it_was_changed_again(town):
    _, people = make.family(town)
    (line,) = change(town, people[0], phone="15400015555")
    actions.undo_change(actor=town.actor("head"), change_id=line.id)
    assert Person.objects.get(id=people[0].id).phone_sealed == make.PHONE
    with pytest.raises(RuleError), unchanged(*TABLES):
        actions.undo_change(actor=town.actor("head"), change_id=line.id)
    (line,) = change(town, people[0], phone="15400015555")
    change(town, people[0], phone="")
    with pytest.raises(RuleError) as refused, unchanged(*TABLES):
        actions.undo_change(actor=town.actor("head"), change_id=line.id)
    assert refused.value.code == "changed_meanwhile"


def test_a_repeat_gives_the_first_answer(town):
    home, people = make.family(town)
    key = uuid4()
    first = change(town, people[0], phone="15400015555", client_key=key)
    with unchanged(*TABLES):
        assert [line.id for line in change(town, people[0], phone="15400015555", client_key=key)] == [first[0].id]
        with pytest.raises(Conflict):
            change(town, people[0], phone="15400017777", client_key=key)
        with pytest.raises(RuleError, match="没有要改的"):
            change(town, people[0], phone="15400015555")
    again = {"actor": town.actor("head"), "kind": "household", "area_code": home.area_code, "source": "visit"}
    with unchanged(*TABLES):
        kept = actions.add_record(**again, values={"address": home.address}, client_key=home.client_key)
        assert kept.id == home.id
        with pytest.raises(Conflict):
            actions.add_record(**again, values={"address": "别处"}, client_key=home.client_key)


def test_somebody_who_was_faster_is_noticed(town):
    _, people = make.family(town)
    change(town, people[0], political="party")
    with pytest.raises(Conflict), unchanged(*TABLES):
        actions.change_facts(
            actor=town.actor("head"), kind="person", record_id=people[0].id, values={"phone": ""}, source="visit",
            client_key=uuid4(), seen_version=1,
        )  # fmt: skip


def test_what_a_grid_worker_adds_stands_and_waits_and_may_be_put_aside(town):
    home = make.household(town, "worker")
    one = make.person(town, home, "worker")
    waiting = list(Change.objects.filter(state="open", field="added"))
    assert {line.subject_id for line in waiting} == {home.id, one.id}
    by_subject = {line.subject_id: line for line in waiting}
    with pytest.raises(RuleError) as refused, unchanged(*TABLES):
        actions.refuse_change(actor=town.actor("head"), change_id=by_subject[home.id].id, reason="没有这一户")
    assert refused.value.code == "still_lived_in"
    actions.refuse_change(actor=town.actor("head"), change_id=by_subject[one.id].id, reason="没有这个人")
    assert Person.objects.get(id=one.id).status == "mistaken"
    actions.confirm_change(actor=town.actor("head"), change_id=by_subject[home.id].id)
    assert Household.objects.get(id=home.id).is_active


def test_strangers_find_nothing_and_who_lacks_the_permission_is_told(town):
    home, people = make.family(town)
    (line,) = change(town, people[0], "worker", phone="15400015555")
    head = town.actor("head")
    common = {"stranger": town.actor("stranger"), "unprivileged": without(head), "tables": TABLES}
    facts = {"values": {"political": "party"}, "source": "visit", "client_key": uuid4()}
    check_refusals(actions.change_facts, kind="person", record_id=people[0].id, **facts, **common)
    check_refusals(actions.confirm_change, change_id=line.id, **common)
    check_refusals(actions.refuse_change, change_id=line.id, reason="不", **common)
    check_refusals(actions.look_over, kind="household", record_id=home.id, **common)
    check_refusals(actions.end_record, kind="household", record_id=home.id, reason="拆了", **common)
    check_refusals(actions.see_identity, kind="person", record_id=people[0].id, purpose="visit", **common)
    neighbour = town.actor("other_worker")  # of the same town, another village
    for deed, values in (
        (actions.look_over, {"kind": "household", "record_id": home.id}),
        (actions.see_identity, {"kind": "person", "record_id": people[0].id, "purpose": "visit"}),
    ):
        check_refusals(deed, stranger=neighbour, tables=TABLES, **values)
    with pytest.raises(RuleError) as refused, unchanged(*TABLES):
        make.household(town, "worker", grid=2)
    assert refused.value.code == "unknown_area"


def test_looking_over_makes_a_household_fresh(town):
    home = make.household(town)
    with clock.later(timedelta(days=200)):
        actions.look_over(actor=town.actor("worker"), kind="household", record_id=home.id)
        assert Household.objects.get(id=home.id).checked_on == clock.local_day()
        with unchanged(*TABLES):
            actions.look_over(
                actor=town.actor("worker"), kind="household", record_id=home.id, told_on=date(2026, 11, 25)
            )
    with pytest.raises(RuleError), unchanged(*TABLES):
        actions.look_over(actor=town.actor("worker"), kind="household", record_id=home.id, told_on=date(2999, 1, 1))


def test_a_household_that_moves_takes_its_people_along(town):
    home, people = make.family(town)
    entry = make.care(town, people[0])
    change(town, home, kind="household", area_code=town.grids[1].code)
    assert {row.area_code for row in Person.objects.all()} == {town.grids[1].code}
    entry.refresh_from_db()
    assert entry.area_code == town.grids[1].code


def test_other_records_go_the_same_way(town):
    add = {"actor": town.actor("dispatcher"), "area_code": town.grids[0].code, "source": "office"}
    shop = actions.add_record(
        **add, kind="organisation", client_key=uuid4(),
        values={"name": "新驿粮油店", "credit_code": make.credit_code(), "legal_person": "孔老板", "staff_count": "5"},
    )  # fmt: skip
    bus = actions.add_record(
        **add, kind="vehicle", client_key=uuid4(), parent_id=shop.id, values={"plate_no": "鲁h·12345", "seats": "19"}
    )
    assert Vehicle.objects.get(plate_no_search="鲁H12345").organisation_id == shop.id == bus.organisation_id
    for values, code, field in (
        ({"name": "又一家", "credit_code": make.credit_code()}, "already_registered", "credit_code"),
        ({"name": "又一家", "credit_code": "123"}, "bad_credit_code", "credit_code"),
        ({"name": ""}, "empty_name", "name"),
        ({"name": "又一家", "lon": "116.605"}, "half_point", "lon"),
        ({"name": "又一家", "lon": "117.5", "lat": "35.605"}, "point_elsewhere", "lon"),
        ({"name": "又一家", "plate_code": "A" * 20}, "bad_plate_code", "plate_code"),
    ):
        with pytest.raises(RuleError) as refused, unchanged(Organisation, *TABLES):
            actions.add_record(**add, kind="organisation", client_key=uuid4(), values=values)
        assert (refused.value.code, refused.value.field) == (code, field)
    actions.end_record(actor=town.actor("head"), kind="organisation", record_id=shop.id, reason="关门了")
    with pytest.raises(RuleError), unchanged(Organisation, *TABLES):
        change(town, shop, kind="organisation", name="新名")


def test_a_look_needs_a_purpose_and_leaves_a_row_for_each_person(town):
    home, people = make.family(town)
    with pytest.raises(RuleError), unchanged(*TABLES):
        actions.see_identity(actor=town.actor("worker"), kind="household", record_id=home.id, purpose="")
    seen = actions.see_identity(actor=town.actor("worker"), kind="household", record_id=home.id, purpose="visit")
    assert seen[people[0].id]["name"] == "王小明"
    looks = Entry.objects.filter(verb="registry.identity_seen")
    assert {row.subject_id for row in looks} == {home.id, *(one.id for one in people)}
    assert "王小明" not in str([row.data for row in Entry.objects.all()])
