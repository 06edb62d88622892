"""Open311: who holds a key, and what he may do with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.connectors import actions
from yijiaan.connectors.forms import KeyForm
from yijiaan.connectors.open311.public import list_services
from yijiaan.connectors.queries import get_key, list_keys
from yijiaan.connectors.views.access import actor_of
from yijiaan.core.errors import RuleError
from yijiaan.core.web import apply_rule_error

PRESET = 600


@staff_only
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All keys, and what is public."""
    actor = actor_of(request, "connectors.manage")
    context = {
        "rows": list_keys(actor),
        "base": request.build_absolute_uri("/open311/v2/"),
        "jurisdiction": actor.county,
        "services": "、".join(leaf.name for leaf in list_services(actor)),
    }
    return render(request, "connectors/open311.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key_id: UUID | None = None) -> HttpResponse:
    """One key, or a new one, whose text is shown this once."""
    actor = actor_of(request, "connectors.manage")
    row = get_key(actor, key_id=key_id) if key_id else None
    initial: dict[str, Any] = {"area": actor.areas[0] if actor.areas else "", "hourly_limit": PRESET}
    if row is not None:
        initial = {"name": row.name, "hourly_limit": row.hourly_limit, "is_active": row.is_active}
    sent = request.POST if request.method == "POST" else None
    form = KeyForm(sent, actor=actor, is_new=row is None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        limit = said["hourly_limit"] or PRESET
        try:
            if row is not None:
                actions.change_key(
                    actor=actor, key_id=row.id, name=said["name"], hourly_limit=limit, is_active=said["is_active"]
                )
                messages.success(request, f"{said['name']}的钥匙改好了。")
                return redirect("connectors:open311")
            row, text = actions.make_key(actor=actor, name=said["name"], area_code=said["area"], hourly_limit=limit)
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return render(request, "connectors/open311_key.html", {"key": row, "text": text})
    context = {"form": form, "key": row}
    return render(request, "connectors/open311_edit.html", context, status=422 if form.errors else 200)
