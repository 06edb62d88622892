"""Answers to a phone that kept a deed and sends it now: the same door as the form, told in JSON that a script can trust."""

from dataclasses import replace
from http import HTTPStatus

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse

from yijiaan.cases.forms import KeptForm
from yijiaan.cases.intake import Intake, Receipt
from yijiaan.core.scope import Actor
from yijiaan.ui.words import span_words

HEADER = "X-Outbox"
PUBLIC_OWNER = "public"


def is_kept(request: HttpRequest) -> bool:
    """Whether a phone's outbox sends this, not a form."""
    return request.method == "POST" and HEADER in request.headers


def kept_form(request: HttpRequest) -> KeptForm:
    """What the phone says of the deed it kept; empty for a form sent straight away or written wrongly."""
    form = KeptForm(request.POST if is_kept(request) else {})
    form.is_valid()
    return form


def aged(request: HttpRequest, intake: Intake) -> Intake:
    """The intake with the time that it lay in the phone."""
    return replace(intake, said_ago=kept_form(request).said_ago())


def refuse_owner(request: HttpRequest, actor: Actor) -> HttpResponse | None:
    """What another account kept on this phone is not sent in this one's name."""
    owner = kept_form(request).cleaned_data.get("owner", "")
    if not is_kept(request) or owner == str(actor.user_id):
        return None
    words = "这一条是别的账号存的，等那个账号登录后再上传"
    return JsonResponse({"code": "other_account", "message": words}, status=HTTPStatus.FORBIDDEN)


def is_watched(request: HttpRequest) -> bool:
    """Whether somebody waits for the page that follows; otherwise what is to be said belongs into the answer only."""
    return not is_kept(request) or bool(kept_form(request).cleaned_data.get("watched"))


def took(
    request: HttpRequest, intake: Intake, receipt: Receipt, *, number: str, url: str, refused: list[str]
) -> HttpResponse:
    """201 for a new report, 200 with the first number for a repeat."""
    body = {
        "client_key": str(intake.client_key),
        "number": number,
        "url": url,
        "refused": refused,
        "clock": _clock_words(kept_form(request)),
    }
    return JsonResponse(body, status=HTTPStatus.CREATED if receipt.is_new else HTTPStatus.OK)


def refused(form: BaseForm) -> HttpResponse:
    """What must be corrected, by field."""
    errors = [
        {"field": name if name in form.fields else "", "message": str(message)}
        for name, messages in form.errors.items()
        for message in messages
    ]
    return JsonResponse({"code": "invalid", "errors": errors}, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def conflicting() -> HttpResponse:
    """The key was used for something else."""
    words = "先前那件已经收到了，这次写的不一样。要当另一件报，请点“当另一件报”"
    return JsonResponse({"code": "conflict", "errors": [{"field": "", "message": words}]}, status=HTTPStatus.CONFLICT)


def _clock_words(form: KeptForm) -> str:
    ahead = form.clock_is_ahead()
    if ahead is None:
        return ""
    way = "快" if ahead.total_seconds() > 0 else "慢"
    return f"这台手机的时间{way}了约 {span_words(abs(ahead))}，收到的时间按镇里的钟记，请把手机时间调准"
