"""People, posts, roles and units: the system administrator keeps accounts and units, the security administrator gives rights.

Each deed is asked for again by `STEP_UP_VIEWS` and stands in the journal.
"""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts import actions, permissions, signin
from yijiaan.accounts.access import staff_only
from yijiaan.accounts.forms import (
    AppointForm,
    EndPostForm,
    NewPersonForm,
    PersonForm,
    RoleForm,
    unit_choices,
)
from yijiaan.accounts.models import Role, Unit
from yijiaan.accounts.queries import (
    count_open_sessions,
    get_user,
    has_second_factor,
    list_roles,
    list_units,
    list_users,
    user_actor,
)
from yijiaan.areas.queries import get_area, list_children
from yijiaan.core import clock
from yijiaan.core.checks import mask_phone
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.permissions import declared
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.ui.paging import page_of


def _administrator(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.may(permissions.MANAGE):
        actor.require(permissions.APPOINT)
    return actor


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of an administrator; it says until when his session lasts."""
    context["session_ends"] = signin.admin_session_ends(request)
    return render(request, template, context, status=status)


@staff_only
@never_cache
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """人员: find somebody."""
    actor = _administrator(request)
    words = request.GET.get("q", "").strip()[:60]
    found = page_of(request, list_users(actor, words=words), keys=("name", "id"))
    today = clock.local_day()
    rows = [
        {"user": user, "posts": [post for post in user.posts.all() if post.ends_on is None or post.ends_on >= today]}
        for user in found.rows
    ]
    context = {"page": found, "rows": rows, "q": words, "may_create": actor.may(permissions.MANAGE)}
    return page(request, "accounts/people.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    """开账号: it has no rights and no password until the security administrator gives them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(permissions.MANAGE)
    form = NewPersonForm(request.POST) if request.method == "POST" else NewPersonForm()
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.create_user(actor=actor, **form.cleaned_data)
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, f"{user.name}的账号开好了。请安全管理员定岗位、发首次密码，然后才能登录。")
            return redirect("accounts:person", user.id)
    return page(request, "accounts/new_person.html", {"form": form}, 422 if form.errors else 200)


