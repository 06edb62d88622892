import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from yijiaan.core import clock
from yijiaan.core.crypto import new_key
from yijiaan.core.identifiers import uuid7, uuid7_after
from yijiaan.core.postgresql.raw import execute_raw, insert_many
from yijiaan.core.scope import Actor
from yijiaan.core.web import request_id
from yijiaan.engines.journal import permissions
from yijiaan.engines.journal.models import PERSONAL, Delivery, Entry, PersonKey, Seal
from yijiaan.engines.journal.personal import key_of, sealed_values
from yijiaan.engines.journal.seals import first_hash, next_hash, row_of
from yijiaan.engines.journal.subscribers import named, names_for

log = logging.getLogger(__name__)
BATCH = 100


def record(
    *,
    actor: Actor,
    verb: str,
    county: str,
    subject_type: str,
    subject_id: UUID,
    area_code: str,
    at: datetime,
    data: dict[str, Any] | None = None,
    personal: dict[str, str] | None = None,
    person: UUID | None = None,
    after: UUID | None = None,
) -> Entry:
    """Write one deed and what its subscribers owe, in the caller's transaction. data holds codes, ids, numbers and times only.

    after: the entry of its subject that this one must stand behind, whatever the clock says.
    personal: values about a person (old and new phone, say), stored only as ciphertext under the key of that person (the id
    of the row that stands for him); `erase_person` makes them unreadable for good.
    """
    entry = Entry(
        id=uuid7_after(after),
        county=county,
        actor_kind=actor.kind.value,
        actor_id=actor.identity,
        post_id=actor.post_id,
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        area_code=area_code,
        data=data or {},
        happened_at=at,
        request_id=request_id(),
    )
    if personal:
        if person is None:
            raise ValueError("personal values need the person they are about")
        key = _person_key(county, person, at)
        entry.data = {**entry.data, PERSONAL: sealed_values(entry, person, key, personal)}
    _insert(entry, names_for(verb))
    return entry


ENTRY = (
    "id", "county", "actor_kind", "actor_id", "post_id", "verb", "subject_type", "subject_id", "area_code", "data",
    "happened_at", "request_id",
)  # fmt: skip
DELIVERY = ("id", "county", "entry_id", "subscriber", "attempts", "next_at", "last_error")


def _insert(entry: Entry, subscribers: Sequence[str]) -> None:
    """The entry and a delivery for each subscriber in one statement, composed once: every deed passes here."""
    values: list[Any] = [getattr(entry, name) for name in ENTRY]
    values[ENTRY.index("data")] = json.dumps(entry.data, ensure_ascii=False)
    for name in subscribers:
        values += (uuid7(), name)
    execute_raw(_insert_with(len(subscribers)), values)
    entry._state.adding, entry._state.db = False, connection.alias


@cache
def _insert_with(deliveries: int) -> str:
    places = ", ".join(f"${place}" + ("::jsonb" if name == "data" else "") for place, name in enumerate(ENTRY, 1))
    entry = f"INSERT INTO journal_entry ({', '.join(ENTRY)}) VALUES ({places})"  # noqa: S608 - names of columns
    if not deliveries:
        return entry
    at = {name: place for place, name in enumerate(ENTRY, 1)}
    owed = ", ".join(
        f"(${len(ENTRY) + 2 * number + 1}::uuid, ${at['county']}, ${at['id']}, ${len(ENTRY) + 2 * number + 2}, 0, ${at['happened_at']}, '')"
        for number in range(deliveries)
    )
    return f"WITH entry AS ({entry}) INSERT INTO journal_delivery ({', '.join(DELIVERY)}) VALUES {owed}"  # noqa: S608 - names of columns


def _person_key(county: str, person: UUID, at: datetime) -> bytes | None:
    """The key of a person, made at first use; None once it was destroyed: what comes later is not kept either."""
    row = PersonKey.objects.filter(county=county, person=person).first()
    if row is None:
        fresh = PersonKey(county=county, person=person, key_sealed=new_key().hex(), made_at=at)
        PersonKey.objects.bulk_create([fresh], ignore_conflicts=True)
        row = PersonKey.objects.get(county=county, person=person)
    return key_of(row)


@transaction.atomic
def erase_person(*, actor: Actor, county: str, person: UUID, area_code: str = "") -> bool:
    """依法删除: destroy the key of a person. The rows and their seals stay valid, the values in them can be read no more.

    False when the journal held nothing about the person. Old backups of the database still hold the key until they are gone.
    """
    actor.require(permissions.ERASE)
    row = PersonKey.objects.select_for_update().filter(county=county, person=person, destroyed_at__isnull=True).first()
    if row is None:
        return False
    row.key_sealed, row.destroyed_at = "", clock.now()
    row.save(update_fields=["key_sealed", "destroyed_at"])
    record(
        actor=actor,
        verb="journal.person_erased",
        county=county,
        subject_type="journal.personkey",
        subject_id=row.id,
        area_code=area_code or county,
        at=row.destroyed_at,
    )
    return True


