from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from yijiaan.accounts import actions, sessions, signin
from yijiaan.accounts.access import sign_in_first
from yijiaan.accounts.forms import PasswordForm, SignInForm
from yijiaan.accounts.models import Post
from yijiaan.accounts.providers import waiting_for
from yijiaan.accounts.queries import PUBLIC, get_centre, staff_actor
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.web import apply_rule_error


def next_address(request: HttpRequest) -> str:
    """Where to go afterwards: an address of ours that was asked for, else nothing."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else ""


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """工作人员登录."""
    form = SignInForm(request.POST) if request.method == "POST" else SignInForm()
    if request.method == "POST" and form.is_valid():
        try:
            signin.sign_in(request, form.cleaned_data["login"], form.cleaned_data["password"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            if not request.user.is_authenticated:
                return redirect(with_next(reverse("accounts:second_factor"), next_address(request)))
            if signin.POST_KEY in request.session:
                return redirect(next_address(request) or "/")
            return redirect(with_next(reverse("accounts:posts"), next_address(request)))
    context = {"form": form, "next": next_address(request), "centre": _home_centre()}
    return render(request, "accounts/signin.html", context, status=422 if form.errors else 200)


def with_next(url: str, wanted: str) -> str:
    """An address that remembers where to go afterwards."""
    return f"{url}?{urlencode({'next': wanted})}" if wanted else url


def _home_centre() -> object:
    """Whom to ring when signing in fails."""
    try:
        return get_centre(PUBLIC, area_code=settings.HOME_AREA)
    except NotFound:
        return None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def posts(request: HttpRequest) -> HttpResponse:
    """Choose the post to act in; each shows what waits in it."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    if request.method == "POST":
        post = signin.choose_post(request, _uuid(request.POST.get("post", "")))
        if not signin.satisfies(request, post):
            return redirect(with_next(reverse("accounts:second_factor"), next_address(request)))
        return redirect(next_address(request) or "/")
    mine = [_card(post) for post in signin.posts_of(request.user)]  # type: ignore[arg-type]
    return render(request, "accounts/posts.html", {"posts": mine, "next": next_address(request)})


def _card(post: Post) -> dict[str, object]:
    return {
        "post": post,
        "places": "、".join(row.area.name for row in post.areas.all()) if post.role.sees_area else "",
        "waiting": waiting_for(staff_actor(post.user, post)),
    }


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


@sensitive_post_parameters("old", "new", "again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; the first sign-in leads here."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    if request.post is None:  # type: ignore[attr-defined]
        return redirect("accounts:posts")
    form = PasswordForm(request.POST) if request.method == "POST" else PasswordForm()
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.set_password(
                actor=request.actor,  # type: ignore[attr-defined]
                old=form.cleaned_data["old"],
                new=form.cleaned_data["new"],
                session_key=request.session.session_key or "",
            )
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            old_key = request.session.session_key
            update_session_auth_hash(request, user)
            sessions.note_moved(request, old_key)
            messages.success(request, "密码改好了，下次登录用新密码。")
            return redirect("/")
    context = {"form": form, "is_first": request.post.user.must_change_password}  # type: ignore[attr-defined]
    return render(request, "accounts/password.html", context, status=422 if form.errors else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    signin.sign_out(request)
    return redirect("accounts:signin")
