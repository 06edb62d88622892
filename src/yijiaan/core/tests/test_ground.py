"""Clock, identifiers, actor and scope."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from yijiaan.core import clock, identifiers
from yijiaan.core.errors import NotAllowed
from yijiaan.core.scope import Actor, ActorKind, system

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_the_clock_stands_where_it_is_set():
    with clock.at(NOON):
        assert clock.now() == NOON
        with clock.later(timedelta(hours=13)):
            assert clock.now() == NOON + timedelta(hours=13)
        assert clock.now() == NOON
    assert clock.now() != NOON
    with pytest.raises(ValueError, match="aware"), clock.at(datetime(2026, 11, 23)):
        pass


def test_days_are_days_in_shandong():
    assert clock.local_day(datetime(2026, 11, 23, 15, 59, tzinfo=UTC)) == date(2026, 11, 23)
    assert clock.local_day(datetime(2026, 11, 23, 16, 0, tzinfo=UTC)) == date(2026, 11, 24)
    assert clock.day_start(date(2026, 11, 24)) == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert clock.local(NOON).hour == 12


def test_identifiers_are_uuid7_of_our_clock_and_rise(monkeypatch):
    monkeypatch.setattr(identifiers, "_last", 0)  # another test may have stood a few seconds later
    with clock.at(NOON):
        made = [identifiers.uuid7() for _ in range(5000)]
    assert len(set(made)) == 5000
    assert made == sorted(made)
    assert all(one.version == 7 and one.variant == "specified in RFC 4122" for one in made)
    assert (made[0].int >> 80) == int(NOON.timestamp() * 1000)


def test_an_identifier_may_be_asked_to_stand_behind_another_though_the_clock_was_set_back():
    with clock.at(NOON):
        before = identifiers.uuid7()
        assert before < identifiers.uuid7_after(before)
    with clock.at(NOON - timedelta(hours=1)):
        assert identifiers.uuid7() < before
        chain = [before]
        for _ in range(3):
            chain.append(identifiers.uuid7_after(chain[-1]))
        assert chain == sorted(set(chain))
        assert {one.version for one in chain} == {7}
        assert identifiers.uuid7_after(None) < before


@given(st.integers(110000, 829999))
def test_county_tokens_come_back(number):
    county = f"{number:06d}"
    token = identifiers.county_token(county)
    assert len(token) == 4
    assert identifiers.county_of_token(token.lower() + "REST") == county


@given(st.text(max_size=24))
def test_any_text_is_a_token_or_none(text):
    county = identifiers.county_of_token(text)
    assert county is None or (len(county) == 6 and county.isdigit())


def test_codes_for_people_to_carry():
    codes = {identifiers.tracking_code("370812") for _ in range(100)}
    assert len(codes) == 100
    assert all(len(code) == 20 and identifiers.county_of_token(code) == "370812" for code in codes)
    assert all(len(identifiers.query_code()) == 6 and identifiers.query_code().isdigit() for _ in range(100))


def staff(**values):
    return Actor(kind=ActorKind.STAFF, identity="1", **values)


def test_permissions_are_held_by_name_and_all_by_the_system():
    actor = staff(permissions=frozenset({"cases.dispatch"}))
    assert actor.may("cases.dispatch")
    assert not actor.may("cases.sign")
    with pytest.raises(NotAllowed) as refused:
        actor.require("cases.sign")
    assert refused.value.permission == "cases.sign"
    system("test").require("cases.sign")


def test_an_area_covers_what_lies_below_it():
    actor = staff(areas=("370812102", "370812103201"))
    assert actor.covers("3708121022011001")
    assert actor.covers("370812102")
    assert actor.covers("3708121032011001")
    assert not actor.covers("370812103")
    assert not actor.covers("370812")
    assert not staff().covers("370812102")
    assert system("test").covers("110000")


def test_the_area_filter_is_a_range_on_one_column():
    assert staff(areas=("3708",)).area_filter() == Q(area_code__gte="3708", area_code__lt="3708~")
    assert staff(areas=("3708",)).area_filter("code") == Q(code__gte="3708", code__lt="3708~")
    assert staff().area_filter() == Q(pk__in=[])
    assert system("test").area_filter() == Q()


def test_an_actor_cannot_be_changed():
    with pytest.raises(AttributeError):
        staff().county = "370812"
    assert staff(user_id=UUID(int=1)) == staff(user_id=UUID(int=1))
