"""报事源头: the lists that a village keeps, and the quick link by which its people tell and hear what came of it."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.accounts.queries import PUBLIC, get_centre, public_actor
from yijiaan.areas.queries import area_names
from yijiaan.cases.actions import submit_from_source
from yijiaan.cases.models import Channel
from yijiaan.cases.queries import (
    count_told,
    count_told_by,
    get_report_by_tracking,
    list_told_by,
    reporter_actor,
)
from yijiaan.cases.queries.page import told_words
from yijiaan.cases.source_forms import SeeSourceForm, SourceForm, SourceReportForm
from yijiaan.cases.views.photos import keep_photos
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.registry.actions import PURPOSES, add_source, end_source, issue_link, revoke_link, see_source
from yijiaan.registry.models import TrustedReporter
from yijiaan.registry.queries import get_source, get_source_by_link, list_looks_at, list_sources, masked_source
from yijiaan.ui.answers import lead_on
from yijiaan.ui.words import deadline_words

MOST_LISTED = 2000  # a county of some 400 villages with five people each
View = Callable[..., HttpResponseBase]


def _face(request: HttpRequest) -> str:
    """Whoever works on the phone sees the lists there."""
    return "field/" if request.post.role.landing == "cases:field" else ""  # type: ignore[attr-defined]


# ---- those who keep the lists ----


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The people of each village, what came through them, and somebody new."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("registry.keep_sources")
    form = SourceForm(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            add_source(actor=actor, facts=form.facts(), client_key=form.cleaned_data["client_key"])
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "登记好了。点他的名字，给他发报事链接。")
            return redirect("cases:sources")
    told = count_told(actor) if actor.may("cases.view") else {}
    people: dict[str, list[dict[str, Any]]] = {}
    for source in list_sources(actor)[:MOST_LISTED]:
        people.setdefault(source.area_code, []).append(
            {"source": source, "masked": masked_source(actor, source=source)}
        )
    names = area_names(actor, codes=[*people, *told])
    villages = [
        {
            "code": code,
            "name": names.get(code, code),
            "active": [line for line in people.get(code, ()) if line["source"].is_active],
            "left": sum(not line["source"].is_active for line in people.get(code, ())),
            "told": told.get(code),
        }
        for code in sorted({*people, *told})
    ]
    context = {"form": form, "villages": villages, "channel": Channel.TRUSTED.value}
    return render(request, f"cases/{_face(request)}sources.html", context, status=422 if form.errors else 200)


@staff_only
@never_cache
@require_safe
def source(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """One of them."""
    return _source_page(request, source_id)


def _source_page(
    request: HttpRequest,
    source_id: UUID,
    *,
    form: SeeSourceForm | None = None,
    seen: Mapping[str, str] | None = None,
    code: str = "",
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("registry.keep_sources")
    found = get_source(actor, source_id=source_id)
    link = request.build_absolute_uri(reverse("cases:source_home", args=[code])) if code else ""
    context = {
        "source": found,
        "masked": masked_source(actor, source=found),
        "village": area_names(actor, codes=[found.area_code]).get(found.area_code, ""),
        "form": form or SeeSourceForm(),
        "returned": form is not None,
        "seen": seen,
        "link": link,
        "qr": segno.make(link, error="m").svg_data_uri(scale=4, border=2, light="#fff") if link else "",
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, f"cases/{_face(request)}source.html", context, status=status)


@staff_only
@never_cache
@require_POST
def see(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Name and phone in full, this once."""
    form = SeeSourceForm(request.POST)
    if form.is_valid():
        try:
            seen = see_source(actor=request.actor, source_id=source_id, purpose=form.cleaned_data["purpose"])  # type: ignore[attr-defined]
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return _source_page(request, source_id, seen=seen)
    return _source_page(request, source_id, form=form)


