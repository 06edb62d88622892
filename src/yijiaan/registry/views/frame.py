"""The two frames of every page of base data: the desk's, and the phone's for whoever works there."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.registry.fields import KINDS, Kind

SEE = "registry.see_people"


def reader(request: HttpRequest) -> Actor:
    """Who looks; NotAllowed for who may not read base data."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(SEE)
    return actor


def is_field(request: HttpRequest) -> bool:
    """Whoever works on the phone sees these pages there."""
    return request.path.startswith("/field/") or request.post.role.landing == "cases:field"  # type: ignore[attr-defined]


def draw(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    heading: str,
    back: str = "",
    back_words: str = "上一级",
    status: int = 200,
) -> HttpResponse:
    """A page in its frame. back: where the phone's arrow leads; the desk shows the way as crumbs."""
    face = "field" if is_field(request) else "desk"
    home = reverse("registry:field_base") if face == "field" else reverse("registry:base")
    frame = {"frame": f"registry/frame_{face}.html", "is_field": face == "field", "home": home}
    shown = {"heading": heading, "back": back or home, "back_words": back_words, **frame, **context}
    return render(request, template, shown, status=status)


def which_kind(record_kind: str) -> Kind:
    """A kind from an address; NotFound for an unknown one."""
    if record_kind not in KINDS:
        raise NotFound
    return KINDS[record_kind]


def path_of(kind: str, record_id: Any) -> str:
    """The page of a record."""
    return reverse("registry:record", args=[kind, record_id])
