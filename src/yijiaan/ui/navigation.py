"""The menus. Apps register entries when they are ready; an entry is shown only to whom its permission is given."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.core.checks import CheckMessage, Error
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, reverse

from yijiaan.core.scope import Actor


class Face(StrEnum):
    """Which shell shows the entry."""

    DESK = "desk"  # side menu
    FIELD = "field"  # tab bar
    PERSON = "person"  # the viewer's own menu


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu. `count` is asked when the menu is drawn, for what waits behind it."""

    url_name: str
    label: str
    icon: str  # a name of the lucide set
    face: Face
    permission: str = ""  # empty: every signed-in user
    order: int = 50
    below_line: bool = False  # desk: in the second group
    count: Callable[[Actor], int] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as one viewer sees it."""

    label: str
    icon: str
    url: str
    is_current: bool
    below_line: bool
    count: int


@dataclass(frozen=True, slots=True)
class Unread:
    """Where the bell leads and how many notices wait."""

    url: str
    count: int


_entries: dict[tuple[Face, str], Entry] = {}
_unread: list[tuple[str, Callable[[Actor], int]]] = []


def register(*entries: Entry) -> None:
    """Add entries to the menus; called from an app's `ready()`. The same face and address again replaces the first."""
    for entry in entries:
        _entries[entry.face, entry.url_name] = entry


def provide_unread(url_name: str, count: Callable[[Actor], int]) -> None:
    """Give the bell its page and its number. Without a provider there is no bell."""
    _unread[:] = [(url_name, count)]


def lines_for(request: HttpRequest, face: Face) -> list[Line]:
    """The menu of one face for this viewer; the current line is the longest address that begins the path."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.user_id is None:
        return []
    shown = [e for e in _entries.values() if e.face is face and (not e.permission or actor.may(e.permission))]
    shown.sort(key=lambda e: (e.below_line, e.order))
    urls = [_url_of(entry.url_name, get_urlconf()) for entry in shown]
    current = max((url for url in urls if request.path.startswith(url)), key=len, default="")
    return [
        Line(
            label=entry.label,
            icon=entry.icon,
            url=url,
            is_current=url == current,
            below_line=entry.below_line,
            count=entry.count(actor) if entry.count else 0,
        )
        for entry, url in zip(shown, urls, strict=True)
    ]


@lru_cache(maxsize=256)
def _url_of(name: str, urlconf: str | None) -> str:
    return reverse(name)


def unread_for(request: HttpRequest) -> Unread | None:
    """What the bell shows, None when no app provides it or nobody is signed in."""
    actor: Actor | None = getattr(request, "actor", None)
    if not _unread or actor is None or actor.user_id is None:
        return None
    url_name, count = _unread[0]
    return Unread(url=_url_of(url_name, get_urlconf()), count=count(actor))


def check_entries(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A system check: every entry leads somewhere."""
    problems: list[CheckMessage] = []
    for name in [*(entry.url_name for entry in _entries.values()), *(name for name, _ in _unread)]:
        try:
            reverse(name)
        except NoReverseMatch:
            problems.append(Error(f"the menu names {name}, which is no page", id="ui.E002"))
    return problems
