"""The deeds on people: who comes, goes, is born, dies, heads a household; who is cared for; two records of one human being."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yijiaan.accounts.access import staff_only
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.registry import actions
from yijiaan.registry.drawing import name_of
from yijiaan.registry.fields import HOUSEHOLD, PERSON
from yijiaan.registry.queries import (
    find_namesakes,
    find_person,
    get_household_page,
    get_person_page,
    get_record,
)
from yijiaan.registry.record_forms import (
    BirthForm,
    CareForm,
    HeadForm,
    LeaveForm,
    MergeForm,
    MoveInForm,
    PersonForm,
    ReasonForm,
    RelationForm,
)
from yijiaan.registry.views.frame import draw, path_of, reader

PROPOSED = "提上去了，等网格长或镇里核实。"
FORM_METHODS = ["GET", "HEAD", "POST"]


def _answer(
    request: HttpRequest, form: BaseForm, deed: Callable[[], Any], done: Callable[[Any], tuple[str, str]], page: dict[str, Any]
) -> HttpResponse:  # fmt: skip
    """A form page around one deed: what is refused stands at its field, nothing typed is lost."""
    if request.method == "POST" and form.is_valid():
        try:
            made = deed()
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            words, url = done(made)
            messages.success(request, words)
            return redirect(url)
    context = {"form": form, "kind": PERSON, "told": "", "draft": "", **page}
    heading, back = context.pop("heading"), context.pop("back")
    return draw(request, "registry/form.html", context, heading=heading, back=back, status=422 if form.errors else 200)


def _said(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _changer(request: HttpRequest) -> Actor:
    actor = reader(request)
    actor.require("registry.change")
    return actor


def _words(actor: Actor, done: str) -> str:
    return done if actor.may("registry.confirm") else PROPOSED


@staff_only
@never_cache
@require_http_methods(FORM_METHODS)
def add_person(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Somebody who is in no list yet."""
    actor = _changer(request)
    home = get_record(actor, kind="household", record_id=household_id)
    form = PersonForm(_said(request), actor=actor)
    return _answer(
        request, form,
        lambda: actions.add_person(
            actor=actor, household_id=household_id, relation=form.cleaned_data["relation"], values=form.values(), **form.how()
        ),
        lambda _: (_words(actor, "登记好了。"), path_of("household", household_id)),
        {"heading": f"给{name_of(home, HOUSEHOLD)}加一个人", "back": path_of("household", household_id), "button": "登记",
         "draft": "base-person-new"},
    )  # fmt: skip


