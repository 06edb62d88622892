"""随身资料: what a phone takes along for a week without signal, closed there under a key that no script can take out (UI.md 6)."""

import gzip
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.knowledge.queries import list_articles
from yijiaan.oneform.permissions import ANSWER
from yijiaan.oneform.queries import list_carried_forms
from yijiaan.patrols.queries import list_carried_visits
from yijiaan.registry.permissions import SEE_PEOPLE
from yijiaan.registry.queries import DUE_DAYS, list_carried

HOLDS = timedelta(days=7)
MOST_ARTICLES = 100


@staff_only
@never_cache
@require_safe
def carried(request: HttpRequest) -> HttpResponse:
    """Households, who is due, and guides, as one packed answer; never kept by a browser's cache."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = clock.now()
    households = list_carried(actor) if actor.may(SEE_PEOPLE) else []
    ids = [UUID(row.id) for row in households]
    names = area_names(actor, codes={row.area for row in households})
    due = (clock.local_day() - timedelta(days=DUE_DAYS)).isoformat()
    body = {
        "viewer": str(actor.user_id),
        "made": int(now.timestamp() * 1000),
        "until": int((now + HOLDS).timestamp() * 1000),
        "dueBefore": due,
        "areas": names,
        "households": [row.as_json() for row in households],
        "visits": list_carried_visits(actor),
        "forms": list_carried_forms(actor, household_ids=ids) if households and actor.may(ANSWER) else [],
        "articles": _articles(actor),
    }
    packed = gzip.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), 6, mtime=0)
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")  # nothing of the request stands in it
    response = HttpResponse(packed if is_packed else gzip.decompress(packed), content_type="application/json")
    response["Vary"] = "Accept-Encoding, Cookie"
    if is_packed:
        response["Content-Encoding"] = "gzip"
    return response


def _articles(actor: Actor) -> list[dict[str, Any]]:
    rows = list_articles(actor).filter(status="published")[:MOST_ARTICLES]
    return [
        {
            "title": row.title, "answer": row.answer, "who": row.who_may, "documents": row.documents, "place": row.place,
            "long": row.how_long, "phone": row.phone, "aliases": row.aliases,
        }
        for row in rows
    ]  # fmt: skip


@staff_only
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page that shows what the phone took along. It holds nothing of anybody: the phone may keep it."""
    return render(request, "portal/carried.html")
