"""Signing in by name or phone, with lock-out; choosing a post; the backend and validator that Django asks."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from yijiaan.accounts import sessions
from yijiaan.accounts.models import Post, SignIn, User
from yijiaan.accounts.queries import PUBLIC, list_posts_of
from yijiaan.core import clock
from yijiaan.core.checks import is_mobile, plain_digits
from yijiaan.core.crypto import search_hash
from yijiaan.core.errors import NotFound, RuleError

WRONG_TRIES = 5  # per login name, within LOCK_MINUTES
WRONG_TRIES_ADDRESS = 60  # per address: a village office behind one address stays usable
LOCK_MINUTES = 15
POST_KEY = "post"


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
    """Begin a session. RuleError wrong_login or locked; five wrong tries lock a name for fifteen minutes."""
    now = clock.now()
    since = now - timedelta(minutes=LOCK_MINUTES)
    # counted by account: its name, its phone and each way to write the phone are one
    known = find_user(login)
    name_hash = search_hash("login", known.username if known else login.strip().lower())
    address = request.META.get("REMOTE_ADDR") or None
    recent = SignIn.objects.filter(tried_at__gt=since, is_success=False)
    last_good = (
        SignIn.objects.filter(login_hash=name_hash, is_success=True, tried_at__gt=since).order_by("-tried_at").first()
    )
    mine = recent.filter(login_hash=name_hash)
    if last_good is not None:
        mine = mine.filter(tried_at__gt=last_good.tried_at)
    if mine[:WRONG_TRIES].count() >= WRONG_TRIES:
        raise RuleError("locked", f"输错 {WRONG_TRIES} 次，请 {LOCK_MINUTES} 分钟后再试，或找管理员重设密码", "login")
    if address and recent.filter(address=address)[:WRONG_TRIES_ADDRESS].count() >= WRONG_TRIES_ADDRESS:
        raise RuleError("locked", f"这个网络输错太多次，请 {LOCK_MINUTES} 分钟后再试", "login")
    user = NameOrPhone().authenticate(request, username=login, password=password)
    SignIn.objects.create(login_hash=name_hash, user=user, address=address, tried_at=now, is_success=user is not None)
    if user is None:
        raise RuleError("wrong_login", "登录名或密码不对，请检查大小写和数字", "password")
    if not posts_of(user):
        raise RuleError("no_post", "您现在没有在任的岗位，请联系管理员", "login")
    old_key = request.session.session_key
    auth.login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    sessions.note_begun(request, user, old_key)
    posts = list(posts_of(user))
    if len(posts) == 1:
        choose_post(request, posts[0].id)
    return user


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
    return post


def sign_out(request: HttpRequest) -> None:
    """End the session."""
    sessions.note_ended(request.session.session_key)
    request.session.flush()
