"""销号 and the books: numbers without gaps, and a year that closes only when opened = written off + carried over (PRODUCT S35)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.safety.actions.steps import books_of, clean, lock_hazard, note, owe, save_hazard, this_year
from yijiaan.safety.flows import FLOW
from yijiaan.safety.models import CarryOver, EndKind, Hazard, LedgerYear
from yijiaan.safety.permissions import CLOSE_YEAR
from yijiaan.safety.queries.books import read_books

BOOKS = "safety.ledgeryear"
ACROSS = "年度结账以前没有结转，跨年销号时补记"


@transaction.atomic
def write_off_hazard(*, actor: Actor, hazard_id: UUID, text: str = "", seen_version: int | None = None) -> Hazard:
    """销号 with the next number of its town and year. RuleErrors wrong_state, text_too_long."""
    hazard = lock_hazard(actor, hazard_id=hazard_id, seen_version=seen_version)
    old = hazard.status
    FLOW.move(hazard, "write_off", actor)
    text = clean(text, most=300, field="text")
    now = clock.now()
    number_off(actor, hazard, EndKind.RECTIFIED, now)
    owe(actor, hazard, now)
    save_hazard(
        hazard, "status", "end_kind", "write_off_year", "write_off_serial", "written_off_at", "books_year", "next_due_at",
        "card",
    )  # fmt: skip
    note(
        actor, hazard, "write_off", "safety.hazard_written_off", now, text=text, old=old, number=hazard.write_off_serial,
        year=hazard.write_off_year,
    )  # fmt: skip
    return hazard


def number_off(actor: Actor, hazard: Hazard, kind: EndKind, at: datetime) -> None:
    """Give a locked hazard the next write-off number of its books; the lock on the books is held until the deed is done, so a deed
    that is undone leaves no gap. What still stands in past years' books is carried to this year first."""
    year = this_year()
    while hazard.books_year < year:
        carry(actor, hazard, ACROSS, at)
    books = books_of(hazard.county, hazard.ledger_code, year)
    books.written_off_last += 1
    books.save(update_fields=["written_off_last"])
    hazard.end_kind, hazard.written_off_at = kind, at
    hazard.write_off_year, hazard.write_off_serial = year, books.written_off_last


def carry(actor: Actor, hazard: Hazard, text: str, at: datetime) -> None:
    """Take a locked hazard to the books of the next year; the caller saves books_year."""
    CarryOver(
        id=uuid7(), county=hazard.county, hazard=hazard, ledger_code=hazard.ledger_code, from_year=hazard.books_year,
        to_year=hazard.books_year + 1, text=text, post_id=actor.post_id, at=at,
    ).save(force_insert=True)  # fmt: skip
    hazard.books_year += 1


@transaction.atomic
def carry_over_hazards(
    *, actor: Actor, ledger_code: str, year: int, hazard_ids: Sequence[UUID], text: str
) -> list[Hazard]:
    """结转 what is still open at the end of a year, each named, with the reason. RuleErrors year_running, year_closed, none_chosen,
    not_in_books, empty_text, text_too_long."""
    actor.require(CLOSE_YEAR)
    books = _books(actor, ledger_code, year)
    text = clean(text, most=300, field="text", required="请写为什么还没有销号")
    if not hazard_ids:
        raise RuleError("none_chosen", "请勾要结转的隐患")
    now, carried = clock.now(), []
    for hazard_id in sorted(set(hazard_ids)):
        hazard = lock_hazard(actor, hazard_id=hazard_id)
        if (hazard.ledger_code, hazard.books_year) != (books.ledger_code, year) or not hazard.is_open:
            raise RuleError("not_in_books", f"{hazard.number} 已经不在 {year} 年的账上，请刷新再看")
        FLOW.check(actor, "carry_over", hazard.status)
        carry(actor, hazard, text, now)
        save_hazard(hazard, "books_year")
        note(actor, hazard, "carry_over", "safety.hazard_carried_over", now, text=text, to_year=hazard.books_year)
        carried.append(hazard)
    return carried


@transaction.atomic
def close_year(*, actor: Actor, ledger_code: str, year: int) -> LedgerYear:
    """年度结账: refused while opened ≠ written off + carried over; what is left stands on the page. What is closed stays closed.

    RuleErrors year_running, year_closed, year_before_open, numbers_missing, not_even.
    """
    actor.require(CLOSE_YEAR)
    books = _books(actor, ledger_code, year)
    earlier = LedgerYear.objects.filter(
        county=books.county, ledger_code=ledger_code, year__lt=year, closed_at__isnull=True
    )
    if earlier.exists():
        raise RuleError("year_before_open", "前面的年度还没有结账，请按年份先后来")
    state = read_books(actor, books=books)
    if state.missing:
        named = "、".join(str(number) for number in state.missing[:10])
        raise RuleError("numbers_missing", f"登记号 {named} 在账上找不到，账不平，不能结账，请联系管理员查日志")
    if not state.is_even:
        raise RuleError(
            "not_even",
            f"账不平：应有 {state.opened} 条，已销 {state.written_off} 条、结转 {state.carried_over} 条，"
            f"还有 {state.left} 条没有着落",
        )
    now = clock.now()
    books.carried_in, books.carried_over = state.carried_in, state.carried_over
    books.closed_at, books.closed_by_id = now, actor.post_id
    books.save(update_fields=["carried_in", "carried_over", "closed_at", "closed_by"])
    record(
        actor=actor, verb="safety.year_closed", county=books.county, subject_type=BOOKS, subject_id=books.id,
        area_code=ledger_code, at=now,
        data={
            "year": year, "opened": state.opened, "written_off": state.written_off, "carried_over": state.carried_over,
        },
    )  # fmt: skip
    return books


def _books(actor: Actor, ledger_code: str, year: int) -> LedgerYear:
    """The books, locked, of a year that is over and not closed."""
    if not LedgerYear.objects.visible_to(actor).filter(ledger_code=ledger_code, year=year).exists():
        raise NotFound
    if year >= this_year():
        raise RuleError("year_running", f"{year} 年还没有过完，过了年再结转、结账")
    books = books_of(actor.county, ledger_code, year)
    if books.closed_at is not None:
        raise RuleError("year_closed", f"{year} 年已经结账")
    return books
