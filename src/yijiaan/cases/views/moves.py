"""What staff do on a case: one sub-resource each, the same for desk and field. Nothing typed is lost when it is refused."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.cases import actions
from yijiaan.cases.forms import (
    BareForm,
    CallbackForm,
    ClassifyForm,
    DispatchForm,
    FinishForm,
    MoveForm,
    PhotosForm,
    SeeReporterForm,
    WordsForm,
)
from yijiaan.cases.models import Case
from yijiaan.cases.queries import case_page, get_case, list_related_staff, moves_for, open_questions
from yijiaan.cases.views.photos import keep_photos
from yijiaan.cases.views.show import dispatch_form, return_form, show_case, suggested_form
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.web import apply_rule_error
from yijiaan.ui.answers import lead_on
from yijiaan.ui.words import deadline_words

Say = Callable[[Case], str]


def _face(request: HttpRequest) -> str:
    return "field" if request.POST.get("face") == "field" else "desk"


def _back(request: HttpRequest, number: str) -> str:
    """The page that the form stood on, or the one it names."""
    wanted = request.POST.get("next", "")
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    if request.POST.get("page") == "orders":
        return reverse("cases:orders")
    return reverse("cases:field_case" if _face(request) == "field" else "cases:case", args=[number])


def try_move(
    request: HttpRequest, number: str, name: str, form: Any, deed: Callable[[], Any], say: Say
) -> HttpResponse:
    """Do it and go back; refused, show the page again with the form as it was filled in."""
    if not form.is_valid():
        return _again(request, number, name, form, status=422)
    try:
        done = deed()
    except RuleError as error:
        apply_rule_error(form, error)
        return _again(request, number, name, form, status=422)
    except Conflict as error:
        if isinstance(form, MoveForm):
            form.look_again(get_case(request.actor, number=number).version)  # type: ignore[attr-defined]
        return _again(request, number, name, form, status=409, conflict=error.message)
    messages.success(request, say(done))
    back = _back(request, number)
    return lead_on(request, f"{back}{'&' if '?' in back else '?'}done={name}-{number}")


def _again(request: HttpRequest, number: str, name: str, form: Any, *, status: int, conflict: str = "") -> HttpResponse:
    if request.POST.get("page") == "orders" and name == "finish" and not conflict:
        return _finish_page(request, number, form, status=status)
    if request.POST.get("page") == "dispatch" and name == "dispatch":
        return _dispatch_page(request, number, form, status=status, conflict=conflict)
    for message in form.non_field_errors():
        conflict = conflict or str(message)
    return show_case(request, number, face=_face(request), forms={name: form}, conflict=conflict, status=status)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dispatch(request: HttpRequest, number: str) -> HttpResponse:
    """派单: its own page from a worklist, with the suggestion filled in, or the form of the case page."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        case = get_case(actor, number=number)
        if "dispatch" not in moves_for(actor, case=case):
            return redirect("cases:case", number)
        return _dispatch_page(request, number, None)
    form = dispatch_form(actor, get_case(actor, number=number), None, data=request.POST)

    def deed() -> Case:
        return actions.dispatch_case(
            actor=actor,
            number=number,
            lead_id=form.lead_id(),
            assistant_ids=form.assistant_ids(),
            category=form.cleaned_data["category"],
            urgency=form.cleaned_data["urgency"],
            note=form.cleaned_data["note"],
            seen_version=form.cleaned_data["seen_version"],
        )

    def say(case: Case) -> str:
        unasked = open_questions(actor, case=case)
        left = f"这一类还没问到：{'、'.join(question.wording for question in unasked)}。" if unasked else ""
        return f"派给{case.owner.name}了，请他们 {_until(case)}签收。{left}"

    return try_move(request, number, "dispatch", form, deed, say)


