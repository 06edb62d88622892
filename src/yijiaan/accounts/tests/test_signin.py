"""Signing in by name or phone, lock-out, password rules, and the choice of a post."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from yijiaan.accounts import actions
from yijiaan.accounts.models import Post, SignIn, User
from yijiaan.accounts.signin import POST_KEY, choose_post, sign_in, sign_out
from yijiaan.accounts.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry

TOWN = "370812102"


@pytest.fixture
def post(db):
    return make.post(make.unit("town_centre", TOWN), "dispatcher", TOWN)


def request(address="10.0.0.7"):
    made = RequestFactory().post("/signin/", REMOTE_ADDR=address)
    made.session, made.user = SessionStore(), None
    return made


def refusal(login, password, address="10.0.0.7"):
    with pytest.raises(RuleError) as refused:
        sign_in(request(address), login, password)
    return refused.value.code


def test_by_name_or_by_phone_however_written(post):
    phone = post.user.phone_sealed
    for login in (
        post.user.username,
        f" {post.user.username.upper()} ",
        phone,
        f"+86 {phone[:3]}-{phone[3:7]} {phone[7:]}",
    ):
        asked = request()
        assert sign_in(asked, login, make.PASSWORD) == post.user
        assert asked.session[POST_KEY] == str(post.id)
    assert SignIn.objects.filter(user=post.user, is_success=True).count() == 4


def test_five_wrong_tries_lock_the_account_for_fifteen_minutes(post):
    phone = post.user.phone_sealed
    spellings = [post.user.username, phone, f"{phone[:3]} {phone[3:]}", post.user.username.upper(), f"+86{phone}"]
    assert [refusal(login, "wrong-pass-1") for login in spellings] == ["wrong_login"] * 5
    for login in (post.user.username, phone, f"{phone[:5]}-{phone[5:]}"):
        assert refusal(login, make.PASSWORD) == "locked"
    with clock.later(timedelta(minutes=15, seconds=1)):
        assert sign_in(request(), post.user.username, make.PASSWORD) == post.user


def test_a_good_try_begins_the_count_anew(post):
    for _ in range(3):
        for _ in range(4):
            assert refusal(post.user.username, "wrong-pass-1") == "wrong_login"
        with clock.later(timedelta(seconds=1)):
            sign_in(request(), post.user.username, make.PASSWORD)


def test_nobody_and_a_wrong_password_read_the_same(post):
    said = set()
    for login in (post.user.username, "nobody", "15499999999", "", "\0", "<b>"):
        with pytest.raises(RuleError) as refused:
            sign_in(request(), login, "wrong-pass-1")
        said.add((refused.value.code, refused.value.message, refused.value.field))
    assert len(said) == 1
    for _ in range(4):
        assert refusal("nobody", "x") == "wrong_login"
    assert refusal("nobody", "x") == "locked"


def test_an_address_with_sixty_wrong_tries_waits(post):
    for number in range(60):
        assert refusal(f"guess{number}", "x") == "wrong_login"
    assert refusal(post.user.username, make.PASSWORD) == "locked"
    assert sign_in(request("10.0.0.8"), post.user.username, make.PASSWORD) == post.user


def test_without_a_post_or_with_a_closed_account_nobody_comes_in(post):
    actions.end_post(actor=make.BOSS, post_id=post.id, on=clock.local_day())
    with clock.later(timedelta(days=1)):
        assert refusal(post.user.username, make.PASSWORD) == "no_post"
    User.objects.filter(id=post.user_id).update(is_active=False)
    assert refusal(post.user.username, make.PASSWORD) == "wrong_login"


def test_with_two_posts_one_is_chosen(post):
    second = actions.appoint(
        actor=make.BOSS,
        user=post.user,
        unit=make.unit("power", TOWN),
        role="handler",
        area_codes=[],
        starts_on=make.SINCE,
    )
    stranger = make.post(make.unit("water", TOWN), "handler")
    asked = request()
    sign_in(asked, post.user.username, make.PASSWORD)
    assert POST_KEY not in asked.session
    assert choose_post(asked, second.id) == second
    assert asked.session[POST_KEY] == str(second.id)
    for wrong in (stranger.id, post.user_id):
        with pytest.raises(NotFound):
            choose_post(asked, wrong)
    assert asked.session[POST_KEY] == str(second.id)
    sign_out(asked)
    assert POST_KEY not in asked.session


@pytest.mark.parametrize(
    "password", ["", "short-77", "1234567890123", "password123", "qwertyuiop", "xx-liuguangfu-77", "LIUGUANGFU-2026"]
)
def test_weak_passwords_are_refused(db, password):
    values = {"actor": make.BOSS, "username": "liuguangfu", "name": "刘广福"}
    if not password:
        assert not actions.create_user(**values).has_usable_password()
        return
    with unchanged(User, Entry), pytest.raises(RuleError) as refused:
        actions.create_user(**values, password=password)
    assert (refused.value.code, refused.value.field) == ("weak_password", "password")


def test_changing_ones_password(post):
    actor = make.actor(post)
    User.objects.filter(id=post.user_id).update(must_change_password=True)
    for old, new, code, field in (
        ("wrong", "another-river-88", "wrong_password", "old"),
        (make.PASSWORD, "short", "weak_password", "new"),
    ):
        with unchanged(User, Entry), pytest.raises(RuleError) as refused:
            actions.set_password(actor=actor, old=old, new=new)
        assert (refused.value.code, refused.value.field) == (code, field)
    user = actions.set_password(actor=actor, old=make.PASSWORD, new="another-river-88")
    assert user.must_change_password is False
    assert sign_in(request(), post.user.username, "another-river-88") == post.user
    assert refusal(post.user.username, make.PASSWORD) == "wrong_login"
    with pytest.raises(NotFound):
        actions.set_password(actor=make.BOSS, old="x", new="another-river-88")


def test_names_in_the_sign_in_table_are_hashed(post):
    refusal("somebody", "x")
    row = SignIn.objects.get()
    assert b"somebody" not in bytes(row.login_hash) and len(bytes(row.login_hash)) == 16
    assert Post.objects.count() == 1