def record_many(
    *,
    actor: Actor,
    verb: str,
    county: str,
    subject_type: str,
    subjects: Sequence[tuple[UUID, str, dict[str, Any]]],
    at: datetime,
    after: UUID | None = None,
) -> list[UUID]:
    """Write one deed on each of many subjects (id, area code, data) in two statements; a test proves the rows equal `record`'s.
    Returns the entries' ids; they rise, and stand behind `after`.
    """
    entries: list[tuple[Any, ...]] = []
    deliveries: list[tuple[Any, ...]] = []
    names = names_for(verb)
    for subject_id, area_code, data in subjects:
        entry_id = after = uuid7_after(after)
        entries.append(
            (
                entry_id, county, actor.kind.value, actor.identity, actor.post_id, verb, subject_type, subject_id, area_code,
                json.dumps(data, ensure_ascii=False), at, request_id(),
            )
        )  # fmt: skip
        deliveries += [(uuid7(), county, entry_id, name, 0, at, "") for name in names]
    insert_many(Entry, ENTRY, entries)
    insert_many(Delivery, DELIVERY, deliveries)
    return [row[0] for row in entries]


def deliver(*, actor: Actor) -> int:
    """Hand due deliveries to their subscribers, each in its own savepoint; returns how many were taken. The worker's pump.

    Claims the rows of one county at a time with SKIP LOCKED and deletes each in the transaction of its effect, so that a
    kill at any moment leaves either both or neither. A subscriber that fails is tried again with growing pauses, up to an
    hour apart.
    """
    now = clock.now()
    counties = Delivery.objects.filter(_due(now)).order_by("county").values_list("county", flat=True).distinct()
    return sum(_deliver_in(county, now) for county in list(counties))


def _due(now: datetime) -> Q:
    """What nobody tried yet waits for nothing, though the clock was set back since it was written."""
    return Q(next_at__lte=now) | Q(attempts=0)


def _deliver_in(county: str, now: datetime) -> int:
    with transaction.atomic():
        claimed = list(
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(_due(now), county=county)
            .select_related("entry")
            .order_by("next_at", "id")[:BATCH]
        )
        together: dict[str, list[Delivery]] = {}
        for delivery in claimed:
            subscriber = named(delivery.subscriber)
            if subscriber is not None and subscriber.handle_many is not None:
                together.setdefault(subscriber.name, []).append(delivery)
            else:
                handle = subscriber.handle if subscriber else None
                _hand_over([delivery], now, None if handle is None else partial(handle, delivery.entry))
        for name, waiting in together.items():
            subscriber = named(name)
            assert subscriber is not None and subscriber.handle_many is not None
            entries = sorted((delivery.entry for delivery in waiting), key=lambda entry: entry.id)
            _hand_over(waiting, now, partial(subscriber.handle_many, county, entries))
    return len(claimed)


def _hand_over(waiting: list[Delivery], now: datetime, effect: Callable[[], None] | None) -> None:
    """One effect and the end of its deliveries, together or not at all."""
    county, name = waiting[0].county, waiting[0].subscriber
    mine = Delivery.objects.filter(county=county, id__in=[delivery.id for delivery in waiting])
    try:
        with transaction.atomic():
            if effect is not None:
                effect()
            mine.delete()
    except Exception as error:  # any subscriber's bug must not stop the others
        log.exception("delivery to %s failed", name)
        attempts = max(delivery.attempts for delivery in waiting)
        mine.update(
            attempts=attempts + 1,
            next_at=now + timedelta(seconds=min(3600, 2 ** min(attempts, 12))),
            last_error=type(error).__name__,
        )


def seal_entries(*, actor: Actor, county: str, entries: list[Entry]) -> None:
    """Add entries to their county's chain; the subscriber `journal.seal`. One at a time a county, by an advisory lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"journal.seal {county}"])
    last = Seal.objects.filter(county=county).order_by("-number").first()
    before = bytes(last.hash) if last else first_hash(county)
    number = last.number if last else 0
    links = []
    for entry in entries:
        number += 1
        before = next_hash(before, row_of(entry))
        links.append(Seal(county=county, number=number, entry=entry, hash=before))
    Seal.objects.bulk_create(links)
