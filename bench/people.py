"""Signed-in users of the demo, over HTTP and in this process, and what their requests ask the database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client

from yijiaan.accounts.models import Post
from yijiaan.accounts.signin import FACTOR_KEY, POST_KEY
from yijiaan.core import clock

_CONTROL = re.compile(r"\s*(BEGIN|COMMIT|SAVEPOINT|RELEASE)", re.I)


def cookie_of(username: str) -> str:
    """The header of a user signed in, in his first post, the second factor given; empty for a stranger."""
    if not username:
        return ""
    post = Post.objects.select_related("user").filter(user__username=username).order_by("starts_on").first()
    assert post is not None
    store = SessionStore()
    store[SESSION_KEY] = str(post.user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = post.user.get_session_auth_hash()
    store[POST_KEY] = str(post.id)
    store[FACTOR_KEY] = clock.now().timestamp()
    store.save()
    return f"Cookie: {settings.SESSION_COOKIE_NAME}={store.session_key}\r\n"


def browser_of(username: str) -> Client:
    """The same in this process."""
    browser = Client(SERVER_NAME="127.0.0.1")
    name, _, value = cookie_of(username).removeprefix("Cookie: ").strip().partition("=")
    if name:
        browser.cookies[name] = value
    return browser


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements inside, those past Django's cursor too, without BEGIN and COMMIT."""
    seen: list[str] = []

    def note(execute: Any, sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        if not _CONTROL.match(str(sql)):
            seen.append(str(sql))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield seen


def statements_of(path: str, username: str, *, again: bool = False) -> str:
    """How many statements a page asks, once the process is warm. again: with the ETag of the answer before."""
    browser = browser_of(username)
    first = browser.get(path)
    headers = {"If-None-Match": first["ETag"]} if again else {}
    with counted() as seen:
        answer = browser.get(path, headers=headers)
    expected = 304 if again else 200
    if answer.status_code != expected:
        raise RuntimeError(f"{path} was answered {answer.status_code}, not {expected}")
    return str(len(seen))


def follow(path: str, username: str, link: str, times: int = 1) -> str:
    """The address that a reader reaches by pressing a link so many times. link: a pattern with the address as its group."""
    browser = browser_of(username)
    for _ in range(times):
        found = re.search(link, browser.get(path).content.decode())
        if found is None:
            break
        path = unescape(found[1])
    return path
