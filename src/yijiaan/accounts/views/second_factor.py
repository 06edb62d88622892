import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from yijiaan.accounts import actions, signin, totp
from yijiaan.accounts.access import sign_in_first, staff_only
from yijiaan.accounts.forms import CodeForm
from yijiaan.accounts.models import User
from yijiaan.accounts.queries import count_recovery_codes, has_second_factor, user_actor
from yijiaan.accounts.views.gate import next_address, with_next
from yijiaan.core.errors import RuleError
from yijiaan.core.web import apply_rule_error


def _onward(request: HttpRequest) -> str:
    """Where the sign-in leads once the second factor has passed."""
    if signin.POST_KEY in request.session:
        return next_address(request) or "/"
    return with_next(reverse("accounts:posts"), next_address(request))


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The code from the phone, after the password."""
    user = signin.user_at_second_factor(request)
    if user is None:
        return sign_in_first(request) if request.method != "POST" else redirect("accounts:signin")
    if not has_second_factor(user_actor(user)):
        return redirect(with_next(reverse("accounts:enrol"), next_address(request)))
    form = CodeForm(request.POST) if request.method == "POST" else CodeForm()
    if request.method == "POST" and form.is_valid():
        try:
            was_recovery = signin.pass_second_factor(request, user, form.cleaned_data["code"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            if was_recovery:
                left = count_recovery_codes(user_actor(user))
                messages.warning(request, f"用掉了一个恢复码，还剩 {left} 个。手机丢了请找管理员重置。")
            return redirect(_onward(request))
    context = {"form": form, "next": next_address(request)}
    return render(request, "accounts/second_factor.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up the authenticator: scan, type the first code, keep the recovery codes."""
    user = signin.user_at_second_factor(request)
    if user is None:
        return sign_in_first(request) if request.method != "POST" else redirect("accounts:signin")
    actor = user_actor(user)
    if has_second_factor(actor):
        is_through = signin.has_passed_second_factor(request)
        target = reverse("accounts:my_second_factor" if is_through else "accounts:second_factor")
        return redirect(with_next(target, next_address(request)))
    factor = actions.begin_second_factor(actor=actor)
    form = CodeForm(request.POST) if request.method == "POST" else CodeForm()
    if request.method == "POST" and form.is_valid():
        try:
            codes = actions.confirm_second_factor(actor=actor, code=form.cleaned_data["code"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            signin.finish_second_factor(request, user)
            return _codes_page(request, codes, _onward(request))
    return _enrol_page(request, user, factor.secret_sealed, form)


def _enrol_page(request: HttpRequest, user: User, secret: str, form: CodeForm) -> HttpResponse:
    context = {
        "form": form,
        "next": next_address(request),
        "qr": segno.make(totp.address(secret, user.username), error="m").svg_data_uri(scale=5, border=2, light="#fff"),
        "secret": totp.grouped(secret),
        "is_forced": not request.user.is_authenticated,
    }
    return render(request, "accounts/enrol.html", context, status=422 if form.errors else 200)


def _codes_page(request: HttpRequest, codes: list[str], onward: str) -> HttpResponse:
    grouped = [totp.grouped(code) for code in codes]
    return render(request, "accounts/recovery_codes.html", {"codes": grouped, "onward": onward})


@sensitive_post_parameters("code")
@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_second_factor(request: HttpRequest) -> HttpResponse:
    """手机验证码: whether it is on, how many recovery codes are left, new ones."""
    actor = request.actor  # type: ignore[attr-defined]
    is_on = has_second_factor(actor)
    form = CodeForm(request.POST) if request.method == "POST" else CodeForm()
    if request.method == "POST" and is_on and form.is_valid():
        try:
            codes = signin.guarded(
                request,
                request.user,  # type: ignore[arg-type]
                lambda: actions.renew_recovery_codes(actor=actor, code=form.cleaned_data["code"]),
            )
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return _codes_page(request, codes, reverse("portal:account"))
    context = {"form": form, "is_on": is_on, "left": count_recovery_codes(actor) if is_on else 0}
    return render(request, "accounts/my_second_factor.html", context, status=422 if form.errors else 200)
