from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from yijiaan.accounts.doors import count_key, count_public, too_often
from yijiaan.accounts.middleware import CARRIER, current
from yijiaan.accounts.signin import POST_KEY, has_passed_second_factor
from yijiaan.accounts.step_up import ask_again
from yijiaan.ui.resend import give_back

__all__ = [
    "ask_again", "carry", "count_key", "count_public", "current", "staff_only", "step_up_required", "too_often",
]  # fmt: skip

View = Callable[..., HttpResponseBase]


def carry(inside: HttpRequest, carrier: HttpRequest) -> None:
    """A request that came inside another has the sender of that one, asked for once: user, post and actor."""
    setattr(inside, CARRIER, carrier)


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and back to what was asked for."""
    return redirect(f"/signin/?{urlencode({'next': request.get_full_path()})}")


def _second_factor_first(request: HttpRequest) -> HttpResponse:
    """To the second factor, which the post needs since a moment ago; an administrator proves it anew every hour."""
    is_over = has_passed_second_factor(request)
    if request.method == "POST":
        return give_back(
            request,
            title="管理时间到了，写的都还在" if is_over else "这个岗位要手机验证码，写的都还在",
            words=f"没有交上去。{'管理岗位一次只用一小时。' if is_over else ''}去填手机验证码，填好以后回到这一页，点“再交一次”。",
            sign_in_url="/second-factor/",
            sign_in_words="去填验证码",
        )
    if is_over:
        messages.info(request, "管理岗位一次只用一小时，请再填一次手机验证码。")
    return redirect(f"/second-factor/?{urlencode({'next': request.get_full_path()})}")


def _post_first(request: HttpRequest) -> HttpResponse:
    """To the choice of a post; what was being sent is kept when the post ended meanwhile."""
    if getattr(request, "_yj_lacks_factor", False):
        return _second_factor_first(request)
    has_ended = POST_KEY in request.session
    if request.method == "POST":
        return give_back(
            request,
            title="您这个岗位已经结束，写的都还在" if has_ended else "还没有选岗位，写的都还在",
            words="没有交上去。去选现在的岗位，选好以后回到这一页，点“再交一次”；没有别的岗位，请找本单位管理员。",
            sign_in_url="/posts/",
            sign_in_words="去选岗位",
        )
    if has_ended:
        del request.session[POST_KEY]
        messages.warning(request, "您原来的岗位已经结束，请选现在的岗位。")
    return redirect("/posts/")


def staff_only(view: View) -> View:
    """For staff in a post: anonymous goes to sign in and comes back; signed in without a post goes to choose one."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if request.method == "POST":
                return give_back(
                    request,
                    title="登录过期了，写的都还在",
                    words="去登录，登好以后回到这一页，点“再交一次”。",
                    sign_in_url="/signin/",
                    status=HTTPStatus.UNAUTHORIZED,
                )
            return sign_in_first(request)
        post, actor = current(request)
        if post is None:
            return _post_first(request)
        request.post, request.actor = post, actor  # type: ignore[attr-defined]
        if post.user.must_change_password:
            return redirect("/password/")
        return view(request, *args, **kwargs)

    return guarded


def step_up_required(view: View) -> View:
    """Asks for the password once more when it was not given within ten minutes, then goes on. Stands below `staff_only`;
    views of other apps are named in the setting `STEP_UP_VIEWS` instead."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return ask_again(request) or view(request, *args, **kwargs)

    return guarded
