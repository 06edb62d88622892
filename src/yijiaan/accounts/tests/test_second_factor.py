"""The second factor: the codes of RFC 6238, signing in with one, replay, lock-out, recovery, enrolment, reset."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from yijiaan.accounts import permissions, totp
from yijiaan.accounts.actions import (
    appoint,
    confirm_second_factor,
    reset_second_factor,
    set_second_factor,
    use_second_factor,
)
from yijiaan.accounts.models import RecoveryCode, Role, SecondFactor, SignedIn, SignIn
from yijiaan.accounts.queries import user_actor
from yijiaan.accounts.tests.make import BOSS, MAKER, PASSWORD, SECRET, SINCE, Person, make_person, make_unit
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.testing import check_needs_sign_in, unchanged
from yijiaan.engines.journal.models import Entry

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"
NOON = datetime(2026, 11, 23, 4, 0, 10, tzinfo=UTC)


@pytest.fixture
def officer(db: None) -> Person:
    return make_person("jubao", "tip_officer", make_unit("新驿镇纪委", "discipline"), name="秦玉田")


@pytest.fixture
def newcomer(officer: Person) -> Person:
    SecondFactor.objects.all().delete()
    return officer


def half_in(username: str = "jubao", wanted: str = "") -> Client:
    client = Client()
    answer = client.post("/signin/", {"login": username, "password": PASSWORD, "next": wanted})
    assert answer["Location"].startswith("/second-factor/")
    return client


def code(steps: int = 0) -> str:
    return totp.code_at(SECRET, clock.now() + timedelta(seconds=30 * steps))


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_of_the_standard(second: int, expected: str) -> None:
    assert totp.code_at(RFC_SECRET, datetime.fromtimestamp(second, UTC)) == expected


def test_a_step_of_drift_passes_and_two_do_not() -> None:
    now = totp.step_at(NOON)
    for drift in range(-3, 4):
        found = totp.matching_step(SECRET, totp.code_of(SECRET, now + drift), NOON)
        assert found == (now + drift if abs(drift) <= 1 else None)
    assert totp.matching_step(SECRET, totp.code_of(SECRET, now), NOON, after=now) is None
    for wrong in ("", "12345", "１２３４５６", "abcdef", "0" * 400):
        assert totp.matching_step(SECRET, wrong, NOON) is None


def test_secrets_and_their_address() -> None:
    assert len({totp.new_secret() for _ in range(50)}) == 50
    assert len(totp.new_secret()) == 32
    assert totp.address(SECRET, "jubao").startswith("otpauth://totp/%E9%A9%BF%E5%AE%B6%E5%AE%89%3Ajubao?secret=JBSW")
    assert "+" not in totp.address(SECRET, "jubao")


def test_roles_with_wide_rights_need_it(db: None) -> None:
    wide = {permissions.MANAGE, permissions.TOKENS, permissions.SECOND_FACTORS, "cases.view_tips"}
    for role in Role.objects.all():
        is_wide = bool(wide & set(role.permissions)) or role.code == "county_dispatcher" or bool(role.seat)
        assert role.needs_second_factor is is_wide, role.code


def test_the_password_alone_opens_nothing(officer: Person) -> None:
    client = half_in(wanted="/orders/")
    check_needs_sign_in(client, "/orders/", "/cases/", "/posts/", "/password/", "/account/", "/second-factor/mine/")
    assert client.get("/api/v1/cases/").status_code in (401, 403, 404)
    assert not SignedIn.objects.exists() and not SignIn.objects.exists()
    assert "手机验证码" in client.get("/second-factor/?next=/orders/").content.decode()
    answer = client.post("/second-factor/", {"code": code(), "next": "/orders/?a=1"})
    assert answer["Location"] == "/orders/?a=1"
    assert client.get("/orders/").status_code == 200
    assert SignIn.objects.get().is_success and SignedIn.objects.count() == 1
    assert half_in().post("/second-factor/", {"code": code(1), "next": "https://evil.example"})["Location"] == "/"


def test_a_role_that_needs_none_signs_in_as_before(officer: Person) -> None:
    make_person("jiedan", "handler", make_unit("综合执法中队", "enforcement"))
    assert Client().post("/signin/", {"login": "jiedan", "password": PASSWORD})["Location"] == "/"


def test_a_code_passes_once(officer: Person) -> None:
    with clock.at(NOON):
        used = code()
        assert half_in().post("/second-factor/", {"code": used}).status_code == 302
        second = half_in().post("/second-factor/", {"code": used})
        assert second.status_code == 422 and "用过了" in second.content.decode()
        assert half_in().post("/second-factor/", {"code": code(-1)}).status_code == 422  # nor an older one
        assert half_in().post("/second-factor/", {"code": code(1)}).status_code == 302


def test_wrong_codes_lock_as_wrong_passwords_do(officer: Person) -> None:
    with clock.at(NOON):
        for number in range(5):  # the right password in between does not begin the count anew
            answer = half_in().post("/second-factor/", {"code": f"00000{number}"})
            assert answer.status_code == 422 and "验证码不对" in answer.content.decode()
        locked = Client().post("/signin/", {"login": "jubao", "password": PASSWORD})
        assert "15 分钟后再试" in locked.content.decode()
    with clock.at(NOON + timedelta(minutes=16)):
        client = half_in()
        assert client.post("/second-factor/", {"code": code()}).status_code == 302


def test_a_locked_account_refuses_the_right_code(officer: Person) -> None:
    with clock.at(NOON):
        client = half_in()
        for _ in range(5):
            client.post("/second-factor/", {"code": "000000"})
        answer = client.post("/second-factor/", {"code": code()})
        assert answer.status_code == 422 and "15 分钟后再试" in answer.content.decode()
        assert not SignedIn.objects.exists()


def test_the_wait_for_the_code_ends_after_ten_minutes_or_with_the_password(officer: Person) -> None:
    with clock.at(NOON):
        late, changed = half_in(), half_in()
    with clock.at(NOON + timedelta(minutes=11)):
        assert late.post("/second-factor/", {"code": code()})["Location"] == "/signin/"
    officer.user.set_password("ling-yi-ge-mi-ma-8")
    officer.user.save()
    with clock.at(NOON + timedelta(minutes=1)):
        assert changed.post("/second-factor/", {"code": code()})["Location"] == "/signin/"
    check_needs_sign_in(Client(), "/second-factor/", "/second-factor/set-up/")


def test_enrolment_is_forced_and_gives_recovery_codes_once(newcomer: Person) -> None:
    client = half_in(wanted="/orders/")
    page = client.get("/second-factor/?next=/orders/", follow=True).content.decode()
    assert "设置手机验证码" in page and 'src="data:image/svg+xml' in page
    secret = SecondFactor.objects.get().secret_sealed
    assert totp.grouped(secret) in page
    assert totp.grouped(secret) in client.get("/second-factor/set-up/").content.decode()  # the same until confirmed
    wrong = client.post("/second-factor/set-up/", {"code": "000000"})
    assert wrong.status_code == 422 and "验证码不对" in wrong.content.decode()
    check_needs_sign_in(client, "/orders/")
    answer = client.post("/second-factor/set-up/", {"code": totp.code_at(secret, clock.now()), "next": "/orders/"})
    words = answer.content.decode()
    assert "抄下这 10 个恢复码" in words and 'href="/orders/"' in words
    assert words.count("<li>") == 10 and RecoveryCode.objects.count() == 10
    assert client.get("/orders/").status_code == 200
    assert client.get("/second-factor/set-up/")["Location"] == "/second-factor/mine/"
    assert Entry.objects.filter(verb="accounts.second_factor_set", subject_id=newcomer.user.id).exists()
    stored = {bytes(row.code_hash) for row in RecoveryCode.objects.all()}
    assert len(stored) == 10 and all(len(value) == 16 for value in stored)


def recovery_codes(person: Person) -> list[str]:
    SecondFactor.objects.filter(user=person.user).update(confirmed_at=None, last_step=0)
    return confirm_second_factor(actor=user_actor(person.user), code=code())


def test_a_recovery_code_passes_once_and_only_its_owner(officer: Person) -> None:
    first, *rest = recovery_codes(officer)
    other = make_person("qita", "tip_officer", make_unit("另一个纪委", "department"))
    spaced = f"{first[:4]} {first[4:8]}-{first[8:]}"
    done = half_in().post("/second-factor/", {"code": spaced}, follow=True).content.decode()
    assert "还剩 9 个" in done
    again = half_in().post("/second-factor/", {"code": first})
    assert again.status_code == 422 and "用过了" in again.content.decode()
    with unchanged(RecoveryCode, SecondFactor, Entry), pytest.raises(RuleError) as refused:
        use_second_factor(actor=user_actor(other.user), code=rest[0])
    assert refused.value.code == "wrong_code"


def test_new_recovery_codes_void_the_old_ones(officer: Person) -> None:
    old = recovery_codes(officer)
    client = officer.client()
    assert "还剩 10 个" in client.get("/second-factor/mine/").content.decode()
    SecondFactor.objects.update(last_step=0)
    answer = client.post("/second-factor/mine/", {"code": code()})
    assert "抄下这 10 个恢复码" in answer.content.decode()
    with pytest.raises(RuleError):
        use_second_factor(actor=user_actor(officer.user), code=old[0])
    assert RecoveryCode.objects.count() == 10


def test_a_wide_post_given_in_the_middle_of_a_session_asks_for_the_phone(officer: Person) -> None:
    unit = make_unit("综合执法中队", "enforcement")
    person = make_person("jiedan", "handler", unit)
    client = person.client()
    wide = appoint(
        actor=MAKER, user=person.user, unit=officer.post.unit, role="tip_officer", area_codes=[], starts_on=SINCE
    )
    answer = client.post("/posts/", {"post": str(wide.id), "next": "/orders/"})
    assert answer["Location"] == "/second-factor/?next=%2Forders%2F"
    assert client.get("/orders/")["Location"].startswith("/second-factor/")
    kept = client.post("/cases/new/", {"text": "沟里有药水桶"}, headers={"Origin": "http://testserver"})
    assert "写的都还在" in kept.content.decode() and "沟里有药水桶" in kept.content.decode()
    set_second_factor(actor=MAKER, user=person.user, secret=SECRET)
    assert client.post("/second-factor/", {"code": code(), "next": "/orders/"})["Location"] == "/orders/"
    assert client.get("/orders/").status_code == 200


def test_who_need_not_may_still_set_it_up_and_is_asked_from_then_on(db: None) -> None:
    person = make_person("jiedan", "handler", make_unit("综合执法中队", "enforcement"))
    client = person.client()
    assert "没有开" in client.get("/second-factor/mine/").content.decode()
    client.get("/second-factor/set-up/")
    secret = SecondFactor.objects.get().secret_sealed
    assert client.post("/second-factor/set-up/", {"code": totp.code_at(secret, clock.now())}).status_code == 200
    half_in("jiedan")


def test_a_reset_ends_the_sessions_and_leads_to_a_new_set_up(officer: Person) -> None:
    recovery_codes(officer)
    client = officer.client()
    out = StringIO()
    call_command("reset_second_factor", "JUBAO", stdout=out)
    assert "已重置 jubao" in out.getvalue()
    check_needs_sign_in(client, "/orders/")
    assert not SecondFactor.objects.exists() and not RecoveryCode.objects.exists()
    assert half_in().get("/second-factor/")["Location"].startswith("/second-factor/set-up/")
    call_command("reset_second_factor", "jubao", stdout=out)
    assert "没有设过" in out.getvalue()
    with pytest.raises(CommandError, match="没有这个用户"):
        call_command("reset_second_factor", "nobody")


def test_only_who_may_resets_and_only_in_the_own_area(officer: Person) -> None:
    county = make_unit("兖州区综治中心", "county_centre", "370812")
    admin = make_person("guanli", "security_admin", county)
    stranger = make_person("linqu", "security_admin", make_unit("别处", "department", "370812101"), "370812101")
    with unchanged(SecondFactor, SignedIn, Entry), pytest.raises(NotAllowed):
        reset_second_factor(actor=officer.actor, user_id=officer.user.id)
    with unchanged(SecondFactor, SignedIn, Entry), pytest.raises(NotFound):
        reset_second_factor(actor=stranger.actor, user_id=officer.user.id)
    assert reset_second_factor(actor=admin.actor, user_id=officer.user.id) is True
    assert BOSS.may(permissions.SECOND_FACTORS)
