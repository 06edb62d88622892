"""The signed door: messages in, and results out for those who fetch them."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from yijiaan.connectors.actions import acknowledge, take_message
from yijiaan.connectors.hotline.attachments import with_photos
from yijiaan.connectors.hotline.signing import KEY, check
from yijiaan.connectors.models import Connection
from yijiaan.connectors.queries import connection_by_key, list_to_fetch
from yijiaan.core.errors import NotFound, Refusal, RuleError
from yijiaan.core.scope import system
from yijiaan.core.web import describe, problem

MOST_BYTES = 4 * 1024 * 1024
MOST_MESSAGES = 200

View = Callable[..., HttpResponse]


def signed(view: View) -> View:
    """Only who holds the key of a connection gets further; 401 says what is wrong with the signature, never whether a key exists."""

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            return problem(413, "too_large", f"一次最多 {MOST_BYTES // 1024 // 1024} MB，请分几次发")
        try:
            connection = connection_by_key(system("hotline"), key=request.headers.get(KEY, ""))
        except NotFound:
            return problem(401, "bad_signature", "签名不对，请核对密钥、算法和签名的内容")
        try:
            check(
                connection.secret_sealed,
                connection.algorithm,
                request.headers,
                method=request.method or "",
                path=request.get_full_path(),
                body=request.body,
            )
        except RuleError as error:
            return problem(401, error.code, error.message)
        return view(request, connection)

    return opened


@signed
@require_http_methods(["GET", "POST"])
def messages(request: HttpRequest, connection: Connection) -> HttpResponse:
    """GET: what they have not heard yet, oldest first. POST: one message, or {"messages": [...]} with an answer for each."""
    actor = system(f"connection {connection.code}", connection.area_id[:6])
    if request.method == "GET":
        found = list_to_fetch(actor, connection=connection)
        return JsonResponse(
            {"messages": [with_photos(row) for row in found]}, json_dumps_params={"ensure_ascii": False}
        )
    try:
        body = json.loads(request.body)
    except ValueError:
        return problem(400, "not_json", "内容不是 JSON，请用 UTF-8 编码")
    if isinstance(body, dict) and isinstance(body.get("messages"), list):
        many = body["messages"]
        if len(many) > MOST_MESSAGES:
            return problem(
                422,
                "too_many",
                f"一次最多 {MOST_MESSAGES} 条",
            )
        results = [_take(connection, one) for one in many]
        lines = [{"status": status, "body": said} for status, said in results]
        return JsonResponse({"results": lines}, json_dumps_params={"ensure_ascii": False})
    status, said = _take(connection, body)
    kind = "application/json" if status < 400 else "application/problem+json"  # noqa: PLR2004
    return JsonResponse(said, status=status, content_type=kind, json_dumps_params={"ensure_ascii": False})


def _take(connection: Connection, body: Any) -> tuple[int, dict[str, Any]]:
    actor = system(f"connection {connection.code}", connection.area_id[:6])
    try:
        taken = take_message(actor=actor, connection=connection, body=body)
    except Refusal as error:
        status, code, message, field = describe(error)
        refused = {"type": "about:blank", "status": status, "code": code, "detail": message}
        return status, refused | ({"field": field} if field else {})
    answer = {"number": taken.number, "state": taken.state, "our_number": taken.our_number, "problem": taken.problem}
    return (201 if taken.is_new else 200), answer


@signed
@require_POST
def acks(request: HttpRequest, connection: Connection) -> HttpResponse:
    """{"message_ids": [...]}: these were fetched and need not be told again."""
    try:
        body = json.loads(request.body)
        ids = [str(one)[:100] for one in body["message_ids"]][:1000]
    except (ValueError, KeyError, TypeError):
        return problem(400, "not_json", '内容要写成 {"message_ids": […]}')
    actor = system(f"connection {connection.code}", connection.area_id[:6])
    done = acknowledge(actor=actor, connection=connection, message_ids=ids)
    return JsonResponse({"acknowledged": done})
