"""The page of a record, a new one, and what changed in one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.registry import actions
from yijiaan.registry.drawing import Seen, facts_of, lines_of, members_of, missing_of, name_of
from yijiaan.registry.fields import KINDS, PERSON, Kind
from yijiaan.registry.providers import household_panels
from yijiaan.registry.queries import (
    find_namesakes,
    get_household_page,
    get_person_page,
    get_record,
    list_history,
    list_parts_of,
)
from yijiaan.registry.record_forms import LookForm, ReasonForm, RecordForm
from yijiaan.registry.values import age_words
from yijiaan.registry.views.frame import draw, is_field, path_of, reader, which_kind
from yijiaan.registry.views.meanwhile import meanwhile
from yijiaan.ui.sides import Sides

ADDED_BY = {True: "登记好了。", False: "登记好了，等网格长或镇里核实。"}
CHANGED_BY = {True: "改好了，已经记进历史。", False: "提上去了，等网格长或镇里核实。"}


@staff_only
@never_cache
@require_safe
def record(request: HttpRequest, record_kind: str, record_id: UUID) -> HttpResponse:
    """One record with its facts, where each comes from, and its history."""
    return show(request, which_kind(record_kind), record_id)


def show(
    request: HttpRequest, kind: Kind, record_id: UUID, *, form: LookForm | None = None, seen: Seen | None = None
) -> HttpResponse:
    """The page of a record; with what was seen for a purpose this once."""
    actor = reader(request)
    page = {"household": _household, "person": _person}.get(kind.code, _other)
    context, found, back = page(actor, kind, record_id, seen)
    if kind.code == "household":
        context["panels"] = household_panels(actor, household=found, is_field=is_field(request))
    back_words = str(context.pop("back_words", kind.label))
    names = area_names(actor, codes=[found.area_code])
    context |= {
        "record": found, "kind": kind, "facts": facts_of(found, kind, seen, names), "missing": missing_of(found, kind),
        "area": names.get(found.area_code, ""), "form": form or LookForm(), "returned": form is not None,
        "is_seen": seen is not None, "may_change": actor.may("registry.change") and found.is_active,
        "may_confirm": actor.may("registry.confirm"), "may_see": actor.may("registry.see_identity"),
        "may_care": actor.may("registry.keep_care"), "may_merge": actor.may("registry.merge"),
        "has_sealed": any(field.is_sealed for field in kind.fields), "title": name_of(found, kind, seen),
    }  # fmt: skip
    status = 422 if form is not None and form.errors else 200
    return draw(
        request,
        f"registry/{context['template']}.html",
        context,
        heading=name_of(found, kind, seen),
        back=back,
        back_words=back_words,
        status=status,
    )


def _household(actor: Actor, kind: Kind, record_id: UUID, seen: Seen | None) -> tuple[dict[str, Any], Any, str]:
    page = get_household_page(actor, household_id=record_id)
    records = {page.household.id: page.household, **{row.person_id: row.person for row in page.living}}
    names = {row.person_id: name_of(row.person, PERSON, seen) for row in page.living}
    open_lines = lines_of(
        [change for changes in page.changes.values() for change in changes], actor, records, seen=seen
    )
    context = {
        "template": "household",
        "members": members_of(page.living, page.care, page.changes, seen),
        "left": members_of(page.left, {}, {}, seen),
        "lines": [{"line": line, "about": names.get(line.change.subject_id, "这一户")} for line in open_lines],
        "has_head": any(row.relation == "head" for row in page.living),
    }
    return context, page.household, ""


def _person(actor: Actor, kind: Kind, record_id: UUID, seen: Seen | None) -> tuple[dict[str, Any], Any, str]:
    page = get_person_page(actor, person_id=record_id)
    home = next((row for row in page.homes if row.to_on is None), None)
    twins = find_namesakes(actor, person=page.person) if actor.may("registry.merge") and page.person.is_active else []
    lines = lines_of(page.changes, actor, {page.person.id: page.person}, seen=seen)
    today = clock.local_day()
    context = {
        "template": "person",
        "back_words": home.household.address if home else "", "home": home, "homes": page.homes, "age": age_words(page.person.birth_on, today),
        "waiting": [{"line": line, "about": ""} for line in lines if line.change.state == "open"],
        "history": [line for line in lines if line.change.state != "open"], "twins": twins,
        "merges": [{"id": merge.merged_id, "name": name_of(merge.merged, PERSON, seen), "reason": merge.reason} for merge in page.merges],
        "care": [
            {"entry": entry, "health": seen.get(entry.id, {}).get("health", "") if seen else "", "is_due": entry.review_on <= today}
            for entry in page.care
        ],
    }  # fmt: skip
    return context, page.person, path_of("household", home.household_id) if home else ""


def _other(actor: Actor, kind: Kind, record_id: UUID, seen: Seen | None) -> tuple[dict[str, Any], Any, str]:
    found = get_record(actor, kind=kind.code, record_id=record_id)
    lines = lines_of(list_history(actor, record=found), actor, {found.id: found}, seen=seen)
    part = {"building": "room", "room": "household", "organisation": "vehicle"}.get(kind.code, "")
    parts = list_parts_of(actor, kind=kind.code, record=found)
    parent = getattr(found, kind.parent[0]) if kind.parent else None
    context = {
        "template": "record",
        "waiting": [{"line": line, "about": ""} for line in lines if line.change.state == "open"],
        "history": [line for line in lines if line.change.state != "open"],
        "part": KINDS[part] if part else None,
        "parts": [{"title": name_of(row, KINDS[part]), "url": path_of(part, row.id)} for row in parts],
        "parent": {"title": name_of(parent, KINDS[kind.parent[1]]), "url": path_of(kind.parent[1], parent.id)} if parent and kind.parent else None,
    }  # fmt: skip
    return context, found, reverse("registry:listing", args=[kind.code])


@staff_only
@never_cache
@require_POST
def see(request: HttpRequest, record_kind: str, record_id: UUID) -> HttpResponse:
    """Names, numbers and addresses in full, this once."""
    kind, form = which_kind(record_kind), LookForm(request.POST)
    if form.is_valid():
        try:
            seen = actions.see_identity(
                actor=reader(request), kind=kind.code, record_id=record_id, purpose=form.cleaned_data["purpose"]
            )
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return show(request, kind, record_id, seen=seen)
    return show(request, kind, record_id, form=form)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, record_kind: str) -> HttpResponse:
    """A new record."""
    actor, kind = reader(request), which_kind(record_kind)
    actor.require("registry.change")
    parent = _parent(request, actor, kind)
    initial = {"area_code": parent.area_code if parent is not None else request.GET.get("area", "")}
    if parent is not None and kind.code == "household":
        initial["address"] = name_of(parent, KINDS["room"])
    form = RecordForm(request.POST if request.method == "POST" else None, kind=kind, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.values()
        try:
            made = actions.add_record(
                actor=actor, kind=kind.code, area_code=said.pop("area_code", ""), values=said, **form.how(),
                parent_id=parent.id if parent is not None else None,
            )  # fmt: skip
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, ADDED_BY[actor.may("registry.confirm")])
            return redirect(path_of(kind.code, made.id))
    context = {"form": form, "kind": kind, "button": "登记", "told": "", "draft": f"base-{kind.code}-new"}
    back = (
        path_of(kind.parent[1], parent.id)
        if parent is not None and kind.parent
        else reverse("registry:listing", args=[kind.code])
    )
    return draw(
        request,
        "registry/form.html",
        context,
        heading=f"登记{kind.label}",
        back=back,
        status=422 if form.errors else 200,
    )


def _parent(request: HttpRequest, actor: Actor, kind: Kind) -> Any:
    text = request.GET.get("in", "")
    if kind.parent is None or not text:
        return None
    try:
        return get_record(actor, kind=kind.parent[1], record_id=UUID(text))
    except ValueError:
        return None


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, record_kind: str, record_id: UUID) -> HttpResponse:
    """What changed: only what differs is taken, each fact with its own line in the history."""
    actor, kind = reader(request), which_kind(record_kind)
    actor.require("registry.change")
    found = get_record(actor, kind=kind.code, record_id=record_id)
    form = RecordForm(request.POST if request.method == "POST" else None, kind=kind, actor=actor, record=found)
    sides: list[Sides] = []
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_facts(
                actor=actor, kind=kind.code, record_id=record_id, values=form.values(), **form.how(),
                seen_version=form.cleaned_data["seen_version"],
            )  # fmt: skip
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            if error.code == "stale_version":
                sides = _tell_meanwhile(actor, kind, found, form)
            else:
                form.add_error(None, error.message)
        else:
            messages.success(request, CHANGED_BY[actor.may("registry.confirm")])
            return redirect(path_of(kind.code, record_id))
    told = "" if actor.may("registry.confirm") else "交上去以后由网格长或镇里核实，核实以前登记的不变。"
    context = {
        "form": form, "kind": kind, "button": "存下" if not told else "提上去", "told": told, "draft": "", "sides": sides,
        "room_url": reverse("registry:in_room", args=[record_id]) if kind.code == "household" else "",
    }  # fmt: skip
    return draw(
        request, "registry/form.html", context, heading=f"改{name_of(found, kind)}的登记", back=path_of(kind.code, record_id),
        status=422 if form.errors else 200,
    )  # fmt: skip


def _tell_meanwhile(actor: Actor, kind: Kind, found: Any, form: RecordForm) -> list[Sides]:
    """Somebody was faster: both values of what both changed, and the newer one of what the writer left alone."""
    other = meanwhile(actor, kind, found, form)
    words = "刚才有人改过这一份，您写的都还在，看过以后再交一次。"
    if other.labels:
        words += f"您没有动的{'、'.join(other.labels)}已经换成新的。"
    form.add_error(None, words)
    form.see_version(found.version, other.taken)
    return other.sides


@staff_only
@require_POST
def checked(request: HttpRequest, record_kind: str, record_id: UUID) -> HttpResponse:
    """核对过了."""
    kind = which_kind(record_kind)
    try:
        actions.look_over(actor=request.actor, kind=kind.code, record_id=record_id)  # type: ignore[attr-defined]
    except RuleError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "记下了：今天核对过，登记的都对。")
    return redirect(path_of(kind.code, record_id))


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, record_kind: str, record_id: UUID) -> HttpResponse:
    """注销: on its own page."""
    actor, kind = reader(request), which_kind(record_kind)
    actor.require("registry.confirm")
    found = get_record(actor, kind=kind.code, record_id=record_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_record(actor=actor, kind=kind.code, record_id=record_id, reason=form.cleaned_data["reason"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, "注销了。历史还在，搜索和名单里不再出现。")
            return redirect("registry:listing", kind.code)
    told = "注销以后搜索和名单里不再出现，登记过的内容和历史不删。"
    context = {"form": form, "kind": kind, "button": "注销", "told": told, "draft": ""}
    heading = f"注销{name_of(found, kind)}"
    return draw(
        request,
        "registry/form.html",
        context,
        heading=heading,
        back=path_of(kind.code, record_id),
        status=422 if form.errors else 200,
    )
