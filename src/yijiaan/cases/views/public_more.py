"""What a reporter does besides the straight way: look whether somebody reported it already, answer a question, ask for another look."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from yijiaan.accounts.queries import PUBLIC, public_actor
from yijiaan.areas.queries import find_grid, get_door
from yijiaan.cases.actions import answer_question, appeal_rejection, reply_to_relay
from yijiaan.cases.forms import number_or_none
from yijiaan.cases.intake import Intake, point_of
from yijiaan.cases.models import Channel, Report
from yijiaan.cases.queries import category_of, list_nearby
from yijiaan.cases.queries.suggest import suggest_category
from yijiaan.cases.views.public import NEARBY, by_tracking_code, own_deed
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7

MOST_TEXT = 300


@never_cache
@require_safe
def nearby(request: HttpRequest, token: str) -> HttpResponse:
    """Whether somebody reported it already: kind, distance, time and state, nobody's words. Empty when nothing is alike."""
    area = get_door(PUBLIC, token=token)
    actor = public_actor(area.code, Channel.SNAP)
    asked = request.GET
    text = asked.get("text", "")[:MOST_TEXT].replace("\0", "")
    try:
        point = point_of(
            Intake(
                text=text,
                client_key=uuid7(),
                lon=number_or_none(asked.get("lon", "")),
                lat=number_or_none(asked.get("lat", "")),
            )
        )
    except RuleError:
        point = None
    where = ""
    if point is not None:
        where = find_grid(actor, county=actor.county, lon=point[0], lat=point[1]) or ""
    elif asked.get("area_code", "").startswith(area.code) and asked["area_code"].isdigit():
        where = asked["area_code"][:16]
    found = list_nearby(
        actor, area_code=where, text=text, lon=point[0] if point else None, lat=point[1] if point else None
    ) if where else []  # fmt: skip
    lines: list[dict[str, Any]] = []
    for similar in found[:3]:
        category = category_of(actor, case=similar.case) or getattr(
            suggest_category(actor, text=similar.case.title), "category", None
        )
        lines.append(
            {
                "key": NEARBY.sign(str(similar.case.id)),
                "what": category.name if category else "",
                "words": similar.public_words,
                "people": similar.case.report_count,
                "is_begun": similar.case.status in ("in_progress", "coordinating"),
            }
        )
    return render(request, "cases/public/nearby.html", {"lines": lines})


@by_tracking_code
@require_POST
def answer(request: HttpRequest, report: Report) -> HttpResponse:
    """补充: what we asked for."""
    return own_deed(request, report, "answer", answer_question, "收到了，马上接着办。")


@by_tracking_code
@require_POST
def appeal(request: HttpRequest, report: Report) -> HttpResponse:
    """复核: why it should be taken up after all."""
    return own_deed(request, report, "appeal", appeal_rejection, "收到了，换一个人重新看。")


@by_tracking_code
@require_POST
def reply(request: HttpRequest, report: Report) -> HttpResponse:
    """回话: an answer to what the unit said."""
    return own_deed(request, report, "reply", reply_to_relay, "回话收到了，办理单位看得到。")
