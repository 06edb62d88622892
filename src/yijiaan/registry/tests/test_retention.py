"""去世、迁出的人: kept for good unless a term is set; then all that hangs on them goes, the journal stays."""

from datetime import timedelta
from uuid import uuid4

import pytest

from yijiaan.core import clock
from yijiaan.core.testing import unchanged
from yijiaan.engines.jobs.providers import kinds_of_records
from yijiaan.engines.journal.models import Entry
from yijiaan.registry import actions
from yijiaan.registry.models import CareEntry, Change, Membership, Person, PersonMerge, PlateDay
from yijiaan.registry.retention import purge_left
from yijiaan.registry.tests import make
from yijiaan.registry.tests.make import TABLES

pytestmark = [pytest.mark.django_db, pytest.mark.crosses_counties("the nightly purge looks for counties first")]


def test_nothing_goes_unless_a_term_is_set():
    kind = next(kind for kind in kinds_of_records() if kind.code == "registry.left")
    assert (kind.days, kind.least) == (None, 3653)


def test_who_left_long_ago_goes_with_all_that_hangs_on_him(town):
    _, people = make.family(town)
    twin = make.person(town, make.household(town), name="李桂兰", sex="female", birth_on="", phone="")
    make.care(town, people[1])
    actions.merge_people(actor=town.actor("dispatcher"), kept_id=people[1].id, merged_id=twin.id, reason="同一人")
    how = {"actor": town.actor("head"), "source": "visit"}
    actions.change_facts(kind="person", record_id=people[1].id, values={"note": "常在家"}, client_key=uuid4(), **how)
    actions.record_death(person_id=people[1].id, client_key=uuid4(), **how)
    soon, later = clock.now(), clock.now() + timedelta(days=2)
    with unchanged(*TABLES):
        assert purge_left(soon, 10) == 0
    entries = Entry.objects.count()
    assert purge_left(later, 10) == 1
    assert {one.id for one in Person.objects.all()} == {people[0].id, people[2].id}
    assert Membership.objects.count() == 2
    assert not (Change.objects.exists() or CareEntry.objects.exists() or PersonMerge.objects.exists())
    assert Entry.objects.count() == entries
    assert purge_left(later, 10) == 0


def test_day_counts_of_plates_go_after_two_years(town):
    plate = actions.make_plate(actor=town.actor("dispatcher"), area_code=town.grids[0].code, place="村口")
    actions.count_plate_use(actor=town.actor("dispatcher"), plate=plate, use="opened")
    kind = next(kind for kind in kinds_of_records() if kind.code == "registry.plate_days")
    assert (kind.days, kind.least) == (731, 93)
    assert kind.purge(clock.now(), 10) == 0
    assert kind.purge(clock.now() + timedelta(days=1), 10) == 1
    assert not PlateDay.objects.exists()
