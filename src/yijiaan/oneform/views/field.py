"""补表 on the phone: the forms that ask something, who lacks what, and the small form that a phone keeps before it sends it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.oneform import actions
from yijiaan.oneform import forms as shapes
from yijiaan.oneform.catalogue import sources
from yijiaan.oneform.models import FormColumn, UnitKind
from yijiaan.oneform.permissions import ANSWER
from yijiaan.oneform.queries import (
    MOST_PLACES,
    get_form,
    list_asking,
    list_columns,
    list_home_units,
    list_place_units,
    rows_of_homes,
    rows_of_places,
)
from yijiaan.ui import kept
from yijiaan.ui.paging import page_of

NEVER_ASKED = ("constant", "blank", "count")


def teller(request: HttpRequest) -> Actor:
    """Who tells what is missing."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(ANSWER)
    return actor


def askable(columns: list[FormColumn]) -> list[FormColumn]:
    """The columns that somebody may have to be asked for; of several that mean the same the first."""
    found = [column for column in columns if sources()[column.source].family not in NEVER_ASKED]
    found = [column for column in found if column.source != "home.checked_on"]
    return list({column.answer_key: column for column in reversed(found)}.values())[::-1]


@staff_only
@never_cache
@require_safe
def forms(request: HttpRequest) -> HttpResponse:
    """The forms that ask something today. Nobody's name stands here: the phone keeps this page."""
    actor = teller(request)
    own = {UnitKind.GRID: 16, UnitKind.VILLAGE: 12}
    rows = [
        {"form": form, "own": [code for code in actor.areas if len(code) == own.get(UnitKind(form.per))]}
        for form in list_asking(actor)
    ]
    return render(request, "oneform/field/forms.html", {"rows": rows})


@staff_only
@never_cache
@require_safe
def units(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """Which households, grids or villages of one's own lack something for a form."""
    actor = teller(request)
    found = get_form(actor, form_id=form_id)
    columns = list_columns(actor, form=found)
    page: Any = None
    if found.is_per_household:
        homes = list_home_units(actor, form=found, columns=columns).select_related("room")
        page = page_of(request, homes, keys=("area_code", "id"))
        rows = rows_of_homes(actor, form=found, columns=columns, households=page.rows)
    else:
        codes = list_place_units(actor, form=found)[:MOST_PLACES]
        rows = [row for row in rows_of_places(actor, form=found, columns=columns, codes=codes) if row.gaps]
    names = area_names(actor, codes={row.area_code for row in rows})
    address = reverse("oneform:fill", args=[found.id])
    lines = [
        {
            "title": row.title, "area": names.get(row.area_code, "") if found.is_per_household else "", "count": len(row.gaps),
            "labels": "、".join(column.label for column in row.gaps[:4]),
            "url": f"{address}?unit={row.subject}&ask={','.join(str(column.place) for column in row.gaps)}",
        }
        for row in rows
    ]  # fmt: skip
    return render(request, "oneform/field/units.html", {"one": found, "lines": lines, "page": page})


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """The small form. The page holds every question of the form and nothing of anybody: the phone keeps it, and hides what is known."""
    actor = teller(request)
    found = get_form(actor, form_id=form_id)
    columns = askable(list_columns(actor, form=found))
    if request.method != "POST":
        return _page(request, found, shapes.AnswerForm(columns=columns))
    stopped = kept.refuse_owner(request, actor.user_id)
    if stopped is not None:
        return stopped
    shape = shapes.AnswerForm(request.POST, columns=columns)
    if not shape.is_valid():
        return _page(request, found, shape)
    is_kept = kept.is_kept(request)
    seen_at = clock.now() - kept.kept_form(request).kept_for() if is_kept else None
    key, subject = shape.cleaned_data["client_key"], request.GET.get("unit", "")
    try:
        if not subject:
            raise RuleError("no_unit", "请先从单子里打开要补的那一户、那个网格")
        actions.answer_unit(
            actor=actor, form_id=form_id, subject=subject, told=shape.told(), client_key=key, seen_at=seen_at
        )
    except RuleError as error:
        apply_rule_error(shape, error)
        return _page(request, found, shape)
    except NotFound:
        shape.add_error(None, "这一户、这个网格现在不归您管，或者不在这张表里，请从单子里重新打开")
        return _page(request, found, shape)
    except Conflict as error:
        if is_kept:
            return kept.conflicting()
        shape.add_error(None, error.message)
        return _page(request, found, shape)
    url = reverse("oneform:field_units", args=[form_id])
    if is_kept:
        return kept.took(request, client_key=key, number="", url=url, refused=[])
    messages.success(request, "记下了。别的表再问同样的，不用再填。")
    return redirect(url)


def _page(request: HttpRequest, found: Any, shape: shapes.AnswerForm) -> HttpResponse:
    if kept.is_kept(request):
        return kept.refused(shape)
    context = {"one": found, "form": shape}
    return render(request, "oneform/field/fill.html", context, status=422 if shape.errors else 200)
