"""What other apps show on the case page: each registers an answer in its `ready()`; a panel is shown only when its app is there."""

from typing import Protocol

from django.http import HttpRequest
from django.utils.safestring import SafeString

from yijiaan.cases.models import Case
from yijiaan.core.scope import Actor


class Panel(Protocol):
    def __call__(self, request: HttpRequest, actor: Actor, *, case: Case, said: str) -> SafeString | str:
        """A piece of the page among the facts, empty for nothing. said: the words of the reports."""


_panels: list[Panel] = []


def register_panel(panel: Panel) -> None:
    """Show something of another app beside the facts of a case."""
    if panel not in _panels:
        _panels.append(panel)


def panels_of(request: HttpRequest, actor: Actor, *, case: Case, said: str) -> list[str]:
    """What all apps show."""
    return [drawn for panel in _panels if (drawn := panel(request, actor, case=case, said=said))]
