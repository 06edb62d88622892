from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.queries import PUBLIC, get_centre, public_actor
from yijiaan.areas.models import Area
from yijiaan.areas.queries import get_area, get_door
from yijiaan.cases.actions import follow_case, rate_report, reopen_case, submit_report, urge_case, withdraw_report
from yijiaan.cases.flows import FLOW
from yijiaan.cases.forms import FindForm, PhotosForm, RateForm, ReportForm
from yijiaan.cases.further_forms import OwnWordsForm
from yijiaan.cases.limits import REOPEN_DAYS
from yijiaan.cases.models import Case, Channel, Report
from yijiaan.cases.queries import find_report, get_report_by_tracking, public_progress, reporter_actor
from yijiaan.cases.queries.page import EVIDENCE
from yijiaan.cases.timeline import public_lines
from yijiaan.cases.views import outbox
from yijiaan.cases.views.photos import keep_photos
from yijiaan.cases.views.show import drafts_done
from yijiaan.cases.views.voices import keep_voice, words_or_instead
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.files.access import answer_with
from yijiaan.engines.files.queries import get_file
from yijiaan.registry.actions import count_plate_use
from yijiaan.registry.models import Plate
from yijiaan.registry.queries import get_plate

View = Callable[..., HttpResponseBase]
NEARBY = Signer(salt="cases.nearby")


def by_tracking_code(view: View) -> View:
    """The view gets the report behind the code; the address is a key, so nothing may remember or pass it on.

    The referrer policy stays the site's same-origin: with no-referrer browsers send `Origin: null` and no form would pass.
    """

    @wraps(view)
    @never_cache
    def opened(request: HttpRequest, code: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, get_report_by_tracking(PUBLIC, code=code), *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return opened


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, token: str) -> HttpResponse:
    """报问题, without an account."""
    area = get_door(PUBLIC, token=token)
    plate = _plate_of(request, area)
    channel = Channel.PLATE if plate else Channel.SNAP
    actor = public_actor(area.code, channel)
    if request.method != "POST":
        form = ReportForm(actor=actor, area_code=area.code)
        if plate is not None:
            form.initial = {
                "place": plate.place, "area_code": form.village_of(plate.area_code), "lon": plate.lon, "lat": plate.lat,
            }  # fmt: skip
        return _report_page(request, area, form, plate)
    form = ReportForm(request.POST, request.FILES, actor=actor, area_code=area.code)
    if not form.is_valid():
        return _report_page(request, area, form, plate)
    sent = form.cleaned_data
    try:
        text = words_or_instead(actor, sent["text"], voice=sent["voice"], photos=sent["photos"])
        intake = outbox.aged(request, replace(form.intake(), text=text))
        if plate is not None and intake.lon is None and intake.area_code == form.village_of(plate.area_code):
            intake = replace(intake, area_code=plate.area_code)  # the plate may know the grid
        same = _followed(request)
        if same is not None:
            receipt = follow_case(actor=actor, intake=intake, case_id=same, door=area.code, channel=channel.value)
        else:
            receipt = submit_report(actor=actor, intake=intake, door=area.code, channel=channel.value)
    except RuleError as error:
        form.refuse(error, sent.get("category", ""))
        return _report_page(request, area, form, plate)
    except Conflict:
        if outbox.is_kept(request):
            return outbox.conflicting()
        form.add_error(None, "刚才那件已经收到了。这次写的不一样：要当另一件事报，请再点一次提交")
        form.new_key()
        return _report_page(request, area, form, plate)
    if plate is not None and receipt.is_new:
        count_plate_use(actor=actor, plate=plate, use="reported")
    report = get_report_by_tracking(actor, code=receipt.tracking_code)
    _, refused = keep_photos(reporter_actor(report), [*sent["photos"], *form.photos_for(intake.category)])
    refused = [*refused, *keep_voice(reporter_actor(report), sent["voice"])]
    if outbox.is_watched(request):
        _warn(request, refused)
    if outbox.is_kept(request):
        url = reverse("cases:receipt", args=[receipt.tracking_code])
        return outbox.took(request, intake, receipt, number=receipt.number, url=url, refused=refused)
    return redirect("cases:receipt", receipt.tracking_code)


