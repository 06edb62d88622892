"""并档、拆档: what came along goes back exactly, whatever the two records held; and proposals in any order end in one truth."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.testing import check_refusals, unchanged, without
from yijiaan.registry import actions
from yijiaan.registry.models import CareEntry, Change, Membership, Person
from yijiaan.registry.tests import make
from yijiaan.registry.tests.make import TABLES

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
    assert Change.objects.get(field="political").subject_id == people[0].id
    for kept, merged in ((people[0], twin), (people[0], people[0])):
        with pytest.raises(RuleError), unchanged(*TABLES):
            merge(town, kept, merged)


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
    }
)


@SLOW
@given(life=LIVES)
def test_taking_apart_restores_both_exactly(town, life):
    try:
        with transaction.atomic():
            kept, merged = _two(town, life)
            before = make.snapshot()
            with clock.later(timedelta(days=life["later"])):
                merge(town, kept, merged)
                actions.unmerge_people(actor=town.actor("dispatcher"), merged_id=merged.id)
            assert make.snapshot() == before
            raise _Undo
    except _Undo:
        pass


def _two(town, life):
    home = make.household(town)
    kept = make.person(town, home, relation=life["kept_relation"])
    relation = life["merged_relation"]
    if life["same_home"] and life["kept_relation"] == "head":
        relation = "spouse"
    merged = make.person(town, home if life["same_home"] else make.household(town), relation=relation)
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
