"""Views of all settings: the table of contents, a list, a form, a deed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.portal.settings.contents import PAGES, contents_for
from yijiaan.portal.settings.pages import SettingPage


def _page(request: HttpRequest, slug: str) -> tuple[Actor, SettingPage]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    page = PAGES.get(slug)
    if page is None:
        raise NotFound
    actor.require(page.permission)
    return actor, page


@staff_only
@never_cache
@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    """设置: what can be set, how it stands, what is still lacking."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    groups = contents_for(actor)
    if not groups:
        raise NotAllowed("accounts.manage")
    return render(request, "portal/settings/contents.html", {"groups": groups})


@staff_only
@never_cache
@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """One kind of setting as a list."""
    actor, page = _page(request, slug)
    groups: dict[str, list[Any]] = {}
    for line in page.lines(actor):
        url = reverse("portal:setting", args=[slug, line.key])
        groups.setdefault(line.group, []).append({"line": line, "url": url})
    context = {"page": page, "groups": groups.items(), "history": page.history(actor)}
    return render(request, "portal/settings/list.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, key: str = "") -> HttpResponse:
    """One row of a setting, or a new one."""
    actor, page = _page(request, slug)
    if not key and not page.add_label:
        raise NotFound
    title = page.title(actor, key) if key else page.add_label
    form = page.form(actor, key, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            said = page.save(actor, key, form.cleaned_data)
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, said)
            return redirect("portal:settings", slug)
    context = {
        "page": page,
        "key": key,
        "title": title,
        "form": form,
        "deeds": page.deeds(actor, key) if key else (),
        "links": page.links(actor, key) if key else (),
        "history": page.history(actor, key) if key else (),
    }
    return render(request, "portal/settings/form.html", context, status=422 if form.errors else 200)


@staff_only
@require_POST
def deed(request: HttpRequest, slug: str, key: str, name: str) -> HttpResponse:
    """Something else done to a row: taken out of use, restored."""
    actor, page = _page(request, slug)
    page.title(actor, key)
    if name not in {offered.name for offered in page.deeds(actor, key)}:
        raise NotFound
    try:
        messages.success(request, page.do(actor, key, name))
    except RuleError as error:
        messages.error(request, error.message)
        return redirect("portal:setting", slug, key)
    return redirect("portal:settings", slug)
