"""Signing in by name or phone, with lock-out; choosing a post; the backend and validator that Django asks."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from yijiaan.accounts import sessions
from yijiaan.accounts.actions import note_admin_session, use_second_factor
from yijiaan.accounts.anonymous import Anonymous
from yijiaan.accounts.models import Post, SignIn, User
from yijiaan.accounts.queries import PUBLIC, has_second_factor, list_posts_of, staff_actor, user_actor
from yijiaan.core import clock
from yijiaan.core.checks import is_mobile, plain_digits
from yijiaan.core.crypto import search_hash
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.web import address_of

WRONG_TRIES = 5  # per login name, within LOCK_MINUTES
WRONG_TRIES_ADDRESS = 60  # per address: a village office behind one address stays usable
LOCK_MINUTES = 15
POST_KEY = "post"
HALF_KEY = "half"  # whose password was right, when, and its seal: signed in only after the second factor
HALF_MINUTES = 10
FACTOR_KEY = "factor"  # when this session last proved a second factor
SKEW = timedelta(minutes=1)  # by which clocks of two machines may differ
ADMIN_LASTS = timedelta(minutes=60)  # an administrator proves it anew after this time
PROVED_KEY = "proved"  # when this session last saw a password or a code

Result = TypeVar("Result")


class NameOrPhone:
    """The authentication backend that Django asks; plain, since Django's own base brings its permission tables along."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **rest: Any
    ) -> User | None:
        """The user whose name or phone and password these are."""
        user = find_user(username or "")
        if user is None:
            User().set_password(password)  # same work as a real check: the time taken tells nothing
            return None
        return user if user.is_active and user.check_password(password or "") else None

    def get_user(self, user_id: Any) -> User | None:
        """The signed-in user, as long as the account is in use."""
        return User.objects.filter(id=user_id, is_active=True).first()


class NotTheName:
    """A password must not hold the sign-in name."""

    def validate(self, password: str, user: User | None = None) -> None:
        """ValidationError when it does."""
        if user is not None and len(user.username) >= 4 and user.username.lower() in password.lower():
            raise ValidationError("密码里不能有登录名")

    def get_help_text(self) -> str:
        """What the form says."""
        return "密码里不能有登录名"


def find_user(login: str) -> User | None:
    """By phone when it looks like one, else by name."""
    digits = plain_digits(login)
    if is_mobile(digits):
        return User.objects.filter(phone_search=search_hash("phone", digits)).first()
    name = login.strip().lower()
    return User.objects.filter(username=name).first() if name.isprintable() else None


def sign_in(request: HttpRequest, login: str, password: str) -> User:
    """Begin a session, or, where a second factor is due, wait for it: then nobody is signed in yet.

    RuleError wrong_login, no_post or locked; five wrong tries lock a name for fifteen minutes, wrong codes count alike.
    """
    # counted by account: its name, its phone and each way to write the phone are one
    known = find_user(login)
    name_hash = search_hash("login", known.username if known else login.strip().lower())
    address = address_of(request)
    _check_not_locked(name_hash, address)
    user = NameOrPhone().authenticate(request, username=login, password=password)
    if user is None:
        _note_try(name_hash, None, address, is_success=False)
        raise RuleError("wrong_login", "登录名或密码不对，请检查大小写和数字", "password")
    posts = list(posts_of(user))
    if not posts:
        _note_try(name_hash, user, address, is_success=True)
        raise RuleError("no_post", "您现在没有在任的岗位，请联系管理员", "login")
    if any(post.role.needs_second_factor for post in posts) or has_second_factor(user_actor(user)):
        # no success is noted before the code: else each right password would begin the count of wrong codes anew
        sessions.note_ended(request.session.session_key)
        request.session.flush()
        request.session[HALF_KEY] = [str(user.id), clock.now().isoformat(), user.get_session_auth_hash()]
        request.user = Anonymous()  # type: ignore[assignment]
        return user
    _note_try(name_hash, user, address, is_success=True)
    _begin(request, user, posts)
    return user


def _begin(request: HttpRequest, user: User, posts: Sequence[Post]) -> None:
    old_key = request.session.session_key
    auth.login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[PROVED_KEY] = clock.now().timestamp()
    sessions.note_begun(request, user, old_key)
    if len(posts) == 1:
        choose_post(request, posts[0].id)


def _check_not_locked(name_hash: bytes, address: str | None) -> None:
    since = clock.now() - timedelta(minutes=LOCK_MINUTES)
    recent = SignIn.objects.filter(tried_at__gt=since, is_success=False)
    last_good = (
        SignIn.objects.filter(login_hash=name_hash, is_success=True, tried_at__gt=since).order_by("-tried_at").first()
    )
    mine = recent.filter(login_hash=name_hash)
    if last_good is not None:
        mine = mine.filter(tried_at__gt=last_good.tried_at)
    if mine[:WRONG_TRIES].count() >= WRONG_TRIES:
        raise RuleError("locked", f"输错 {WRONG_TRIES} 次，请 {LOCK_MINUTES} 分钟后再试，或找管理员重设密码")
    if address and recent.filter(address=address)[:WRONG_TRIES_ADDRESS].count() >= WRONG_TRIES_ADDRESS:
        raise RuleError("locked", f"这个网络输错太多次，请 {LOCK_MINUTES} 分钟后再试")


