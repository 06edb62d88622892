"""交手机导出的文件: what a phone could not send, taken in from the file that it wrote (yj/ui/outbox_export.js), each deed exactly once.

Every deed goes through its own door in the name of whoever is signed in, as if his phone had sent it: the door refuses what is another's.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from yijiaan.accounts.access import staff_only
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.web import apply_rule_error
from yijiaan.portal.forms import KeptFileForm
from yijiaan.portal.outbox import MOST_AT_ONCE, pass_through
from yijiaan.ui.sides import Sides
from yijiaan.ui.words import when_words

MOST_BYTES = 64 * 1024 * 1024
CLOSED = re.compile(r"<textarea\b[^>]*>([^<]*)</textarea>")
LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
NO_DOOR = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE)


@dataclass(frozen=True, slots=True)
class Kept:
    """One deed of a file. title and at (its writer's own words and clock) are shown only."""

    key: str
    action: str
    sealed: bytes
    title: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one deed."""

    title: str
    when: str
    state: str
    pill: str
    words: str
    url: str = ""
    sides: tuple[Sides, ...] = ()


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kept_file(request: HttpRequest) -> HttpResponse:
    """The page that takes a file, and the receipts of the one that was just sent. Sending it again gives the same."""
    form = KeptFileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    receipts: list[Receipt] = []
    if request.method == "POST" and form.is_valid():
        try:
            receipts = _take(request, list(_read(form.cleaned_data["file"])))
        except RuleError as error:
            apply_rule_error(form, error)
    taken = sum(each.pill == "done" for each in receipts)
    context = {"form": form, "receipts": receipts, "taken": taken}
    return render(request, "portal/kept_file.html", context, status=422 if form.errors else 200)


def _read(file: Any) -> Iterator[Kept]:
    """The closed deeds of a file. RuleErrors no_file, too_large, no_deeds, too_many."""
    if file is None:
        raise RuleError("no_file", "请选手机导出的那个文件", "file")
    if file.size > MOST_BYTES:
        raise RuleError("too_large", f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请在手机上分几次导出", "file")
    text = file.read().decode("utf-8", "replace")
    found = [kept for kept in map(_kept, CLOSED.findall(text)) if kept is not None]
    if not found:
        words = "这个文件里没有能收的。要手机“待传箱”里导出的那个文件；里面只有文字和照片的，请照着重新填"
        raise RuleError("no_deeds", words, "file")
    if len(found) > MOST_AT_ONCE:
        raise RuleError("too_many", f"文件里有 {len(found)} 条，一次最多 {MOST_AT_ONCE} 条，请分几次导出", "file")
    yield from found


def _kept(text: str) -> Kept | None:
    try:
        said = json.loads(unescape(text))
        key, action, sealed = (
            str(UUID(str(said["key"]))),
            str(said["action"]),
            base64.b64decode(str(said["sealed"]), validate=True),
        )
        at = datetime.fromtimestamp(int(said.get("at") or 0) / 1000, UTC) if said.get("at") else None
    except (ValueError, KeyError, TypeError, OverflowError, OSError, AttributeError, binascii.Error):
        return None  # somebody's words, not a deed
    return Kept(key, action, sealed, str(said.get("title") or "一条封好的")[:60], at)


def _take(request: HttpRequest, found: list[Kept]) -> list[Receipt]:
    if not isinstance(request, WSGIRequest):  # it always is; the inner request is made from it
        raise RuleError("no_deeds", "没有收下，请再交一次", "file")
    token, now, receipts = request.POST.get("csrfmiddlewaretoken", ""), clock.now(), []
    for kept in found:
        answer = pass_through(
            request, kept.key, kept.action, clock.milliseconds(), kept.sealed,
            {"HTTP_X_OUTBOX": "1", "HTTP_X_CSRFTOKEN": token, "HTTP_ACCEPT": "application/json"},
        )  # fmt: skip
        receipts.append(_receipt(kept, answer, when_words(kept.at, now) if kept.at else ""))
    return receipts


def _receipt(kept: Kept, answer: dict[str, Any], when: str) -> Receipt:
    status, body = answer["status"], answer["body"] or {}
    if status in (HTTPStatus.OK, HTTPStatus.CREATED) and body.get("client_key") == kept.key:
        number, refused = body.get("number") or "", body.get("refused") or []
        words = "；".join([*([f"编号 {number}"] if number else []), *refused])
        sides = tuple(Sides(**each) for each in body.get("beside") or ())
        return Receipt(kept.title, when, "收下了", "done", words, body.get("url") or "", sides)
    if body.get("code") == "other_account":
        return Receipt(kept.title, when, "没有收", "soon", "这一条是别的账号存的，请那个账号登录来交")
    if status in LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Receipt(kept.title, when, "等一等", "soon", "暂时收不下，没有丢，请过一会儿再交一次这个文件")
    if status in NO_DOOR:
        return Receipt(kept.title, when, "没有收", "late", "这个入口已经停用，请照着重新填一份")
    told = [str(each.get("message", "")) for each in body.get("errors") or ()]
    return Receipt(kept.title, when, "没有收", "late", "；".join(told) or "没有收下，请照着重新填一份")
