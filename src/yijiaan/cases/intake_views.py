"""The two intake paths of the public API, as plain views: they carry the county's load. Described by hand in `api.py`."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from yijiaan.accounts.access import count_public, too_often
from yijiaan.accounts.queries import partner_actor, public_actor
from yijiaan.cases.intake import Intake, Receipt, intake_from_json
from yijiaan.cases.intake_fast import MOST_ITEMS, submit_batch, submit_fast
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, Refusal, RuleError
from yijiaan.core.scope import Actor, ActorKind
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


class ReporterIn(msgspec.Struct, forbid_unknown_fields=True):
    name: str | None = None
    phone: str | None = None


class ReportIn(msgspec.Struct, forbid_unknown_fields=True):
    """The well-formed body; anything else goes the slow way through `intake_from_json`, which says what is wrong."""

    text: str
    client_key: UUID
    kind: str | None = None
    category: str | None = None
    lon: float | None = None
    lat: float | None = None
    crs: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] | None = None
    place: str | None = None
    reporter: ReporterIn | None = None
    happened_at: datetime | None = None
    wish: str | None = None
    answers: dict[str, Any] | None = None

    def as_intake(self) -> Intake:
        """The same as `intake_from_json` makes of the same body."""
        reporter, moment = self.reporter, self.happened_at
        return Intake(
            text=self.text,
            client_key=self.client_key,
            kind=self.kind or "help",
            category=self.category or "",
            lon=self.lon,
            lat=self.lat,
            crs=self.crs or "cgcs2000",
            place=self.place or "",
            reporter_name=(reporter.name or "") if reporter else "",
            reporter_phone=(reporter.phone or "") if reporter else "",
            happened_at=moment if moment is None or moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI),
            wish=self.wish or "",
            answers=self.answers or {},
        )


class BatchIn(msgspec.Struct, forbid_unknown_fields=True):
    reports: list[ReportIn]


# what msgspec says of a body it cannot read: malformed, not UTF-8, nested without end
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_decode_one = msgspec.json.Decoder(ReportIn).decode
_decode_many = msgspec.json.Decoder(BatchIn).decode


DOOR = "api:create_report"


def _wait(request: HttpRequest, actor: Actor, uses: int = 1) -> HttpResponse | None:
    """The answer to a stranger who sends too often; partners have a token to be held to instead."""
    return too_often(request, count_public(request, DOOR, uses)) if actor.kind is ActorKind.PUBLIC else None


def _body(request: HttpRequest) -> bytes:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise RuleError("too_large", "一次提交最多 8 MB，请分几次")
    return request.body


def _read(request: HttpRequest) -> Any:
    try:
        return msgspec.json.decode(_body(request))
    except UNREADABLE as error:
        raise RuleError("unreadable", "请求内容不是正确的 JSON（UTF-8）") from error


def _json(body: Any, status: int) -> HttpResponse:
    return HttpResponse(_encode(body), status=status, content_type="application/json")


def _answering(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
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
    refused = _wait(request, actor)
    if refused is not None:
        return refused
    try:
        intake = _decode_one(_body(request)).as_intake()
    except UNREADABLE:
        intake = _intake(_read(request))
    receipt = submit_fast(actor=actor, intake=intake, door=door, channel=actor.channel)
    return _json(receipt.as_json(), 201 if receipt.is_new else 200)


@_answering
def create_reports(request: HttpRequest) -> HttpResponse:
    """POST /api/v1/reports/batch: up to 500 reports, an answer for each in order."""
    actor, door = actor_at_door(request)
    try:
        items: Any = _decode_many(_body(request)).reports
    except UNREADABLE:
        body = _read(request)
        items = body.get("reports") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise RuleError("empty_batch", 'reports 应是至少有一件的列表：{"reports": [...]}', "reports")
    if len(items) > MOST_ITEMS:
        raise RuleError("too_many", f"一批最多 {MOST_ITEMS} 件，收到 {len(items):,} 件", "reports")
    refused = _wait(request, actor, len(items))
    if refused is not None:
        return refused
    answers = submit_batch(
        actor=actor, intakes=[_intake_or_refusal(item) for item in items], door=door, channel=actor.channel
    )
    return _json({"results": [_result(answer) for answer in answers]}, 200)


def _intake(item: Any) -> Intake:
    if not isinstance(item, dict):
        raise RuleError("malformed", "每件诉求应是一个 JSON 对象")
    return intake_from_json(item)


def _intake_or_refusal(item: Any) -> Intake | Refusal:
    if isinstance(item, ReportIn):
        return item.as_intake()
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


DOORS = {"/api/v1/reports": create_report, "/api/v1/reports/batch": create_reports}


class FastDoor:
    """Middleware that answers the two intake paths at once: they ask for no session, user, message or page policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = DOORS.get(request.path_info)
        if view is None:
            return self.get_response(request)
        response = view(request)
        response["Content-Length"] = str(len(response.content))
        return response
