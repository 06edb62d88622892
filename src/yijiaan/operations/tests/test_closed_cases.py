"""Closed cases go only when somebody has set so, whole, and leave their journal."""

from datetime import timedelta

import pytest
from django.db import connection

from yijiaan.cases.models import Case, Report, Reporter
from yijiaan.cases.retention import TEN_YEARS, purge_cases
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.operations.actions import purge_expired, set_retention
from yijiaan.operations.models import Purge

pytestmark = [pytest.mark.django_db, pytest.mark.crosses_counties("retention is of the whole installation")]
ME = system("tests", "370812")


def left_over(case: Case) -> list[str]:
    """Tables in which a row still names the case or its reports, by any column of identifiers."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'uuid'"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE "{column}" = %s', [case.id])
            found += [table] if cursor.fetchone()[0] else []
    return sorted(set(found))


@pytest.fixture
def town(db):
    return make.town()


def test_a_closed_case_goes_whole_and_its_journal_stays(town):
    closed, _ = make.case_in(town, "closed")
    still, _ = make.case_in(town, "in_progress")
    with clock.later(timedelta(days=TEN_YEARS + 30)), unchanged(Case):
        purge_expired(actor=ME)
    set_retention(actor=ME, kind="cases.closed", days=TEN_YEARS)
    with clock.later(timedelta(days=TEN_YEARS - 30)), unchanged(Case):
        purge_expired(actor=ME)
    with clock.later(timedelta(days=TEN_YEARS + 30)), unchanged(Entry):
        purge_expired(actor=ME)
    assert [case.id for case in Case.objects.all()] == [still.id]
    assert Report.objects.count() == Reporter.objects.count() == 1
    assert set(left_over(closed)) <= {"journal_entry"}
    assert Purge.objects.get(kind="cases.closed").count == 1


def test_a_batch_is_no_larger_than_asked(town):
    for _ in range(3):
        make.case_in(town, "closed")
    with clock.later(timedelta(days=10)):
        assert purge_cases(clock.now(), 2) == 2
        assert purge_cases(clock.now(), 2) == 1
        assert purge_cases(clock.now(), 2) == 0
