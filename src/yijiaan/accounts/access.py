from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from yijiaan.accounts.middleware import current

__all__ = ["current", "staff_only"]

View = Callable[..., HttpResponseBase]


def staff_only(view: View) -> View:
    """For staff in a post: anonymous goes to sign in and comes back; signed in without a post goes to choose one."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect(f"/signin/?{urlencode({'next': request.get_full_path()})}")
        post, actor = current(request)
        if post is None:
            return redirect("/posts/")
        request.post, request.actor = post, actor  # type: ignore[attr-defined]
        if post.user.must_change_password:
            return redirect("/password/")
        return view(request, *args, **kwargs)

    return guarded
