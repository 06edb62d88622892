"""Units, accounts, posts and tokens."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from yijiaan.accounts import actions
from yijiaan.accounts.models import PartnerToken, Post, PostArea, Role, Unit, User
from yijiaan.accounts.permissions import ROLES
from yijiaan.accounts.queries import (
    get_centre,
    has_post_with,
    list_people_of,
    list_posts_of,
    list_units_for,
    partner_actor,
    staff_actor,
    unit_name,
)
from yijiaan.accounts.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.permissions import declared, defaults_of
from yijiaan.core.scope import system
from yijiaan.core.testing import holding, unchanged, without
from yijiaan.engines.journal.models import Entry

pytestmark = pytest.mark.django_db
COUNTY, TOWN, OTHER = "370812", "370812102", "370812105"
TABLES = (Unit, User, Post, PostArea, PartnerToken, Entry)


@pytest.fixture
def admin(db):
    """Somebody of one county who holds what the system and the security administrator hold, for deeds of both."""
    one = make.actor(make.post(make.unit("county_centre", COUNTY), "county_admin", COUNTY))
    return holding(one, *defaults_of("security_admin"))


def refused(deed, code, field=None, **values):
    with unchanged(*TABLES), pytest.raises(RuleError) as caught:
        deed(**values)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_shipped_roles_hold_what_the_apps_declare():
    assert set(Role.objects.values_list("code", flat=True)) == {code for code, *_ in ROLES}
    held = {name for role in Role.objects.all() for name in role.permissions}
    assert held <= set(declared())
    Role.objects.filter(code="handler").update(permissions=["cases.view"])
    with unchanged(Role):
        assert actions.load_default_roles(actor=system("tests")) == 0


def test_every_deed_asks_for_its_permission(admin):
    post = make.post(make.unit("power", TOWN), "handler")
    _, token = actions.issue_token(actor=admin, name="甲", area_code=TOWN, channel="third_party_app")
    row = PartnerToken.objects.get()
    deeds = {
        actions.create_unit: {"name": "乙", "kind": "power", "area_code": TOWN},
        actions.create_user: {"username": "someone", "name": "某"},
        actions.appoint: {
            "user": post.user,
            "unit": post.unit,
            "role": "handler",
            "area_codes": [],
            "starts_on": make.SINCE,
        },
        actions.end_post: {"post_id": post.id, "on": date(2026, 12, 1)},
        actions.issue_token: {"name": "丙", "area_code": TOWN, "channel": "sensor"},
        actions.revoke_token: {"token_id": row.id},
        actions.load_default_roles: {},
    }
    for deed, values in deeds.items():
        with unchanged(*TABLES), pytest.raises(NotAllowed):
            deed(actor=without(admin), **values)
        deed(actor=admin, **values)
    assert token


def test_one_centre_an_area_and_one_unit_a_name(admin):
    first = actions.create_unit(
        actor=admin, name=" 网格中心 ", kind="town_centre", area_code=TOWN, phone="0537-0002100"
    )
    assert (first.name, unit_name(admin, unit_id=first.id)) == ("网格中心", "网格中心")
    here = {"actor": admin, "area_code": TOWN}
    refused(actions.create_unit, "name_taken", "name", **here, name="另一个中心", kind="town_centre")
    refused(actions.create_unit, "name_taken", "name", **here, name="网格中心", kind="power")
    refused(actions.create_unit, "unknown_area", "area", actor=admin, name="x", kind="power", area_code="3708129")
    refused(actions.create_unit, "unknown_area", "area", actor=admin, name="x", kind="power", area_code="3708")
    actions.create_unit(actor=admin, name="网格中心", kind="town_centre", area_code=OTHER)


def test_the_nearest_centre_receives(admin):
    county = Unit.objects.get()
    assert get_centre(admin, area_code=TOWN) == county
    town = actions.create_unit(actor=admin, name="镇中心", kind="town_centre", area_code=TOWN)
    assert get_centre(admin, area_code=TOWN + "200") == town
    assert get_centre(admin, area_code=OTHER) == county
    with pytest.raises(NotFound):
        get_centre(admin, area_code="370811")
    village = actions.create_unit(actor=admin, name="一村", kind="village", area_code=TOWN + "200")
    assert list_units_for(admin, area_code=TOWN + "2001001") == [village, town, county]


def test_an_account_has_one_name_and_one_phone(admin):
    user = actions.create_user(actor=admin, username=" LiuGF ", name=" 刘广福 ", phone="154-9999-0001")
    assert (user.username, user.name, user.phone_sealed, user.must_change_password) == (
        "liugf",
        "刘广福",
        "15499990001",
        True,
    )
    refused(actions.create_user, "username_taken", "username", actor=admin, username="LIUGF", name="x")
    refused(actions.create_user, "phone_taken", "phone", actor=admin, username="b", name="x", phone="15499990001")
    refused(actions.create_user, "bad_phone", "phone", actor=admin, username="b", name="x", phone="154")
    assert "15499990001" not in str(User.objects.values().get(id=user.id)["phone_sealed"])


def test_a_post_lasts_from_day_to_day(admin):
    unit = actions.create_unit(actor=admin, name="镇中心", kind="town_centre", area_code=TOWN)
    post = make.post(unit, "dispatcher", TOWN, starts_on=date(2026, 11, 10), ends_on=date(2026, 11, 20))
    days = {}
    for day in (9, 10, 20, 21):
        with clock.at(clock.day_start(date(2026, 11, day))):
            days[day] = list_posts_of(admin, user=post.user).exists()
    assert days == {9: False, 10: True, 20: True, 21: False}
    with clock.at(clock.day_start(date(2026, 11, 15))):
        assert [one.id for one in list_people_of(admin, area_code=TOWN + "2001001", roles=("dispatcher",))] == [post.id]
        assert has_post_with(admin, unit_id=unit.id, permission="cases.dispatch")
        assert not has_post_with(admin, unit_id=unit.id, permission="cases.view_tips")
        Unit.objects.filter(id=unit.id).update(is_active=False)
        assert not list_posts_of(admin, user=post.user).exists()


def test_an_appointment_is_refused_by_its_rules(admin):
    unit = actions.create_unit(actor=admin, name="镇中心", kind="town_centre", area_code=TOWN)
    user = actions.create_user(actor=admin, username="someone", name="某")
    here = {
        "actor": admin,
        "user": user,
        "unit": unit,
        "role": "dispatcher",
        "area_codes": [TOWN],
        "starts_on": date(2026, 11, 1),
    }
    refused(actions.appoint, "unknown_role", "role", **here | {"role": "king"})
    refused(actions.appoint, "bad_period", "ends_on", **here, ends_on=date(2026, 10, 31))
    refused(actions.appoint, "unknown_area", "areas", **here | {"area_codes": ["37"]})
    abroad = Unit.objects.create(name="外县", kind="power", area_id="3708")
    with unchanged(*TABLES), pytest.raises(NotFound):
        actions.appoint(**here | {"unit": abroad})
    post = actions.appoint(**here | {"area_codes": [TOWN, OTHER, TOWN]}, title="值班员")
    assert [row.area_id for row in post.areas.order_by("area_id")] == [TOWN, OTHER]
    refused(actions.end_post, "bad_period", "ends_on", actor=admin, post_id=post.id, on=date(2026, 10, 31))
    for unknown in (uuid4(), user.id):
        with unchanged(*TABLES), pytest.raises(NotFound):
            actions.end_post(actor=admin, post_id=unknown, on=date(2026, 11, 30))
    assert actions.end_post(actor=admin, post_id=post.id, on=date(2026, 11, 30)).ends_on == date(2026, 11, 30)


def test_the_actor_of_a_post_carries_what_the_role_gives():
    unit = make.unit("power", TOWN)
    handler, dispatcher = make.post(unit, "handler", TOWN), make.post(unit, "dispatcher", TOWN, OTHER)
    blind, seeing = make.actor(handler), make.actor(dispatcher)
    assert (blind.areas, blind.county, blind.unit_id) == ((), COUNTY, unit.id)
    assert (seeing.areas, seeing.post_id, seeing.user_id) == ((TOWN, OTHER), dispatcher.id, dispatcher.user_id)
    assert seeing.covers(TOWN + "200") and not seeing.covers("370812101") and not blind.covers(TOWN)
    assert seeing.may("cases.dispatch") and not blind.may("cases.dispatch")
    assert staff_actor(handler.user, handler).identity == str(handler.user_id)


def test_a_token_is_shown_once_and_stands_hashed(admin):
    row, token = actions.issue_token(actor=admin, name="随手拍", area_code=TOWN, channel="third_party_app")
    assert len(token) == 43
    stored = str(PartnerToken.objects.values().get(id=row.id)) + str(list(Entry.objects.values_list("data", flat=True)))
    assert token not in stored
    partner = partner_actor(token)
    assert (partner.areas, partner.county, partner.channel, partner.identity) == (
        (TOWN,),
        COUNTY,
        "third_party_app",
        str(row.id),
    )
    assert partner.permissions == frozenset()
    for wrong in ("", token[:-1], token + "a", "\0"):
        with pytest.raises(NotFound):
            partner_actor(wrong)
    refused(actions.issue_token, "unknown_area", "area", actor=admin, name="x", area_code="3708", channel="sensor")


def test_a_revoked_token_stays_revoked(admin):
    row, token = actions.issue_token(actor=admin, name="随手拍", area_code=TOWN, channel="third_party_app")
    first = actions.revoke_token(actor=admin, token_id=row.id)
    with clock.later(timedelta(hours=1)), unchanged(*TABLES):
        assert actions.revoke_token(actor=admin, token_id=row.id).revoked_at == first.revoked_at
    with pytest.raises(NotFound):
        partner_actor(token)
    other = make.actor(make.post(make.unit("power", OTHER), "security_admin", OTHER))
    with unchanged(*TABLES), pytest.raises(NotFound):
        actions.revoke_token(actor=other, token_id=row.id)


def test_an_administrator_of_a_town_sees_its_posts_only(admin):
    town, other = make.post(make.unit("power", TOWN), "handler"), make.post(make.unit("power", OTHER), "handler")
    boss = make.actor(make.post(make.unit("water", OTHER), "security_admin", OTHER))
    assert other in Post.objects.visible_to(boss) and town not in Post.objects.visible_to(boss)
    assert other.user in User.objects.visible_to(boss) and town.user not in User.objects.visible_to(boss)
    assert set(Post.objects.visible_to(admin)) == set(Post.objects.all())
    with unchanged(*TABLES), pytest.raises(NotFound):
        actions.end_post(actor=boss, post_id=town.id, on=date(2026, 12, 1))
