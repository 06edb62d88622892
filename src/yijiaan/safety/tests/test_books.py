"""The books of a year: numbers without gaps, nothing dropped, and a closing that proves opened = written off + carried over."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from yijiaan.cases.tests.make import Town
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.safety import actions
from yijiaan.safety.models import CarryOver, Hazard, LedgerYear
from yijiaan.safety.queries import list_left, read_books
from yijiaan.safety.tests import make
from yijiaan.safety.tests.make import COUNTY, ROWS, TOWN

pytestmark = pytest.mark.django_db
Y = 2026


def at(year: int, month: int = 6) -> Any:
    return clock.at(datetime(year, month, 15, 4, 0, tzinfo=UTC))


@pytest.fixture
def town() -> Town:
    with at(Y):
        return make.town()


def books(year: int = Y) -> LedgerYear:
    return LedgerYear.objects.get(county=COUNTY, ledger_code=TOWN, year=year)


def refused(code: str, deed: Any, **values: Any) -> RuleError:
    with unchanged(*ROWS), pytest.raises(RuleError) as error:
        deed(**values)
    assert error.value.code == code
    return error.value


def test_a_year_closes_only_when_everything_is_accounted_for(town: Town) -> None:
    head = town.actor("centre_head")
    with at(Y):
        make.hazard_in(town, "written_off")
        left = [make.hazard_in(town, "rectifying"), make.hazard_in(town, "found")]
    here = {"actor": head, "ledger_code": TOWN, "year": Y}
    with at(Y, 12):
        refused("year_running", actions.close_year, **here)
        refused("year_running", actions.carry_over_hazards, **here, hazard_ids=[left[0].id], text="等料")
    with at(Y + 1, 1):
        error = refused("not_even", actions.close_year, **here)
        assert error.message == "账不平：应有 3 条，已销 1 条、结转 0 条，还有 2 条没有着落"
        assert set(list_left(head, books=books())) == set(left)
        refused("none_chosen", actions.carry_over_hazards, **here, hazard_ids=[], text="等料")
        refused("empty_text", actions.carry_over_hazards, **here, hazard_ids=[left[0].id], text=" ")
        actions.carry_over_hazards(**here, hazard_ids=[left[0].id], text="等料")
        refused("not_in_books", actions.carry_over_hazards, **here, hazard_ids=[left[0].id], text="等料")
        refused("not_even", actions.close_year, **here)
        actions.carry_over_hazards(**here, hazard_ids=[left[1].id], text="刚发现")
        closed = actions.close_year(**here)
        assert (closed.opened_last, closed.carried_in, closed.written_off_last, closed.carried_over) == (3, 0, 1, 2)
        refused("year_closed", actions.close_year, **here)
        refused("year_closed", actions.carry_over_hazards, **here, hazard_ids=[left[0].id], text="等料")
        entry = Entry.objects.get(county=COUNTY, verb="safety.year_closed")
        assert entry.data == {"year": Y, "opened": 3, "written_off": 1, "carried_over": 2}


def test_what_was_carried_over_opens_the_next_years_books(town: Town) -> None:
    head = town.actor("centre_head")
    with at(Y):
        hazard = make.hazard_in(town, "verified")
    with at(Y + 1, 1):
        actions.carry_over_hazards(actor=head, ledger_code=TOWN, year=Y, hazard_ids=[hazard.id], text="年底才查")
        actions.close_year(actor=head, ledger_code=TOWN, year=Y)
        done = actions.write_off_hazard(actor=head, hazard_id=hazard.id)
        assert (done.write_off_year, done.write_off_serial, done.year) == (Y + 1, 1, Y)
        state = read_books(head, books=books(Y + 1))
        assert (state.registered, state.carried_in, state.written_off, state.left, state.is_even) == (0, 1, 1, 0, True)


def test_written_off_across_the_year_it_is_carried_over_by_itself(town: Town) -> None:
    head = town.actor("centre_head")
    with at(Y):
        hazard = make.hazard_in(town, "verified")
    with at(Y + 1, 1):
        done = actions.write_off_hazard(actor=head, hazard_id=hazard.id)
        assert (done.books_year, done.write_off_number) == (Y + 1, f"销〔{Y + 1}〕1号")
        row = CarryOver.objects.get(county=COUNTY, hazard_id=hazard.id)
        assert (row.from_year, row.to_year) == (Y, Y + 1)
        assert actions.close_year(actor=head, ledger_code=TOWN, year=Y).carried_over == 1


def test_years_close_in_their_order_and_only_by_who_may(town: Town) -> None:
    head = town.actor("centre_head")
    with at(Y):
        make.hazard_in(town, "written_off")
    with at(Y + 1):
        make.hazard_in(town, "written_off")
    with at(Y + 2, 1):
        refused("year_before_open", actions.close_year, actor=head, ledger_code=TOWN, year=Y + 1)
        for name, error in (("dispatcher", NotAllowed), ("county", None), ("stranger", NotAllowed)):
            if error is None:
                continue
            with unchanged(*ROWS), pytest.raises(error):
                actions.close_year(actor=town.actor(name), ledger_code=TOWN, year=Y)
        with unchanged(*ROWS), pytest.raises(NotFound):
            actions.close_year(actor=head, ledger_code="370812101", year=Y)
        actions.close_year(actor=town.actor("county"), ledger_code=TOWN, year=Y)
        actions.close_year(actor=head, ledger_code=TOWN, year=Y + 1)


def test_a_line_that_vanished_from_the_table_stops_the_closing(town: Town) -> None:
    head = town.actor("centre_head")
    with at(Y):
        make.hazard_in(town, "written_off")
        gone = make.hazard_in(town, "found")
    with connection.cursor() as cursor:  # nobody can by the product: somebody did by hand
        cursor.execute("DELETE FROM hazard_step WHERE county = %s AND hazard_id = %s", [COUNTY, gone.id])
        cursor.execute("DELETE FROM hazard WHERE county = %s AND id = %s", [COUNTY, gone.id])
    with at(Y + 1, 1):
        error = refused("numbers_missing", actions.close_year, actor=head, ledger_code=TOWN, year=Y)
        assert "登记号 2 " in error.message


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_in_three_years_the_books_prove_themselves(town: Town, seed: int) -> None:
    chance = random.Random(seed)
    head = town.actor("centre_head")
    for year in (Y, Y + 1, Y + 2):
        for month in (2, 7, 11):
            with at(year, month):
                make.hazard_in(town, chance.choice(("found", "notified", "verified", "written_off")))
                waiting = Hazard.objects.filter(county=COUNTY, status="verified").order_by("?")[: chance.randrange(2)]
                for hazard in list(waiting):
                    actions.write_off_hazard(actor=head, hazard_id=hazard.id)
    for year in (Y, Y + 1, Y + 2):
        with at(year + 1, 1):
            left = [row.id for row in list_left(head, books=books(year))]
            if left:
                refused("not_even", actions.close_year, actor=head, ledger_code=TOWN, year=year)
                actions.carry_over_hazards(actor=head, ledger_code=TOWN, year=year, hazard_ids=left, text="没改完")
            closed = actions.close_year(actor=head, ledger_code=TOWN, year=year)
            state = read_books(head, books=closed)
            assert state.is_even
            assert state.opened == closed.opened_last + closed.carried_in
            assert state.opened == closed.written_off_last + closed.carried_over
            numbers = Hazard.objects.filter(county=COUNTY, write_off_year=year).values_list(
                "write_off_serial", flat=True
            )
            assert sorted(numbers) == list(range(1, closed.written_off_last + 1))
    total = Hazard.objects.filter(county=COUNTY).count()
    ended = Hazard.objects.filter(county=COUNTY, status="written_off").count()
    assert total == ended + CarryOver.objects.filter(county=COUNTY, from_year=Y + 2).count()
