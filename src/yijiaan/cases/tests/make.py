"""A small town for tests: two villages of two grids, a centre, two stations, a discipline office, and people in every role.

Everything is made by the actions, so that no test starts where users cannot come.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client

from yijiaan.accounts.models import Post, Unit
from yijiaan.accounts.queries import public_actor
from yijiaan.accounts.tests import make as people
from yijiaan.areas.models import Area
from yijiaan.areas.tests import make as land
from yijiaan.areas.tests.make import COUNTY, FIRST, OTHER_TOWN, SECOND, TOWN
from yijiaan.cases import actions
from yijiaan.cases.actions import Intake, Receipt
from yijiaan.cases.models import (
    Assignment,
    Callback,
    CallbackClaim,
    Case,
    Exclusion,
    GivenCard,
    HandlingRequest,
    Hop,
    Merge,
    Note,
    Outcome,
    Party,
    Pause,
    Proposal,
    Rating,
    Report,
    ReportAnswer,
    Reporter,
    ReportUp,
    Ruling,
    Summons,
    Verification,
)
from yijiaan.cases.queries import get_report_by_tracking, reporter_actor
from yijiaan.core import clock
from yijiaan.core.scope import Actor, system
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.models import Delivery, Entry
from yijiaan.engines.todos.models import Todo

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PHONE = "15400012217"
HANDLED_BY = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)  # five working days after NOON, when offices close
ROWS = (
    Case, Report, Reporter, Assignment, Outcome, Rating, Note, Todo, Entry, Delivery, StoredFile, Hop, ReportUp,
    Verification, Proposal, GivenCard, HandlingRequest, Merge, Party, Pause, Ruling, Summons, ReportAnswer,
    Callback, CallbackClaim, Exclusion,
)  # fmt: skip
COURSE = ("received", "dispatched", "in_progress", "callback", "closed")
STATES = (
    *COURSE, "verifying", "rejected", "withdrawn", "need_info", "arbitration", "coordinating", "suspended", "merged",
    "archived",
)  # fmt: skip


@dataclass
class Town:
    """What tests ask for by name."""

    grids: list[Area]
    units: dict[str, Unit] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """Who acts in a post: dispatcher, power, head …"""
        if name not in self.actors:
            self.actors[name] = people.actor(self.posts[name])
        return self.actors[name]

    def client(self, name: str, **more: Any) -> Client:
        """A browser signed in to that post."""
        return people.client(self.posts[name], **more)


def town() -> Town:
    """新驿镇, with a neighbour town that has a centre of its own."""
    made = Town(land.grids())
    units = {
        "centre": ("town_centre", TOWN),
        "county": ("county_centre", COUNTY),
        "office": ("town_office", TOWN),
        "power": ("power", TOWN),
        "enforcement": ("enforcement", TOWN),
        "discipline": ("discipline", TOWN),
        "first": ("village", FIRST),
        "second": ("village", SECOND),
        "neighbour": ("town_centre", OTHER_TOWN),
    }
    for name, (kind, area) in units.items():
        made.units[name] = people.unit(kind, area)
    posts = {
        "dispatcher": ("centre", "dispatcher", [TOWN]),
        "centre_head": ("centre", "centre_head", [TOWN]),
        "county": ("county", "county_dispatcher", [COUNTY]),
        "admin": ("county", "county_admin", [COUNTY]),
        "security": ("county", "security_admin", [COUNTY]),
        "auditor": ("county", "auditor", [COUNTY]),
        "leader": ("office", "town_leader", [TOWN]),
        "power": ("power", "handler", []),
        "enforcement": ("enforcement", "handler", []),
        "tips": ("discipline", "tip_officer", [TOWN]),
        "head": ("first", "grid_head", [FIRST]),
        "worker": ("first", "grid_worker", [made.grids[0].code]),
        "other_worker": ("second", "grid_worker", [made.grids[2].code]),
        "stranger": ("neighbour", "dispatcher", [OTHER_TOWN]),
    }
    for name, (unit, role, areas) in posts.items():
        made.posts[name] = people.post(made.units[unit], role, *areas)
    return made


def intake(**changes: Any) -> Intake:
    """A broken street lamp in the first grid, told by somebody with a phone."""
    lon, lat = land.middle(0)
    values: dict[str, Any] = {
        "text": "三村东头路灯又不亮咧，娃娃放学看不清。",
        "client_key": uuid4(),
        "lon": lon,
        "lat": lat,
        "reporter_name": "张先生",
        "reporter_phone": PHONE,
    }
    return Intake(**(values | changes))


def door(area: str = TOWN) -> Actor:
    """Anybody at the public door."""
    return public_actor(area, "snap_report")


def report(area: str = TOWN, **changes: Any) -> Receipt:
    """A report by the public door."""
    return actions.submit_report(actor=door(area), intake=intake(**changes), door=area, channel="snap_report")


def case(receipt: Receipt) -> Case:
    """The case of a receipt as it stands now."""
    return Case.objects.select_related("category").get(county=COUNTY, id=receipt.case_id)


def reporter(receipt: Receipt) -> Actor:
    """The holder of the codes of a receipt."""
    return reporter_actor(get_report_by_tracking(door(), code=receipt.tracking_code))


def case_in(town: Town, status: str, *, lead: str = "power", **changes: Any) -> tuple[Case, Receipt]:
    """A case brought to a state by the deeds that lead there, ten minutes between them."""
    receipt = report(**changes)
    number = case(receipt).number
    if status in TURNED:
        TURNED[status](town, receipt, number)
        return case(receipt), receipt
    if status in ("rejected", "withdrawn"):
        with clock.later(timedelta(minutes=10)):
            if status == "rejected":
                actions.reject_case(
                    actor=town.actor("dispatcher"), number=number, reason="judicial", text="法院在办，请等判决。"
                )
            else:
                actions.withdraw_report(actor=reporter(receipt))
        return case(receipt), receipt
    steps = [
        lambda: actions.dispatch_case(
            actor=town.actor("dispatcher"),
            number=number,
            lead_id=town.units[lead].id,
            category="0202" if status == "verifying" else "",
        ),
        lambda: actions.sign_case(actor=town.actor(lead), number=number),
        lambda: actions.finish_case(actor=town.actor(lead), number=number, result="换了灯泡。"),
        lambda: actions.rate_report(actor=reporter(receipt), result="satisfied"),
    ]
    for turn, step in enumerate(steps[: COURSE.index("callback" if status == "verifying" else status)], 1):
        with clock.later(timedelta(minutes=10 * turn)):
            step()
    return case(receipt), receipt


def _asked(town: Town, receipt: Receipt, number: str) -> None:
    with clock.later(timedelta(minutes=10)):
        actions.ask_reporter(actor=town.actor("dispatcher"), number=number, text="是哪一盏灯，在几号门口？")


def _returned_twice(town: Town, receipt: Receipt, number: str) -> None:
    for turn, lead in enumerate(("power", "enforcement")):
        with clock.later(timedelta(minutes=20 * turn + 10)):
            actions.dispatch_case(actor=town.actor("dispatcher"), number=number, lead_id=town.units[lead].id)
        with clock.later(timedelta(minutes=20 * turn + 20)):
            actions.return_case(actor=town.actor(lead), number=number, reason="not_my_duty", text="不归我们管。")


def _signed(town: Town, receipt: Receipt, number: str) -> None:
    with clock.later(timedelta(minutes=10)):
        actions.dispatch_case(actor=town.actor("dispatcher"), number=number, lead_id=town.units["power"].id)
    with clock.later(timedelta(minutes=20)):
        actions.sign_case(actor=town.actor("power"), number=number)


def _whistled(town: Town, receipt: Receipt, number: str) -> None:
    _signed(town, receipt, number)
    with clock.later(timedelta(minutes=30)):
        actions.whistle(
            actor=town.actor("dispatcher"), number=number, unit_ids=[town.units["enforcement"].id], task="一起把线理清"
        )


def _suspended(town: Town, receipt: Receipt, number: str) -> None:
    _signed(town, receipt, number)
    with clock.later(timedelta(minutes=30)):
        actions.ask_suspension(
            actor=town.actor("power"), number=number, reason="no_funds", text="要换整条线路，今年没有钱。",
            public_text="线路要整条换，明年的钱已经报上去了。", review_on=clock.local_day() + timedelta(days=60),
        )  # fmt: skip
    with clock.later(timedelta(minutes=40)):
        actions.decide_request(actor=town.actor("leader"), number=number, is_agreed=True)


def _merged(town: Town, receipt: Receipt, number: str) -> None:
    into = case(report(text="三村东头的灯都不亮了。"))
    with clock.later(timedelta(minutes=10)):
        actions.merge_cases(actor=town.actor("dispatcher"), number=into.number, parts=[number])


def _archived(town: Town, receipt: Receipt, number: str) -> None:
    with clock.later(timedelta(minutes=10)):
        actions.withdraw_report(actor=reporter(receipt))
    with clock.later(timedelta(days=200)):
        actions.archive_ended(actor=system("tests"))


TURNED = {
    "need_info": _asked,
    "arbitration": _returned_twice,
    "coordinating": _whistled,
    "suspended": _suspended,
    "merged": _merged,
    "archived": _archived,
}


def open_todos(case: Case) -> dict[str, Todo]:
    """What is owed on a case, by kind."""
    return {todo.kind: todo for todo in Todo.objects.filter(county=case.county, subject_id=case.id, done_at=None)}


def verbs(case: Case) -> list[str]:
    """The deeds done to a case, oldest first, without the app's name."""
    rows = Entry.objects.filter(county=case.county, subject_id=case.id).order_by("id")
    return [verb.partition(".")[2] for verb in rows.values_list("verb", flat=True)]
