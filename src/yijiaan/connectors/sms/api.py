"""The door for a gateway's delivery reports; the token in the address is its key."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from yijiaan.connectors.actions import take_reports
from yijiaan.connectors.queries import gateway_by_token
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import system
from yijiaan.core.web import problem

MOST_BYTES = 1024 * 1024


@csrf_exempt
@require_http_methods(["GET", "POST"])
def reports(request: HttpRequest, token: str) -> HttpResponse:
    """JSON, a form, or the address itself, as the gateway likes. Answers {"code": 0, "taken": …}; 404 for a wrong token."""
    gateway = gateway_by_token(system("sms"), token=token)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return problem(413, "too_large", "一次最多 1 MB")
    body: Any = request.GET.dict()
    if request.method == "POST":
        if "json" in (request.content_type or ""):
            try:
                body = json.loads(request.body)
            except ValueError:
                return problem(400, "not_json", "内容不是 JSON，请用 UTF-8 编码")
        else:
            body = {**body, **request.POST.dict()}
    try:
        taken = take_reports(actor=system("sms", gateway.area_id), gateway=gateway, body=body)
    except RuleError as error:
        return problem(422, error.code, error.message)
    return HttpResponse(json.dumps({"code": 0, "taken": taken}), content_type="application/json")
