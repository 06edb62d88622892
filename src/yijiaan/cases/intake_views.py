"""The two intake paths of the public API, as plain views: they carry the county's load. Described by hand in `api.py`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from yijiaan.accounts.queries import partner_actor, public_actor
from yijiaan.cases.intake import Intake, Receipt, intake_from_json
from yijiaan.cases.intake_fast import MOST_ITEMS, submit_batch, submit_fast
from yijiaan.core.errors import NotFound, Refusal, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import describe, problem

MOST_BYTES = 8 * 1024 * 1024
_encode = msgspec.json.Encoder().encode


class Unauthorised(Exception):
    """A Bearer token that is unknown or revoked."""


def actor_at_door(request: HttpRequest) -> tuple[Actor, str]:
    """Who speaks at the public API, and the area that receives it: the partner of the token, else anybody at HOME_AREA."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if not header:
        return public_actor(settings.HOME_AREA, "snap_report"), settings.HOME_AREA
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorised
    try:
        actor = partner_actor(token.strip())
    except NotFound as unknown:
        raise Unauthorised from unknown
    return actor, actor.areas[0]


def _read(request: HttpRequest) -> Any:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise RuleError("too_large", "一次提交最多 8 MB，请分几次")
    try:
        return msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RuleError("unreadable", "请求内容不是正确的 JSON（UTF-8）") from error


def _json(body: Any, status: int) -> HttpResponse:
    return HttpResponse(_encode(body), status=status, content_type="application/json")


def _answering(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    @csrf_exempt  # nobody's session counts here
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            response = problem(405, "method_not_allowed", "这里只接受 POST")
            response["Allow"] = "POST"
            return response
        try:
            return view(request)
        except Unauthorised:
            return problem(401, "bad_token", "令牌不对或已吊销")
        except Refusal as error:
            return problem(*describe(error))

    return answered


@_answering
def create_report(request: HttpRequest) -> HttpResponse:
    """POST /api/v1/reports: 201 for a new report, 200 with the first answer for a repeat."""
    actor, door = actor_at_door(request)
    intake = _intake(_read(request))
    receipt = submit_fast(actor=actor, intake=intake, door=door, channel=actor.channel)
    return _json(receipt.as_json(), 201 if receipt.is_new else 200)


@_answering
def create_reports(request: HttpRequest) -> HttpResponse:
    """POST /api/v1/reports/batch: up to 500 reports, an answer for each in order."""
    actor, door = actor_at_door(request)
    body = _read(request)
    items = body.get("reports") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise RuleError("empty_batch", 'reports 应是至少有一件的列表：{"reports": [...]}', "reports")
    if len(items) > MOST_ITEMS:
        raise RuleError("too_many", f"一批最多 {MOST_ITEMS} 件，收到 {len(items):,} 件", "reports")
    answers = submit_batch(
        actor=actor, intakes=[_intake_or_refusal(item) for item in items], door=door, channel=actor.channel
    )
    return _json({"results": [_result(answer) for answer in answers]}, 200)


def _intake(item: Any) -> Intake:
    if not isinstance(item, dict):
        raise RuleError("malformed", "每件诉求应是一个 JSON 对象")
    return intake_from_json(item)


def _intake_or_refusal(item: Any) -> Intake | Refusal:
    try:
        return _intake(item)
    except RuleError as refused:
        return refused


def _result(answer: Receipt | Refusal) -> dict[str, Any]:
    if isinstance(answer, Receipt):
        return {"status": 201 if answer.is_new else 200, "body": answer.as_json()}
    status, code, message, field = describe(answer)
    body = {"type": "about:blank", "title": message, "status": status, "detail": message, "code": code}
    return {"status": status, "body": body | ({"field": field} if field else {})}
