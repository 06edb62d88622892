"""登记隐患, at the desk and on the phone, where it may wait for a signal."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.files.actions import keep_pictures
from yijiaan.safety import actions
from yijiaan.safety.flows import HELD
from yijiaan.safety.forms import HazardForm, with_value
from yijiaan.safety.queries import get_hazard, list_hazards, list_own_open
from yijiaan.safety.views.show import show_hazard
from yijiaan.ui import kept
from yijiaan.ui.paging import page_of


def _before(request: HttpRequest) -> UUID | None:
    """The written-off hazard that is there again, when the address names one."""
    asked = request.GET.get("again", "")
    try:
        return UUID(asked) if asked else None
    except ValueError as error:
        raise NotFound from error


def _new(request: HttpRequest, *, face: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("safety.register")
    before = _before(request)
    old = get_hazard(actor, hazard_id=before) if before else None
    if request.method != "POST":
        initial = {"area_code": actor.areas[0] if actor.areas and len(actor.areas[0]) > 9 else ""}
        if old is not None:
            initial = {"area_code": old.area_code, "kind": old.kind, "place": old.place, "text": old.text}
        return _page(request, HazardForm(actor=actor, initial=initial), face, old)
    if face == "field" and (stopped := kept.refuse_owner(request, actor.user_id)) is not None:
        return stopped
    form = HazardForm(request.POST, request.FILES, actor=actor)
    if not form.is_valid():
        return _page(request, form, face, old)
    said = form.cleaned_data
    lon, lat = form.point()
    facts = actions.HazardFacts(
        text=said["text"], area_code=said["area_code"], kind=said["kind"], place=said["place"],
        proposed_grade=said["proposed_grade"], lon=lon, lat=lat,
    )  # fmt: skip
    try:
        hazard = actions.register_hazard(actor=actor, facts=facts, client_key=said["client_key"], relapse_of=before)
    except RuleError as error:
        apply_rule_error(form, error)
        return _page(request, form, face, old)
    except Conflict as error:
        if kept.is_kept(request):
            return kept.conflicting()
        form.add_error(None, error.message)
        form.data = with_value(form, "client_key", str(uuid4()))
        return _page(request, form, face, old)
    _, refused = keep_pictures(
        actor=actor, files=said["photos"],
        keep=lambda raw: actions.add_hazard_photo(actor=actor, hazard_id=hazard.id, raw=raw),
    )  # fmt: skip
    url = reverse("safety:field_hazard" if face == "field" else "safety:hazard", args=[hazard.id])
    if kept.is_kept(request):
        if kept.is_watched(request):
            messages.success(request, f"登记了，{hazard.number}，等镇里定级。")
        return kept.took(request, client_key=said["client_key"], number=hazard.number, url=url, refused=refused)
    for sentence in refused:
        messages.warning(request, sentence)
    messages.success(request, f"登记了，{hazard.number}，等镇里定级。")
    return redirect(url)


def _page(request: HttpRequest, form: HazardForm, face: str, old: object) -> HttpResponse:
    if kept.is_kept(request):
        return kept.refused(form)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    town = (actor.areas[0] if actor.areas else "")[:9]
    context = {"form": form, "old": old, "town": town}
    template = "safety/field/new.html" if face == "field" else "safety/new.html"
    return render(request, template, context, status=422 if form.errors else 200)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """登记隐患 at the desk."""
    return _new(request, face="desk")


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def field_new(request: HttpRequest) -> HttpResponse:
    """登记隐患 on the phone."""
    return _new(request, face="field")


@staff_only
@never_cache
@require_safe
def field_list(request: HttpRequest) -> HttpResponse:
    """隐患 on the phone: what my unit has to put right, what I have to inspect, what else is open around here."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("safety.view")
    page = page_of(request, list_hazards(actor).exclude(status="written_off"), keys=("-id",))
    mine = list_hazards(actor).filter(unit=actor.unit_id, status__in=HELD).order_by("next_due_at", "id")[:30]
    names = area_names(actor, codes=[row.area_code for row in page.rows])
    context = {
        "mine": list(mine),
        "inspections": list(list_own_open(actor)[:20]) if actor.may("safety.inspect") else [],
        "page": page,
        "rows": [(row, names.get(row.area_code, "")) for row in page.rows],
        "may_register": actor.may("safety.register"),
        "may_inspect": actor.may("safety.inspect"),
    }
    return render(request, "safety/field/hazards.html", context)


@staff_only
@never_cache
@require_safe
def field_hazard(request: HttpRequest, hazard_id: UUID) -> HttpResponse:
    """One hazard on the phone."""
    return show_hazard(request, hazard_id, face="field")
