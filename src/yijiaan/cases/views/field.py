from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.cases.actions import submit_report, submit_solved
from yijiaan.cases.forms import FieldReportForm
from yijiaan.cases.models import Channel
from yijiaan.cases.queries import get_report_by_tracking, list_reported_by, list_waiting
from yijiaan.cases.views.photos import keep_photos
from yijiaan.cases.views.show import show_case
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error

MOST_SHOWN = 30
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


def _grid_of(actor: Actor) -> str:
    return actor.areas[0] if actor.areas else ""


@staff_only
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """工作台: report, what waits for me, what I reported."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.view")
    waiting = list(list_waiting(actor)[: MOST_SHOWN + 1])
    reported = list(list_reported_by(actor)[:10])
    codes = [case.area_code for case in (*waiting, *reported)]
    context = {
        "waiting": waiting[:MOST_SHOWN],
        "has_more": len(waiting) > MOST_SHOWN,
        "reported": reported,
        "names": area_names(actor, codes=[*codes, *actor.areas]),
        "grid": _grid_of(actor),
        "may_report": actor.may("cases.register"),
        "heads": actor.may("cases.sign"),
        "unit_id": actor.unit_id,
    }
    return render(request, "cases/field/home.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """上报事件: hand up, or solved on the spot, in one form."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("cases.register")
    grid = _grid_of(actor)
    if request.method != "POST":
        form = FieldReportForm(actor=actor, area_code=grid, initial={"area_code": grid})
        return _report_page(request, form)
    form = FieldReportForm(request.POST, request.FILES, actor=actor, area_code=grid)
    if not form.is_valid():
        return _report_page(request, form)
    channel = Channel.GRID_WORKER.value
    try:
        if form.cleaned_data["way"] == "solved":
            receipt = submit_solved(
                actor=actor, intake=form.intake(), door=grid, channel=channel, result=form.cleaned_data["result"]
            )
        else:
            receipt = submit_report(actor=actor, intake=form.intake(), door=grid, channel=channel)
    except RuleError as error:
        apply_rule_error(form, error)
        return _report_page(request, form)
    except Conflict:
        form.add_error(None, "刚才那件已经交了。这次写的不一样：要当另一件报，请再点一次提交")
        form.new_key()
        return _report_page(request, form)
    number = receipt.case_number
    _, refused = keep_photos(actor, form.cleaned_data["photos"], number=number)
    request.session["field_photos"] = refused
    return redirect("cases:field_receipt", receipt.tracking_code)


def _report_page(request: HttpRequest, form: FieldReportForm) -> HttpResponse:
    town = _grid_of(request.actor)[:9]  # type: ignore[attr-defined]
    context = {"form": form, "icons": ICONS, "town": town}
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
