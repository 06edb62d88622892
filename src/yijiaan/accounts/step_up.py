"""Proving once more who sits there, before a deed that opens what is sealed: a password or a code of the last ten minutes
counts, else a page asks and then goes on with the deed."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from yijiaan.accounts import signin
from yijiaan.accounts.forms import ProofForm
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.web import apply_rule_error

LASTS = timedelta(minutes=10)
PROOF = "proof"
FOR_READING = "proof_for_reading"  # the page was asked for by GET
OWN_FIELDS = (PROOF, FOR_READING, "csrfmiddlewaretoken")


def has_proved_lately(request: HttpRequest) -> bool:
    """Whether this session saw a password or a code within ten minutes."""
    age = clock.now().timestamp() - float(request.session.get(signin.PROVED_KEY, 0))
    return 0 <= age <= LASTS.total_seconds()


def ask_again(request: HttpRequest) -> HttpResponse | None:
    """The page that asks, with all that was sent; None when the deed may go on."""
    if has_proved_lately(request):
        return None
    is_answer = request.method == "POST" and PROOF in request.POST
    form = ProofForm(request.POST) if is_answer else ProofForm()
    if is_answer and form.is_valid():
        try:
            signin.prove(request, request.user, form.cleaned_data[PROOF])  # type: ignore[arg-type]
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return _go_on(request)
    kept = [(name, value) for name, sent in request.POST.lists() if name not in OWN_FIELDS for value in sent]
    context = {
        "form": form,
        "kept": kept,
        "action": request.get_full_path(),
        "is_reading": request.method != "POST" or FOR_READING in request.POST,
    }
    return render(request, "accounts/step_up.html", context, status=422 if form.errors else HTTPStatus.OK)


def _go_on(request: HttpRequest) -> HttpResponse | None:
    if FOR_READING in request.POST:
        return redirect(request.get_full_path())
    sent = request.POST.copy()
    del sent[PROOF]  # the deed has no use for a password
    request.POST = sent  # type: ignore[assignment]
    return None


class StepUpMiddleware:
    """Asks again before the views that `STEP_UP_VIEWS` names. After the guard against forged requests and the actor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> HttpResponse | None:
        """The page that asks; who is not signed in to a post is turned away by the view itself."""
        match = request.resolver_match
        if match is None or match.view_name not in settings.STEP_UP_VIEWS or not request.post:  # type: ignore[attr-defined]
            return None
        return ask_again(request)
