from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names, list_places
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.registry.actions import make_plates
from yijiaan.registry.forms import PlatesForm
from yijiaan.registry.models import Plate
from yijiaan.registry.permissions import NUMBER_PLATES
from yijiaan.registry.queries import USE_DAYS, count_all_uses, count_uses, list_masks, list_plates
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import pill

SHEET = 60  # plates on one print
HEADS = ("地点", "村或网格", "门牌码", "打开", "报事", "打电话", "状态")


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plates(request: HttpRequest) -> HttpResponse:
    """数字门牌: make them, see them, print them."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("registry.make_plates")
    form = PlatesForm(request.POST if request.method == "POST" else None)
    form.fields["area_code"].choices = area_choices(actor)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        area = form.cleaned_data["area_code"]
        try:
            made = make_plates(actor=actor, area_code=area, places=form.cleaned_data["places"].splitlines())
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, f"做好了 {len(made)} 块门牌，可以打印。")
            return redirect(f"{reverse('registry:plates')}?area={area}")
    area = request.GET.get("area", "")
    page = page_of(request, list_plates(actor, area_code=area if actor.covers(area) else ""), keys=("area_code", "id"))
    names = area_names(actor, codes=[plate.area_code for plate in page.rows])
    today = clock.local_day()
    uses = count_uses(actor, plate_ids=[plate.id for plate in page.rows], today=today)
    context = {
        "form": form,
        "page": page,
        "heads": HEADS,
        "rows": [_row(plate, names, uses.get(plate.id, {})) for plate in page.rows],
        "area": area,
        "masks": list_masks(actor, county=actor.county),
        "total": count_all_uses(actor, area_code=area if actor.covers(area) else "", today=today),
        "days": USE_DAYS,
        "may_number": actor.may(NUMBER_PLATES),
    }
    return render(request, "registry/plates.html", context, status=422 if form.errors else 200)


def _row(plate: Plate, names: dict[str, str], used: dict[str, int]) -> list[Cell | str]:
    return [
        Cell(plate.place, "title", reverse("registry:plate", args=[plate.id])),
        names.get(plate.area_code, ""),
        Cell(plate.external_no or spaced(plate.code), "num quiet"),
        Cell(f"{used.get('opened_count', 0):,}", "num"),
        Cell(f"{used.get('reported_count', 0):,}", "num"),
        Cell(f"{used.get('called_count', 0):,}", "num"),
        "" if plate.is_in_use else pill(plate.get_state_display(), "hold"),
    ]


def area_choices(actor: Actor) -> list[tuple[str, Any]]:
    """The villages of an actor's area with their grids."""
    choices: list[tuple[str, Any]] = [("", "请选")]
    for village, grids in list_places(actor, code=actor.areas[0]) if actor.areas else ():
        inside = [(village.code, f"{village.name}（全村）"), *((grid.code, grid.name) for grid in grids)]
        choices.append((village.name, inside))
    return choices


@staff_only
@never_cache
@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    """Plates to print: one by its code, or those in use of a place, sixty a sheet."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require("registry.make_plates")
    area, code = request.GET.get("area", ""), request.GET.get("code", "")
    wanted = list_plates(actor, area_code=area if actor.covers(area) else "", only_in_use=True)
    page = page_of(request, wanted.filter(code=code) if code else wanted, keys=("area_code", "id"), size=SHEET)
    names = area_names(actor, codes=[plate.area_code for plate in page.rows])
    drawn = [
        {"plate": plate, "area": names.get(plate.area_code, ""), "qr": _qr(request, plate), "code": spaced(plate.code)}
        for plate in page.rows
    ]
    return render(request, "registry/sheet.html", {"plates": drawn, "page": page})


def _qr(request: HttpRequest, plate: Plate) -> str:
    address = request.build_absolute_uri(reverse("portal:plate", args=[plate.code]))
    return str(segno.make(address, error="m").svg_data_uri(scale=4, border=2, light="#fff"))


def spaced(code: str) -> str:
    """A code in groups of four."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
