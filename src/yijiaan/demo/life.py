"""The story told: one clock, and whoever has something to do waits for his moment. Every deed is an action at its time."""

import gc
import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from yijiaan.cases.actions import (
    archive_ended,
    close_unanswered,
    compare_day_counts,
    instruct_case,
    resume_unanswered,
    supervise_case,
)
from yijiaan.cases.models import Assignment, Case, CaseDayCount, CaseWords, Hop, Outcome, Report
from yijiaan.core import clock
from yijiaan.core.scope import Actor, system
from yijiaan.demo.beside import exclusions
from yijiaan.demo.forms import form_threads
from yijiaan.demo.hours import OFFICE, within
from yijiaan.demo.people import Cast
from yijiaan.demo.phrases import words
from yijiaan.demo.plans import Plan
from yijiaan.demo.safety import safety_threads
from yijiaan.demo.tellers import Teller
from yijiaan.demo.visits import visit_threads
from yijiaan.demo.world import World
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Delivery, Entry, Seal
from yijiaan.engines.notices.actions import mark_all_read
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.todos.actions import tell_due_todos
from yijiaan.engines.todos.models import Todo

GROWING = (Case, Report, Assignment, Hop, Outcome, CaseWords, CaseDayCount, Todo, Entry, Delivery, Seal, Notice)
Thread = Iterator[datetime]  # yields the moment at which it wants to go on
# hours of a day at which the jobs run that otherwise run all the time: of the last days, and of those before
SWEEPS = (8.55, 9.6, 10.6, 11.6, 12.6, 14.1, 15.1, 16.1, 17.1, 18.6, 20.1)
FEWER = (8.55, 11.6, 15.1, 18.6)
LAST_DAYS = timedelta(days=3)


@contextmanager
def together() -> Iterator[None]:
    """Many deeds in one transaction, all or none: none of them may fail, so none needs a savepoint; and nobody waits for the disk."""
    features: Any = connection.features
    collects = gc.isenabled()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        features.uses_savepoints = False
        gc.disable()
        try:
            yield
        finally:
            features.uses_savepoints = True
            if collects:
                gc.enable()


def _look_anew() -> None:
    """Let the database count its tables: they grow faster than it would notice by itself."""
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in GROWING)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")


