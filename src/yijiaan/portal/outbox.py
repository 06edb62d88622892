"""What a phone kept arrives: closed in an envelope that only we open, in pieces over a bad line, or many deeds in one request.

`SealedDoor` opens an envelope before anything else reads the request, so every form takes sealed and plain posts alike. Exactly once is
the promise of the forms behind it, by `client_key`; pieces and envelopes may come again as often as they like.
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from yijiaan.accounts.access import carry
from yijiaan.core.envelopes import CannotOpen, open_envelope
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import system
from yijiaan.core.web import Answer
from yijiaan.engines.files.actions import LARGEST_PART, drop_parts, store_part
from yijiaan.engines.files.queries import join_parts, list_parts

SEALED = "application/vnd.yijiaan.sealed"
HEADER = "HTTP_X_OUTBOX_KEY"
MULTIPART = re.compile(r"multipart/form-data; boundary=([0-9A-Za-z'()+_,./:=?-]{1,70})")
OWN = "/outbox/"  # pieces and parcels are opened where they lead
MOST_AT_ONCE = 250
WHO = system("outbox")


def _said(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"code": code, "errors": [{"field": "", "message": message}]}, status=status)


class SealedDoor:
    """Opens what is sealed, then lets the request pass as if it had come open."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_sealed = request.method == "POST" and request.META.get("CONTENT_TYPE") == SEALED
        if not is_sealed or request.path.startswith(OWN):
            return self.get_response(request)
        try:
            key = UUID(request.META.get(HEADER, ""))
            count = int(request.META.get("HTTP_X_OUTBOX_PARTS") or 0)
        except ValueError:
            return _said(HTTPStatus.BAD_REQUEST, "no_key", "没有收下，请再交一次")
        envelope = join_parts(WHO, client_key=key, count=count) if count else _read(request)
        if envelope is None:
            # the phone looks again which pieces are here
            return _said(HTTPStatus.TOO_EARLY, "parts_missing", "还没有传完，请再传一次")
        try:
            content = open_envelope(envelope, f"{key} {request.get_full_path()}")
        except CannotOpen:
            return _said(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_open", "这一条封得不对，没有收下，请再交一次")
        if not _unpack(request, content):
            return _said(HTTPStatus.BAD_REQUEST, "no_form", "没有收下，请再交一次")
        response = self.get_response(request)
        if count and response.status_code in (HTTPStatus.OK, HTTPStatus.CREATED):
            drop_parts(actor=WHO, client_key=key)
        return response


def _read(request: HttpRequest) -> bytes:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        return b""
    return request.read(most)


def _unpack(request: HttpRequest, content: bytes) -> bool:
    """Put the form of an envelope where Django looks for it. Its first line says the type; what is only known when it is sent, the
    phone's clock and whether somebody looks, comes in headers and joins it."""
    kind, _, body = content.partition(b"\n")
    match = MULTIPART.fullmatch(kind.decode("ascii", "replace"))
    end = b"--" + match[1].encode() + b"--" if match else b""
    if match is None or end not in body[-len(end) - 4 :]:
        return False
    said = {
        "sent_at": request.META.get("HTTP_X_OUTBOX_SENT", ""),
        "watched": request.META.get("HTTP_X_OUTBOX_WATCHED", ""),
    }
    extra = b"".join(
        f'--{match[1]}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in said.items()
        if value.isascii() and value.isdigit()
    )
    body = body[: body.rindex(end)] + extra + end + b"\r\n"
    request.META["CONTENT_TYPE"], request.META["CONTENT_LENGTH"] = match[0], str(len(body))
    request._set_content_type_params(request.META)  # type: ignore[attr-defined]
    request._stream, request._read_started = BytesIO(body), False  # type: ignore[attr-defined]
    return True


@never_cache
@require_safe
def pieces(request: HttpRequest, client_key: UUID) -> HttpResponse:
    """Which pieces of a deed are here."""
    return JsonResponse({"parts": list_parts(WHO, client_key=client_key)})


@csrf_exempt
@never_cache
@require_POST
def piece(request: HttpRequest, client_key: UUID, number: int) -> HttpResponse:
    """One more piece of a deed."""
    if "HTTP_X_OUTBOX" not in request.META:  # a header that no foreign page can send without asking first
        return _said(HTTPStatus.BAD_REQUEST, "no_outbox", "请从手机页面里交")
    try:
        store_part(actor=WHO, client_key=client_key, number=number, data=_read(request))
    except RuleError as error:
        return _said(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error.code, error.message)
    return JsonResponse({"part": number})


_inner: WSGIHandler | None = None


def _handler() -> WSGIHandler:
    global _inner
    if _inner is None:
        _inner = WSGIHandler()
    return _inner


@csrf_exempt
@never_cache
@require_POST
def sync(request: HttpRequest) -> HttpResponse:
    """Many sealed deeds in one request, each through its own door in its own transaction, in the order in which they stand: a phone
    that was away for days sends them in a second. Answers for each what the door said.

    The body: a line of JSON (a list of key, action, sent, length), then the envelopes one behind the other.
    """
    if "HTTP_X_OUTBOX" not in request.META or not isinstance(request, WSGIRequest):
        return _said(HTTPStatus.BAD_REQUEST, "no_outbox", "请从手机页面里交")
    head, _, rest = _read(request).partition(b"\n")
    try:
        rows = [
            (str(UUID(str(row["key"]))), str(row["action"]), int(row["sent"]), int(row["length"]))
            for row in json.loads(head)
        ]
    except (ValueError, KeyError, TypeError):
        return _said(HTTPStatus.BAD_REQUEST, "no_list", "没有收下，请再交一次")
    if len(rows) > MOST_AT_ONCE or sum(row[3] for row in rows) != len(rest) or any(row[3] < 0 for row in rows):
        return _said(HTTPStatus.BAD_REQUEST, "no_list", "没有收下，请再交一次")
    answers, begin = [], 0
    for key, action, sent, length in rows:
        answers.append(pass_through(request, key, action, sent, rest[begin : begin + length]))
        begin += length
    return JsonResponse({"answers": answers})


def pass_through(
    request: WSGIRequest, key: str, action: str, sent: int, envelope: bytes, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Send one sealed deed through its own door, in its own transaction, in the name of the request around it.

    action: the path that it was closed for; sent: the phone's clock in milliseconds; headers: more of them, as WSGI names them.
    Gives key, status, body (what the door said as JSON, or None) and wait in seconds.
    """
    path, _, query = action.partition("?")
    if not path.startswith("/") or path.startswith(OWN):
        return {"key": key, "status": HTTPStatus.NOT_FOUND.value, "body": None}
    environ = {name: value for name, value in request.environ.items() if isinstance(value, str)}
    if len(envelope) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:  # pictures: as pieces, the way a phone sends them
        pieces = [envelope[begin : begin + LARGEST_PART] for begin in range(0, len(envelope), LARGEST_PART)]
        try:
            for number, data in enumerate(pieces):
                store_part(actor=WHO, client_key=UUID(key), number=number, data=data)
        except RuleError as error:
            said = {"code": error.code, "errors": [{"field": "", "message": error.message}]}
            return {"key": key, "status": HTTPStatus.REQUEST_ENTITY_TOO_LARGE.value, "body": said, "wait": 0}
        envelope, environ["HTTP_X_OUTBOX_PARTS"] = b"", str(len(pieces))
    environ |= {
        "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_TYPE": SEALED, "CONTENT_LENGTH": str(len(envelope)), HEADER: key,
        "HTTP_X_OUTBOX_SENT": str(sent), **(headers or {}),
    }  # fmt: skip
    inner = WSGIRequest(environ | {"wsgi.input": BytesIO(envelope)})  # type: ignore[operator]
    carry(inner, request)
    response = _handler().get_response(inner)
    is_json = isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith("application/json")
    body = json.loads(response.content) if is_json else None  # type: ignore[attr-defined]
    wait = int(response.get("Retry-After", "0") or 0)
    # its files only: the connection is still that of the request around it
    for release in response._resource_closers:  # type: ignore[attr-defined]
        release()
    return {"key": key, "status": response.status_code, "body": body, "wait": wait}
