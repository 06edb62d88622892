"""What was sent but could not be taken in is given back: to read, and to send again with one press."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

NOT_SHOWN = {"csrfmiddlewaretoken", "client_key", "seen_version", "page", "face", "lon", "lat", "accuracy", "next"}


@dataclass(frozen=True, slots=True)
class Kept:
    """One value that was sent. Words are shown, choices and keys only carried along."""

    name: str
    value: str
    is_shown: bool


def came_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that one of our own pages sent it. What a foreign page sent is never offered again."""
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(sender).netloc == request.get_host()


def give_back(
    request: HttpRequest,
    *,
    title: str,
    words: str,
    sign_in_url: str = "",
    sign_in_words: str = "去登录",
    status: int = HTTPStatus.FORBIDDEN,
) -> HttpResponse:
    """The page that keeps what was typed. Passwords are never among it; photos have to be chosen again."""
    has_password = any("password" in name or name in {"old", "new", "again"} for name in request.POST)
    values = [
        Kept(name, value, name not in NOT_SHOWN and _is_wording(value))
        for name, sent in request.POST.lists()
        for value in sent
        if name != "csrfmiddlewaretoken"
    ]
    keeps = came_from_here(request) and not has_password and request.method == "POST"
    context = {
        "title": title,
        "words": words,
        "values": values if keeps else [],
        "has_files": keeps and bool(request.FILES),
        "action": request.get_full_path(),
        "sign_in_url": sign_in_url,
        "sign_in_words": sign_in_words,
    }
    return render(request, "ui/give_back.html", context, status=status)


def _is_wording(value: str) -> bool:
    return any("一" <= letter <= "鿿" for letter in value) or value.isdigit()
