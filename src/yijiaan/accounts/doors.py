"""How often a public door may be used: an address gets much, for a village may stand behind it, a device little.

Each key is a bucket that empties evenly: its row holds the moment until which its use is spoken for. One statement counts and
decides, so that all processes of an installation count together. Only what is sent counts, never what is read.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from yijiaan.accounts.queries import PUBLIC, get_centre
from yijiaan.core import clock
from yijiaan.core.crypto import search_hash
from yijiaan.core.errors import NotFound
from yijiaan.core.web import address_of, problem
from yijiaan.ui.resend import give_back

WINDOW = timedelta(minutes=10)
DEVICE_COOKIE = "yj_device"
YEAR = 365 * 24 * 3600

# a bucket is never full beyond the window: one that seems so was filled before the clock was set back, and begins anew
SPOKEN = "CASE WHEN door_use.spoken_until > %(until)s + interval '1 minute' THEN %(now)s ELSE door_use.spoken_until END"
# nothing is counted when one of the keys is full: a device that keeps pressing must not use up its village's share
COUNT = f"""
WITH asked AS (
    SELECT * FROM unnest(%(keys)s::bytea[], %(steps)s::interval[]) AS asked (key_hash, step)
), full_keys AS (
    SELECT max({SPOKEN} + asked.step - %(until)s) AS wait FROM asked JOIN door_use USING (key_hash)
    WHERE {SPOKEN} + asked.step > %(until)s
), taken AS (
    INSERT INTO door_use (key_hash, spoken_until)
    SELECT asked.key_hash, %(now)s + asked.step FROM asked, full_keys WHERE full_keys.wait IS NULL ORDER BY asked.key_hash
    ON CONFLICT (key_hash) DO UPDATE
    SET spoken_until = GREATEST({SPOKEN}, %(now)s) + (EXCLUDED.spoken_until - %(now)s)
    WHERE GREATEST({SPOKEN}, %(now)s) + (EXCLUDED.spoken_until - %(now)s) <= %(until)s
    RETURNING 1
)
SELECT (SELECT count(*) FROM taken), full_keys.wait FROM full_keys
"""  # noqa: S608 - names stand in this file


def count_public(request: HttpRequest, door: str, uses: int = 1) -> int:
    """Count uses of a door; 0 when they may go on, else the seconds after which they may (a thousand years when never)."""
    per_address, per_device = settings.PUBLIC_DOORS[door]
    wanted = (
        ("address", network_of(address_of(request)), per_address),
        ("device", request.COOKIES.get(DEVICE_COOKIE, "")[:64], per_device),
    )
    share = settings.PUBLIC_LIMITS / 100
    steps = {
        search_hash("door_use", f"{door} {kind} {key}"): uses * WINDOW / (most * share)
        for kind, key, most in wanted
        if key and most * share
    }
    return count_steps(steps)


def count_key(kind: str, key: str, *, most: int) -> int:
    """Count one use of something that has a limit of its own, say a key of an outside client: so many in ten minutes. As `count_public`."""
    return count_steps({search_hash("door_use", f"{kind} {key}"): WINDOW / most})


def count_steps(steps: dict[bytes, timedelta]) -> int:
    """Let each bucket fill by its step; 0 when all had room, else the seconds after which they have."""
    if not steps:
        return 0
    if max(steps.values()) > WINDOW:
        return 1000 * YEAR
    now = clock.now()
    values: dict[str, Any] = {"now": now, "until": now + WINDOW, "keys": list(steps), "steps": list(steps.values())}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        taken, wait = cursor.fetchone()
    if taken == len(steps):
        return 0
    # nobody was full when this statement began: others were faster
    return ceil((wait or max(steps.values())).total_seconds())


def network_of(address: str | None) -> str:
    """What counts as one address: an IPv6 customer has 2^64 of them."""
    if address is None:
        return ""
    known = ip_address(address)
    return str(ip_network((known, 64), strict=False)) if isinstance(known, IPv6Address) else str(known)


def too_often(request: HttpRequest, seconds: int) -> HttpResponse | None:
    """The answer that keeps what was sent; None when there is nothing to wait for."""
    if not seconds:
        return None
    response: HttpResponse
    if seconds >= 1000 * YEAR:
        words = "一批太多了，请分成小批；常有大批要交，请向本级中心申请对接令牌。"
        return problem(HTTPStatus.TOO_MANY_REQUESTS, "batch_too_large", words)
    if request.path.startswith("/api/"):
        words = f"交得太密，这一次没有收。请等 {_wait_words(seconds)}再交，client_key 不变就不会重复。"
        response = problem(HTTPStatus.TOO_MANY_REQUESTS, "too_often", words)
    else:
        response = give_back(
            request,
            title="交得太密了，这一次没有收",
            words=f"写的都还在。请等 {_wait_words(seconds)}，再点“再交一次”。急事请打电话：{_phone()}。",
            status=HTTPStatus.TOO_MANY_REQUESTS,
        )
    response["Retry-After"] = str(seconds)
    return response


def _wait_words(seconds: int) -> str:
    return f"{seconds} 秒" if seconds < 60 else f"{ceil(seconds / 60)} 分钟"


def _phone() -> str:
    try:
        own = get_centre(PUBLIC, area_code=settings.HOME_AREA).phone
    except NotFound:
        own = ""
    return f"{own} 或 12345" if own else "12345"


class PublicDoors:
    """Keeps the limits that `PUBLIC_DOORS` sets, by name of the view; and names the devices that come by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        is_page = match is not None and match.view_name in settings.PUBLIC_DOORS and match.app_name != "ninja"
        if is_page and DEVICE_COOKIE not in request.COOKIES:
            response.set_cookie(
                DEVICE_COOKIE,
                secrets.token_urlsafe(12),
                max_age=YEAR,
                samesite="Lax",
                httponly=True,
                secure=request.is_secure(),
            )
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Give back what was typed when it is too much."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if request.method != "POST" or name not in settings.PUBLIC_DOORS:
            return None
        return too_often(request, count_public(request, name))
