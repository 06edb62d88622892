"""Who acts. One type, six kinds; it carries what may be asked of it, so that no app has to ask who somebody is."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from yijiaan.core.errors import NotAllowed, NotFound


class ActorKind(StrEnum):
    STAFF = "staff"  # a signed-in user in one post
    PARTNER = "partner"  # an outside system with a token
    PUBLIC = "public"  # anybody at a public door
    REPORTER = "reporter"  # the holder of a report's tracking code
    DEVICE = "device"
    SYSTEM = "system"  # jobs and commands


@dataclass(frozen=True, slots=True)
class Actor:
    """kind and identity go into the journal. areas are area-code prefixes: what lies below them is his."""

    kind: ActorKind
    identity: str
    county: str = ""  # the county a new record made by this actor belongs to
    areas: tuple[str, ...] = ()
    user_id: UUID | None = None
    post_id: UUID | None = None
    unit_id: UUID | None = None
    permissions: frozenset[str] = field(default_factory=frozenset)
    channel: str = ""  # partner and public: the channel their reports come by
    name: str = ""  # what a timeline shows: "值班员 曹士杰", "报事人", "系统"

    def may(self, permission: str) -> bool:
        """Whether the actor holds the permission. The system holds every one."""
        return self.kind is ActorKind.SYSTEM or permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise NotAllowed unless the actor holds the permission."""
        if not self.may(permission):
            raise NotAllowed(permission)

    def covers(self, area_code: str) -> bool:
        """Whether an area lies inside one of the actor's areas."""
        return self.kind is ActorKind.SYSTEM or any(area_code.startswith(prefix) for prefix in self.areas)

    def area_filter(self, column: str = "area_code") -> Q:
        """Inside my area, as a prefix test on one indexed column; matches nothing when the actor has no area."""
        if self.kind is ActorKind.SYSTEM:
            return Q()
        inside = Q(pk__in=[])
        for number, prefix in enumerate(self.areas):
            # a range instead of LIKE: it uses the plain C index, and a bound parameter keeps it prepared
            part = Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix + "~"})
            inside = part if number == 0 else inside | part
        return inside


def system(reason: str, county: str = "") -> Actor:
    """The actor of jobs and commands; reason is its journal identity (`worker`, `demo`, `command load-divisions`)."""
    return Actor(kind=ActorKind.SYSTEM, identity=reason, county=county, name="系统")


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset that knows who may see what. Models say so in `visible_to`."""

    def visible_to(self, actor: Actor) -> "ScopedQuerySet":
        """The rows this actor may see. Every model with rows of people or places overrides it."""
        return self.filter(actor.area_filter())

    def get_visible(self, actor: Actor, **lookup: Any) -> Any:
        """The one visible row, or NotFound (which also answers for rows of other areas)."""
        if any("\0" in value for value in lookup.values() if isinstance(value, str)):
            raise NotFound  # PostgreSQL knows no such text
        try:
            return self.visible_to(actor).get(**lookup)
        except (self.model.DoesNotExist, ValueError) as missing:
            raise NotFound from missing
