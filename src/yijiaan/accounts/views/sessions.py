from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from yijiaan.accounts import actions
from yijiaan.accounts.access import staff_only
from yijiaan.accounts.queries import list_sessions_of


@staff_only
@never_cache
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """我的登录: the devices that are signed in, this one first."""
    key = request.session.session_key or ""
    rows = list_sessions_of(request.actor)  # type: ignore[attr-defined]
    mine = sorted(rows, key=lambda row: row.session_sealed != key)
    here = next((row.id for row in mine if row.session_sealed == key), None)
    return render(request, "accounts/sessions.html", {"sessions": mine, "here": here})


@staff_only
@require_POST
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """退出这台."""
    row = actions.end_session(actor=request.actor, session_id=session_id)  # type: ignore[attr-defined]
    if row.session_sealed == request.session.session_key:
        request.session.flush()
        return redirect("accounts:signin")
    messages.success(request, f"已退出：{row.device}。")
    return redirect("accounts:sessions")


@staff_only
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """退出其他几台."""
    count = actions.end_other_sessions(
        actor=request.actor,  # type: ignore[attr-defined]
        session_key=request.session.session_key or "",
    )
    messages.success(request, f"已退出其他 {count} 台。" if count else "没有别的设备登录着。")
    return redirect("accounts:sessions")