@staff_only
@never_cache
@require_http_methods(FORM_METHODS)
def birth(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """出生."""
    actor = _changer(request)
    home = get_record(actor, kind="household", record_id=household_id)
    form = BirthForm(_said(request), actor=actor)
    return _answer(
        request, form,
        lambda: actions.record_birth(
            actor=actor, household_id=household_id, values=form.values(), relation=form.cleaned_data["relation"] or "child",
            **form.how(),
        ),
        lambda _: (_words(actor, "孩子登记好了。"), path_of("household", household_id)),
        {"heading": f"{name_of(home, HOUSEHOLD)}添了孩子", "back": path_of("household", household_id), "button": "登记"},
    )  # fmt: skip


@staff_only
@never_cache
@require_http_methods(FORM_METHODS)
def move_in(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """迁入 of somebody who is registered already, found by his number."""
    actor = _changer(request)
    home = get_record(actor, kind="household", record_id=household_id)
    form = MoveInForm(_said(request))

    def deed() -> Any:
        person = find_person(actor, number=form.cleaned_data["number"])
        if person is None:
            raise RuleError("nobody", "辖区里没有查到，或者不止一个人用这个电话；没登记过的请用“加一个人”", "number")
        said = form.cleaned_data
        return actions.move_in(
            actor=actor,
            person_id=person.id,
            household_id=household_id,
            relation=said["relation"],
            on=said["on"],
            **form.deed(),
        )

    return _answer(
        request, form, deed, lambda _: (_words(actor, "迁进来了。"), path_of("household", household_id)),
        {"heading": f"迁入{name_of(home, HOUSEHOLD)}", "back": path_of("household", household_id), "button": "迁入",
         "told": "他原来住的那一户里，同一天记为迁走。"},
    )  # fmt: skip


@staff_only
@never_cache
@require_http_methods(FORM_METHODS)
def deed(request: HttpRequest, record_id: UUID, deed: str) -> HttpResponse:
    """迁出, 去世, 换户主, 改关系: each on its own page, which says what will happen."""
    actor = _changer(request)
    if deed not in ("move-out", "death", "head", "relation"):
        raise NotFound
    page = get_person_page(actor, person_id=record_id)
    here = next((row for row in page.homes if row.to_on is None), None)
    name, back = name_of(page.person, PERSON), path_of("person", record_id)
    if deed in ("head", "relation"):
        form: Any = HeadForm(_said(request)) if deed == "head" else RelationForm(_said(request))
        act: Callable[..., Any] = actions.set_head if deed == "head" else actions.change_relation
        heading = f"{name}当户主" if deed == "head" else f"改{name}与户主的关系"
        keys: tuple[str, ...] = ("old_relation",) if deed == "head" else ("relation",)
        done, told, button = "改好了。", "", "存下"
    else:
        others = []
        if here is not None and here.relation == "head":
            living = get_household_page(actor, household_id=here.household_id).living
            others = [row for row in living if row.person_id != record_id]
        form = LeaveForm(_said(request), others=others)
        act, heading, done, told, button = {
            "move-out": (actions.move_out, f"{name}迁出", "迁出了。", "他从这一户的名单里出来，登记和历史不删，回来还能迁入。", "迁出"),
            "death": (
                actions.record_death, f"登记{name}去世", "登记好了。",
                "户里的名单和关爱名单从这天停止；登记和历史不删。", "登记去世",
            ),
        }[deed]  # fmt: skip
        keys = ("on",)

    def do() -> Any:
        said = {key: form.cleaned_data[key] for key in keys}
        if form.cleaned_data.get("new_head"):
            said["new_head_id"] = UUID(form.cleaned_data["new_head"])
        return act(actor=actor, person_id=record_id, **said, **form.deed())

    return _answer(
        request, form, do, lambda _: (_words(actor, done), back),
        {"heading": heading, "back": back, "button": button, "told": told},
    )  # fmt: skip


@staff_only
@never_cache
@require_http_methods(FORM_METHODS)
def add_care(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """列入关爱."""
    actor = reader(request)
    actor.require("registry.keep_care")
    person = get_record(actor, kind="person", record_id=record_id)
    form = CareForm(_said(request))

    def deed() -> Any:
        said = dict(form.cleaned_data)
        key = said.pop("client_key")
        return actions.add_care(actor=actor, person_id=record_id, facts=actions.CareFacts(**said), client_key=key)

    return _answer(
        request, form, deed, lambda _: ("列进来了，到复核日期再问一次。", path_of("person", record_id)),
        {"heading": f"把{name_of(person, PERSON)}列入关爱", "back": path_of("person", record_id), "button": "列入",
         "told": "名单只为帮人：谁看过他的信息都有记录，不需要了就停。"},
    )  # fmt: skip


@staff_only
@require_POST
def review_care(request: HttpRequest, record_id: UUID, entry_id: UUID) -> HttpResponse:
    """复核过了，还需要."""
    try:
        actions.review_care(actor=request.actor, entry_id=entry_id)  # type: ignore[attr-defined]
    except RuleError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "记下了，半年后再复核。")
    return redirect(path_of("person", record_id))


@staff_only
@never_cache
@require_http_methods(FORM_METHODS)
def end_care(request: HttpRequest, record_id: UUID, entry_id: UUID) -> HttpResponse:
    """不再列入."""
    actor = reader(request)
    actor.require("registry.keep_care")
    person = get_record(actor, kind="person", record_id=record_id)
    form = ReasonForm(_said(request))
    return _answer(
        request, form, lambda: actions.end_care(actor=actor, entry_id=entry_id, reason=form.cleaned_data["reason"]),
        lambda _: ("不再列入了。", path_of("person", record_id)),
        {"heading": f"{name_of(person, PERSON)}不再列入关爱", "back": path_of("person", record_id), "button": "不再列入",
         "told": "写过的身体情况一并删掉；列入过这件事留在历史里。"},
    )  # fmt: skip


@staff_only
@never_cache
@require_http_methods(FORM_METHODS)
def merge(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """并档: another record of the same human being becomes part of this one."""
    actor = reader(request)
    actor.require("registry.merge")
    person = get_record(actor, kind="person", record_id=record_id)
    twins = find_namesakes(actor, person=person)
    form = MergeForm(
        _said(request), choices=[(str(hit.id), f"{hit.title} {hit.where} {hit.status}".strip()) for hit in twins]
    )

    def deed() -> Any:
        if not form.cleaned_data["merged"]:
            raise RuleError("nobody", "请选哪一份", "merged")
        merged_id = UUID(form.cleaned_data["merged"])
        return actions.merge_people(
            actor=actor, kept_id=record_id, merged_id=merged_id, reason=form.cleaned_data["reason"]
        )

    return _answer(
        request, form, deed, lambda _: ("并成一份了。并错了可以拆开。", path_of("person", record_id)),
        {"heading": f"并档：留下{name_of(person, PERSON)}", "back": path_of("person", record_id), "button": "并档",
         "told": "那一份的住处、关爱和历史都跟过来；这一份填了的不变，没有填的用那一份的补上，来源和日期照那一份的。并错了可以原样拆开。"},
    )  # fmt: skip


@staff_only
@require_POST
def unmerge(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """拆档."""
    try:
        actions.unmerge_people(actor=request.actor, merged_id=record_id)  # type: ignore[attr-defined]
    except RuleError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "拆开了，两份都和并档以前一样。")
    return redirect(path_of("person", record_id))
