from collections.abc import Callable

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from yijiaan.accounts import sessions
from yijiaan.accounts.anonymous import Anonymous
from yijiaan.accounts.models import Post, User
from yijiaan.accounts.queries import PUBLIC, get_post_of, staff_actor
from yijiaan.accounts.signin import POST_KEY, satisfies
from yijiaan.core.scope import Actor

CARRIER = "_yj_carrier"  # the request whose sender a request inside it has: a parcel of a phone is asked for once


def current(request: HttpRequest) -> tuple[Post | None, Actor]:
    """The post chosen in this session, if it is still in force, and the actor that follows. Asked once a request.

    A post that needs a second factor is none until this session has proved one; an administrator's is none again after an hour."""
    if (carrier := getattr(request, CARRIER, None)) is not None:
        return current(carrier)
    kept = getattr(request, "_yj_current", None)
    if kept is None:
        post = _chosen_post(request) if request.user.is_authenticated else None
        if post is not None and not satisfies(request, post):
            post, request._yj_lacks_factor = None, True  # type: ignore[attr-defined]
        kept = (post, staff_actor(post.user, post) if post else PUBLIC)
        request._yj_current = kept  # type: ignore[attr-defined]
    return kept  # type: ignore[no-any-return]


class ActorMiddleware:
    """Gives every request `user`, `post` (or None) and `actor`, all lazily: a page that asks for none costs no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sender = getattr(request, CARRIER, None)
        request.user = sender.user if sender else SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]
        request.actor = SimpleLazyObject(lambda: current(request)[1])  # type: ignore[attr-defined]
        request.post = SimpleLazyObject(lambda: current(request)[0])  # type: ignore[attr-defined]
        return self.get_response(request)


def _chosen_post(request: HttpRequest) -> Post | None:
    """The post that the session names, with its user, in one look-up for both; None when it is not in force (any more)."""
    if not hasattr(request, "_yj_post"):
        user_id, chosen = request.session.get(SESSION_KEY), request.session.get(POST_KEY)
        found = get_post_of(PUBLIC, user_id=user_id, post_id=chosen) if user_id and chosen else None
        request._yj_post = found  # type: ignore[attr-defined]
    return request._yj_post  # type: ignore[attr-defined, no-any-return]


def _user(request: HttpRequest) -> User | Anonymous:
    """The user of the session. Django's own look-up needs its permission tables, which we do not have."""
    user_id = request.session.get(SESSION_KEY)
    post = _chosen_post(request)
    user: User | None
    if post is not None:
        user = post.user if post.user.is_active else None
    else:
        user = User.objects.filter(id=user_id, is_active=True).first() if user_id else None
    # a password changed elsewhere ends this session
    seal = request.session.get(HASH_SESSION_KEY, "")
    if user is None or not constant_time_compare(seal, user.get_session_auth_hash()):
        return Anonymous()
    sessions.note_seen(request, user)
    return user
