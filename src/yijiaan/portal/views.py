from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.accounts.queries import PUBLIC, get_centre, list_posts_of
from yijiaan.areas.models import Area
from yijiaan.areas.queries import get_area, get_door
from yijiaan.core.errors import NotFound
from yijiaan.engines.notices.actions import mark_all_read, mark_read
from yijiaan.engines.notices.queries import count_unread, list_notices
from yijiaan.ui.context import SIZE_COOKIE
from yijiaan.ui.paging import page_of
from yijiaan.ui.resend import give_back

YEAR = 365 * 24 * 3600


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Staff go to the landing page of their post, everybody else comes to the public entry."""
    if request.user.is_authenticated:
        post = request.post  # type: ignore[attr-defined]
        return redirect(_landing(request) if post is not None else "accounts:posts")
    try:
        return _entry(request, get_area(PUBLIC, code=settings.HOME_AREA))
    except NotFound:
        return _entry(request, None)


def _landing(request: HttpRequest) -> str:
    """Where a post begins; whoever lost the board begins at the list that it was made of."""
    landing: str = request.post.role.landing  # type: ignore[attr-defined]
    has_lost_it = landing == "portal:board" and not request.actor.may("insight.view")  # type: ignore[attr-defined]
    return "cases:list" if has_lost_it else landing


@require_safe
def door(request: HttpRequest, token: str) -> HttpResponse:
    """The public entry of a town."""
    return _entry(request, get_door(PUBLIC, token=token))


def _entry(request: HttpRequest, area: Area | None) -> HttpResponse:
    centre = None
    if area is not None:
        try:
            centre = get_centre(PUBLIC, area_code=area.code)
        except NotFound:
            centre = None
    is_open = centre is not None and area is not None and bool(area.door_token)
    return render(request, "portal/entry.html", {"area": area, "centre": centre, "is_open": is_open})


@require_safe
def large(request: HttpRequest) -> HttpResponse:
    """长辈版 on and off; a cookie remembers it."""
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    response = redirect(wanted if is_ours else "/")
    if request.COOKIES.get(SIZE_COOKIE) == "large":
        response.delete_cookie(SIZE_COOKIE, samesite="Lax")
    else:
        response.set_cookie(
            SIZE_COOKIE, "large", max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    return response


def _frame(request: HttpRequest) -> str:
    """The face that the viewer's post works in."""
    return "field" if request.post.role.landing == "cases:field" else "desk"  # type: ignore[attr-defined]


@staff_only
@never_cache
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What was sent to my unit or my post, newest first."""
    actor = request.actor  # type: ignore[attr-defined]
    page = page_of(request, list_notices(actor), keys=("-created_at", "-id"))
    context = {"page": page, "unread": count_unread(actor)}
    return render(request, f"portal/notices_{_frame(request)}.html", context)


@staff_only
@require_POST
def open_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Note that it was seen, and go where it leads."""
    actor = request.actor  # type: ignore[attr-defined]
    notice = list_notices(actor).filter(id=notice_id).first()
    if notice is None:
        raise NotFound
    mark_read(actor=actor, notice_id=notice_id)
    return redirect(notice.link if notice.link.startswith("/") else reverse("portal:notices"))


@staff_only
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Note that all were seen."""
    mark_all_read(actor=request.actor)  # type: ignore[attr-defined]
    return redirect("portal:notices")


@staff_only
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """My posts, my password, the way out."""
    mine = list(list_posts_of(request.actor, user=request.user))  # type: ignore[attr-defined, arg-type]
    return render(request, f"portal/account_{_frame(request)}.html", {"posts": mine})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page had grown too old: what was typed is given back, with a fresh key to send it by."""
    return give_back(request, title="页面放得太久了，没有交上去", words="写的都还在，再交一次就行。")
