"""The hard turns of a case, each a part of its thread: a question to the reporter, more time, the ledger, a whistle, a ruling, and
another who tells the same. `hold` says of an exact story that it stands still there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from yijiaan.accounts.queries import public_actor
from yijiaan.cases import actions
from yijiaan.cases.intake_fast import submit_fast
from yijiaan.core import clock
from yijiaan.demo.hours import DESK, HOME, OFFICE, within

if TYPE_CHECKING:
    from yijiaan.demo.tellers import Teller

Thread = Iterator[datetime]
MOST_DAYS = 5  # that anybody asks for
NEAR_STATIONS = ("police", "enforcement", "construction", "power", "water", "environment")


def asked(teller: "Teller", *, hold: bool = False) -> Thread:
    """请补充: the clock stands still until the reporter says what is missing."""
    yield teller.by_handler(clock.now() + timedelta(minutes=teller.chance.uniform(20, 240)))
    teller.case = actions.ask_reporter(actor=teller.handler, number=teller.number, text=teller.say("asks"))
    if hold:
        return
    answers = within(clock.now() + timedelta(minutes=teller.chance.uniform(40, 1300)), HOME, teller.chance)
    yield min(answers, teller.due - timedelta(minutes=30))
    teller.case = actions.answer_question(actor=teller.reporter, text=teller.say("answers"))


def extended(teller: "Teller", *, hold: bool = False) -> Thread:
    """延期: asked for before the limit; the centre says yes or no."""
    left = teller.due - clock.now()
    asks = teller.by_handler(clock.now() + left * (0.08 if hold else teller.chance.uniform(0.3, 0.6)))
    if asks > teller.due - timedelta(hours=4):
        return
    yield asks
    reason = teller.chance.choice(("complex", "multi_unit", "weather", "funds"))
    teller.case = actions.ask_extension(
        actor=teller.handler,
        number=teller.number,
        reason=reason,
        days=teller.chance.randint(2, MOST_DAYS),
        text=teller.say(f"extend_{reason}"),
    )
    if hold:
        return
    decides = within(
        clock.now() + timedelta(minutes=teller.chance.uniform(20, 200)), OFFICE, teller.chance, teller.world.calendar
    )
    yield min(decides, teller.due - timedelta(minutes=10))
    is_agreed = teller.likely(0.86)
    teller.case = actions.decide_request(
        actor=teller.second(),
        number=teller.number,
        is_agreed=is_agreed,
        answer="" if is_agreed else teller.say("extend_refused"),
    )


def suspended(teller: "Teller", *, hold: bool = False) -> Thread:
    """挂账: it cannot be done now; a leader of the town agrees, and when the day comes it goes on."""
    yield teller.by_handler(clock.now() + timedelta(hours=teller.chance.uniform(5, 30)), at_leisure=True)
    reason = teller.chance.choice(("no_funds", "plan_next_year", "history"))
    days = teller.chance.randint(60, 150)
    teller.case = actions.ask_suspension(
        actor=teller.handler,
        number=teller.number,
        reason=reason,
        text=teller.say(f"suspend_{reason}"),
        public_text=teller.say("suspend_told"),
        review_on=clock.local_day() + timedelta(days=days),
    )
    yield within(
        clock.now() + timedelta(hours=teller.chance.uniform(1, 20)), OFFICE, teller.chance, teller.world.calendar
    )
    teller.case = actions.decide_request(
        actor=teller.world.cast.actor("konglingjun"), number=teller.number, is_agreed=True
    )
    if hold:
        return
    yield teller.by_handler(clock.now() + timedelta(days=days * teller.chance.uniform(0.5, 0.95)), at_leisure=True)
    teller.case = actions.resume_case(actor=teller.handler, number=teller.number, text=teller.say("resume"))


def whistled(teller: "Teller", *, hold: bool = False) -> Thread:
    """吹哨: the centre calls other stations to the place; each says when it is there."""
    yield within(
        clock.now() + timedelta(minutes=teller.chance.uniform(20, 120)), OFFICE, teller.chance, teller.world.calendar
    )
    stations = [teller.world.station(teller.plan.grid, kind) for kind in NEAR_STATIONS]
    others = [station for station in stations if station is not None and station.id != teller.case.owner_id]
    called = teller.chance.sample(others, 2)
    teller.case = actions.whistle(
        actor=teller.dispatcher,
        number=teller.number,
        unit_ids=[station.id for station in called],
        task=teller.say("whistle"),
    )
    for station in called[: 1 if hold else 2]:
        yield clock.now() + timedelta(minutes=teller.chance.uniform(6, 14))
        actions.report_in(
            actor=teller.world.signer(station.id, teller.town), number=teller.number, reply=teller.say("report_in")
        )
    if hold:
        return
    yield within(clock.now() + timedelta(minutes=teller.chance.uniform(40, 160)), DESK, teller.chance)
    teller.case = actions.end_whistle(actor=teller.dispatcher, number=teller.number)


def ruled(teller: "Teller", second: UUID, lead: UUID, *, hold: bool = False) -> Thread:
    """再退, 裁定: the second station sends it back as well, and the head of the centre rules whose it is."""
    teller.send(second)
    yield teller.after(20, 100, OFFICE, works_only=True)
    text = teller.say("return_text", own=teller.world.unit(lead).name)
    teller.case = actions.return_case(
        actor=teller.handler, number=teller.number, reason="not_my_duty", proposed_id=lead, text=text
    )
    if hold:
        return
    yield teller.after(40, 300, OFFICE, works_only=True)
    teller.case = actions.rule_case(
        actor=teller.second(),
        number=teller.number,
        lead_id=lead,
        text=teller.say("ruling", own=teller.world.unit(lead).name),
        category=teller.category,
        is_precedent=False,
    )


def told_twice(teller: "Teller") -> Thread:
    """A neighbour tells the same; the centre puts both together, and each keeps his own answer."""
    yield within(clock.now() + timedelta(minutes=teller.chance.uniform(15, 200)), HOME, teller.chance)
    chance, plan = teller.chance, teller.plan
    name, phone = teller.world.neighbour(plan.grid, chance)
    lon, lat = teller.world.land.point(plan.grid, chance)
    intake = replace(
        teller.intake(by_staff=False, has_phone=False),
        text=teller.say("same") + plan.text,
        client_key=UUID(int=chance.getrandbits(128), version=4),
        lon=lon,
        lat=lat,
        area_code="",
        reporter_name=name,
        reporter_phone=phone,
    )
    actor = public_actor(teller.town, "snap_report")
    receipt = submit_fast(actor=actor, intake=intake, door=teller.town, channel="snap_report")
    yield within(clock.now() + timedelta(minutes=chance.uniform(5, 50)), DESK, chance)
    teller.case = actions.merge_cases(
        actor=teller.dispatcher,
        number=teller.number,
        parts=[receipt.case_number],
        similarity="同一网格，说的是同一件事",
    )
