"""Three administrators, kept apart: by the database, by the deeds, by their pages."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from yijiaan.accounts import actions
from yijiaan.accounts.models import Post, Role, SecondFactor, User
from yijiaan.accounts.permissions import SEATS, fits
from yijiaan.accounts.tests import make
from yijiaan.accounts.tests.make import PASSWORD, fresh_code, make_person, make_unit
from yijiaan.accounts.views.audit import _plain
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.permissions import defaults_of
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Entry, PersonKey
from yijiaan.engines.journal.queries import personal_values_of

pytestmark = pytest.mark.django_db
COUNTY, TOWN = "370812", "370812102"
TABLES = (User, Role, Post, SecondFactor, Entry, PersonKey)


@pytest.fixture
def office(db):
    return make_unit("区综治中心", "county_centre", COUNTY)


@pytest.fixture
def system_admin(office):
    return make_person("xitong", "county_admin", office, COUNTY, name="张明远")


@pytest.fixture
def security(office):
    return make_person("anquan", "security_admin", office, COUNTY, name="周明哲")


@pytest.fixture
def auditor(office):
    return make_person("shenji", "auditor", office, COUNTY, name="高敬之")


@pytest.fixture
def clerk(db):
    return make_person("jiedan", "handler", make_unit("供电所", "power", TOWN), TOWN, name="马德海")


def refused(deed, reason, **values):
    with unchanged(*TABLES), pytest.raises(RuleError) as caught:
        deed(**values)
    assert caught.value.code == reason
    return caught.value.message


# ---- rights ----


def test_what_one_of_them_may_no_other_may_and_none_sees_cases():
    held = {seat: set(defaults_of(role)) for role, seat in SEATS.items()}
    assert not held["system"] & held["security"]
    assert not held["system"] & held["audit"]
    assert not held["security"] & held["audit"]
    assert all(held.values())
    of_cases = {name for names in held.values() for name in names if name.startswith("cases.")}
    assert of_cases == {
        "cases.set_categories",
        "cases.set_channels",
        "cases.set_routing",
    }  # how cases are handled; a case they see none
    others = {name for role in Role.objects.filter(seat="") for name in role.permissions}
    assert not others & set.union(*held.values())
    assert all(fits(name, role.seat) for role in Role.objects.all() for name in role.permissions)


@pytest.mark.parametrize("role", sorted(SEATS))
@pytest.mark.parametrize("other", sorted(SEATS))
def test_nobody_holds_two_of_the_three_at_a_time(office, role, other):
    person = make_person("yiren", role, office, COUNTY)
    given = {"user": person.user, "unit": office, "role": other, "area_codes": [COUNTY], "starts_on": make.SINCE}
    if role == other:
        actions.appoint(actor=make.BOSS, **given)
        return
    words = refused(actions.appoint, "seats_apart", actor=make.BOSS, **given)
    assert "三个管理员要由三个人担任" in words


def test_one_after_the_other_is_allowed(office):
    person = make_person("yiren", "county_admin", office, COUNTY)
    actions.end_post(actor=make.BOSS, post_id=person.post.id, on=date(2026, 11, 1))
    given = {"user": person.user, "unit": office, "role": "auditor", "area_codes": [COUNTY]}
    refused(actions.appoint, "seats_apart", actor=make.BOSS, **given, starts_on=date(2026, 11, 1))
    actions.appoint(actor=make.BOSS, **given, starts_on=date(2026, 11, 2))


def test_the_database_itself_keeps_them_apart(office):
    person = make_person("yiren", "county_admin", office, COUNTY)
    wrong = Post(user=person.user, unit=office, role_id="auditor", seat="audit", starts_on=make.SINCE)
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong.save(force_insert=True)


def test_rights_over_people_are_the_security_administrators_alone(system_admin, security, auditor, clerk):
    given = {
        "user": clerk.user,
        "unit": clerk.post.unit,
        "role": "grid_head",
        "area_codes": [TOWN],
        "starts_on": make.SINCE,
    }
    for wrong in (system_admin, auditor, clerk):
        for deed, values in {
            actions.appoint: given,
            actions.end_post: {"post_id": clerk.post.id, "on": clock.local_day()},
            actions.reset_password: {"user_id": clerk.user.id},
            actions.reset_second_factor: {"user_id": clerk.user.id},
            actions.set_user_active: {"user_id": clerk.user.id, "is_active": False},
            actions.end_sessions_for: {"user_id": clerk.user.id},
            actions.change_role: {"code": "handler", "permission_names": [], "needs_second_factor": False},
        }.items():
            with unchanged(*TABLES), pytest.raises(NotAllowed):
                deed(actor=wrong.actor, **values)
    with unchanged(*TABLES), pytest.raises(NotAllowed):
        actions.create_user(actor=security.actor, username="x", name="某")
    with unchanged(*TABLES), pytest.raises(NotAllowed):
        actions.change_user(actor=security.actor, user_id=clerk.user.id, name="某", phone="")
    actions.appoint(actor=security.actor, **given)


def test_the_security_administrator_cannot_raise_himself(security, office):
    me = {"actor": security.actor}
    given = {"user": security.user, "unit": office, "role": "dispatcher", "area_codes": [TOWN], "starts_on": make.SINCE}
    refused(actions.appoint, "own_account", **me, **given)
    refused(actions.end_post, "own_account", **me, post_id=security.post.id, on=clock.local_day())
    refused(actions.reset_password, "own_account", **me, user_id=security.user.id)
    refused(actions.reset_second_factor, "own_account", **me, user_id=security.user.id)
    refused(actions.set_user_active, "own_account", **me, user_id=security.user.id, is_active=False)


def test_a_role_takes_no_rights_of_another_seat(security):
    me = {"actor": security.actor, "needs_second_factor": False}
    refused(actions.change_role, "seats_apart", **me, code="county_admin", permission_names=["accounts.appoint"])
    refused(actions.change_role, "seats_apart", **me, code="auditor", permission_names=["cases.view"])
    refused(actions.change_role, "seats_apart", **me, code="handler", permission_names=["journal.audit"])
    refused(actions.change_role, "seats_apart", **me, code="handler", permission_names=["no.such"])
    kept = actions.change_role(**me, code="handler", permission_names=["cases.view", "cases.sign"])
    assert (kept.permissions, kept.needs_second_factor) == (["cases.sign", "cases.view"], False)
    entry = Entry.objects.get(county=COUNTY, verb="accounts.role_changed")
    assert {"cases.contact", "cases.finish", "cases.note"} <= set(entry.data["removed"])
    with unchanged(*TABLES):
        actions.change_role(**me, code="handler", permission_names=["cases.view", "cases.sign"])
    assert actions.change_role(**me, code="auditor", permission_names=["journal.audit"]).needs_second_factor


# ---- deeds ----


def test_old_and_new_phone_of_a_user_stand_sealed_in_the_journal(system_admin, clerk):
    actions.change_user(actor=system_admin.actor, user_id=clerk.user.id, name="马德海", phone="15499990001")
    actions.change_user(actor=system_admin.actor, user_id=clerk.user.id, name="马得海", phone="15499990002")
    entries = list(Entry.objects.filter(county=COUNTY, verb="accounts.user_changed").order_by("id"))
    assert "1549999" not in str([entry.data for entry in entries])
    assert "海" not in str([entry.data for entry in entries])
    assert [entry.data["fields"] for entry in entries] == [["phone"], ["name", "phone"]]
    said = personal_values_of(make.BOSS, county=COUNTY, entries=entries)
    assert said[entries[1].id] == {
        "name_old": "马德海", "name_new": "马得海", "phone_old": "15499990001", "phone_new": "15499990002",
    }  # fmt: skip
    kept = User.objects.get(id=clerk.user.id)
    assert (kept.name, kept.phone_sealed) == ("马得海", "15499990002")
    with unchanged(*TABLES):
        actions.change_user(actor=system_admin.actor, user_id=clerk.user.id, name="马得海", phone="15499990002")
    other = make_person("lingyi", "handler", clerk.post.unit, TOWN)
    me = {"actor": system_admin.actor, "user_id": other.user.id}
    refused(actions.change_user, "phone_taken", **me, name="某", phone="15499990002")
    refused(actions.change_user, "bad_phone", **me, name="某", phone="154")
    refused(actions.change_user, "no_name", **me, name=" ", phone="")


def test_a_disabled_account_is_out_at_once(security, clerk):
    client = clerk.client()
    assert client.get("/orders/").status_code == 200
    actions.set_user_active(actor=security.actor, user_id=clerk.user.id, is_active=False)
    assert client.get("/orders/")["Location"].startswith("/signin/")
    with unchanged(*TABLES):
        actions.set_user_active(actor=security.actor, user_id=clerk.user.id, is_active=False)
    actions.set_user_active(actor=security.actor, user_id=clerk.user.id, is_active=True)
    assert clerk.client().get("/orders/").status_code == 200


def test_a_password_for_one_sign_in(security, clerk):
    client = clerk.client()
    fresh = actions.reset_password(actor=security.actor, user_id=clerk.user.id)
    assert client.get("/orders/").status_code == 302
    again = Client()
    assert again.post("/signin/", {"login": "jiedan", "password": PASSWORD}).status_code == 422
    assert again.post("/signin/", {"login": "jiedan", "password": fresh}).status_code == 302
    assert again.get("/orders/")["Location"] == "/password/"
    assert fresh not in str(list(Entry.objects.filter(county=COUNTY).values_list("data", flat=True)))


def test_the_first_administrators_of_an_empty_county():
    out = StringIO()
    call_command("make_administrators", stdout=out)
    posts = Post.objects.exclude(seat="").select_related("user")
    assert {post.seat for post in posts} == {"system", "security", "audit"}
    assert len({post.user_id for post in posts}) == 3
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    username, password = lines[0].split("\t")[1], lines[0].split("首次密码 ")[1].split("（")[0]
    answer = Client().post("/signin/", {"login": username, "password": password})
    assert answer["Location"].startswith("/second-factor/")
    again = StringIO()
    with unchanged(User, Post):
        call_command("make_administrators", stdout=again)
    assert again.getvalue().count("已经有人") == 3


# ---- sessions ----


def test_an_administrator_works_for_an_hour_then_proves_it_again_and_it_is_journalled(security):
    now = clock.now()
    with clock.at(now):
        client = security.client()
        assert client.get("/people/").status_code == 200
    (begun,) = Entry.objects.filter(county=COUNTY, verb="accounts.admin_session_begun")
    assert begun.data == {"seat": "security", "until": (now + timedelta(hours=1)).isoformat()}
    with clock.at(now + timedelta(minutes=59)):
        assert client.get("/people/").status_code == 200
    with clock.at(now + timedelta(minutes=61)):
        answer = client.get("/people/")
        assert answer["Location"] == "/second-factor/?next=%2Fpeople%2F"
        page = client.get(answer["Location"]).content.decode()
        assert "管理岗位一次只用一小时" in page
        sent = {"name": "新中心", "kind": "power", "area": TOWN}
        kept = client.post("/settings/units/new/", sent, headers={"origin": "http://testserver"})
        assert kept.status_code == 403
        assert "管理时间到了，写的都还在" in kept.content.decode()
        assert "新中心" in kept.content.decode()
        client.post("/second-factor/", {"code": fresh_code(security.user), "next": "/people/"})
        assert client.get("/people/").status_code == 200
    assert Entry.objects.filter(county=COUNTY, verb="accounts.admin_session_begun").count() == 2


def test_a_clock_set_back_lengthens_no_administrators_session(security):
    now = clock.now()
    with clock.at(now):
        client = security.client()
        assert client.get("/people/").status_code == 200
    with clock.at(now - timedelta(seconds=30)):
        assert client.get("/people/").status_code == 200
    with clock.at(now - timedelta(hours=1)):
        assert client.get("/people/")["Location"] == "/second-factor/?next=%2Fpeople%2F"


def test_settings_ask_for_the_password_once_more_and_go_on(security, clerk):
    now = clock.now()
    with clock.at(now):
        client = security.client()
    with clock.at(now + timedelta(minutes=11)):
        path = f"/people/{clerk.user.id}/active/"
        asked = client.post(path, {"active": "0"})
        assert "再确认一次是您本人" in asked.content.decode()
        assert User.objects.get(id=clerk.user.id).is_active
        done = client.post(path, {"active": "0", "proof": PASSWORD})
        assert done.status_code == 302
    assert not User.objects.get(id=clerk.user.id).is_active


# ---- pages ----


def test_who_sees_which_page(system_admin, security, auditor, clerk):
    clients = {name: person.client() for name, person in
               {"system": system_admin, "security": security, "audit": auditor, "clerk": clerk}.items()}  # fmt: skip
    me = clerk.user.id
    pages = {
        "/people/": {"system", "security"},
        f"/people/{me}/": {"system", "security"},
        "/people/new/": {"system"},
        f"/people/{me}/appoint/?unit={clerk.post.unit_id}": {"security"},
        "/roles/": {"system", "security"},
        "/roles/handler/": {"security"},
        "/settings/units/": {"system"},
        "/settings/": {"system", "security"},
        "/audit/": {"audit"},
        "/audit/looks/": {"audit"},
        "/audit/head/": {"audit"},
    }
    for path, allowed in pages.items():
        for name, client in clients.items():
            wanted = 200 if name in allowed else 403
            assert client.get(path).status_code == wanted, (path, name)


def test_an_account_is_opened_by_one_and_put_to_work_by_the_other(system_admin, security):
    unit = make_unit("供水站", "water", TOWN)
    first, second = system_admin.client(), security.client()
    answer = first.post("/people/new/", {"name": "周福来", "username": "ZhouFL", "phone": "15499990003"})
    user = User.objects.get(username="zhoufl")
    assert answer["Location"] == f"/people/{user.id}/"
    assert "还没有岗位，不能登录" in first.get(answer["Location"]).content.decode()
    assert "zhoufl" in second.get("/people/?q=周福来").content.decode()
    path = f"/people/{user.id}/appoint/?unit={unit.id}"
    assert "周福来到供水站" in second.get(path).content.decode()
    sent = {"role": "handler", "areas": [TOWN], "starts_on": clock.local_day().isoformat(), "title": "站长"}
    assert second.post(path, sent)["Location"] == f"/people/{user.id}/"
    page = second.post(f"/people/{user.id}/password/reset/").content.decode()
    fresh = page.split("big-number")[1].split(">")[1].split("<")[0]
    assert Client().post("/signin/", {"login": "zhoufl", "password": fresh}).status_code == 302
    assert fresh not in second.get(f"/people/{user.id}/").content.decode()
    assert "15499990003" not in second.get(f"/people/{user.id}/").content.decode()
    assert "154****0003" in second.get(f"/people/{user.id}/").content.decode()
    post = Post.objects.get(user=user)
    yesterday = clock.local_day() - timedelta(days=1)
    bad = second.post(f"/people/{user.id}/posts/{post.id}/end/", {"on": yesterday.isoformat()})
    assert bad.status_code == 422
    second.post(f"/people/{user.id}/posts/{post.id}/end/", {"on": clock.local_day().isoformat()})
    assert Post.objects.get(user=user).ends_on == clock.local_day()


def test_pages_say_no_in_words_and_change_nothing(security, clerk):
    client = security.client()
    with unchanged(*TABLES):
        own = client.post(f"/people/{security.user.id}/password/reset/")
        assert own.status_code == 422
        assert "请另一位安全管理员" in own.content.decode()
        assert client.post(f"/people/{clerk.user.id}/posts/{clerk.post.id}/end/", {}).status_code == 422
        assert client.post("/roles/handler/", {"permissions": ["journal.audit"]}).status_code == 422
        assert client.get("/roles/nothing/").status_code == 404
        assert client.get(f"/people/{clerk.user.id}/appoint/?unit=x").status_code == 404
    client.post("/roles/handler/", {"permissions": ["cases.view"], "needs_second_factor": "on"})
    kept = Role.objects.get(code="handler")
    assert (kept.permissions, kept.needs_second_factor) == (["cases.view"], True)
    for path in (f"/people/{clerk.user.id}/second-factor/reset/", f"/people/{clerk.user.id}/sessions/end/"):
        assert client.post(path).status_code == 302


# ---- audit ----


def seal_all():
    while deliver(actor=make.BOSS):
        pass


def test_the_auditor_finds_deeds_by_time_person_verb_and_number(auditor, security, clerk):
    actions.set_user_active(actor=security.actor, user_id=clerk.user.id, is_active=False)
    actions.set_user_active(actor=security.actor, user_id=clerk.user.id, is_active=True)
    client = auditor.client()

    def found(query: str = "") -> str:
        return client.get(f"/audit/{query}").content.decode().split("<tbody>")[-1]

    assert "停用账号" in found() and "恢复账号" in found()
    assert "安全管理员 周明哲" in found("?who=周明哲")
    assert "停用账号" not in found("?who=高敬之")
    only = found("?verb=accounts.user_disabled")
    assert "停用账号" in only and "恢复账号" not in only
    assert "停用账号" in found("?number=jiedan")
    assert "没有记录" in found("?number=nobody")
    tomorrow = clock.local_day() + timedelta(days=1)
    assert "没有记录" in found(f"?since={tomorrow}&until={tomorrow}")
    assert "停用账号" in found("?since=nonsense")
    assert "个人信息已密封" not in found()


def test_the_head_of_a_day_is_printed_with_number_hash_and_count(auditor, clerk):
    client = auditor.client()
    seal_all()
    page = client.get(f"/audit/head/?day={clock.local_day()}").content.decode()
    out = StringIO()
    call_command("journal_head", "--day", clock.local_day().isoformat(), stdout=out)
    (line,) = [line for line in out.getvalue().splitlines() if line.startswith(COUNTY)]
    _, day, number, digest, count, waiting = line.split("\t")
    assert f"第 {number} 号" in page and f"{count} 条" in page
    assert " ".join(digest[at : at + 8] for at in range(0, 64, 8)) in page
    assert int(number) == Entry.objects.filter(county=COUNTY).count() and waiting == "0"
    assert "还没有封存的记录" in client.get("/audit/head/?day=2020-01-01").content.decode()
    assert client.get("/audit/head/?day=nonsense").status_code == 200


def test_the_auditor_reads_moments_and_changes_in_words(office):
    moment = datetime(2026, 11, 23, 1, 42, 7, tzinfo=UTC)
    said = {"until": moment.isoformat(), "changed": {"name": ["", "综治中心"], "owner": [None, str(office.id)]}}
    words = {name: _plain(make.BOSS, value) for name, value in said.items()}
    assert words == {
        "until": "2026年11月23日 09:42:07",
        "changed": "name 空 → 综治中心，owner 无 → 区综治中心",
    }