def _dispatch_page(
    request: HttpRequest, number: str, form: DispatchForm | None, status: int = 200, conflict: str = ""
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    page = case_page(actor, case=get_case(actor, number=number))
    wanted = request.POST.get("next") or request.GET.get("next") or reverse("cases:case", args=[number])
    context = {
        "case": page.case,
        "form": form or suggested_form(actor, page),
        "returned": form is not None,
        "conflict": conflict,
        "said": page.reports[0].text if page.reports else "",
        "related": list_related_staff(actor, case=page.case, texts=[report.text for report in page.reports]),
        "grid": area_names(actor, codes=[page.case.area_code]).get(page.case.area_code, ""),
        "next": wanted,
        "back": wanted if url_has_allowed_host_and_scheme(wanted, None) else reverse("cases:case", args=[number]),
    }
    context["suggestion"] = getattr(context["form"], "suggestion", None)
    return render(request, "cases/dispatch.html", context, status=status)


def _until(case: Case) -> str:
    return f"{deadline_words(case.next_due_at)}" if case.next_due_at else ""


@staff_only
@require_POST
def take(request: HttpRequest, number: str) -> HttpResponse:
    """自办."""
    actor = request.actor  # type: ignore[attr-defined]
    form = BareForm(request.POST)

    def deed() -> Case:
        return actions.take_case(actor=actor, number=number, seen_version=form.cleaned_data["seen_version"])

    return try_move(request, number, "take", form, deed, lambda case: f"您来办了，{_until(case)}办结。")


@staff_only
@require_POST
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """签收."""
    actor = request.actor  # type: ignore[attr-defined]
    form = BareForm(request.POST)

    def deed() -> Case:
        return actions.sign_case(actor=actor, number=number, seen_version=form.cleaned_data["seen_version"])

    return try_move(request, number, "sign", form, deed, lambda case: f"签收了，{_until(case)}办结。")


@staff_only
@require_POST
def undo(request: HttpRequest, number: str) -> HttpResponse:
    """撤回派单, within half a minute."""
    actor = request.actor  # type: ignore[attr-defined]
    form = BareForm(request.POST)

    def deed() -> Case:
        return actions.undo_dispatch(actor=actor, number=number, seen_version=form.cleaned_data["seen_version"])

    return try_move(request, number, "undo", form, deed, lambda case: f"撤回了，请 {_until(case)}重新派。")


@staff_only
@require_POST
def send_back(request: HttpRequest, number: str) -> HttpResponse:
    """退回."""
    actor = request.actor  # type: ignore[attr-defined]
    form = return_form(actor, get_case(actor, number=number), data=request.POST)

    def deed() -> Case:
        return actions.return_case(
            actor=actor,
            number=number,
            reason=form.cleaned_data["reason"],
            proposed_id=form.proposed_id(),
            text=form.cleaned_data["text"],
            seen_version=form.cleaned_data["seen_version"],
        )

    if form.is_valid():
        try:
            done = deed()
        except RuleError as error:
            apply_rule_error(form, error)
            return _again(request, number, "return", form, status=422)
        except Conflict as error:
            form.look_again(get_case(actor, number=number).version)
            return _again(request, number, "return", form, status=409, conflict=error.message)
        # the unit no longer sees the case: its list is the way on
        messages.success(request, f"“{done.title}”退回给{done.owner.name}了，由他们重新派。")
        return lead_on(request, reverse("cases:orders"))
    return _again(request, number, "return", form, status=422)


def _said_of_end(case: Case) -> str:
    if case.status == "verifying":
        return f"办结了，等{case.owner.name}去核查。"
    return "办结了，等报事人评价。" if case.status == "callback" else "办结了，这件事到此结案。"


@staff_only
@require_POST
def solve(request: HttpRequest, number: str) -> HttpResponse:
    """当场办结 of a case that was received."""
    actor = request.actor  # type: ignore[attr-defined]
    form = FinishForm(request.POST, request.FILES, auto_id="id_solve_%s")

    def deed() -> Case:
        case = actions.solve_case(
            actor=actor,
            number=number,
            result=form.cleaned_data["result"],
            seen_version=form.cleaned_data["seen_version"],
        )
        _keep_after(request, number, form.cleaned_data["photos"])
        return case

    return try_move(request, number, "solve", form, deed, _said_of_end)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, number: str) -> HttpResponse:
    """办结: its own page from a list of orders, or the form of the case page."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        case = get_case(actor, number=number)
        if "finish" not in moves_for(actor, case=case):
            return redirect("cases:case", number)
        return _finish_page(request, number, FinishForm(initial={"seen_version": case.version}))
    form = FinishForm(request.POST, request.FILES)

    def deed() -> Case:
        case = actions.finish_case(
            actor=actor,
            number=number,
            result=form.cleaned_data["result"],
            seen_version=form.cleaned_data["seen_version"],
        )
        _keep_after(request, number, form.cleaned_data["photos"])
        return case

    return try_move(request, number, "finish", form, deed, _said_of_end)


def _finish_page(request: HttpRequest, number: str, form: FinishForm, status: int = 200) -> HttpResponse:
    case = get_case(request.actor, number=number)  # type: ignore[attr-defined]
    context = {"case": case, "form": form, "back": reverse("cases:orders")}
    return render(request, "cases/finish.html", context, status=status)


def _keep_after(request: HttpRequest, number: str, files: list[Any]) -> None:
    _, refused = keep_photos(request.actor, files, number=number, purpose="after")  # type: ignore[attr-defined]
    for sentence in refused:
        messages.warning(request, sentence)


@staff_only
@require_POST
def callback(request: HttpRequest, number: str) -> HttpResponse:
    """回访."""
    actor = request.actor  # type: ignore[attr-defined]
    form = CallbackForm(request.POST, auto_id="id_callback_%s")

    def deed() -> Case:
        return actions.record_callback(
            actor=actor,
            number=number,
            result=form.cleaned_data["result"],
            text=form.cleaned_data["text"],
            seen_version=form.cleaned_data["seen_version"],
        )

    def say(case: Case) -> str:
        if case.status == "closed":
            return "记下了，这件事结案。"
        return "记下了，已退回重办。" if case.status == "in_progress" else "记下了，还在等报事人。"

    return try_move(request, number, "callback", form, deed, say)


@staff_only
@require_POST
def classify(request: HttpRequest, number: str) -> HttpResponse:
    """Correct the category or the grid."""
    actor = request.actor  # type: ignore[attr-defined]
    case = get_case(actor, number=number)
    form = ClassifyForm(request.POST, actor=actor, case=case, auto_id="id_classify_%s")

    def deed() -> Case:
        return actions.classify_case(
            actor=actor,
            number=number,
            category=form.cleaned_data["category"],
            area_code=form.cleaned_data["area_code"],
            seen_version=form.cleaned_data["seen_version"],
        )

    return try_move(request, number, "classify", form, deed, lambda case: "改好了。")


@staff_only
@require_POST
def contact(request: HttpRequest, number: str) -> HttpResponse:
    """Write down a talk with the reporter."""
    actor = request.actor  # type: ignore[attr-defined]
    form = WordsForm(request.POST, auto_id="id_contact_%s")

    def deed() -> object:
        return actions.record_contact(actor=actor, number=number, text=form.cleaned_data["text"])

    return try_move(request, number, "contact", form, deed, lambda note: "联系的情况记下了。")


@staff_only
@require_POST
def note(request: HttpRequest, number: str) -> HttpResponse:
    """加一条说明."""
    actor = request.actor  # type: ignore[attr-defined]
    form = WordsForm(request.POST, auto_id="id_note_%s")

    def deed() -> object:
        return actions.add_note(actor=actor, number=number, text=form.cleaned_data["text"])

    return try_move(request, number, "note", form, deed, lambda note: "说明加上了，办理单位能看到。")


@staff_only
@require_POST
def photos(request: HttpRequest, number: str) -> HttpResponse:
    """Add pictures to a case."""
    form = PhotosForm(request.POST, request.FILES)
    files = form.cleaned_data["photos"] if form.is_valid() else []
    purpose = form.cleaned_data.get("purpose") or "before"
    kept, refused = keep_photos(request.actor, files, number=number, purpose=purpose)  # type: ignore[attr-defined]
    for sentence in refused:
        messages.warning(request, sentence)
    if kept:
        messages.success(request, f"加了 {kept} 张照片。")
    elif not files:
        messages.warning(request, "还没有选照片。")
    return redirect(_back(request, number))


@staff_only
@never_cache
@require_POST
def see_reporter(request: HttpRequest, number: str) -> HttpResponse:
    """Show the reporter's name and phone this once; the look is written down."""
    actor = request.actor  # type: ignore[attr-defined]
    form = SeeReporterForm(request.POST, auto_id="id_see_%s")
    if not form.is_valid():
        return show_case(request, number, face=_face(request), forms={"see": form}, status=422)
    try:
        seen = actions.see_reporter(actor=actor, number=number, **form.cleaned_data)
    except RuleError as error:
        apply_rule_error(form, error)
        return show_case(request, number, face=_face(request), forms={"see": form}, status=422)
    return show_case(request, number, face=_face(request), seen=seen)
