"""One case from the first word to where it stands: a thread of deeds, each at a moment when whoever does it is there."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from yijiaan.accounts.queries import public_actor
from yijiaan.cases import actions
from yijiaan.cases.actions import Intake, Receipt, submit_from_source
from yijiaan.cases.intake_fast import submit_fast
from yijiaan.cases.models import Case
from yijiaan.core import clock
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.demo import turns
from yijiaan.demo.hours import DESK, FIELD, HOME, OFFICE, Windows, within
from yijiaan.demo.people import COUNTY
from yijiaan.demo.phrases import fitted, words
from yijiaan.demo.pictures import VARIANTS, photo, scene_of
from yijiaan.demo.plans import TALKING, Plan
from yijiaan.demo.world import World
from yijiaan.engines.worktime import is_working_day
from yijiaan.registry.models import TrustedReporter

Thread = Iterator[datetime]
PUBLIC = ("snap_report", "door_plate", "third_party_app")
WRONG = ("police", "construction", "enforcement", "civil_affairs", "environment", "market", "power")
SURE = ("near", "far", "done", "heard")  # whose figures are counted: no turn that would change them
OF_PEOPLE = ("01", "07", "09", "10", "11", "99", "")
HOURS = timedelta(hours=1)
PICTURED = timedelta(days=50)  # photos of older stories nobody opens, and each costs time to keep
TAKES_ONE = 0.7
TELLS = 0.2  # of what comes from a village of 新驿镇 by phone and page, since people were asked
ASKS = 0.06  # of what takes longer, the unit asks the reporter a word
ON_TIME = 0.955
TALK = (
    ("明天上午过去，您在家吗？要指一下是哪一处。", "在家，到了喊一声。"),
    ("料明天到，先拿警示桶围上了，您看行不？", "行，孩子们走那边，围严实点。"),
    ("去看过了，是您家门口往西第二个那处吧？", "对，就是那处。"),
)
SAYS = ("satisfied", "basically", "dissatisfied")


HELD: dict[str, Callable[["Teller"], Thread]] = {  # ends of exact stories that stand still at a hard turn
    "asks": partial(turns.asked, hold=True),
    "extending": partial(turns.extended, hold=True),
    "suspended": partial(turns.suspended, hold=True),
    "coordinating": partial(turns.whistled, hold=True),
    "twice": turns.told_twice,
}


class Teller:
    """Tells one plan. Every chance is the plan's own, so that no case depends on another."""

    def __init__(self, world: World, plan: Plan, serial: int) -> None:
        self.world, self.plan = world, plan
        self.chance = random.Random(plan.seed)  # noqa: S311 - a fixed story
        self.serial = serial
        self.town = plan.town
        self.category = plan.trouble.category
        self.waits = not plan.end and not self.is_of_people and self.likely(0.03)  # it will be mended another year
        self.number = ""
        self.report_id: UUID | None = None
        self.has_phone = self.is_unplaced = self.is_called = self.was_told_again = False
        self.case: Case = Case()

    # --- moments ------------------------------------------------------------------------------------------------------

    def after(self, least: float, most: float, windows: Windows, *, works_only: bool = False) -> datetime:
        """So many minutes later, when somebody is there; hours later it is not the first thing he does."""
        moment = clock.now() + timedelta(minutes=self.chance.uniform(least, most))
        calendar = self.world.calendar if works_only else None
        return within(moment, windows, self.chance, calendar, at_leisure=most > 300)

    def by_handler(self, moment: datetime, *, at_leisure: bool = False) -> datetime:
        """The moment, or the next at which the unit that holds the case works."""
        if self.is_with_village:
            return within(moment, FIELD, self.chance, at_leisure=at_leisure)
        return within(moment, OFFICE, self.chance, self.world.calendar, at_leisure=at_leisure)

    def likely(self, share: float) -> bool:
        """Whether it happens."""
        return self.chance.random() < share

    def say(self, name: str, **named: str) -> str:
        """A sentence in the words of the place, and of the matter: what is mended, or what is settled between people."""
        if self.is_of_people and f"{name}_people" in words().lists:
            name = f"{name}_people"
        return fitted(words().one(name, self.chance, **named), self.world.land.is_street(self.plan.grid))

    # --- who ----------------------------------------------------------------------------------------------------------

    @property
    def is_of_people(self) -> bool:
        """Whether nothing is mended: disputes, benefits, order."""
        return self.category[:2] in OF_PEOPLE or self.category == "0602"

    @property
    def dispatcher(self) -> Actor:
        """Who sits at the desk now."""
        return self.world.dispatcher(self.town, clock.local_day())

    @property
    def caller(self) -> Actor:
        """Who rings its reporter: the county where the centre did it itself."""
        return self.world.cast.actor("xuanping") if self.case.owner_id == self.dispatcher.unit_id else self.dispatcher

    @property
    def handler(self) -> Actor:
        """Who acts for the unit that holds the case."""
        return self.world.signer(self.case.owner_id, self.town)

    @property
    def is_with_village(self) -> bool:
        """Whether a village holds the case."""
        return self.world.unit(self.case.owner_id).kind == "village"

    @property
    def reporter(self) -> Actor:
        """The holder of the report's code."""
        return Actor(kind=ActorKind.REPORTER, identity=str(self.report_id), county=COUNTY, name="报事人")

    # --- the story ----------------------------------------------------------------------------------------------------

    def story(self) -> Thread:
        """The whole; begins at the moment of the plan."""
        end = self.plan.end
        solves = end == "spot"
        if end in ("", "near") and self.plan.channel == "grid_worker" and self.plan.spot:
            solves = self.likely(0.85)
        if solves:
            yield from self.on_the_spot()
            return
        self.took(self.report())
        self.show(is_done=False)
        if end == "new":
            return
        if end == "tip":
            yield from self.tip()
        elif end == "rejected":
            yield from self.refused()
        elif end == "withdrawn" or (not end and self.plan.channel in PUBLIC and self.likely(0.015)):
            yield self.after(25, 300, HOME)
            actions.withdraw_report(actor=self.reporter, text=self.say("withdraw"))
        elif end in ("taken", "raised") or (end in ("", "near") and self.is_for_village() and self.likely(0.35)):
            yield from self.taken()
        else:
            yield from self.dispatched()

    def took(self, receipt: Receipt) -> None:
        """Remember what the receipt says."""
        self.number, self.report_id = receipt.case_number, receipt.report_id

    def show(self, *, is_done: bool, actor: Actor | None = None) -> None:
        """A photo, where the matter can be seen and it is not long ago: who reports mostly takes one, who mended it too."""
        plan = self.plan
        is_mended = not (self.waits or plan.end == "heard")
        scene = "" if self.is_of_people or (is_done and not is_mended) else scene_of(plan.text)
        if actor is None:
            actor = self.reporter if plan.channel in PUBLIC else self.world.cast.workers.get(plan.grid)
            scene = scene if plan.channel in (*PUBLIC, "grid_worker") else ""
        taken = random.Random(f"{plan.seed} {is_done}")  # noqa: S311 - a fixed story, of its own chance
        if not scene or actor is None or clock.now() < self.world.now - PICTURED or taken.random() > TAKES_ONE:
            return
        raw = photo(scene, plan.seed % VARIANTS, is_done=is_done)
        actions.add_photo(actor=actor, number=self.number, raw=raw, purpose="after" if is_done else "before")

    def is_for_village(self) -> bool:
        """Whether the duty list gives it to the village."""
        lead = self.world.suggestion(self.plan.grid, self.category).lead
        return lead is not None and lead.unit.kind == "village" and self.plan.channel != "hotline_12345"

    def intake(self, *, by_staff: bool, has_phone: bool) -> Intake:
        """What is sent."""
        plan, chance = self.plan, self.chance
        lon = lat = None
        area, place, text = "", plan.place, plan.text
        plates = self.world.plates.get(plan.grid[:12], [])
        if plan.channel == "door_plate" and plates:
            area, place = chance.choice([plate for plate in plates if plate[0] == plan.grid] or plates)
        elif self.likely(0.5 if by_staff else 0.8):
            lon, lat = self.world.land.point(plan.grid, chance)
        elif by_staff or self.likely(0.5):
            area = plan.grid
        else:
            self.is_unplaced = True
        if not by_staff and not plan.end and plan.kind == "help" and self.likely(0.03):
            text += self.say("proxy")
        name, phone = self.world.neighbour(plan.grid, chance) if has_phone else ("", "")
        staff_knows = plan.channel == "grid_worker" or plan.channel in TALKING
        return Intake(
            text=text,
            client_key=UUID(int=chance.getrandbits(128), version=4),
            kind=plan.kind,
            category=self.category if staff_knows else "",
            lon=lon,
            lat=lat,
            place=place,
            area_code=area,
            reporter_name=name,
            reporter_phone=phone,
            wish=self.say("wish") if plan.channel in ("phone", "hotline_12345") and not plan.end else "",
            external_number=f"JN{clock.local():%y%m%d}{chance.randrange(1, 4000):05d}"
            if plan.channel == "hotline_12345"
            else "",
        )

    def report(self) -> Receipt:
        """The first word, at the door it comes by."""
        plan = self.plan
        share = {"phone": 0.88, "hotline_12345": 1.0, "snap_report": 0.5, "door_plate": 0.3, "third_party_app": 0.6}
        self.has_phone = plan.channel in TALKING or self.likely(share.get(plan.channel, 0.06))
        if plan.channel in PUBLIC:
            actor = public_actor(self.town, plan.channel)
            if plan.channel == "third_party_app" and self.world.partner is not None:
                actor = self.world.partner
            intake = self.intake(by_staff=False, has_phone=self.has_phone)
            source = self.source()
            if source is not None:
                return submit_from_source(
                    actor=public_actor(self.town, "trusted_reporter"), source=source, intake=intake
                )
            return submit_fast(actor=actor, intake=intake, door=self.town, channel=plan.channel)
        intake = self.intake(by_staff=True, has_phone=self.has_phone)
        actor = self.dispatcher if plan.channel in ("phone", "hotline_12345") else self.world.cast.workers[plan.grid]
        return submit_fast(actor=actor, intake=intake, door=actor.areas[0], channel=plan.channel)

    def source(self) -> TrustedReporter | None:
        """Of the village, who agreed to tell what he sees, and does so now and then."""
        told = random.Random(f"{self.plan.seed} source")  # noqa: S311 - a fixed story, of its own chance
        known = self.world.sources.get(self.plan.grid[:12], [])
        is_his = self.plan.channel == "snap_report" and not self.plan.end and not self.is_of_people
        known = [row for row in known if row.added_at <= clock.now()] if is_his and self.plan.kind == "help" else []
        return told.choice(known) if known and told.random() < TELLS else None

    def on_the_spot(self) -> Thread:
        """A grid worker solves what he finds."""
        receipt = actions.submit_solved(
            actor=self.world.cast.workers[self.plan.grid],
            intake=self.intake(by_staff=True, has_phone=False),
            door=self.plan.grid,
            channel="grid_worker",
            result=self.plan.spot,
        )
        self.took(receipt)
        self.show(is_done=True)
        if receipt.status != "closed":
            self.case = Case.objects.get(county=COUNTY, number=self.number)
            yield from self.judged()

    # --- to whom it goes ----------------------------------------------------------------------------------------------

    def placed(self) -> None:
        """The centre puts it into its grid where the reporter gave no place."""
        if self.is_unplaced:
            actions.classify_case(actor=self.dispatcher, number=self.number, area_code=self.plan.grid)
            self.is_unplaced = False

    def send(self, lead_id: UUID, assistants: tuple[UUID, ...] = (), *, actor: Actor | None = None) -> None:
        """Dispatch it."""
        known = self.world.category(self.category)
        self.case = actions.dispatch_case(
            actor=actor or self.dispatcher,
            number=self.number,
            lead_id=lead_id,
            assistant_ids=assistants,
            category=self.category,
            urgency=known.urgency,
        )

    def lead(self) -> tuple[UUID, tuple[UUID, ...]]:
        """Whom the duty list names; what must not be solved below goes to the justice office."""
        suggestion = self.world.suggestion(self.plan.grid, self.category)
        assistants = tuple(part.unit.id for part in suggestion.assistants)
        if self.plan.end == "ordered" or suggestion.lead is None:
            return self.world.cast.units[self.plan.grid[:12]].id, ()
        if self.plan.end == "far" and suggestion.lead.unit.kind == "village":
            justice = self.world.station(self.plan.grid, "justice")
            if justice is not None:
                return justice.id, (suggestion.lead.unit.id,)
        return suggestion.lead.unit.id, assistants

    def dispatched(self) -> Thread:
        """The centre decides who acts."""
        is_urgent = self.world.category(self.category).urgency != "normal"
        yield self.after(3, 24, DESK) if is_urgent else self.after(6, 85, DESK)
        self.placed()
        lead, assistants = self.lead()
        wrong = self.wrong_unit(lead)
        if wrong is not None and (
            self.plan.end in ("returned", "arbitration") or (not self.plan.end and self.likely(0.05))
        ):
            yield from self.returned(wrong, lead, assistants)
            if self.plan.end in ("returned", "arbitration"):
                return
        elif wrong is not None and not self.plan.end and self.likely(0.008):
            self.send(wrong)
            yield clock.now() + timedelta(seconds=self.chance.uniform(6, 24))
            actions.undo_dispatch(actor=self.dispatcher, number=self.number)
            yield clock.now() + timedelta(seconds=self.chance.uniform(9, 50))
            self.send(lead, assistants)
        else:
            self.send(lead, assistants)
        if self.plan.end in ("dispatched", "ordered"):
            return
        if self.has_phone and not is_working_day(clock.now(), self.world.calendar) and self.likely(0.85):
            # offices are shut: the centre rings itself
            yield self.after(2, 20, DESK)
            actions.record_contact(actor=self.dispatcher, number=self.number, text=self.say("contact_now"))
            self.is_called = True
        yield from self.signed(is_urgent)

    def wrong_unit(self, *right: UUID) -> UUID | None:
        """A station that might be taken for the right one."""
        stations = (self.world.cast.units.get(f"{self.town}:{kind}") for kind in WRONG)
        others = [station.id for station in stations if station is not None and station.id not in right]
        return self.chance.choice(others) if others else None

    def returned(self, wrong: UUID, lead: UUID, assistants: tuple[UUID, ...]) -> Thread:
        """The station sends it back, and the centre follows what it proposes."""
        self.send(wrong)
        yield self.after(20, 110, OFFICE, works_only=True)
        reason = self.chance.choice(("not_my_duty", "not_my_duty", "need_lead_unit", "not_my_area"))
        text = self.say("return_text", own=self.world.unit(lead).name)
        actor = self.handler
        self.case = actions.return_case(actor=actor, number=self.number, reason=reason, proposed_id=lead, text=text)
        if self.plan.end == "returned":
            return
        yield self.after(10, 70, DESK)
        second = self.wrong_unit(lead, wrong)
        if second is not None and (self.plan.end == "arbitration" or self.likely(0.08)):
            yield from turns.ruled(self, second, lead, hold=self.plan.end == "arbitration")
        else:
            self.send(lead, assistants)

    def signed(self, is_urgent: bool = False) -> Thread:
        """The lead unit takes the order up."""
        slow = 60 * self.chance.uniform(3, 20) if self.likely(0.04) else 0
        if is_urgent:
            yield self.after(4 + slow, 25 + slow, FIELD if self.is_with_village else DESK)
        else:
            yield self.by_handler(clock.now() + timedelta(minutes=self.chance.uniform(8, 95) + slow))
        self.case = actions.sign_case(actor=self.handler, number=self.number)
        yield from self.handled()

    def taken(self) -> Thread:
        """The grid head takes it on himself."""
        yield self.after(10, 80, FIELD)
        if self.is_unplaced:
            self.placed()
        self.case = actions.take_case(actor=self.world.head(self.plan.grid), number=self.number)
        if self.plan.channel != "grid_worker":
            yield self.after(4, 40, DESK)
            self.case = actions.classify_case(actor=self.dispatcher, number=self.number, category=self.category)
        if self.plan.end != "taken":
            yield from self.handled()

    # --- what is done -------------------------------------------------------------------------------------------------

    def handled(self) -> Thread:
        """Talks, words in between, and the end of the work."""
        plan = self.plan
        begun, due = clock.now(), self.due
        if self.has_phone and not self.is_called and self.likely(0.92):
            yield self.by_handler(clock.now() + timedelta(minutes=self.chance.uniform(5, 70)))
            actions.record_contact(actor=self.handler, number=self.number, text=self.say("contact"))
        if plan.end in ("doing", "late", "heard") and not self.is_old():
            return
        yield from self.talked()
        yield from self.turned()
        if plan.end in HELD:
            return
        due = max(self.due, due) if self.case.next_due_at else due
        if self.goes_up():
            yield from self.raised()
            return
        done = self.finished_at(begun, due)
        if done - clock.now() > timedelta(hours=30) and self.likely(0.16):
            yield self.by_handler(clock.now() + (done - clock.now()) * self.chance.uniform(0.2, 0.5), at_leisure=True)
            actions.add_note(actor=self.handler, number=self.number, text=self.say("note"))
        if done - clock.now() > timedelta(hours=40) and plan.channel in PUBLIC and self.likely(0.14):
            yield within(clock.now() + (done - clock.now()) * self.chance.uniform(0.4, 0.8), HOME, self.chance)
            actions.urge_case(actor=self.reporter, text=self.say("urge"))
        elif done > due and self.likely(0.6):
            yield self.after(0, 60, DESK)
            actions.urge_case(actor=self.dispatcher, number=self.number, text=self.say("urge_staff"))
        yield max(done, clock.now())
        self.finish(self.result())
        yield from self.judged()

    def talked(self) -> Thread:
        """捎话: a word to the reporter by his page, and his answer."""
        asks = random.Random(f"{self.plan.seed} talk")  # noqa: S311 - a fixed story, of its own chance
        is_open_to_him = self.plan.channel in PUBLIC and not self.plan.end and not self.is_of_people
        if not is_open_to_him or clock.now() < self.world.now - PICTURED or asks.random() > ASKS:
            return
        said, answer = asks.choice(TALK)
        actions.relay_message(actor=self.handler, number=self.number, text=said)
        yield within(clock.now() + timedelta(minutes=asks.uniform(9, 70)), HOME, asks)
        actions.reply_to_relay(actor=self.reporter, text=answer)

    def turned(self) -> Thread:
        """One in sixteen cases takes a hard turn."""
        end, chance = self.plan.end, self.chance.random()
        if end in HELD:
            yield from HELD[end](self)
        elif end or self.was_told_again:
            return
        elif chance < 0.018 and self.plan.channel in PUBLIC:
            yield from turns.asked(self)
        elif chance < 0.045:
            yield from turns.extended(self)
        elif self.world.is_seat(self.plan.grid) and 0.05 < chance < 0.054 and not self.is_of_people:
            yield from turns.suspended(self)
        elif self.world.is_seat(self.plan.grid) and 0.054 < chance < 0.06 and not self.is_with_village:
            yield from turns.whistled(self)
        elif 0.06 < chance < 0.072 and self.plan.channel in PUBLIC:
            yield from turns.told_twice(self)

    def is_old(self) -> bool:
        """Whether an appeal was heard so long ago that it has been answered."""
        return self.plan.end == "heard" and clock.now() < self.world.now - timedelta(days=30)

    def result(self) -> str:
        """What is told to the reporter."""
        if self.plan.end == "heard":
            return "这件要等明年的项目资金，已列进村里的计划，先记下了。"
        return self.say("waits") if self.waits else self.plan.result

    @property
    def due(self) -> datetime:
        """When the next step of the case is due."""
        return self.case.next_due_at or clock.now()

    def finish(self, result: str) -> None:
        """Say what was done."""
        handler = self.handler
        self.case = actions.finish_case(actor=handler, number=self.number, result=result)
        self.show(is_done=True, actor=handler)

    def finished_at(self, begun: datetime, due: datetime, *, most: float = 1.0) -> datetime:
        """When the work is done: mostly within the time, one of twenty late. most: at the latest after that share of it."""
        least = clock.now() + timedelta(minutes=self.chance.uniform(15, 50))
        if self.plan.end not in ("", "far") or self.likely(ON_TIME):
            share = self.chance.betavariate(1.4, 2.6) * most
            for _ in range(5):
                moment = self.by_handler(max(least, begun + (due - begun) * share), at_leisure=True)
                if moment < due:
                    return moment
                share *= 0.6
            if least < due:
                return least  # somebody stays on for it
        return self.by_handler(max(least, due + HOURS * self.chance.uniform(2, 50)), at_leisure=True)

    def goes_up(self) -> bool:
        """Whether the unit hands it one level up."""
        if self.plan.end == "raised":
            return True
        if self.plan.end or self.was_told_again:
            return False
        if self.is_with_village:
            return bool(self.plan.trouble.tried) and self.likely(0.3)
        return self.world.is_seat(self.plan.grid) and self.category == "0301" and self.likely(0.12)

    def raised(self) -> Thread:
        """提级上报: the village to the town, the town to the county."""
        is_village, self.was_told_again = self.is_with_village, True
        yield self.by_handler(clock.now() + HOURS * self.chance.uniform(14, 30), at_leisure=True)
        if is_village:
            told = (self.plan.result,) if self.plan.end == "raised" else self.plan.trouble.tried
            tried = self.chance.choice(told)
            proposed = self.competent()
        else:
            tried, proposed = self.say("county_up"), self.world.cast.units["bureau:区交通运输局"].id
        street = self.world.land.is_street(self.plan.grid)
        self.case = actions.report_up(
            actor=self.handler, number=self.number, tried=fitted(tried, street), proposed_id=proposed
        )
        if self.plan.end == "raised" or proposed is None:
            return
        yield self.after(15, 100, DESK)
        self.send(proposed, actor=None if is_village else self.world.cast.actor("xuanping"))
        yield from self.signed()

    def competent(self) -> UUID | None:
        """The station that the duty list names beside the village."""
        suggestion = self.world.suggestion(self.plan.grid, self.category)
        parts = [part for part in (suggestion.lead, *suggestion.assistants) if part and part.unit.kind != "village"]
        if parts:
            return parts[0].unit.id
        station = self.world.station(self.plan.grid, "construction")
        return station.id if station else None

    # --- what is said of it -------------------------------------------------------------------------------------------

    def judged(self) -> Thread:
        """Somebody else looks whether it was done, where the case goes that way; then the reporter says."""
        fails = 0
        while self.case.status == "verifying":
            if self.plan.end == "verifying":
                return
            yield self.after(60, 1500, FIELD if self.is_with_village else DESK)
            passes = fails or self.plan.end in SURE or self.likely(0.92)
            verifier = self.handler
            self.case = actions.verify_case(
                actor=verifier, number=self.number, is_passed=bool(passes), text=self.say("pass" if passes else "fail")
            )
            if not passes:
                fails += 1
                yield self.finished_at(clock.now(), self.due, most=0.5)
                self.finish(self.say("again"))
        if self.case.status == "callback" and self.plan.end not in ("asked", "silent"):
            yield from self.answered()

    def answered(self) -> Thread:
        """The reporter says himself whether he is content, or the centre rings him; many say nothing."""
        plan, first = self.plan, self.case.reopened_count == 0
        says = self.verdict()
        is_own = plan.channel in PUBLIC and (bool(plan.rating) or plan.end == "redone" or self.likely(0.55))
        if is_own:
            yield self.after(40, 3200, HOME)
            reasons, text = [], self.say("rated")
            if says == "dissatisfied":
                people = "_people" if self.is_of_people else ""
                reason, text = self.chance.choice(words().lists[f"dissatisfied{people}"])
                reasons = [reason]
            self.case = actions.rate_report(actor=self.reporter, result=says, reasons=reasons, text=text)
        elif self.has_phone and (plan.end in SURE or not first or self.likely(0.72)):
            calls = self.after(600, 3500, DESK)
            if plan.end not in SURE and self.likely(0.12):
                yield calls
                actions.record_callback(
                    actor=self.caller, number=self.number, result="unreachable", text=self.say("unreachable")
                )
                calls = self.after(300, 1600, DESK)
            yield calls
            if plan.end == "heard" or self.waits:
                says = "understanding"
            text = self.say({"dissatisfied": "fail_said", "understanding": "understands"}.get(says, "called"))
            self.case = actions.record_callback(actor=self.caller, number=self.number, result=says, text=text)
        else:
            return
        if says == "dissatisfied":
            if plan.end == "redone":
                return
            yield from (self.again() if first else self.explained())
        elif plan.end == "" and self.case.status == "closed" and self.likely(0.007):
            yield from self.restarted()

    def verdict(self) -> str:
        """How content the reporter is."""
        if self.plan.end == "done":
            return self.chance.choice(SAYS[:2])
        if self.waits:
            return "basically"
        if self.case.reopened_count:
            return self.chance.choices(SAYS, (61, 31, 8))[0]
        if self.plan.end == "redone" or self.plan.rating == "dissatisfied-then-satisfied":
            return "dissatisfied"
        return self.plan.rating or self.chance.choices(SAYS, (68, 26, 6))[0]

    def again(self) -> Thread:
        """Done once more by whoever did it."""
        yield self.finished_at(clock.now(), self.due, most=0.6)
        self.finish(self.say("redone"))
        yield from self.judged()

    def explained(self) -> Thread:
        """Dissatisfied twice: the centre explains, another person agrees."""
        yield self.after(200, 1500, OFFICE, works_only=True)
        actions.close_explained(actor=self.dispatcher, number=self.number, text=self.say("explained"))
        yield self.after(60, 400, OFFICE, works_only=True)
        self.case = actions.decide_proposal(
            actor=self.second(), number=self.number, is_agreed=True, answer=self.say("explained_answer")
        )

    def second(self) -> Actor:
        """Another person than whoever proposed: the head of the centre, elsewhere the county."""
        return self.world.cast.actor("mengxianjun" if self.world.is_seat(self.plan.grid) else "xuanping")

    def restarted(self) -> Thread:
        """It came back within the month."""
        yield self.after(4 * 1440, 20 * 1440, HOME)
        actions.reopen_case(actor=self.reporter, text=self.say("came_back"))
        self.was_told_again = True
        yield from self.dispatched()

    # --- other ends ---------------------------------------------------------------------------------------------------

    def refused(self) -> Thread:
        """不予受理, with two persons where it is a complaint."""
        yield self.after(20, 300, DESK)
        self.case = actions.reject_case(
            actor=self.dispatcher, number=self.number, reason=self.plan.extra[0], text=self.plan.result
        )
        if self.case.status == "received":
            yield self.after(60, 420, OFFICE, works_only=True)
            actions.decide_proposal(actor=self.second(), number=self.number, is_agreed=True)

    def tip(self) -> Thread:
        """A tip stays with the officer named for it."""
        officer = self.world.cast.actor("qinyutian")
        yield self.after(30, 300, OFFICE, works_only=True)
        self.send(self.world.cast.units["discipline"].id, actor=officer)
        yield self.after(10, 60, OFFICE, works_only=True)
        self.case = actions.sign_case(actor=officer, number=self.number)
        if self.has_phone:
            yield self.after(60, 400, OFFICE, works_only=True)
            actions.record_contact(
                actor=officer, number=self.number, text="通了话，问清了时间和人，请他放心，对外保密。"
            )
        yield self.after(5 * 1440, 9 * 1440, OFFICE, works_only=True)
        self.finish(self.result())
        if self.case.status == "callback" and self.likely(0.6):
            yield self.after(200, 4000, HOME)
            actions.rate_report(actor=self.reporter, result=self.chance.choice(SAYS[:2]))
