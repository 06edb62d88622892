"""What every page knows: menus, size of type, the viewer. Asked lazily, so a page that shows no menu pays nothing."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest

from yijiaan.core import clock
from yijiaan.core.envelopes import public_key
from yijiaan.core.scope import Actor
from yijiaan.ui import navigation, words

SIZE_COOKIE = "yj_size"


class Shell:
    """The frame around a page, for one request."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def is_large(self) -> bool:
        """Whether the viewer chose 长辈版."""
        return self._request.COOKIES.get(SIZE_COOKIE) == "large"

    @cached_property
    def actor(self) -> Actor | None:
        """The viewer; None when the request was refused before we knew."""
        return getattr(self._request, "actor", None)

    @cached_property
    def is_staff(self) -> bool:
        """Whether somebody is signed in."""
        return self.actor is not None and self.actor.user_id is not None

    @cached_property
    def seal(self) -> str:
        """What a phone closes its envelopes with."""
        return public_key()

    @cached_property
    def post(self) -> Any:
        """The post the viewer acts in, None before one is chosen."""
        return getattr(self._request, "post", None)

    @cached_property
    def desk(self) -> list[navigation.Line]:
        """Lines of the side menu."""
        return navigation.lines_for(self._request, navigation.Face.DESK)

    @cached_property
    def field(self) -> list[navigation.Line]:
        """Lines of the tab bar."""
        return navigation.lines_for(self._request, navigation.Face.FIELD)

    @cached_property
    def work(self) -> list[navigation.Line]:
        """Tiles of the workbench."""
        return navigation.lines_for(self._request, navigation.Face.WORK)

    @cached_property
    def person(self) -> list[navigation.Line]:
        """Lines of the viewer's own menu."""
        return navigation.lines_for(self._request, navigation.Face.PERSON)

    @cached_property
    def seat(self) -> str:
        """Unit and post of the viewer, as a stamp says them; empty before he acts in a post."""
        return f"{self.post.unit.name} {self.post.title or self.post.role.name}" if self.post else ""

    @cached_property
    def viewer(self) -> str:
        """The viewer's own name."""
        user = getattr(self._request, "user", None)
        return getattr(user, "name", "") or (self.actor.name if self.actor else "")

    @cached_property
    def unread(self) -> navigation.Unread | None:
        """The bell, None when no app provides notices."""
        return navigation.unread_for(self._request)

    @cached_property
    def search(self) -> navigation.Search | None:
        """The search field of the desk."""
        return navigation.search_for(self._request)

    @cached_property
    def feedback(self) -> str:
        """Where one says something about the platform itself."""
        return navigation.feedback_for(self._request)

    @cached_property
    def today(self) -> str:
        """Date, weekday and time in words."""
        return words.today_words(clock.now())

    @cached_property
    def here(self) -> str:
        """The address to come back to after a detour."""
        return self._request.get_full_path() if self._request.method == "GET" else self._request.path


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    return {"shell": Shell(request)}
