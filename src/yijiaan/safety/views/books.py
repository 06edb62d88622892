"""年度结账: the proof of a year, what is left, and the two deeds that settle it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.safety import actions
from yijiaan.safety.forms import CarryForm
from yijiaan.safety.queries import list_ledgers, list_left, list_years, read_books

MOST_SHOWN = 200


def _ticked(values: list[str]) -> list[UUID]:
    try:
        return [UUID(value) for value in values]
    except ValueError as error:
        raise NotFound from error


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def books(request: HttpRequest) -> HttpResponse:
    """A year of a ledger; sent, what was ticked is carried over to the next."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("safety.view")
    codes = list_ledgers(actor)
    asked = request.POST if request.method == "POST" else request.GET
    code = asked.get("ledger", "")
    code = code if code in codes else (codes[0] if codes else "")
    years = list_years(actor, ledger_code=code) if code else []
    number = asked.get("year", "")
    year = next((row for row in years if str(row.year) == number), years[0] if years else None)
    form = CarryForm(request.POST if request.method == "POST" else None)
    chosen = request.POST.getlist("hazard") if request.method == "POST" else []
    if request.method == "POST" and year is not None and form.is_valid():
        try:
            carried = actions.carry_over_hazards(
                actor=actor,
                ledger_code=code,
                year=year.year,
                hazard_ids=_ticked(chosen),
                text=form.cleaned_data["text"],
            )
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, f"{len(carried)} 条结转到 {year.year + 1} 年。")
            return redirect(_address(code, year.year))
    names = area_names(actor, codes=codes)
    context: dict[str, Any] = {
        "ledgers": [(one, names.get(one, one)) for one in codes],
        "code": code,
        "name": names.get(code, ""),
        "years": years,
        "year": year,
        "form": form,
        "chosen": chosen,
        "may_close": actor.may("safety.close_year"),
    }
    if year is not None:
        left = list(list_left(actor, books=year)[:MOST_SHOWN])
        context |= {
            "state": read_books(actor, books=year),
            "left": left,
            "is_over": year.year < clock.local_day().year,
            "areas": area_names(actor, codes=[row.area_code for row in left]),
        }
    return render(request, "safety/books.html", context, status=422 if form.errors else 200)


@staff_only
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """结账."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    code, number = request.POST.get("ledger", ""), request.POST.get("year", "")
    if not (number.isascii() and number.isdigit() and len(number) == 4):
        raise NotFound
    try:
        actions.close_year(actor=actor, ledger_code=code, year=int(number))
    except RuleError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{number} 年结账了，账是平的。")
    return redirect(_address(code, int(number)))


def _address(code: str, year: int) -> str:
    return f"{reverse('safety:books')}?ledger={code}&year={year}"
