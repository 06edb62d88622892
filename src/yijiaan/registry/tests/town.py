"""A small town for tests: two villages of two grids, a centre, and people in the roles that meet base data."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.test import Client

from yijiaan.accounts.models import Post, Unit
from yijiaan.accounts.tests import make as people
from yijiaan.areas.models import Area
from yijiaan.areas.tests import make as land
from yijiaan.areas.tests.make import COUNTY, FIRST, OTHER_TOWN, SECOND, TOWN
from yijiaan.core.scope import Actor

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
UNITS = {
    "centre": ("town_centre", TOWN),
    "county": ("county_centre", COUNTY),
    "power": ("power", TOWN),
    "first": ("village", FIRST),
    "second": ("village", SECOND),
    "neighbour": ("town_centre", OTHER_TOWN),
}


@dataclass
class Town:
    """What tests ask for by name."""

    grids: list[Area]
    units: dict[str, Unit] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """Who acts in a post: dispatcher, head, worker …"""
        if name not in self.actors:
            self.actors[name] = people.actor(self.posts[name])
        return self.actors[name]

    def client(self, name: str) -> Client:
        """A browser signed in to that post."""
        return people.client(self.posts[name])


def town() -> Town:
    """The town, made by actions."""
    made = Town(land.grids())
    made.units = {name: people.unit(kind, area) for name, (kind, area) in UNITS.items()}
    posts = {
        "dispatcher": ("centre", "dispatcher", [TOWN]),
        "auditor": ("county", "auditor", [COUNTY]),
        "leader": ("centre", "town_leader", [TOWN]),
        "power": ("power", "handler", []),
        "head": ("first", "grid_head", [FIRST]),
        "worker": ("first", "grid_worker", [made.grids[0].code]),
        "other_worker": ("second", "grid_worker", [made.grids[2].code]),
        "stranger": ("neighbour", "dispatcher", [OTHER_TOWN]),
    }
    for name, (unit, role, areas) in posts.items():
        made.posts[name] = people.post(made.units[unit], role, *areas)
    return made