class Life:
    """Runs threads in the order of time until the end; each day's deeds in one transaction, which is what makes it fast."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.deeds = 0  # done so far
        self._waiting: list[tuple[datetime, int, Thread]] = []
        self._serial = itertools.count()

    def begin(self, thread: Thread, at: datetime) -> None:
        """Let a thread begin at a moment."""
        if at < self.until:
            heapq.heappush(self._waiting, (at, next(self._serial), thread))

    def run(self, told: Callable[[datetime], None]) -> None:
        """Until nobody has anything to do before the end; told hears how far it has come, once a day."""
        while self._waiting:
            day = clock.local_day(self._waiting[0][0])
            with together():
                while self._waiting and clock.local_day(self._waiting[0][0]) == day:
                    at, _, thread = heapq.heappop(self._waiting)
                    self.deeds += 1
                    with clock.at(at):
                        again = next(thread, None)
                    if again is not None:
                        self.begin(thread, max(again, at + timedelta(seconds=1)))
            if day.day in (1, 16):
                _look_anew()
            told(clock.day_start(day))


def live(cast: Cast, world: World, plans: list[Plan], told: Callable[[float], None]) -> int:
    """Everything that happens from the first plan until now; returns the number of cases."""
    now = clock.now()
    life = Life(now)
    for serial, plan in enumerate(plans):
        life.begin(Teller(world, plan, serial).story(), plan.at)
    first = min((plan.at for plan in plans), default=now)
    life.begin(_jobs(life), first)
    life.begin(_archiving(now), first)
    life.begin(_counting(now), first)
    life.begin(_readers(cast, now), first)
    life.begin(exclusions(world), first)
    for at, thread in (*safety_threads(world), *visit_threads(world), *form_threads(world)):
        if at > first:
            life.begin(thread, at)
    for username, days, deed in (
        ("konglingjun", (0, 3), _instructs),
        ("mengxianjun", (2, 4), _supervises),
        ("songweimin", (1,), _instructs),
    ):
        life.begin(_leader(cast.actor(username), world, days, deed), first)
    span = max((now - first).total_seconds(), 1)
    life.run(lambda at: told(min(1.0, (at - first).total_seconds() / span)))
    tell_due_todos(actor=system("demo"))
    deliver_all()
    told(1.0)
    return Case.objects.count()


def deliver_all() -> None:
    """Messages and seals of everything that was done so far."""
    while deliver(actor=system("worker")):
        pass


def _jobs(life: Life) -> Thread:
    """Cards, messages and seals, and what nobody answered; towards the end every hour. Where nothing was done since, only in
    the morning."""
    worker = system("worker")
    while True:
        today, is_last = clock.day_start(clock.local_day()), life.until - clock.now() < LAST_DAYS
        for hour in SWEEPS if is_last else FEWER:
            at = today + timedelta(hours=hour)
            if at <= clock.now():
                continue
            before = life.deeds
            yield at
            if life.deeds > before + 1 or hour == FEWER[0]:
                tell_due_todos(actor=worker)
            if is_last or hour == FEWER[0]:
                close_unanswered(actor=system("close_unanswered_callbacks"))
                resume_unanswered(actor=system("resume_unanswered_questions"))
            if is_last or hour == FEWER[-1]:
                deliver_all()
        yield today + timedelta(days=1, hours=FEWER[0] - 0.01)


def _archiving(now: datetime) -> Thread:
    """What ended half a year ago goes to the archive: once a month, and last night."""
    while True:
        day = clock.local_day()
        first = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield clock.day_start(min(first, max(clock.local_day(now), day + timedelta(days=1)))) + timedelta(hours=3)
        archive_ended(actor=system("archive_what_ended"))


def _counting(now: datetime) -> Thread:
    """The nightly comparison of the counts with the journal, of the last night alone: it reads two months."""
    yield clock.day_start(clock.local_day(now)) + timedelta(hours=2, minutes=40)
    compare_day_counts(actor=system("compare_day_counts_with_the_journal"))


def _readers(cast: Cast, now: datetime) -> Thread:
    """Yesterday evening everybody had read his messages."""
    at = clock.day_start(clock.local_day(now) - timedelta(days=1)) + timedelta(hours=17.2)
    yield at
    deliver_all()
    centres = [turns[0] for _, turns in sorted(cast.dispatchers.items())]
    for actor in (*cast.handlers.values(), *centres, cast.actor("xuanping")):
        mark_all_read(actor=actor)


Deed = Callable[[Actor, Case, random.Random], None]


def _leader(actor: Actor, world: World, days: tuple[int, ...], deed: Deed) -> Thread:
    """A leader reads what presses, on some days of the week, and says a word about one of them."""
    chance = random.Random(f"{actor.name}")  # noqa: S311 - a fixed story
    while True:
        day = clock.local_day() + timedelta(days=1)
        while day.weekday() not in days:
            day += timedelta(days=1)
        yield within(clock.day_start(day) + timedelta(hours=chance.uniform(8.7, 16.5)), OFFICE, chance, world.calendar)
        held = Case.objects.filter(actor.area_filter(), status__in=("dispatched", "in_progress"), supervision="")
        pressing = list(held.filter(county=actor.county, is_confidential=False).order_by("next_due_at", "id")[:6])
        if pressing:
            deed(actor, pressing[0] if deed is _supervises else chance.choice(pressing), chance)


def _instructs(actor: Actor, case: Case, chance: random.Random) -> None:
    instruct_case(actor=actor, number=case.number, text=words().one("instruct", chance))


def _supervises(actor: Actor, case: Case, chance: random.Random) -> None:
    if case.next_due_at is not None and case.next_due_at < clock.now():
        supervise_case(actor=actor, number=case.number, text=words().one("supervise", chance))
