"""迁入、迁出、出生、去世、户主; 关爱名单."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.testing import check_refusals, unchanged, without
from yijiaan.registry import actions
from yijiaan.registry.models import CareEntry, Change, Membership, Person
from yijiaan.registry.tests import make
from yijiaan.registry.tests.make import TABLES

pytestmark = pytest.mark.django_db


def do(deed, town, who="head", **values):
    return deed(actor=town.actor(who), source="visit", client_key=uuid4(), **values)


def home_of(one):
    return Membership.objects.filter(person=one, to_on__isnull=True).first()


def test_who_moves_leaves_the_old_home_and_lies_where_the_new_one_is(town):
    _, people = make.family(town)
    new = make.household(town, grid=1)
    do(actions.move_in, town, person_id=people[2].id, household_id=new.id, relation="head")
    assert (home_of(people[2]).household_id, home_of(people[2]).relation) == (new.id, "head")
    assert Person.objects.get(id=people[2].id).area_code == town.grids[1].code
    assert Membership.objects.filter(person=people[2]).count() == 2


def test_the_head_cannot_go_without_a_new_one(town):
    home, people = make.family(town)
    new = make.household(town, grid=1)
    for deed, values, code in (
        (actions.move_in, {"household_id": new.id, "relation": "head"}, "was_head"),
        (actions.move_out, {}, "needs_head"),
        (actions.record_death, {}, "needs_head"),
    ):
        with pytest.raises(RuleError) as refused, unchanged(*TABLES):
            do(deed, town, person_id=people[0].id, **values)
        assert refused.value.code == code
    do(actions.move_out, town, person_id=people[0].id, new_head_id=people[1].id)
    assert Person.objects.get(id=people[0].id).status == "moved_out"
    assert home_of(people[1]).relation == "head"
    do(actions.move_in, town, person_id=people[0].id, household_id=home.id, relation="spouse")
    assert Person.objects.get(id=people[0].id).is_active


def test_a_death_ends_home_and_care_and_deletes_nothing(town):
    _, people = make.family(town)
    make.care(town, people[1])
    do(actions.record_death, town, person_id=people[1].id, on=clock.local_day())
    one = Person.objects.get(id=people[1].id)
    assert (one.status, one.ended_on, one.name_sealed) == ("dead", clock.local_day(), "李桂兰")
    assert home_of(one) is None
    entry = CareEntry.objects.get()
    assert (entry.ended_on, entry.reason) == (clock.local_day(), "去世")
    with pytest.raises(RuleError), unchanged(*TABLES):
        do(actions.move_out, town, person_id=one.id)


def test_a_grid_worker_proposes_a_death_and_nothing_happens_until_it_is_confirmed(town):
    _, people = make.family(town)
    with unchanged(Person, Membership, CareEntry):
        line = do(actions.record_death, town, "worker", person_id=people[1].id)
    assert (line.state, line.field) == ("open", "died")
    with pytest.raises(RuleError), unchanged(*TABLES):
        do(actions.record_death, town, "worker", person_id=people[0].id)
    actions.confirm_change(actor=town.actor("head"), change_id=line.id)
    assert Person.objects.get(id=people[1].id).status == "dead"


def test_a_birth_needs_its_day_and_makes_a_child(town):
    home, _ = make.family(town)
    born = {"household_id": home.id, "values": {"name": "王晨", "sex": "male"}}
    with pytest.raises(RuleError) as refused, unchanged(*TABLES):
        do(actions.record_birth, town, **born)
    assert refused.value.field == "birth_on"
    born["values"]["birth_on"] = clock.local_day().isoformat()
    child = do(actions.record_birth, town, **born)
    assert (home_of(child).relation, home_of(child).from_on, child.kind) == ("child", clock.local_day(), "unregistered")


def test_the_head_changes_and_relations_are_mended(town):
    _, people = make.family(town)
    with pytest.raises(RuleError), unchanged(*TABLES):
        do(actions.set_head, town, person_id=people[0].id)
    with pytest.raises(RuleError), unchanged(*TABLES):
        do(actions.set_head, town, person_id=people[2].id, old_relation="boss")
    do(actions.set_head, town, person_id=people[2].id, old_relation="parent")
    assert [home_of(one).relation for one in people] == ["parent", "spouse", "head"]
    do(actions.change_relation, town, person_id=people[1].id, relation="parent")
    assert home_of(people[1]).relation == "parent"
    for who, relation in ((people[1], "head"), (people[1], "nobody"), (people[2], "child")):
        with pytest.raises(RuleError), unchanged(*TABLES):
            do(actions.change_relation, town, person_id=who.id, relation=relation)


def test_a_repeated_deed_is_done_once(town):
    _, people = make.family(town)
    values = {"actor": town.actor("head"), "person_id": people[1].id, "source": "visit", "client_key": uuid4()}
    first = actions.move_out(**values)
    with unchanged(*TABLES):
        assert actions.move_out(**values).id == first.id


def test_days_are_checked(town):
    home, people = make.family(town)
    do(actions.move_out, town, person_id=people[1].id)
    do(actions.move_in, town, person_id=people[1].id, household_id=home.id, relation="spouse")
    for on, code in ((date(2999, 1, 1), "in_the_future"), (clock.local_day() - timedelta(days=9), "before_he_came")):
        with pytest.raises(RuleError) as refused, unchanged(*TABLES):
            do(actions.move_out, town, person_id=people[1].id, on=on)
        assert refused.value.code == code


def test_care_lists_have_a_basis_and_a_day_of_review(town):
    _, people = make.family(town)
    for changes, field in (
        ({"care_kind": "criminal"}, "care_kind"),
        ({"basis": ""}, "basis"),
        ({"source": " "}, "source"),
        ({"review_on": clock.local_day() + timedelta(days=900)}, "review_on"),
        ({"started_on": date(2999, 1, 1)}, "started_on"),
    ):
        facts = actions.CareFacts(**{"care_kind": "disabled", "basis": "consent", "source": "本人同意"} | changes)
        with pytest.raises(RuleError) as refused, unchanged(*TABLES):
            actions.add_care(actor=town.actor("head"), person_id=people[0].id, facts=facts, client_key=uuid4())
        assert refused.value.field == field
    entry = make.care(town, people[0], health="腿脚不便")
    with pytest.raises(RuleError), unchanged(*TABLES):
        make.care(town, people[0])
    with pytest.raises(NotAllowed), unchanged(*TABLES):
        make.care(town, people[0], "disabled", who="worker")
    actions.review_care(actor=town.actor("head"), entry_id=entry.id)
    common = {"stranger": town.actor("stranger"), "unprivileged": without(town.actor("head")), "tables": TABLES}
    check_refusals(actions.review_care, entry_id=entry.id, **common)
    check_refusals(actions.end_care, entry_id=entry.id, reason="好了", **common)
    actions.end_care(actor=town.actor("head"), entry_id=entry.id, reason="跟儿子住了")
    entry.refresh_from_db()
    assert (entry.ended_on, entry.health_sealed) == (clock.local_day(), "")


def test_strangers_move_nobody(town):
    home, people = make.family(town)
    common = {
        "stranger": town.actor("stranger"), "unprivileged": without(town.actor("head")), "tables": (*TABLES, Change),
        "source": "visit", "client_key": uuid4(),
    }  # fmt: skip
    one = {"person_id": people[2].id}
    check_refusals(actions.move_out, **one, **common)
    check_refusals(actions.record_death, **one, **common)
    check_refusals(actions.set_head, **one, **common)
    check_refusals(actions.change_relation, **one, relation="other", **common)
    check_refusals(actions.move_in, **one, household_id=home.id, relation="other", **common)
    check_refusals(actions.add_person, household_id=home.id, relation="other", values={"name": "某人"}, **common)
