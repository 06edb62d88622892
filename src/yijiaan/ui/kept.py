"""What a phone kept and sends now: the same door as the form, told in JSON that a script can trust."""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse

from yijiaan.core import clock
from yijiaan.ui.sides import Sides
from yijiaan.ui.words import span_words

HEADER = "X-Outbox"
LONGEST_KEPT = timedelta(days=60)
SHORTEST_KEPT = timedelta(minutes=2)
CLOCK_SLACK = timedelta(minutes=10)
FARTHEST_CLOCK = 10**14  # milliseconds; beyond it nobody means a date


class KeptForm(forms.Form):
    """What a phone adds to a deed that it kept before sending: when by its own clock, and whose it is."""

    occurred_at = forms.IntegerField(required=False)  # milliseconds of the phone's clock, as sent_at
    sent_at = forms.IntegerField(required=False)
    owner = forms.CharField(required=False, max_length=60)
    watched = forms.BooleanField(required=False)  # somebody looks at the page that sends it

    def kept_for(self) -> timedelta:
        """How long it was kept, to the moment: the difference holds whatever the clock says. Nothing for what no phone kept."""
        kept, sent = self.cleaned_data.get("occurred_at"), self.cleaned_data.get("sent_at")
        if kept is None or sent is None or not 0 < sent - kept < LONGEST_KEPT / timedelta(milliseconds=1):
            return timedelta(0)
        return timedelta(milliseconds=sent - kept)

    def said_ago(self) -> timedelta | None:
        """How long it was kept, where that is worth telling. None for what was sent at once."""
        ago = self.kept_for()
        return ago if ago > SHORTEST_KEPT else None

    def clock_is_ahead(self) -> timedelta | None:
        """How far the phone's clock is ahead of ours, negative when behind; None when it is about right."""
        sent = self.cleaned_data.get("sent_at")
        if sent is None or abs(sent) > FARTHEST_CLOCK:
            return None
        ahead = timedelta(milliseconds=sent) - timedelta(seconds=clock.now().timestamp())
        return ahead if abs(ahead) > CLOCK_SLACK else None


def is_kept(request: HttpRequest) -> bool:
    """Whether a phone's outbox sends this, not a form."""
    return request.method == "POST" and HEADER in request.headers


def kept_form(request: HttpRequest) -> KeptForm:
    """What the phone says of the deed it kept, read once a request; empty for a form sent straight away or written wrongly."""
    form: KeptForm | None = getattr(request, "_yj_kept", None)
    if form is None:
        form = KeptForm(request.POST if is_kept(request) else {})
        form.is_valid()
        request._yj_kept = form  # type: ignore[attr-defined]
    return form


def refuse_owner(request: HttpRequest, user_id: UUID | None) -> HttpResponse | None:
    """What another account kept on this phone is not sent in this one's name."""
    owner = kept_form(request).cleaned_data.get("owner", "")
    if not is_kept(request) or owner == str(user_id):
        return None
    words = "这一条是别的账号存的，等那个账号登录后再上传"
    return JsonResponse({"code": "other_account", "message": words}, status=HTTPStatus.FORBIDDEN)


def is_watched(request: HttpRequest) -> bool:
    """Whether somebody waits for the page that follows; otherwise what is to be said belongs into the answer only."""
    return not is_kept(request) or bool(kept_form(request).cleaned_data.get("watched"))


def took(
    request: HttpRequest, *, client_key: UUID, number: str, url: str, refused: list[str], is_new: bool = True,
    beside: Sequence[Sides] = (),
) -> HttpResponse:  # fmt: skip
    """201 for what is new, 200 with the first number for a repeat. beside: facts that wait because somebody changed them meanwhile."""
    body: dict[str, Any] = {
        "client_key": str(client_key),
        "number": number,
        "url": url,
        "refused": refused,
        "clock": _clock_words(kept_form(request)),
    }
    if beside:
        body["beside"] = [each.as_json() for each in beside]
    return JsonResponse(body, status=HTTPStatus.CREATED if is_new else HTTPStatus.OK)


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
