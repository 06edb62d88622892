"""The one adapter between errors and answers, and the identity of a request."""

from collections.abc import Callable
from contextvars import ContextVar
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template import loader
from ninja.errors import AuthenticationError, HttpError, ValidationError

from yijiaan.core import identifiers, permissions
from yijiaan.core.compiled import AskedOnce
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, Refusal, RuleError

_request_id: ContextVar[UUID | None] = ContextVar("request_id", default=None)
Answer = Callable[[HttpRequest], HttpResponse]

TITLES = {
    400: "请求无法读懂",
    401: "请先登录",
    403: "没有权限",
    404: "没有找到",
    409: "内容已有变化",
    422: "请检查填写的内容",
    429: "请求太多，请稍后再试",
}
NOT_FOUND = "没有找到，或者您看不到它。"


def request_id() -> UUID | None:
    """The identity of the request that is being answered; None in jobs and commands."""
    return _request_id.get()


def address_of(request: HttpRequest) -> str | None:
    """The network address a request comes from."""
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None


class RequestIdMiddleware:
    """Names each request for the journal, the log and the person who asks about an error."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identity = identifiers.uuid7()
        request.identity = identity  # type: ignore[attr-defined]  # for the log, which speaks when this is over
        token = _request_id.set(identity)
        try:
            with AskedOnce(is_reading=request.method in ("GET", "HEAD")):
                response = self.get_response(request)
        finally:
            _request_id.reset(token)
        response["X-Request-Id"] = str(identity)
        return response


class BoundsMiddleware:
    """What a browser may do with any answer of ours, the fast ones too: no other site may read or frame it, and the page may use
    camera, microphone and position for itself alone."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=()"
        )
        if not settings.FRAME_ANCESTORS:  # this older header knows no list
            response.headers.setdefault("X-Frame-Options", "DENY")
        return response


class RefusalMiddleware:
    """Turns the four errors into answers, so that no view has to."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer for one of the four; anything else is a bug and goes on."""
        return answer_for(error, request) if isinstance(error, Refusal) else None


def describe(error: Refusal) -> tuple[int, str, str, str | None]:
    """status, code, Chinese message and field of a refusal."""
    match error:
        case RuleError(code=code, message=message, field=field):
            return 422, code, message, field
        case Conflict(code=code, message=message):
            return 409, code, message, None
        case NotAllowed(permission=name):
            known = permissions.declared().get(name)
            what = f"“{known.label}”的权限" if known else "做这件事的权限"
            return 403, "not_allowed", f"您现在的岗位没有{what}，如工作需要请联系管理员。", None
        case NotFound():
            return 404, "not_found", NOT_FOUND, None
    raise TypeError(f"{error!r} is not one of the four errors")


def answer_for(error: Refusal, request: HttpRequest) -> HttpResponse:
    """problem+json under /api/, a page in plain words elsewhere."""
    status, code, message, field = describe(error)
    if request.path.startswith("/api/"):
        return problem(status, code, message, field)
    context = {"message": message, "code": code, "field": field, "title": TITLES[status], "request_id": request_id()}
    return render(request, f"{status}.html", context, status=status)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler of unknown addresses."""
    return answer_for(NotFound(), request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Handler of bugs: says so plainly and gives the identity by which the log finds it. Asks nothing of the database."""
    if request.path.startswith("/api/"):
        return problem(500, "server_error", "服务器出错了，已经记下，请稍后再试", request_id=str(request_id() or ""))
    return HttpResponseServerError(loader.render_to_string("500.html", {"request_id": request_id()}))


def problem(status: int, code: str, message: str, field: str | None = None, **extra: Any) -> JsonResponse:
    """An answer of RFC 9457. code is for programs, message for people, field names the input."""
    title = TITLES.get(status) or HTTPStatus(status).phrase
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": message, "code": code}
    if field is not None:
        body["field"] = field
    return JsonResponse(
        body | extra,
        status=status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )


def apply_rule_error(form: BaseForm, error: RuleError) -> None:
    """Put a refused rule on the form: at its field when the form has it, else at the top."""
    form.add_error(error.field if error.field in form.fields else None, error.message)


def ninja_handlers(api: Any) -> None:
    """Teach a NinjaAPI the four errors and our words for malformed input."""

    def refused(request: HttpRequest, error: Refusal) -> HttpResponse:
        return problem(*describe(error))

    def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
        found = [input_error(item) for item in error.errors]
        first = found[0]
        return problem(422, first["code"], first["message"], first["field"], errors=found)

    def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(401, "not_signed_in", "没有登录，或者令牌不对。")

    def http(request: HttpRequest, error: HttpError) -> HttpResponse:
        if error.status_code == 400:
            return problem(400, "unreadable", "请求内容无法读懂，请检查是不是正确的 JSON。")
        return problem(error.status_code, "refused", TITLES.get(error.status_code, str(error)))

    for kind, handler in (
        (Refusal, refused),
        (ValidationError, malformed),
        (AuthenticationError, unknown),
        (HttpError, http),
    ):
        api.add_exception_handler(kind, handler)


def input_error(item: dict[str, Any]) -> dict[str, Any]:
    """One error of pydantic in our words: field, code, message."""
    place, *path = [str(part) for part in item.get("loc", ())] or [""]
    # ninja puts the name of the view's parameter between "body" and the field
    field = ".".join(path[1:] if len(path) > 1 and place in ("body", "form") else path) or None
    kind, bounds = item.get("type", ""), item.get("ctx") or {}
    return {"field": field, "code": _code(kind), "message": _sentence(kind, bounds, field or "内容")}


def _code(kind: str) -> str:
    codes = {
        "missing": "required",
        "string_too_short": "too_short",
        "string_too_long": "too_long",
        "too_long": "too_many",
        "json_invalid": "unreadable",
        "extra_forbidden": "unknown_field",
    }
    return codes.get(kind, "malformed")


def _sentence(kind: str, bounds: dict[str, Any], field: str) -> str:
    match kind:
        case "missing":
            return f"请填写 {field}。"
        case "string_too_short":
            return f"{field} 至少要 {bounds.get('min_length', 1)} 个字。"
        case "string_too_long":
            return f"{field} 太长，最多 {bounds.get('max_length', 0):,} 个字，请写短些。"
        case "too_long":
            return f"{field} 最多 {bounds.get('max_length', 0):,} 项，请分几次提交。"
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            return f"{field} 超出了允许的范围，请检查。"
        case "literal_error" | "enum":
            return f"{field} 只能是 {bounds.get('expected', '规定的值')}，请检查。"
        case "extra_forbidden":
            return f"不认识 {field}，请去掉或改正名称。"
        case "json_invalid":
            return "请求内容无法读懂，请检查是不是正确的 JSON。"
    if kind.startswith("uuid"):
        return f"{field} 应是 UUID，例如 018f3c1e-8a4b-7c2d-9e10-5a6b7c8d9e0f。"
    if kind.startswith(("datetime", "date", "time")):
        return f"{field} 应是带时区的时间，例如 2026-11-23T09:42:00+08:00。"
    if kind.startswith(("int", "float", "decimal")):
        return f"{field} 应是数字，请检查。"
    if kind.startswith("bool"):
        return f"{field} 应是 true 或 false。"
    if kind.startswith(("string", "url")):
        return f"{field} 应是文字，请检查。"
    if kind.startswith(("list", "tuple")):
        return f"{field} 应是一个列表。"
    return f"{field} 填写得不对，请检查。"
