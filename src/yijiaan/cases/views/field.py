from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.accounts.queries import all_units
from yijiaan.areas.queries import area_names
from yijiaan.cases.actions import ProxyFacts, submit_by_proxy, submit_report, submit_solved
from yijiaan.cases.field_posts import field_post_of
from yijiaan.cases.flows import OPEN
from yijiaan.cases.forms import FieldReportForm
from yijiaan.cases.models import Channel, ProxyRelation
from yijiaan.cases.queries import (
    count_by_status,
    count_late,
    first_photos,
    get_report_by_tracking,
    list_reported_by,
    list_waiting,
    list_worklist,
)
from yijiaan.cases.source_forms import TellForForm
from yijiaan.cases.views import outbox
from yijiaan.cases.views.photos import keep_photos
from yijiaan.cases.views.show import drafts_done, show_case
from yijiaan.cases.views.voices import keep_voice, words_or_instead
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.ui.paging import page_of

MOST_SHOWN = 30
SOLVED = "当场解决了"
ICONS = {
    "01": "scale",
    "02": "triangle-alert",
    "03": "construction",
    "04": "lightbulb",
    "05": "trash-2",
    "06": "tractor",
    "07": "hand-heart",
    "08": "school",
    "09": "shield-alert",
    "10": "store",
    "11": "message-square-warning",
    "99": "ellipsis",
}


def _open_count(actor: Actor) -> int:
    counts = count_by_status(actor)
    return sum(counts[status] for status in OPEN)


def _grid_of(actor: Actor) -> str:
    """Where he works: his first area, or his unit's where his post has none of its own."""
    if actor.areas or actor.unit_id is None:
        return actor.areas[0] if actor.areas else ""
    unit = all_units(actor).get(actor.unit_id)
    return unit.area_id if unit else ""


@staff_only
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """工作台: report, what waits for me, what I reported."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.view")
    post = field_post_of(actor)
    mine = list_worklist(actor).filter(post.cases(actor)) if post else list_waiting(actor)
    waiting = list(mine[: MOST_SHOWN + 1])
    reported = list(list_reported_by(actor)[:10])
    codes = [case.area_code for case in (*waiting, *reported)]
    heads = actor.may("cases.sign")
    shown = waiting[:MOST_SHOWN]
    photos = first_photos(actor, cases=shown)
    context = {
        "waiting": shown,
        "post": post,
        "rows": [{"case": case, "photo": photos.get(case.id)} for case in shown],
        "has_more": len(waiting) > MOST_SHOWN,
        "reported": reported,
        "names": (names := area_names(actor, codes=[*codes, *actor.areas])),
        "grid_name": "" if heads else names.get(_grid_of(actor), ""),
        "may_report": actor.may("cases.register"),
        "heads": heads,
        "may_keep_sources": actor.may("registry.keep_sources"),
        "draft_done": drafts_done(request),
        "unit_id": actor.unit_id,
        "open_count": _open_count(actor) if heads else 0,
        "late_count": count_late(actor, now=clock.now()) if heads else 0,
    }
    return render(request, "cases/field/home.html", context)


@staff_only
@never_cache
@require_safe
def village(request: HttpRequest) -> HttpResponse:
    """本村在办: what is open in my area, whoever has it, by time left."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.view")
    post = field_post_of(actor)
    mine = list_worklist(actor).filter(post.cases(actor)) if post else list_worklist(actor)
    page = page_of(request, mine, keys=("next_due_at", "id"), unit="件")
    names = area_names(actor, codes=[case.area_code for case in page.rows])
    context = {
        "page": page,
        "names": names,
        "post": post,
        "open_count": mine.order_by().count() if post else _open_count(actor),
    }
    return render(request, "cases/field/village.html", context)


@staff_only
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """待传箱: what this phone has kept and not sent yet. The phone itself fills it in."""
    return render(request, "cases/field/waiting.html")


