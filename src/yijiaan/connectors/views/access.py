from django.http import HttpRequest

from yijiaan.core.scope import Actor


def actor_of(request: HttpRequest, permission: str = "") -> Actor:
    """Who asks; without a permission named, whoever sees connections or keeps them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if permission or not actor.may("connectors.manage"):
        actor.require(permission or "connectors.view")
    return actor
