"""The page behind a door plate. Anybody who stands before it may open it; it says nothing about who lives there."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.accounts.queries import PUBLIC, all_units, get_centre, list_people_of
from yijiaan.areas.models import LENGTH_OF
from yijiaan.areas.queries import area_names, get_area
from yijiaan.core.errors import NotFound
from yijiaan.registry.queries import get_plate

NUMBERED = re.compile(r"(.*?\S)\s*(\d+(?:-\d+)?)\s*号")


@never_cache
@require_safe
def plate(request: HttpRequest, code: str) -> HttpResponse:
    """The place, whom to ring, and a report with the place filled in."""
    try:
        found = get_plate(PUBLIC, code=code)
    except NotFound:
        return render(request, "portal/plate_unknown.html", status=404)
    village, grid = found.area_code[: LENGTH_OF["village"]], found.area_code
    names = area_names(PUBLIC, codes=[village, grid])
    head = list_people_of(PUBLIC, area_code=village, roles=("grid_head",)).first()
    unit = all_units(PUBLIC).get(head.unit_id) if head else None
    if unit is None or not unit.phone:  # what the village does not publish, the centre answers
        try:
            unit = unit or get_centre(PUBLIC, area_code=village)
            phone = unit.phone or get_centre(PUBLIC, area_code=village).phone
        except NotFound:
            phone = ""
    else:
        phone = unit.phone
    try:
        token = get_area(PUBLIC, code=village[: LENGTH_OF["town"]]).door_token
    except NotFound:
        token = None
    numbered = NUMBERED.fullmatch(found.place)
    context = {
        "plate": found,
        "road": numbered[1] if numbered else found.place,
        "house": numbered[2] if numbered else "",
        "village": names.get(village, ""),
        "grid": names.get(grid, "") if grid != village else "",
        "head": head.user.name if head else "",
        "unit": unit.name if unit else "",
        "phone": phone,
        "report_url": f"{reverse('cases:report', args=[token])}?plate={found.code}" if token else "",
        "find_url": reverse("cases:find", args=[token]) if token else "",
        "waiting_url": reverse("cases:waiting", args=[token]) if token else "",
    }
    answer = render(request, "portal/plate.html", context)
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