@staff_only
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What stands in for the field pages while there is no signal: nothing about any case or person."""
    actor = request.actor  # type: ignore[attr-defined]
    return render(request, "cases/field/offline.html", {"may_report": actor.may("cases.register")})


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """上报事件: hand up, or solved on the spot, in one form; from a phone's outbox as well."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.register")
    grid, post = _grid_of(actor), field_post_of(actor)
    if request.method != "POST":
        form = FieldReportForm(actor=actor, area_code=grid, post=post, initial={"area_code": grid})
        return _report_page(request, form)
    stopped = outbox.refuse_owner(request, actor)
    if stopped is not None:
        return stopped
    form = FieldReportForm(request.POST, request.FILES, actor=actor, area_code=grid, post=post)
    if not form.is_valid():
        return _report_page(request, form)
    for_form = TellForForm(request.POST)
    if not for_form.is_valid():
        return _report_page(request, form, for_form)
    channel, sent = Channel.GRID_WORKER.value, form.cleaned_data
    try:
        text = words_or_instead(actor, sent["text"], voice=sent["voice"], photos=sent["photos"])
        intake = outbox.aged(request, replace(form.intake(), text=text))
        result = (sent["result"].strip() or SOLVED) if sent["way"] == "solved" else ""
        if for_form.is_meant and not (post and post.is_confidential):
            intake = replace(
                intake,
                reporter_name=for_form.cleaned_data["for_name"],
                reporter_phone=for_form.cleaned_data["for_phone"],
            )
            worker = ProxyFacts(ProxyRelation.GRID_WORKER.value)
            receipt = submit_by_proxy(
                actor=actor, intake=intake, proxy=worker, door=grid, channel=channel, result=result
            )
        elif result:
            receipt = submit_solved(actor=actor, intake=intake, door=grid, channel=channel, result=result)
        else:
            receipt = submit_report(actor=actor, intake=intake, door=grid, channel=channel)
    except RuleError as error:
        if for_form.is_meant and error.field in ("name", "phone", "for_name"):
            apply_rule_error(for_form, RuleError(error.code, error.message, f"for_{error.field.removeprefix('for_')}"))
            form.add_error(None, error.message)
        else:
            form.refuse(error, sent["leaf"] or sent["category"])
        return _report_page(request, form, for_form)
    except Conflict:
        if outbox.is_kept(request):
            return outbox.conflicting()
        form.add_error(None, "刚才那件已经交了。这次写的不一样：要当另一件报，请再点一次提交")
        form.new_key()
        return _report_page(request, form)
    number = receipt.case_number
    photos = [*sent["photos"], *form.photos_for(intake.category)]
    _, refused = keep_photos(actor, photos, number=number)
    refused = [*refused, *keep_voice(actor, sent["voice"], number=number)]
    if outbox.is_watched(request):
        request.session["field_photos"] = refused
    if outbox.is_kept(request):
        url = reverse("cases:field_receipt", args=[receipt.tracking_code])
        return outbox.took(request, intake, receipt, number=number, url=url, refused=refused)
    return redirect("cases:field_receipt", receipt.tracking_code)


def _report_page(request: HttpRequest, form: FieldReportForm, for_form: TellForForm | None = None) -> HttpResponse:
    if outbox.is_kept(request):
        return outbox.refused(form)
    town = _grid_of(request.actor)[:9]  # type: ignore[attr-defined]
    post = form.post
    icons = ICONS | {code: ICONS[code[:2]] for code in (post.categories if post else ())}
    context = {"form": form, "for_form": for_form or TellForForm(), "icons": icons, "town": town, "post": post}
    return render(request, "cases/field/report.html", context, status=422 if form.errors else 200)


@staff_only
@never_cache
@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """What became of it, and the way to the next: only to the post that reported it."""
    actor = request.actor  # type: ignore[attr-defined]
    report = get_report_by_tracking(actor, code=code)
    if report.entered_by_id != actor.post_id:
        raise NotFound
    context = {
        "report": report,
        "case": report.case,
        "refused": request.session.pop("field_photos", []),
        "place": area_names(actor, codes=[report.area_code]).get(report.area_code, ""),
        "draft_done": "field-report",
    }
    return render(request, "cases/field/receipt.html", context)


@staff_only
@never_cache
@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case on the phone."""
    return show_case(request, number, face="field")
