"""One door plate as the centre sees it: of what use it is, what stands behind it, and the ways to end it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.registry.actions import replace_plate, revoke_plate, set_plate_numbering
from yijiaan.registry.forms import EndPlateForm, PlateNumberingForm
from yijiaan.registry.permissions import MAKE_PLATES, NUMBER_PLATES, SEE_PEOPLE
from yijiaan.registry.queries import (
    USE_DAYS,
    count_uses,
    get_end,
    get_own_plate,
    list_behind_plate,
    list_masks,
)
from yijiaan.registry.views.frame import path_of
from yijiaan.registry.views.plates import spaced


@staff_only
@never_cache
@require_safe
def plate(request: HttpRequest, plate_id: UUID) -> HttpResponse:
    """The plate."""
    return _page(request, plate_id, EndPlateForm())


@staff_only
@never_cache
@require_POST
def revoke(request: HttpRequest, plate_id: UUID) -> HttpResponse:
    """停用."""
    form = EndPlateForm(request.POST)
    if form.is_valid():
        try:
            revoke_plate(actor=request.actor, plate_id=plate_id, reason=form.cleaned_data["reason"])  # type: ignore[attr-defined]
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, "停用了。扫老码的人看得到停用，从老码报的事仍然收得到。")
            return redirect("registry:plate", plate_id)
    return _page(request, plate_id, form)


@staff_only
@never_cache
@require_POST
def replace(request: HttpRequest, plate_id: UUID) -> HttpResponse:
    """换新."""
    form = EndPlateForm(request.POST)
    if form.is_valid():
        try:
            made = replace_plate(actor=request.actor, plate_id=plate_id, reason=form.cleaned_data["reason"])  # type: ignore[attr-defined]
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, "换新了，这是新门牌，可以打印。扫老码的人会被带到这里。")
            return redirect("registry:plate", made.id)
    return _page(request, plate_id, form)


def _page(request: HttpRequest, plate_id: UUID, form: EndPlateForm) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(MAKE_PLATES)
    found = get_own_plate(actor, plate_id=plate_id)
    end = None if found.is_in_use else get_end(actor, plate=found)
    used = count_uses(actor, plate_ids=[found.id], today=clock.local_day()).get(found.id, {})
    behind = list_behind_plate(actor, code=found.code) if actor.may(SEE_PEOPLE) else []
    context: dict[str, Any] = {
        "plate": found,
        "form": form,
        "area_name": area_names(actor, codes=[found.area_code]).get(found.area_code, ""),
        "code": spaced(found.code),
        "public_url": reverse("portal:plate", args=[found.code]),
        "print_url": f"{reverse('registry:sheet')}?code={found.code}",
        "end": end,
        "new_url": reverse("registry:plate", args=[end.replaced_by_id]) if end and end.replaced_by_id else "",
        "uses": [
            ("打开", used.get("opened_count", 0)),
            ("报事", used.get("reported_count", 0)),
            ("点打电话", used.get("called_count", 0)),
        ],
        "days": USE_DAYS,
        "behind": [{"title": hit.title, "where": hit.where, "url": path_of(hit.kind, hit.id)} for hit in behind],
    }
    return render(request, "registry/plate.html", context, status=422 if form.errors else 200)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def numbering(request: HttpRequest) -> HttpResponse:
    """老门牌编号: the shapes of numbers that hang on walls already."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(NUMBER_PLATES)
    if request.method == "POST":
        form = PlateNumberingForm(request.POST)
        if form.is_valid():
            try:
                set_plate_numbering(actor=actor, masks=form.cleaned_data["masks"])
            except RuleError as error:
                apply_rule_error(form, error)
            else:
                messages.success(request, "存好了。做门牌时，行首写老编号就认得。")
                return redirect("registry:plates")
    else:
        form = PlateNumberingForm(initial={"masks": "\n".join(list_masks(actor, county=actor.county))})
    return render(request, "registry/numbering.html", {"form": form}, status=422 if form.errors else 200)
