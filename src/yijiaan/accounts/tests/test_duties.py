"""Who answers for a unit: put down for a day, from eight in the morning to eight."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from yijiaan.accounts import actions
from yijiaan.accounts.models import DutyDay
from yijiaan.accounts.queries import forget_units, get_duty, list_duties
from yijiaan.accounts.retention import purge_duties
from yijiaan.accounts.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.testing import unchanged, without
from yijiaan.engines.journal.models import Entry

pytestmark = pytest.mark.django_db
TOWN, OTHER = "370812102", "370812105"
TABLES = (DutyDay, Entry)


@pytest.fixture
def centre():
    return make.unit("town_centre", TOWN, "新驿镇网格化服务中心")


@pytest.fixture
def dispatcher(centre):
    return make.actor(make.post(centre, "dispatcher", TOWN))


def test_somebody_is_put_down_changed_and_taken_out(centre, dispatcher):
    today = clock.local_day()
    duty = actions.set_duty(actor=dispatcher, unit_id=centre.id, on=today, name=" 孟宪军 ", phone="15400000017")
    again = actions.set_duty(actor=dispatcher, unit_id=centre.id, on=today, name="孔令芳")
    assert again.id == duty.id
    [row] = list_duties(dispatcher, unit_id=centre.id, since=today)
    assert (row.name, row.phone_sealed) == ("孔令芳", "")
    actions.clear_duty(actor=dispatcher, unit_id=centre.id, on=today)
    assert not list_duties(dispatcher, unit_id=centre.id, since=today).exists()
    verbs = list(Entry.objects.filter(subject_id=duty.id).order_by("happened_at", "id").values_list("verb", "data"))
    assert verbs == [
        ("accounts.duty_set", {"on": today.isoformat()}),
        ("accounts.duty_set", {"on": today.isoformat()}),
        ("accounts.duty_cleared", {"on": today.isoformat()}),
    ]


def test_the_telephone_is_sealed(centre, dispatcher):
    actions.set_duty(actor=dispatcher, unit_id=centre.id, on=clock.local_day(), name="孟宪军", phone="15400000017")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row::text FROM duty_day AS row")
        assert "15400000017" not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("days", "name", "code", "field"),
    [(0, "  ", "empty_name", "name"), (-1, "孟宪军", "day_is_over", "on"), (367, "孟宪军", "too_far", "on")],
)
def test_what_is_refused(centre, dispatcher, days, name, code, field):
    on = clock.local_day() + timedelta(days=days)
    with unchanged(*TABLES), pytest.raises(RuleError) as caught:
        actions.set_duty(actor=dispatcher, unit_id=centre.id, on=on, name=name)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_neither_a_stranger_nor_who_may_not_writes_the_roster(centre, dispatcher):
    today = clock.local_day()
    actions.set_duty(actor=dispatcher, unit_id=centre.id, on=today, name="孟宪军")
    stranger = make.actor(make.post(make.unit("town_centre", OTHER), "dispatcher", OTHER))
    for actor, error in ((stranger, NotFound), (without(dispatcher, "accounts.set_duty"), NotAllowed)):
        with unchanged(*TABLES), pytest.raises(error):
            actions.set_duty(actor=actor, unit_id=centre.id, on=today, name="别人")
        with unchanged(*TABLES), pytest.raises(error):
            actions.clear_duty(actor=actor, unit_id=centre.id, on=today)
    with unchanged(*TABLES), pytest.raises(NotFound):
        actions.clear_duty(actor=dispatcher, unit_id=centre.id, on=today + timedelta(days=1))
    assert not list_duties(stranger, unit_id=centre.id, since=today).exists()


def test_until_eight_in_the_morning_the_one_of_the_evening_before_answers(centre, dispatcher):
    for day, name in ((23, "孟宪军"), (24, "孔令芳")):
        with clock.at(datetime(2026, 11, 20, tzinfo=UTC)):
            actions.set_duty(actor=dispatcher, unit_id=centre.id, on=date(2026, 11, day), name=name)
    for moment, name in (
        (datetime(2026, 11, 23, 15, 59, tzinfo=UTC), "孟宪军"),  # 23:59
        (datetime(2026, 11, 23, 23, 59, tzinfo=UTC), "孟宪军"),  # 07:59 of the 24th
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), "孔令芳"),  # 08:00
    ):
        forget_units()
        with clock.at(moment):
            assert get_duty(dispatcher, unit_id=centre.id).name == name
    with clock.at(datetime(2026, 11, 25, 0, 0, tzinfo=UTC)):
        assert get_duty(dispatcher, unit_id=centre.id) is None


def test_old_days_are_purged_and_today_stays(centre, dispatcher):
    today = clock.local_day()
    with clock.later(timedelta(days=-400)):
        actions.set_duty(actor=dispatcher, unit_id=centre.id, on=clock.local_day(), name="孟宪军")
    actions.set_duty(actor=dispatcher, unit_id=centre.id, on=today, name="孔令芳")
    assert purge_duties(clock.now() - timedelta(days=366), 100) == 1
    assert [duty.name for duty in DutyDay.objects.all()] == ["孔令芳"]
