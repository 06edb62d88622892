"""Plates on paper: what is wanted, how far it is, the files, and what stands on every plate."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.registry.actions import request_plate_print, set_plate_style
from yijiaan.registry.forms import PlatePrintForm, PlateStyleForm
from yijiaan.registry.models import PrintState
from yijiaan.registry.permissions import MAKE_PLATES, NUMBER_PLATES
from yijiaan.registry.queries import get_plate_print, get_plate_style, list_plate_prints
from yijiaan.registry.views.plates import area_choices


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def prints(request: HttpRequest) -> HttpResponse:
    """成批打印: ask for sheets, and fetch them; the rows alone for the page that asks every other second."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(MAKE_PLATES)
    initial = {"area_code": request.GET.get("area", "")}
    form = PlatePrintForm(request.POST) if request.method == "POST" else PlatePrintForm(initial=initial)
    form.fields["area_code"].choices = area_choices(actor)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            request_plate_print(actor=actor, address=request.build_absolute_uri("/").rstrip("/"), **said)
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, f"{error.message}，要另一份请重新打开这一页")
        else:
            messages.success(request, "开始做了，一千块大约要几秒钟，做好在下面下载。")
            return redirect("registry:plate_prints")
    wishes = list_plate_prints(actor)
    context = {
        "form": form,
        "prints": wishes,
        "names": area_names(actor, codes=[wish.area_code for wish in wishes]),
        "is_going": any(wish.is_going for wish in wishes),
        "may_style": actor.may(NUMBER_PLATES),
    }
    template = "registry/plate_prints.html" + ("#rows" if request.htmx else "")  # type: ignore[attr-defined]
    return render(request, template, context, status=422 if form.errors else 200)


@staff_only
@never_cache
@require_safe
def fetch(request: HttpRequest, print_id: UUID) -> HttpResponseBase:
    """The file."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(MAKE_PLATES)
    wish = get_plate_print(actor, print_id=print_id)
    if wish.state != PrintState.DONE or not wish.path.is_file():
        raise NotFound
    name = f"门牌 {wish.plate_count} 块.pdf"
    return FileResponse(wish.path.open("rb"), as_attachment=True, filename=name, content_type="application/pdf")


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def style(request: HttpRequest) -> HttpResponse:
    """门牌样式: the words and the logo of a county's plates."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(NUMBER_PLATES)
    now = get_plate_style(actor, county=actor.county)
    if request.method == "POST":
        form = PlateStyleForm(request.POST, request.FILES)
        if form.is_valid():
            said = form.cleaned_data
            try:
                set_plate_style(
                    actor=actor, slogan=said["slogan"], logo=said["logo"].read() if said["logo"] else None,
                    drops_logo=said["drops_logo"],
                )  # fmt: skip
            except RuleError as error:
                apply_rule_error(form, error)
            else:
                messages.success(request, "存好了，以后打印的门牌照这个样子。")
                return redirect("registry:plate_prints")
    else:
        form = PlateStyleForm(initial={"slogan": now.slogan})
    context = {"form": form, "has_logo": bool(now.logo_sha256)}
    return render(request, "registry/plate_style.html", context, status=422 if form.errors else 200)
