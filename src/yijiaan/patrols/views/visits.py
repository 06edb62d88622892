"""走访: the phone's list and form, and the page of one visit and of one arrangement in both faces."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.cases.actions import add_photo
from yijiaan.core import clock
from yijiaan.core.checks import mask_name
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.files.actions import keep_pictures
from yijiaan.patrols import actions, visit_forms
from yijiaan.patrols.actions.visiting import key_of
from yijiaan.patrols.forms import uuid_or_none
from yijiaan.patrols.models import Arrangement, Visit
from yijiaan.patrols.permissions import PLAN_VISITS, VISIT
from yijiaan.patrols.queries import (
    get_arrangement,
    get_visit,
    list_changes_of_visit,
    list_due_visits,
    list_paused,
    list_visits,
    read_cycles,
    records_in_household,
)
from yijiaan.registry.models import Change
from yijiaan.registry.queries import label_of_change, list_two_sides
from yijiaan.ui import kept
from yijiaan.ui.paging import page_of

PILLS = {"active": "hold", "due": "soon", "overdue": "late", "paused": "hold", "ended": "done"}
CHANGE_PILLS = {"open": "check", "confirmed": "done", "refused": "hold", "undone": "hold"}


def reader(request: HttpRequest) -> Actor:
    """Who looks; NotAllowed for who neither visits nor plans visits."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not (actor.may(VISIT) or actor.may(PLAN_VISITS)):
        raise NotAllowed(VISIT)
    return actor


def draw(
    request: HttpRequest, template: str, context: dict[str, Any], *, heading: str, status: int = 200
) -> HttpResponse:
    """A page in the frame of whoever looks: the phone's for who works there, else the desk's."""
    is_field = request.post.role.landing == "cases:field"  # type: ignore[attr-defined]
    home = reverse("patrols:visits") if is_field else reverse("patrols:due_by_grid")
    frame = {
        "frame": f"patrols/visits/frame_{'field' if is_field else 'desk'}.html",
        "is_field": is_field,
        "home": home,
    }
    return render(request, template, {"heading": heading, **frame, **context}, status=status)


def day_words(next_on: date, today: date) -> str:
    """How far a day is away, as people say it."""
    days = (next_on - today).days
    if days == 0:
        return "就是今天"
    return f"还有 {days} 天" if days > 0 else f"过了 {-days} 天"


def due_rows(actor: Actor, arrangements: list[Arrangement]) -> list[dict[str, Any]]:
    """Arrangements as lines: where, why, by whom, how far the day is away."""
    names = area_names(actor, codes=[one.area_code for one in arrangements])
    cycles, today = read_cycles(actor), clock.local_day()
    rows = []
    for one in arrangements:
        cycle = cycles.get(one.kind)
        person = one.care_entry.person if one.care_entry else None
        rows.append(
            {
                "one": one,
                "where": one.household.address if one.household else "没有登记住处",
                "why": f"{one.get_kind_display()}{' ' + mask_name(person.name_sealed) if person else ''}",
                "cycle": f"{cycle.who}，{one.every_days} 天一次" if cycle else "",
                "area": names.get(one.area_code, ""),
                "when": day_words(one.next_on, today),
                "pill": PILLS[one.status],
            }
        )
    return rows


@staff_only
@never_cache
@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """走访 on the phone: who is to be visited, what was written down lately."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(VISIT)
    page = page_of(request, list_due_visits(actor), keys=("next_on", "id"))
    paused = list(list_paused(actor)[:20])
    done = list(list_visits(actor)[:10])
    context = {
        "page": page,
        "rows": due_rows(actor, page.rows),
        "paused": due_rows(actor, paused),
        "done": done,
    }
    return render(request, "patrols/visits/field_list.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_visit(request: HttpRequest) -> HttpResponse:
    """记走访. The page itself holds nothing of anybody: the phone keeps it, and fills in the household from what it took along."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(VISIT)
    if request.method != "POST":
        return _form_page(request, visit_forms.VisitForm())
    stopped = kept.refuse_owner(request, actor.user_id)
    if stopped is not None:
        return stopped
    form = visit_forms.VisitForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, form)
    said, household_id = form.cleaned_data, uuid_or_none(request.GET.get("household", ""))
    seen_at = clock.now() - kept.kept_form(request).kept_for()
    try:
        if household_id is None:
            raise RuleError("unknown_household", "请先打开要走访的那一户，再点“记一次走访”")
        if form.lacks_member():
            raise RuleError("no_member", "请选是谁的变了", "member")
        facts = form.facts(household_id)
        if facts.on is None:
            facts = visit_forms.replace_day(facts, clock.local_day(seen_at))
        visit = actions.record_visit(
            actor=actor, household_id=household_id, facts=facts, client_key=said["client_key"], seen_at=seen_at
        )
    except RuleError as error:
        apply_rule_error(form, error)
        return _form_page(request, form)
    except NotFound:
        form.add_error(None, "这一户或者这个人现在不在您的网格里，请到“住户”里查一下再记")
        return _form_page(request, form)
    except Conflict as error:
        if kept.is_kept(request):
            return kept.conflicting()
        form.add_error(None, error.message)
        return _form_page(request, form)
    refused = _keep_photos(actor, visit, said["photos"])
    url = reverse("patrols:visit", args=[visit.id])
    if kept.is_kept(request):
        beside = list_two_sides(actor, changes=_changes_of(actor, visit)) if facts.changes else []
        return kept.took(
            request, client_key=said["client_key"], number=visit.case_number, url=url, refused=refused, beside=beside
        )
    for sentence in refused:
        messages.warning(request, sentence)
    messages.success(request, "走访记下了。")
    return redirect(url)


