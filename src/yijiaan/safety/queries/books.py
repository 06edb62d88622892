"""The proof of a year's books: opened = written off + carried over, each figure counted by itself."""

from dataclasses import dataclass

from django.db.models import QuerySet

from yijiaan.core.scope import Actor
from yijiaan.safety.flows import FLOW
from yijiaan.safety.models import CarryOver, Hazard, LedgerYear


@dataclass(frozen=True, slots=True)
class Books:
    """One town and year. opened: what came in by the numbers given out and from the year before; left: what is neither written off
    nor carried over; missing: numbers given out whose hazard is not there."""

    ledger_code: str
    year: int
    registered: int
    carried_in: int
    written_off: int
    carried_over: int
    left: int
    missing: tuple[int, ...]

    @property
    def opened(self) -> int:
        """All that has to be accounted for."""
        return self.registered + self.carried_in

    @property
    def is_even(self) -> bool:
        """Whether everything is accounted for."""
        return not self.missing and self.opened == self.written_off + self.carried_over


def read_books(actor: Actor, *, books: LedgerYear) -> Books:
    """How a year stands now. The caller has made sure that the actor may see it."""
    here = {"county": books.county, "ledger_code": books.ledger_code}
    given = set(Hazard.objects.filter(**here, year=books.year).values_list("serial", flat=True))
    moved = CarryOver.objects.filter(**here)
    return Books(
        ledger_code=books.ledger_code,
        year=books.year,
        registered=books.opened_last,
        carried_in=moved.filter(to_year=books.year).count(),
        written_off=Hazard.objects.filter(**here, write_off_year=books.year, write_off_serial__gt=0).count(),
        carried_over=moved.filter(from_year=books.year).count(),
        left=list_left(actor, books=books).count(),
        missing=tuple(sorted(set(range(1, books.opened_last + 1)) - given)),
    )


def list_left(actor: Actor, *, books: LedgerYear) -> QuerySet[Hazard]:
    """What still stands open in a year's books, oldest first."""
    return (
        Hazard.objects.filter(
            county=books.county, ledger_code=books.ledger_code, books_year=books.year, status__in=FLOW.values_in("open")
        )
        .select_related("unit")
        .order_by("year", "serial")
    )


def list_ledgers(actor: Actor) -> list[str]:
    """The ledgers whose books the actor sees, by code."""
    codes = LedgerYear.objects.visible_to(actor).order_by("ledger_code").values_list("ledger_code", flat=True)
    return list(codes.distinct())


def list_years(actor: Actor, *, ledger_code: str) -> list[LedgerYear]:
    """The years of a ledger, newest first."""
    years = LedgerYear.objects.visible_to(actor).filter(ledger_code=ledger_code)
    return list(years.select_related("closed_by__user", "closed_by__unit").order_by("-year"))
