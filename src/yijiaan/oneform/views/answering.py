"""补表 at the desk: which rows lack something, and one row with what is known and what is asked."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.oneform import actions, deriving
from yijiaan.oneform import forms as shapes
from yijiaan.oneform.catalogue import sources
from yijiaan.oneform.permissions import ANSWER, EXPORT
from yijiaan.oneform.queries import (
    MOST_PLACES,
    get_form,
    get_row,
    list_columns,
    list_home_units,
    list_missing,
    list_place_units,
)
from yijiaan.oneform.views.desk import reader, state_pill
from yijiaan.registry.providers import subsets
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell
from yijiaan.ui.words import place_title

HEADS = ("哪一行", "所在网格", "还缺几项")
STATES = {
    "known": ("", ""), "waiting": ("待核实", "check"), "told": ("问来的", "done"), "none": ("没有", "hold"),
    "gap": ("还缺", "soon"), "blank": ("留空", "hold"), "hidden": ("看不到", "hold"),
}  # fmt: skip


@staff_only
@never_cache
@require_safe
def units(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """The rows of a form in a place: those that lack something, or all."""
    actor = reader(request)
    found = get_form(actor, form_id=form_id)
    columns = list_columns(actor, form=found)
    asked, shows_all = request.GET.get("area", ""), request.GET.get("all") == "1"
    area = asked if asked.isdigit() and actor.covers(asked) else ""
    page = None
    if found.is_per_household:
        rows = list_home_units(actor, form=found, columns=columns, area_code=area, only_gaps=not shows_all)
        page = page_of(request, rows, keys=("area_code", "id"))
        lines = [
            (str(home.id), home.address or f"户号 {home.household_no}", home.area_code, home.gap_count)
            for home in page.rows
        ]
    else:
        codes = list_place_units(actor, form=found, area_code=area)
        missing = list_missing(actor, form=found, columns=columns, codes=codes)
        wanted = [code for code in codes if shows_all or missing[code]][:MOST_PLACES]
        names = area_names(actor, codes=wanted)
        lines = [(code, names.get(code, code), code, missing[code]) for code in wanted]
    names = area_names(actor, codes={code[:length] for _, _, code, _ in lines for length in (12, 16)} | {area})
    table = [
        [
            Cell(title, "title", reverse("oneform:unit", args=[found.id, subject])),
            place_title(code, names),
            Cell(str(gaps or ""), "num"),
        ]
        for subject, title, code, gaps in lines
    ]
    context = {
        "one": found, "pill": state_pill(found), "heads": HEADS, "rows": table, "page": page, "area": names.get(area, "") if area else "",
        "area_code": area, "shows_all": shows_all, "may_export": actor.may(EXPORT),
    }  # fmt: skip
    return render(request, "oneform/units.html", context)


WHOLE = {
    "households": "household", "people": "person", "organisations": "organisation", "rooms": "room", "places": "place",
    "buildings": "building", "facilities": "facility", "vehicles": "vehicle",
}  # fmt: skip


def rows_behind(actor: Actor, cell: deriving.Cell, area_code: str) -> str:
    """Where the rows stand of which a cell is the number; empty where it is no number, or they are in no list."""
    source = sources()[cell.column.source]
    if source.family != "count":
        return ""
    key, here = source.key, f"area={area_code}"
    if key == "cases_open":
        return f"{reverse('cases:list')}?tab=all&{here}" if actor.may("cases.view") else ""
    if not actor.may("registry.see_people"):
        return ""
    if key.startswith("care_"):
        return f"{reverse('registry:care')}?care_kind={key.removeprefix('care_')}&{here}"
    if key in WHOLE:
        return f"{reverse('registry:listing', args=[WHOLE[key]])}?{here}"
    part = subsets().get(key)
    return f"{reverse('registry:listing', args=[part.kind])}?of={key}&{here}" if part else ""


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unit(request: HttpRequest, form_id: UUID, subject: str) -> HttpResponse:
    """One row: every cell with its source and day, and a small form that asks what is missing."""
    actor = reader(request)
    found = get_form(actor, form_id=form_id)
    columns = list_columns(actor, form=found)
    row = get_row(actor, form=found, columns=columns, subject=subject)
    may_answer = actor.may(ANSWER) and found.is_asking
    # what somebody else told meanwhile is asked no more, but what was typed here is not thrown away
    asked = [column for column in columns if column in row.gaps or f"c{column.place}" in request.POST]
    shape = shapes.AnswerForm(request.POST if request.method == "POST" else None, columns=asked)
    if request.method == "POST":
        actor.require(ANSWER)
        if shape.is_valid():
            try:
                actions.answer_unit(
                    actor=actor,
                    form_id=form_id,
                    subject=subject,
                    told=shape.told(),
                    client_key=shape.cleaned_data["client_key"],
                )
            except RuleError as error:
                apply_rule_error(shape, error)
            except Conflict as error:
                shape.add_error(None, error.message)
            else:
                messages.success(request, "记下了。别的表再问同样的，不用再填。")
                return redirect("oneform:unit", form_id, subject)
    names = area_names(actor, codes=[row.area_code])
    cells = [
        {
            "cell": cell, "label": cell.column.label or f"第 {cell.column.place + 1} 列", "state": STATES[cell.state],
            "url": rows_behind(actor, cell, row.area_code) if cell.text and row.household is None else "",
        }
        for cell in row.cells
    ]  # fmt: skip
    context = {
        "one": found, "row": row, "form": shape, "cells": cells, "area": names.get(row.area_code, ""), "may_answer": may_answer,
        "base": reverse("registry:record", args=["household", row.household.id]) if row.household else "",
    }  # fmt: skip
    return render(request, "oneform/unit.html", context, status=422 if shape.errors else 200)
