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
    FIELD = "field"  # tab bar: what fits under a thumb
    WORK = "work"  # tiles of the workbench: the kinds of work that a field post goes out for
    PERSON = "person"  # the viewer's own menu


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu. `count` is asked when the menu is drawn, for what waits behind it."""

    url_name: str
    label: str
    icon: str  # a name of the lucide set
    face: Face
    permission: str = ""  # empty: every signed-in user
    or_permission: str = ""  # another one that opens it too
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


def _opens(entry: Entry, actor: Actor) -> bool:
    if not entry.permission or actor.may(entry.permission):
        return True
    return bool(entry.or_permission) and actor.may(entry.or_permission)


def lines_for(request: HttpRequest, face: Face) -> list[Line]:
    """The menu of one face for this viewer; the current line is the longest address that begins the path."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.user_id is None:
        return []
    shown = [e for e in _entries.values() if e.face is face and _opens(e, actor)]
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


_feedback: list[str] = []


def provide_feedback(url_name: str) -> None:
    """Give every shell its way to say something about the platform itself. Without a provider there is none."""
    _feedback[:] = [url_name]


def feedback_for(request: HttpRequest) -> str:
    """Where an opinion about this page goes: the page is told by its name, so that no code of its address comes along."""
    if not _feedback:
        return ""
    match = request.resolver_match
    return (
        f"{_url_of(_feedback[0], get_urlconf())}?from={match.view_name}"
        if match
        else _url_of(_feedback[0], get_urlconf())
    )


@dataclass(frozen=True, slots=True)
class Search:
    """The search field at the top of every desk page."""

    url_name: str
    permission: str
    label: str
    placeholder: str

    @property
    def url(self) -> str:
        """Where what was typed is sent, as `q`."""
        return _url_of(self.url_name, get_urlconf())


_search: list[Search] = []


def provide_search(search: Search) -> None:
    """Give the desk its search field. Without a provider there is none."""
    _search[:] = [search]


def search_for(request: HttpRequest) -> Search | None:
    """The search field of this viewer, None where nothing is his to search."""
    actor: Actor | None = getattr(request, "actor", None)
    if not _search or actor is None or actor.post_id is None or not actor.may(_search[0].permission):
        return None
    return _search[0]


def check_entries(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A system check: every entry leads somewhere."""
    problems: list[CheckMessage] = []
    for name in [*(entry.url_name for entry in _entries.values()), *(name for name, _ in _unread)]:
        try:
            reverse(name)
        except NoReverseMatch:
            problems.append(Error(f"the menu names {name}, which is no page", id="ui.E002"))
    return problems
