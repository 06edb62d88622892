"""给平台提意见, for everybody; the answers, for administrators."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, get_resolver
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.accounts.queries import PUBLIC, public_actor
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.files.actions import MOST_PICTURE_BYTES
from yijiaan.engines.files.queries import list_files_of
from yijiaan.operations import actions
from yijiaan.operations.flows import FLOW
from yijiaan.operations.forms import OpinionForm, WordsForm
from yijiaan.operations.models import Opinion, OpinionKind
from yijiaan.operations.queries import (
    get_opinion,
    get_opinion_by_code,
    list_opinions,
    list_own_opinions,
    list_turns,
)
from yijiaan.ui.paging import page_of


def _writer(request: HttpRequest) -> Actor:
    """Whoever writes: staff in a post, else anybody."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None and actor.post_id is not None:
        return actor
    return public_actor(settings.HOME_AREA[:6], "opinion")


def _page_name(asked: str) -> str:
    """The name of a page of ours; anything else says nothing, so that no code of anybody's comes along."""
    name = asked.strip()[:80]
    space, _, view = name.rpartition(":")
    try:
        known = get_resolver()
        for part in space.split(":") if space else ():
            known = known.namespace_dict[part][1]
        return name if view in known.reverse_dict else ""
    except (KeyError, NoReverseMatch):
        return ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form, and after it how to follow up."""
    writer = _writer(request)
    is_staff = writer.post_id is not None
    if request.method != "POST":
        page = _page_name(request.GET.get("from", ""))
        kind = request.GET.get("kind", "")
        initial = {"page": page} | ({"kind": kind} if kind in OpinionKind.values else {})
        return _new_page(request, OpinionForm(initial=initial), is_staff)
    form = OpinionForm(request.POST, request.FILES)
    if not form.is_valid():
        return _new_page(request, form, is_staff)
    said = form.cleaned_data
    photo = said["photo"]
    if photo is not None and photo.size > MOST_PICTURE_BYTES:
        form.add_error("photo", "照片太大，请换一张 15 MB 以内的")
        return _new_page(request, form, is_staff)
    try:
        opinion, code = actions.submit_opinion(
            actor=writer,
            kind=said["kind"],
            text=said["text"],
            page=_page_name(said["page"]),
            client_key=said["client_key"],
            is_anonymous=is_staff and said["is_anonymous"],
            photo=photo.read() if photo else b"",
        )
    except RuleError as error:
        apply_rule_error(form, error)
        return _new_page(request, form, is_staff)
    except Conflict as error:
        form.add_error(None, f"{error.message}。要另写一条，请重新打开这一页")
        return _new_page(request, form, is_staff)
    if not code:
        messages.success(request, "收到了，五个工作日内答复，答复了会通知您。")
        return redirect("operations:own_opinion", opinion.id)
    context = {"opinion": opinion, "code": code, "link": request.build_absolute_uri(f"/opinions/code/{code}/")}
    return render(request, "operations/opinion_received.html", context)


def _new_page(request: HttpRequest, form: OpinionForm, is_staff: bool) -> HttpResponse:
    context = {"form": form, "is_staff": is_staff}
    return render(request, "operations/new_opinion.html", context, status=422 if form.errors else 200)


def _one_page(
    request: HttpRequest, actor: Actor, opinion: Opinion, *, code: str = "", form: WordsForm | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "opinion": opinion,
        "turns": list_turns(actor, opinion=opinion),
        "code": code,
        "form": form or WordsForm(),
        "may_say": opinion.status == "answered",
        "may_object": opinion.status == "answered" and not opinion.was_unsettled,
    }
    status = 422 if form is not None and form.errors else 200
    response = render(request, "operations/own_opinion.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _said(request: HttpRequest, actor: Actor, opinion: Opinion, *, code: str) -> HttpResponse:
    """The writer's last word: settled, or not, with why."""
    here: dict[str, Any] = {"code": code} if code else {"opinion_id": opinion.id}
    try:
        if request.POST.get("said") == "settled":
            actions.settle_opinion(actor=actor, **here)
            messages.success(request, "好的，这一条了结了，谢谢您。")
        else:
            form = WordsForm(request.POST)
            if not form.is_valid():
                return _one_page(request, actor, opinion, code=code, form=form)
            try:
                actions.say_unsettled(actor=actor, text=form.cleaned_data["text"], **here)
            except RuleError as error:
                apply_rule_error(form, error)
                return _one_page(request, actor, opinion, code=code, form=form)
            messages.success(request, "记下了，五个工作日内再答复您。")
    except RuleError as error:
        messages.warning(request, error.message)
    return redirect(request.path)


@staff_only
@never_cache
@require_safe
def own_list(request: HttpRequest) -> HttpResponse:
    """我提的意见."""
    page = page_of(request, list_own_opinions(request.actor), keys=("-id",))  # type: ignore[attr-defined]
    return render(request, "operations/own_opinions.html", {"page": page})


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, opinion_id: UUID) -> HttpResponse:
    """One that the viewer signed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    opinion = get_opinion(actor, opinion_id=opinion_id)
    if opinion.post is None or opinion.post.user_id != actor.user_id:
        raise NotFound
    if request.method == "POST":
        return _said(request, actor, opinion, code="")
    return _one_page(request, actor, opinion)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest, code: str) -> HttpResponse:
    """One that was written without a name: whoever holds the code."""
    opinion = get_opinion_by_code(PUBLIC, code=code)
    actor = public_actor(opinion.county, "opinion")
    if request.method == "POST":
        return _said(request, actor, opinion, code=code)
    return _one_page(request, actor, opinion, code=code)


# ---- administrators ----


@staff_only
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """平台意见: what waits for an answer first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    status = request.GET.get("status", "received")
    status = status if status in dict(FLOW.choices()) else "received"
    kind = request.GET.get("kind", "")
    kind = kind if kind in OpinionKind.values else ""
    page = page_of(request, list_opinions(actor, status=status, kind=kind), keys=("due_at", "id"))
    context = {
        "page": page,
        "status": status,
        "kind": kind,
        "tabs": FLOW.choices(),
        "kinds": OpinionKind.choices,
    }
    return render(request, "operations/opinions.html", context)


@staff_only
@never_cache
@require_safe
def opinion(request: HttpRequest, opinion_id: UUID) -> HttpResponse:
    """One, with the form of its answer."""
    return _answer_page(request, opinion_id)


def _answer_page(request: HttpRequest, opinion_id: UUID, form: WordsForm | None = None) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("operations.answer_opinions")
    found = get_opinion(actor, opinion_id=opinion_id)
    context = {
        "opinion": found,
        "turns": list_turns(actor, opinion=found),
        "photos": [
            {
                "url": f"/files/{file.county}/{file.id}/",
                "thumbnail_url": f"/files/{file.county}/{file.id}/thumb/",
                "label": "截图",
            }
            for file in list_files_of(actor, county=found.county, subject_ids=[found.id])
        ],
        "form": form or WordsForm(),
        "may_answer": found.status == "received",
    }
    return render(request, "operations/opinion.html", context, status=422 if form is not None and form.errors else 200)


@staff_only
@require_POST
def answer(request: HttpRequest, opinion_id: UUID) -> HttpResponse:
    """答复."""
    form = WordsForm(request.POST)
    if form.is_valid():
        try:
            actions.answer_opinion(actor=request.actor, opinion_id=opinion_id, text=form.cleaned_data["text"])  # type: ignore[attr-defined]
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, "答复了，写的人看得到。")
            return redirect("operations:opinions")
    return _answer_page(request, opinion_id, form)
