"""The pages behind a door plate. Anybody who stands before it may open them; they say nothing about who lives there."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.queries import PUBLIC, all_units, get_centre, list_people_of, public_actor
from yijiaan.areas.models import LENGTH_OF
from yijiaan.areas.queries import area_names, get_area
from yijiaan.cases.actions import Intake, submit_report
from yijiaan.cases.models import Channel
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.web import apply_rule_error
from yijiaan.portal.forms import CallBackForm
from yijiaan.registry.actions import count_plate_use
from yijiaan.registry.models import Plate
from yijiaan.registry.queries import county_of_number, get_plate, get_successor

NUMBERED = re.compile(r"(.*?\S)\s*(\d+(?:-\d+)?)\s*号")
CALL_BACK = "请给我回个电话，有事想在电话里说。"
COUNTED = "HTTP_X_PLATE"  # a header that no foreign page can send without asking first


@never_cache
@require_safe
def plate(request: HttpRequest, code: str) -> HttpResponse:
    """The place, whom to ring, a report with the place filled in, a wish to be rung."""
    try:
        found = get_plate(PUBLIC, code=code)
    except NotFound:
        return _unknown(request, code)
    village, grid = found.area_code[: LENGTH_OF["village"]], found.area_code
    names = area_names(PUBLIC, codes=[village, grid])
    token = _door_of(found)
    numbered = NUMBERED.fullmatch(found.place)
    context = {
        "plate": found,
        "road": numbered[1] if numbered else found.place,
        "house": numbered[2] if numbered else "",
        "village": names.get(village, ""),
        "grid": names.get(grid, "") if grid != village else "",
        "report_url": f"{reverse('cases:report', args=[token])}?plate={found.code}" if token else "",
        "find_url": reverse("cases:find", args=[token]) if token else "",
        "guides_url": reverse("knowledge:guides", args=[token]) if token else "",
        "waiting_url": reverse("cases:waiting", args=[token]) if token else "",
        "call_back_url": reverse("portal:plate_call_back", args=[found.code]) if token else "",
        **_whom_to_ring(village),
    }
    if not found.is_in_use:
        now = get_successor(PUBLIC, plate=found)
        context |= {"is_over": True, "now_url": reverse("portal:plate", args=[now.code]) if now else ""}
    if request.method == "GET":
        count_plate_use(actor=PUBLIC, plate=found, use="opened")
    return _closed_to_robots(render(request, "portal/plate.html", context))


def _whom_to_ring(village: str) -> dict[str, str]:
    """The number of the village, or of the centre where the village publishes none."""
    head = list_people_of(PUBLIC, area_code=village, roles=("grid_head",)).first()
    unit = all_units(PUBLIC).get(head.unit_id) if head else None
    if unit is None or not unit.phone:
        try:
            unit = unit or get_centre(PUBLIC, area_code=village)
            phone = unit.phone or get_centre(PUBLIC, area_code=village).phone
        except NotFound:
            phone = ""
    else:
        phone = unit.phone
    return {"head": head.user.name if head else "", "unit": unit.name if unit else "", "phone": phone}


def _unknown(request: HttpRequest, code: str) -> HttpResponse:
    """No such plate; an older one that nobody registered yet says so."""
    context = {"number": code.strip().upper() if county_of_number(PUBLIC, number=code) else ""}
    return render(request, "portal/plate_unknown.html", context, status=404)


def _door_of(found: Plate) -> str:
    """The entry of the town that the plate hangs in; empty when it is not open."""
    try:
        return str(get_area(PUBLIC, code=found.area_code[: LENGTH_OF["town"]]).door_token or "")
    except NotFound:
        return ""


def _closed_to_robots(answer: HttpResponse) -> HttpResponse:
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@csrf_exempt
@never_cache
@require_POST
def called(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody pressed the number to ring: one more for the day, and nothing else is kept."""
    if COUNTED in request.META:
        count_plate_use(actor=PUBLIC, plate=get_plate(PUBLIC, code=code), use="called")
    return HttpResponse(status=204)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def call_back(request: HttpRequest, code: str) -> HttpResponse:
    """请回电话: a phone number is enough; it becomes a report that asks for help, with the place of the plate."""
    found = get_plate(PUBLIC, code=code)
    token = _door_of(found)
    if not token:
        raise NotFound
    form = CallBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        town = found.area_code[: LENGTH_OF["town"]]
        actor = public_actor(town, Channel.PLATE)
        try:
            receipt = submit_report(
                actor=actor, intake=_call_back_of(found, form), door=town, channel=Channel.PLATE.value
            )
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict:
            form.add_error(None, "刚才那个号码已经收到了。要换一个号码，请再点一次提交")
            form.new_key()
        else:
            if receipt.is_new:
                count_plate_use(actor=actor, plate=found, use="reported")
            return redirect("cases:receipt", receipt.tracking_code)
    context = {"form": form, "plate": found, "back": reverse("portal:plate", args=[found.code])}
    answer = render(request, "portal/plate_call_back.html", context, status=422 if form.errors else 200)
    return _closed_to_robots(answer)


def _call_back_of(found: Plate, form: CallBackForm) -> Intake:
    said: dict[str, Any] = form.cleaned_data
    return Intake(
        text=CALL_BACK, client_key=said["client_key"], wish="回电话", reporter_phone=said["phone"], place=found.place,
        area_code=found.area_code, lon=found.lon, lat=found.lat,
    )  # fmt: skip