def _note_try(name_hash: bytes, user: User | None, address: str | None, *, is_success: bool) -> None:
    SignIn.objects.create(login_hash=name_hash, user=user, address=address, tried_at=clock.now(), is_success=is_success)


def user_at_second_factor(request: HttpRequest) -> User | None:
    """Who is to give a code: the one whose password was right some minutes ago, else the one signed in."""
    if request.user.is_authenticated:
        return request.user  # type: ignore[return-value]
    user_id, at, seal = request.session.get(HALF_KEY) or ("", "", "")
    if not user_id or clock.now() - datetime.fromisoformat(at) > timedelta(minutes=HALF_MINUTES):
        return None
    user = User.objects.filter(id=user_id, is_active=True).first()
    return user if user is not None and constant_time_compare(seal, user.get_session_auth_hash()) else None


def has_passed_second_factor(request: HttpRequest) -> bool:
    """Whether this session began with a second factor."""
    return bool(request.session.get(FACTOR_KEY))


def admin_session_ends(request: HttpRequest) -> datetime:
    """When an administrator must prove the second factor anew."""
    return datetime.fromtimestamp(float(request.session.get(FACTOR_KEY, 0)), UTC) + ADMIN_LASTS


def satisfies(request: HttpRequest, post: Post) -> bool:
    """Whether this session may act in the post: some need a second factor, those of administrators a fresh one."""
    if post.seat:
        ends = admin_session_ends(request)
        # one that begins later than now is older than a clock that was set back: it lengthens nothing
        return ends - ADMIN_LASTS - SKEW <= clock.now() < ends
    return not post.role.needs_second_factor or has_passed_second_factor(request)


def _note_admin_session(request: HttpRequest, post: Post) -> None:
    if post.seat and satisfies(request, post):
        actor = staff_actor(post.user, post)
        note_admin_session(actor=actor, seat=post.seat, until=admin_session_ends(request))


def pass_second_factor(request: HttpRequest, user: User, code: str) -> bool:
    """Take the code and go on with the sign-in. True when it was a recovery code. RuleError wrong_code, code_used, locked."""
    actor = user_actor(user)
    was_recovery = guarded(request, user, lambda: use_second_factor(actor=actor, code=code))
    finish_second_factor(request, user)
    return was_recovery


def finish_second_factor(request: HttpRequest, user: User) -> None:
    """The second factor is proved: sign in who waited for it, and note it in the session."""
    if not request.user.is_authenticated:
        _note_try(search_hash("login", user.username), user, address_of(request), is_success=True)
        del request.session[HALF_KEY]
        _begin(request, user, list(posts_of(user)))
    request.session[FACTOR_KEY] = request.session[PROVED_KEY] = clock.now().timestamp()
    chosen_id = request.session.get(POST_KEY)
    chosen = posts_of(user).filter(id=chosen_id).first() if chosen_id else None
    if chosen is not None:
        _note_admin_session(request, chosen)


def prove(request: HttpRequest, user: User, proof: str) -> None:
    """Take the password or a code once more in the middle of a session. RuleError wrong_proof, wrong_code, code_used, locked."""
    actor = user_actor(user)

    def check() -> None:
        # no password consists of digits alone
        if plain_digits(proof).isdigit() and has_second_factor(actor):
            use_second_factor(actor=actor, code=proof)
        elif not user.check_password(proof):
            raise RuleError("wrong_proof", "密码不对，请检查大小写和数字", "proof")

    guarded(request, user, check)
    request.session[PROVED_KEY] = clock.now().timestamp()


def guarded(request: HttpRequest, user: User, deed: Callable[[], Result]) -> Result:
    """A deed that a wrong code refuses, under the same lock-out as passwords. Tries at the same time wait for each other."""
    name_hash, address = search_hash("login", user.username), address_of(request)
    with transaction.atomic():
        User.objects.select_for_update().get(id=user.id)
        _check_not_locked(name_hash, address)
        try:
            return deed()
        except RuleError as error:
            refusal = error
            _note_try(name_hash, user, address, is_success=False)
    raise refusal


def posts_of(user: User) -> QuerySet[Post]:
    """The posts a user may act in today, areas prefetched."""
    return list_posts_of(PUBLIC, user=user)


def choose_post(request: HttpRequest, post_id: UUID) -> Post:
    """Act in one of one's posts from now on; NotFound for anybody else's or an ended one."""
    post = posts_of(request.user).filter(id=post_id).first()  # type: ignore[arg-type]
    if post is None:
        raise NotFound
    request.session[POST_KEY] = str(post.id)
    sessions.note_post(request, post.id)
    _note_admin_session(request, post)
    return post


def sign_out(request: HttpRequest) -> None:
    """End the session."""
    sessions.note_ended(request.session.session_key)
    request.session.flush()