@staff_only
@never_cache
@require_safe
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One person: account, posts, what an administrator may do about them."""
    return _person_page(request, user_id)


def _person_page(request: HttpRequest, user_id: UUID, *, password: str = "", **forms: Any) -> HttpResponse:
    actor = _administrator(request)
    user = get_user(actor, user_id=user_id)
    posts = list(user.posts.select_related("unit", "role").prefetch_related("areas__area").order_by("-starts_on", "id"))
    today = clock.local_day()
    context = {
        "person": user,
        "phone": mask_phone(user.phone_sealed),
        "posts": [
            {
                "post": post,
                "places": "、".join(row.area.name for row in post.areas.all()),
                "is_over": post.ends_on is not None and post.ends_on < today,
            }
            for post in posts
        ],
        "has_factor": has_second_factor(user_actor(user)),
        "sessions": count_open_sessions(actor, user_id=user.id),
        "units": unit_choices(list_units(actor)) if actor.may(permissions.APPOINT) else [],
        "password": password,
        "may_change": actor.may(permissions.MANAGE),
        "may_appoint": actor.may(permissions.APPOINT) and actor.user_id != user.id,
        "today": today.isoformat(),
        "is_me": actor.user_id == user.id,
        "form": forms.get("change") or PersonForm(initial={"name": user.name}),
        "error": forms.get("error", ""),
    }
    is_refused = bool(context["error"]) or bool(forms.get("change") and forms["change"].errors)
    return page(request, "accounts/person.html", context, 422 if is_refused else 200)


@staff_only
@require_POST
def change_person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """改姓名、手机号; an empty phone leaves the one there is."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = PersonForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        phone = said["phone"] or get_user(actor, user_id=user_id).phone_sealed
        try:
            user = actions.change_user(actor=actor, user_id=user_id, name=said["name"], phone=phone)
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, f"{user.name}的资料改好了。")
            return redirect("accounts:person", user_id)
    return _person_page(request, user_id, change=form)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """定岗位 in a unit that was chosen."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(permissions.APPOINT)
    user = get_user(actor, user_id=user_id)
    unit = _unit(actor, request.GET.get("unit", ""))
    areas = [get_area(actor, code=unit.area_id), *list_children(actor, code=unit.area_id)]
    given: dict[str, Any] = {"roles": list_roles(actor), "areas": areas}
    form = (
        AppointForm(request.POST, **given)
        if request.method == "POST"
        else AppointForm(initial={"areas": [unit.area_id]}, **given)
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            post = actions.appoint(
                actor=actor,
                user=user,
                unit=unit,
                role=said["role"],
                area_codes=said["areas"],
                starts_on=said["starts_on"],
                ends_on=said["ends_on"],
                title=said["title"],
            )
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(
                request, f"{user.name}：{unit.name} {post.title or post.role.name}，{_from(post.starts_on)}起。"
            )
            return redirect("accounts:person", user.id)
    context = {"form": form, "person": user, "unit": unit}
    return page(request, "accounts/appoint.html", context, 422 if form.errors else 200)


def _unit(actor: Actor, text: str) -> Unit:
    unit = next((unit for unit in list_units(actor) if str(unit.id) == text), None)
    if unit is None:
        raise NotFound
    return unit


def _from(day: date) -> str:
    return f"{day.month}月{day.day}日"


@staff_only
@require_POST
def end_post(request: HttpRequest, user_id: UUID, post_id: UUID) -> HttpResponse:
    """结束岗位 with a day."""
    form = EndPostForm(request.POST)
    if not form.is_valid():
        return _person_page(request, user_id, error="请选最后一天")
    on: date = form.cleaned_data["on"]

    def deed(actor: Actor) -> str:
        actions.end_post(actor=actor, post_id=post_id, on=on)
        return f"岗位到 {_from(on)}结束，当天还能用。要马上停，请把最后一天选成昨天。"

    return _do(request, user_id, deed)


@staff_only
@require_POST
def reset_factor(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """重置手机验证码."""

    def deed(actor: Actor) -> str:
        actions.reset_second_factor(actor=actor, user_id=user_id)
        return "手机验证码已重置，登录着的都已退出；下次登录时重新设置。"

    return _do(request, user_id, deed)


@staff_only
@never_cache
@require_POST
def reset_password(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """发一次性密码: shown this once."""
    try:
        fresh = actions.reset_password(actor=request.actor, user_id=user_id)  # type: ignore[attr-defined]
    except RuleError as error:
        return _person_page(request, user_id, error=error.message)
    return _person_page(request, user_id, password=fresh)


@staff_only
@require_POST
def set_active(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """停用 or 恢复."""
    is_active = request.POST.get("active") == "1"

    def deed(actor: Actor) -> str:
        actions.set_user_active(actor=actor, user_id=user_id, is_active=is_active)
        return "账号恢复了。" if is_active else "账号停用了，登录着的都已退出。"

    return _do(request, user_id, deed)


@staff_only
@require_POST
def end_sessions(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """让他全部退出."""

    def deed(actor: Actor) -> str:
        count = actions.end_sessions_for(actor=actor, user_id=user_id)
        return f"已退出 {count} 台。" if count else "没有登录着的。"

    return _do(request, user_id, deed)


def _do(request: HttpRequest, user_id: UUID, deed: Callable[[Actor], str]) -> HttpResponse:
    try:
        messages.success(request, deed(request.actor))  # type: ignore[attr-defined]
    except RuleError as error:
        return _person_page(request, user_id, error=error.message)
    return redirect("accounts:person", user_id)


@staff_only
@never_cache
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """角色: what each may."""
    actor = _administrator(request)
    known = declared()
    rows = [
        {"role": role, "labels": "、".join(known[name].label for name in role.permissions if name in known)}
        for role in list_roles(actor)
    ]
    context = {"rows": rows, "may_change": actor.may(permissions.APPOINT)}
    return page(request, "accounts/roles.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def role(request: HttpRequest, code: str) -> HttpResponse:
    """改一个角色的权限."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(permissions.APPOINT)
    chosen: Role | None = next((one for one in list_roles(actor) if one.code == code), None)
    if chosen is None:
        raise NotFound
    offered = [
        (name, permission.label)
        for name, permission in sorted(declared().items())
        if permissions.fits(name, chosen.seat) or name in chosen.permissions
    ]
    form = (
        RoleForm(request.POST, choices=offered)
        if request.method == "POST"
        else RoleForm(
            initial={"permissions": chosen.permissions, "needs_second_factor": chosen.needs_second_factor},
            choices=offered,
        )
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.change_role(
                actor=actor,
                code=code,
                permission_names=said["permissions"],
                needs_second_factor=said["needs_second_factor"],
            )
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, f"“{chosen.name}”的权限改好了，用这个角色的人下一次点开页面就生效。")
            return redirect("accounts:roles")
    return page(request, "accounts/role.html", {"form": form, "role": chosen}, 422 if form.errors else 200)
