"""并档、拆档: what came along goes back exactly, whatever the two records held; and proposals in any order end in one truth."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.testing import check_refusals, unchanged, without
from yijiaan.registry import actions
from yijiaan.registry.fields import PERSON
from yijiaan.registry.models import CareEntry, Change, Household, Membership, Person
from yijiaan.registry.tests import make
from yijiaan.registry.tests.make import TABLES
from yijiaan.registry.values import as_text, value_of

pytestmark = pytest.mark.django_db
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


class _Undo(Exception):
    """Rolls an example back."""


def merge(town, kept, merged):
    return actions.merge_people(
        actor=town.actor("dispatcher"), kept_id=kept.id, merged_id=merged.id, reason="证件号码核对一致"
    )


def test_what_belongs_to_the_merged_one_follows(town):
    _, people = make.family(town)
    other = make.household(town, grid=1)
    twin = make.person(town, other, name="王小明", birth_on="1957-03-09")
    make.care(town, twin)
    actions.change_facts(
        actor=town.actor("head"), kind="person", record_id=twin.id, values={"political": "party"}, source="visit",
        client_key=uuid4(),
    )  # fmt: skip
    merge(town, people[0], twin)
    twin.refresh_from_db()
    assert (twin.status, twin.merged_into_id) == ("merged", people[0].id)
    assert Membership.objects.filter(person=people[0], to_on__isnull=True).count() == 1
    assert CareEntry.objects.get().person_id == people[0].id
    assert {line.subject_id for line in Change.objects.filter(field="political")} == {people[0].id}
    for kept, merged in ((people[0], twin), (people[0], people[0])):
        with pytest.raises(RuleError), unchanged(*TABLES):
            merge(town, kept, merged)


def test_what_was_written_since_stays_when_they_are_taken_apart(town):
    home = make.household(town)
    kept = make.person(town, home, phone="", occupation="")
    twin = make.person(town, make.household(town), phone="15400019999", occupation="瓦工", id_no=NUMBERS[0])
    done = merge(town, kept, twin)
    kept.refresh_from_db()
    assert (kept.phone_sealed, kept.occupation, kept.id_no_sealed) == ("15400019999", "瓦工", NUMBERS[0])
    assert kept.origins["occupation"] == twin.origins["occupation"]
    assert kept.filled_count == twin.filled_count
    with pytest.raises(RuleError), unchanged(*TABLES):  # a number stands once
        make.person(town, home, relation="child", id_no=NUMBERS[0])
    actions.change_facts(
        actor=town.actor("head"), kind="person", record_id=kept.id, values={"occupation": "退休"}, source="visit", client_key=uuid4()
    )  # fmt: skip
    actions.unmerge_people(actor=town.actor("dispatcher"), merged_id=twin.id)
    kept.refresh_from_db()
    twin.refresh_from_db()
    assert (kept.phone_sealed, kept.occupation, kept.id_no_search) == ("", "退休", None)
    assert (twin.phone_sealed, twin.id_no_sealed, twin.status) == ("15400019999", NUMBERS[0], "active")
    assert {line.state for line in Change.objects.filter(client_key=done.id)} == {"undone"}


def test_a_number_that_the_own_birthday_denies_is_not_taken_over(town):
    kept = make.person(town, make.household(town), birth_on="1960-01-01")
    twin = make.person(town, make.household(town), id_no=NUMBERS[0], phone="")
    assert "id_no" not in merge(town, kept, twin).moved["filled"]


def test_strangers_merge_nobody(town):
    _, people = make.family(town)
    common = {"stranger": town.actor("stranger"), "unprivileged": without(town.actor("dispatcher")), "tables": TABLES}
    check_refusals(actions.merge_people, kept_id=people[0].id, merged_id=people[1].id, reason="同一人", **common)
    merge(town, people[0], people[1])
    check_refusals(actions.unmerge_people, merged_id=people[1].id, **common)
    with pytest.raises(RuleError), unchanged(*TABLES):
        actions.unmerge_people(actor=town.actor("dispatcher"), merged_id=people[0].id)


LIVES = st.fixed_dictionaries(
    {
        "kept_relation": st.sampled_from(["head", "child"]),
        "merged_relation": st.sampled_from(["head", "spouse"]),
        "same_home": st.booleans(),
        "merged_left": st.booleans(),
        "kept_care": st.sets(st.sampled_from(["disabled", "dibao"])),
        "merged_care": st.sets(st.sampled_from(["disabled", "dibao", "unable"])),
        "ended_care": st.booleans(),
        "changes": st.lists(st.sampled_from(["15400010001", "15400010002", ""]), max_size=3),
        "proposed": st.booleans(),
        "later": st.integers(0, 40),
        "kept_lacks": st.sets(st.sampled_from(["phone", "sex", "birth_on", "occupation", "id_no"])),
        "merged_lacks": st.sets(st.sampled_from(["phone", "sex", "birth_on", "occupation", "id_no"])),
        "kept_born": st.sampled_from(["1957-03-09", "1960-01-01"]),
    }
)
NUMBERS = (make.identity(serial=11), make.identity(serial=13))


def facts_of(one):
    """What is written of somebody, with where it is from."""
    one = Person.objects.get(id=one.id)
    return {
        field.key: (as_text(field, value_of(one, field)), one.origins.get(field.key)) for field in PERSON.fields
    }  # fmt: skip


def stored(merge_id=None):
    """All rows as they lie there, but the running version of a record and the lines that a merge wrote itself."""
    tables = {}
    for model in (Household, Person, Membership, Change, CareEntry):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY id")  # noqa: S608 - names of our own models
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        tables[model] = [{**row, "version": 0} for row in rows if merge_id is None or row.get("client_key") != merge_id]
    return tables


@SLOW
@given(life=LIVES)
def test_taking_apart_restores_both_exactly(town, life):
    try:
        with transaction.atomic():
            kept, merged = _two(town, life)
            before, own, theirs = stored(), facts_of(kept), facts_of(merged)
            with clock.later(timedelta(days=life["later"])):
                done = merge(town, kept, merged)
                filled = {key for key in own if not own[key][0] and facts_of(kept)[key][0]}
                assert facts_of(kept) == own | {key: theirs[key] for key in filled}
                assert filled == gaps(own, theirs)
                lines = Change.objects.filter(client_key=done.id)
                assert {(line.field, line.new_sealed, line.source, str(line.told_on)) for line in lines} == {
                    (key, theirs[key][0], *theirs[key][1]) for key in filled
                }
                actions.unmerge_people(actor=town.actor("dispatcher"), merged_id=merged.id)
            assert stored(done.id) == before
            assert {line.state for line in lines.all()} <= {"undone"}
            raise _Undo
    except _Undo:
        pass


def gaps(own, theirs):
    """What must be filled: all that is lacking, but a number whose birthday or sex the kept one's own facts deny, and those of another
    number."""
    found = {key for key in own if theirs[key][0] and not own[key][0]}
    number = theirs["id_no"][0] if "id_no" in found else own["id_no"][0]
    if not number:
        return found
    says = {"birth_on": "1957-03-09", "sex": "male"}
    known = {key: own[key][0] or (theirs[key][0] if key in found else "") for key in says}
    if "id_no" in found and any(known[key] not in ("", text) for key, text in says.items()):
        found.discard("id_no")
    return found


def _two(town, life):
    home = make.household(town)

    def person(number, lacks, born, *where, **more):
        facts = {"phone": make.PHONE, "sex": "male", "birth_on": born, "occupation": "瓦工", "id_no": number}
        if born != "1957-03-09":
            facts["id_no"] = ""
        return make.person(town, *where, **more, **{key: "" if key in lacks else text for key, text in facts.items()})

    kept = person(NUMBERS[0], life["kept_lacks"], life["kept_born"], home, relation=life["kept_relation"])
    relation = life["merged_relation"]
    if life["same_home"] and life["kept_relation"] == "head":
        relation = "spouse"
    there = home if life["same_home"] else make.household(town)
    merged = person(NUMBERS[1], life["merged_lacks"], "1957-03-09", there, relation=relation)
    for kind in sorted(life["kept_care"]):
        make.care(town, kept, kind)
    entries = [make.care(town, merged, kind) for kind in sorted(life["merged_care"])]
    if entries and life["ended_care"]:
        actions.end_care(actor=town.actor("head"), entry_id=entries[0].id, reason="不需要了")
    for phone in life["changes"]:
        if phone != Person.objects.get(id=merged.id).phone_sealed:
            _say(town, merged, phone, "worker" if life["proposed"] else "head")
    if life["merged_left"] and not (life["same_home"] and relation == "head"):
        actions.move_out(actor=town.actor("head"), person_id=merged.id, source="visit", client_key=uuid4())
    return kept, merged


def _say(town, one, phone, who):
    return actions.change_facts(
        actor=town.actor(who), kind="person", record_id=one.id, values={"phone": phone}, source="visit",
        client_key=uuid4(),
    )[0]  # fmt: skip


STEPS = st.lists(
    st.tuples(st.sampled_from(["propose", "change", "confirm", "refuse"]), st.integers(0, 3)), min_size=1, max_size=8
)


@SLOW
@given(steps=STEPS)
def test_the_last_confirmed_line_is_what_stands(town, steps):
    """Proposals, direct changes and decisions in any order: the fact is the new value of the last confirmed line, and each line
    begins where the one before it ended."""
    try:
        with transaction.atomic():
            one = make.person(town, make.household(town))
            confirmed, waiting, last = [], [], make.PHONE
            for number, (step, which) in enumerate(steps):
                phone = f"1540002{number:02d}{which:02d}"
                if step == "propose":
                    waiting.append(_say(town, one, phone, "worker"))
                elif step == "change":
                    confirmed.append(_say(town, one, phone, "head"))
                    last = phone
                elif waiting:
                    line = waiting.pop(which % len(waiting))
                    if step == "refuse":
                        actions.refuse_change(actor=town.actor("head"), change_id=line.id, reason="不对")
                        continue
                    if line.old_sealed != last:
                        with pytest.raises(RuleError):
                            actions.confirm_change(actor=town.actor("head"), change_id=line.id)
                    confirmed.append(actions.confirm_change(actor=town.actor("head"), change_id=line.id, over=True))
                    last = line.new_sealed
            assert Person.objects.get(id=one.id).phone_sealed == last
            stood = make.PHONE
            for line in confirmed:
                line.refresh_from_db()
                assert line.old_sealed == stood
                stood = line.new_sealed
            raise _Undo
    except _Undo:
        pass