def _followed(request: HttpRequest) -> UUID | None:
    """The case nearby that somebody says is the same; None when he chose none of those we showed."""
    try:
        return UUID(NEARBY.unsign(request.POST["follow"])) if request.POST.get("follow") else None
    except (BadSignature, ValueError):
        return None


@require_safe
def waiting(request: HttpRequest, token: str) -> HttpResponse:
    """还没传完的: what this phone has kept and not sent yet. The phone itself fills it in."""
    return render(request, "cases/public/waiting.html", {"area": get_door(PUBLIC, token=token)})


def _plate_of(request: HttpRequest, area: Area) -> Plate | None:
    """The door plate that was scanned, when it hangs in this town."""
    try:
        plate = get_plate(PUBLIC, code=request.POST.get("plate") or request.GET.get("plate", ""))
    except NotFound:
        return None
    return plate if plate.area_code.startswith(area.code) else None


def _report_page(request: HttpRequest, area: Area, form: ReportForm, plate: Plate | None) -> HttpResponse:
    if outbox.is_kept(request):
        return outbox.refused(form)
    context = {"form": form, "area": area, "plate": plate, "draft": f"report-{plate.code if plate else area.code}"}
    return render(request, "cases/public/report.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, report: Report, files: list[Any]) -> int:
    kept, refused = keep_photos(reporter_actor(report), files)
    _warn(request, refused)
    return kept


def _warn(request: HttpRequest, refused: list[str]) -> None:
    for sentence in refused:
        messages.warning(request, sentence)


def _door_of(report: Report) -> Area | None:
    """The town whose entry a reporter goes back to."""
    try:
        town = get_area(PUBLIC, code=report.area_code[:9])
    except NotFound:
        return None
    return town if town.door_token else None


def _phone_of(report: Report) -> str:
    """Whom a reporter rings to ask."""
    try:
        return get_centre(PUBLIC, area_code=report.area_code).phone or "12345"
    except NotFound:
        return "12345"


@by_tracking_code
@require_safe
def receipt(request: HttpRequest, report: Report) -> HttpResponse:
    """已收到: number, query code, promised time."""
    has_phone = report.reporters.filter(county=report.county, phone_search__isnull=False).exists()
    door = _door_of(report)
    context = {
        "report": report,
        "code": report.tracking_sealed,
        "query_code": report.query_code_sealed,
        "has_phone": has_phone,
        "area": door,
        "link": request.build_absolute_uri(f"/p/{report.tracking_sealed}/"),
        "draft_done": f"report-{door.code}" if door else "",
    }
    return render(request, "cases/public/receipt.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, token: str) -> HttpResponse:
    """查进度 by number and query code."""
    area = get_door(PUBLIC, token=token)
    form = FindForm(request.POST) if request.method == "POST" else FindForm()
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"].strip()
        if number[:1].isdigit():  # on the receipt the letters of the town stand before the digits
            number = area.letters + number
        try:
            found = find_report(PUBLIC, county=area.code[:6], number=number, query_code=form.cleaned_data["query_code"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return redirect("cases:progress", found.tracking_sealed)
    try:
        phone = get_centre(PUBLIC, area_code=area.code).phone
    except NotFound:
        phone = ""
    context = {"form": form, "area": area, "phone": phone or "12345"}
    return render(request, "cases/public/find.html", context, status=422 if form.errors else 200)


@by_tracking_code
@require_safe
def progress(request: HttpRequest, report: Report) -> HttpResponse:
    """How far it is, in plain words."""
    return _progress_page(request, report)


def _progress_page(
    request: HttpRequest, report: Report, forms: Mapping[str, OwnWordsForm] | None = None, status: int = 200
) -> HttpResponse:
    seen = public_progress(reporter_actor(report), report=report)
    context = {
        "progress": seen,
        "report": report,
        "draft_done": drafts_done(request),
        "code": report.tracking_sealed,
        "lines": public_lines(seen),
        "area": _door_of(report),
        "phone": _phone_of(report),
        "photos": [{"file": photo, "label": "办好以后的照片" if photo.purpose == "after" else "您报时的照片"} for photo in seen.photos],
        "voices": [{"url": reverse("cases:photo", args=[report.tracking_sealed, voice.id]), "seconds": voice.seconds} for voice in seen.voices],
        "forms": own_forms(seen.case, talks=bool(seen.talk)) | dict(forms or {}),
        "returned": forms or {},
    }  # fmt: skip
    return render(request, "cases/public/progress.html", context, status=status)


def own_forms(case: Case, *, talks: bool = False) -> dict[str, OwnWordsForm]:
    """What a reporter can still do with his matter: take it back, have it hurried, begin it again."""
    names = [name for name in ("urge", "withdraw") if FLOW.named(name).starts_from(case.status)]
    if case.status == "need_info":
        names.insert(0, "answer")
    if talks and case.is_open:
        names.append("reply")
    if case.status == "rejected" and case.closed_at is not None and clock.now() <= reopen_until(case):
        names.append("appeal")
    if case.status == "closed" and case.closed_at is not None and clock.now() <= reopen_until(case):
        names.append("reopen")
    return {name: OwnWordsForm(auto_id=f"id_{name}_%s") for name in names}


def reopen_until(case: Case) -> datetime:
    """Until when new facts begin a closed matter again."""
    return (case.closed_at or clock.now()) + timedelta(days=REOPEN_DAYS)


@by_tracking_code
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, report: Report) -> HttpResponse:
    """满意, 基本满意, 不满意; "not" sends it back once."""
    actor = reporter_actor(report)
    code = report.tracking_sealed
    form = RateForm(request.POST) if request.method == "POST" else RateForm()
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            case = rate_report(actor=actor, result=said["result"], reasons=said["reasons"], text=said["text"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            words = "谢谢您，收到了。" if case.status == "closed" else "收到了，我们会再联系您。"
            messages.success(request, "收到了，已经退回去重新办。" if case.status == "in_progress" else words)
            return redirect(f"{reverse('cases:progress', args=[code])}?done=rate-{report.number}")
    seen = public_progress(actor, report=report)
    if not seen.can_rate and not form.errors:
        return redirect("cases:progress", code)
    after = [photo for photo in seen.photos if photo.purpose == "after"]
    context = {"form": form, "progress": seen, "report": report, "code": code, "after": after}
    return render(request, "cases/public/rate.html", context, status=422 if form.errors else 200)


def own_deed(request: HttpRequest, report: Report, name: str, deed: Callable[..., Case], done: str) -> HttpResponse:
    """Something a reporter does to his own matter, said in words."""
    form = OwnWordsForm(request.POST)
    if form.is_valid():
        try:
            deed(actor=reporter_actor(report), text=form.cleaned_data["text"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, done)
            return redirect("cases:progress", report.tracking_sealed)
    return _progress_page(request, report, {name: form}, status=422)


@by_tracking_code
@require_POST
def withdraw(request: HttpRequest, report: Report) -> HttpResponse:
    """撤回诉求."""
    return own_deed(request, report, "withdraw", withdraw_report, "撤回了，办理单位会知道。")


@by_tracking_code
@require_POST
def urge(request: HttpRequest, report: Report) -> HttpResponse:
    """催一催, once a day."""
    return own_deed(request, report, "urge", urge_case, "替您催了，办理单位会收到提醒。")


@by_tracking_code
@require_POST
def reopen(request: HttpRequest, report: Report) -> HttpResponse:
    """又出问题了: new facts about a closed matter."""
    return own_deed(request, report, "reopen", reopen_case, "收到了，重新安排人来办。")


@by_tracking_code
@require_POST
def add_photos(request: HttpRequest, report: Report) -> HttpResponse:
    """More pictures from the reporter."""
    form = PhotosForm(request.POST, request.FILES)
    files = form.cleaned_data["photos"] if form.is_valid() else []
    kept = _keep(request, report, files)
    if kept:
        messages.success(request, f"加了 {kept} 张照片。")
    elif not files:
        messages.warning(request, "还没有选照片，请先点“拍照”。")
    return redirect("cases:progress", report.tracking_sealed)


@by_tracking_code
@require_safe
def photo(request: HttpRequest, report: Report, file_id: UUID, thumb: bool = False) -> HttpResponseBase:
    """One picture of the reporter's own matter."""
    file = get_file(reporter_actor(report), county=report.county, file_id=file_id)
    if file.purpose == EVIDENCE:
        raise NotFound
    return answer_with(file, thumb, request.headers.get("Range", ""))