def _changes_of(actor: Actor, visit: Visit) -> list[Change]:
    keys = [key_of(visit.client_key, one) for one in records_in_household(actor, household_id=visit.household_id)]
    return list_changes_of_visit(actor, visit=visit, keys=keys)


def _form_page(request: HttpRequest, form: visit_forms.VisitForm) -> HttpResponse:
    if kept.is_kept(request):
        return kept.refused(form)
    return render(request, "patrols/visits/new.html", {"form": form}, status=422 if form.errors else 200)


def _keep_photos(actor: Actor, visit: Visit, files: list[Any]) -> list[str]:
    """The pictures of what was raised; each refused one in a sentence. A visit alone keeps none."""
    if not files:
        return []
    if not visit.case_number:
        return ["走访本身不留照片，要留请勾“这件事报上去办”。"]
    return keep_pictures(
        actor=actor, files=files, keep=lambda raw: add_photo(actor=actor, raw=raw, number=visit.case_number)
    )[1]


@staff_only
@never_cache
@require_safe
def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """One visit: what was heard, what became of what changed."""
    actor = reader(request)
    found = get_visit(actor, visit_id=visit_id)
    lines = _changes_of(actor, found)
    changes = [
        {
            "change": change,
            "label": label_of_change(actor, change=change),
            "pill": CHANGE_PILLS[change.state],
            "url": reverse("registry:record", args=[change.kind, change.subject_id]),
        }
        for change in lines
    ]
    context = {
        "visit": found, "changes": changes, "sides": list_two_sides(actor, changes=lines), "area": area_names(actor, codes=[found.area_code]).get(found.area_code, ""),
        "may_see_case": actor.may("cases.view"),
    }  # fmt: skip
    return draw(request, "patrols/visits/visit.html", context, heading=f"走访 {found.household.address}")


@staff_only
@never_cache
@require_safe
def arrangement(request: HttpRequest, arrangement_id: UUID) -> HttpResponse:
    """One arrangement, and what may be done with it."""
    return _arrangement(request, arrangement_id)


def _arrangement(
    request: HttpRequest, arrangement_id: UUID, refused: tuple[str, django_forms.Form] | None = None
) -> HttpResponse:
    actor = reader(request)
    found = get_arrangement(actor, arrangement_id=arrangement_id)
    name, form = refused or ("", None)
    context = {
        "row": due_rows(actor, [found])[0],
        "one": found,
        "pause": form if name == "pause" else visit_forms.PauseForm(auto_id="id_pause_%s"),
        "end": form if name == "end" else visit_forms.EndForm(auto_id="id_end_%s"),
        "refused": name,
        "may_pause": found.status in ("active", "due", "overdue"),
        "may_resume": found.status == "paused",
        "may_end": actor.may(PLAN_VISITS) and found.status != "ended",
        "may_visit": actor.may(VISIT) and found.household is not None and found.household.is_active,
    }
    where = found.household.address if found.household else found.get_kind_display()
    return draw(request, "patrols/visits/arrangement.html", context, heading=where, status=422 if form else 200)


@staff_only
@require_POST
def move_arrangement(request: HttpRequest, arrangement_id: UUID, name: str) -> HttpResponse:
    """先不去, 接着去, 不再走访."""
    actor = reader(request)
    forms: dict[str, type[django_forms.Form]] = {
        "pause": visit_forms.PauseForm,
        "end": visit_forms.EndForm,
        "resume": django_forms.Form,
    }
    if name not in forms:
        raise NotFound
    form = forms[name](request.POST, auto_id=f"id_{name}_%s")
    if not form.is_valid():
        return _arrangement(request, arrangement_id, (name, form))
    said = form.cleaned_data
    try:
        if name == "pause":
            actions.pause_arrangement(
                actor=actor, arrangement_id=arrangement_id, reason=said["reason"], until=said["until"]
            )
            told = "记下了，到日子自动接着去。"
        elif name == "end":
            actions.end_arrangement(actor=actor, arrangement_id=arrangement_id, reason=said["reason"])
            told = "不再走访了，关爱名单不变。"
        else:
            actions.resume_arrangement(actor=actor, arrangement_id=arrangement_id)
            told = "接着去。"
    except RuleError as error:
        if name == "resume" or error.code == "wrong_state":
            messages.warning(request, error.message)
            return redirect("patrols:arrangement", arrangement_id)
        apply_rule_error(form, error)
        return _arrangement(request, arrangement_id, (name, form))
    messages.success(request, told)
    return redirect("patrols:arrangement", arrangement_id)