@staff_only
@never_cache
@require_POST
def issue(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """发链接: shown this once, to be handed over."""
    try:
        _, code = issue_link(actor=request.actor, source_id=source_id)  # type: ignore[attr-defined]
    except RuleError as error:
        messages.warning(request, error.message)
        return redirect("cases:source", source_id)
    return _source_page(request, source_id, code=code)


@staff_only
@require_POST
def revoke(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """收回链接."""
    revoke_link(actor=request.actor, source_id=source_id)  # type: ignore[attr-defined]
    messages.success(request, "收回了，原来的链接打不开了。要用再发一个。")
    return redirect("cases:source", source_id)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """退出: on its own page, for it deletes."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("registry.keep_sources")
    found = get_source(actor, source_id=source_id)
    if request.method == "POST":
        end_source(actor=actor, source_id=source_id)
        messages.success(request, "退出了，姓名和电话已经删掉。谢谢他这些日子的帮忙。")
        return lead_on(request, reverse("cases:sources"))
    context = {
        "source": found,
        "masked": masked_source(actor, source=found),
        "back": reverse("cases:source", args=[found.id]),
    }
    return render(request, f"cases/{_face(request)}end_source.html", context)


# ---- whoever holds a quick link ----


def by_link(view: View) -> View:
    """The view gets the person behind the code; the address is a key, so nothing may remember or pass it on."""

    @wraps(view)
    @never_cache
    def opened(request: HttpRequest, code: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, get_source_by_link(PUBLIC, code=code), code.upper(), *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return opened


def _actor_of(source: TrustedReporter) -> Actor:
    return public_actor(source.area_code, Channel.TRUSTED.value)


@by_link
@require_safe
def home(request: HttpRequest, source: TrustedReporter, code: str) -> HttpResponse:
    """Report, what came of what he told, thanks, and who looked at his phone."""
    actor = _actor_of(source)
    reports = list_told_by(actor, source=source)
    try:
        phone = get_centre(PUBLIC, area_code=source.area_code).phone or "12345"
    except NotFound:
        phone = "12345"
    context = {
        "source": source,
        "code": code,
        "village": area_names(actor, codes=[source.area_code]).get(source.area_code, ""),
        "lines": [{"report": report, **told_words(actor, report=report)} for report in reports],
        "count": count_told_by(actor, source=source),
        "looks": [
            {
                "unit": entry.post.unit.name if entry.post else "",
                "post": (entry.post.title or entry.post.role.name) if entry.post else "",
                "purpose": PURPOSES.get(entry.data.get("purpose", ""), ""),
                "at": entry.happened_at,
            }
            for entry in list_looks_at(actor, source=source)
        ],
        "phone": phone,
    }
    return render(request, "cases/public/source_home.html", context)


@by_link
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, source: TrustedReporter, code: str) -> HttpResponse:
    """报一件事, with name and village known."""
    actor = _actor_of(source)
    if request.method != "POST":
        return _report_page(request, source, code, SourceReportForm(actor=actor, source=source))
    form = SourceReportForm(request.POST, request.FILES, actor=actor, source=source)
    if not form.is_valid():
        return _report_page(request, source, code, form)
    try:
        receipt = submit_from_source(actor=actor, source=source, intake=form.intake())
    except RuleError as error:
        apply_rule_error(form, error)
        return _report_page(request, source, code, form)
    except Conflict:
        form.add_error(None, "刚才那件已经收到了。要另报一件，请退回去重新点“报一件事”")
        return _report_page(request, source, code, form)
    told = get_report_by_tracking(actor, code=receipt.tracking_code)
    _, refused = keep_photos(reporter_actor(told), form.cleaned_data["photos"])
    for sentence in refused:
        messages.warning(request, sentence)
    messages.success(
        request, f"收到了，编号 {receipt.number}，{deadline_words(receipt.promised_at)}有人联系您。办得怎么样，看下面。"
    )
    return redirect("cases:source_home", code)


def _report_page(request: HttpRequest, source: TrustedReporter, code: str, form: SourceReportForm) -> HttpResponse:
    context = {"form": form, "source": source, "code": code}
    return render(request, "cases/public/source_report.html", context, status=422 if form.errors else 200)
