"""依法删除: the person goes, the case, the journal's rows and their seals stay."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from yijiaan.cases import actions
from yijiaan.cases.models import Case, Reporter
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import COUNTY
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Entry, PersonKey
from yijiaan.engines.journal.queries import personal_values_of
from yijiaan.engines.journal.seals import verify

pytestmark = pytest.mark.django_db
WORDS = "约李奶奶家门口见"


@pytest.fixture
def town(db):
    return make.town()


def look(town, case, receipt, **more):
    here = {"actor": town.actor("power"), "number": case.number, "report_id": receipt.report_id}
    return actions.see_reporter(**here | {"purpose": "handling", "words": WORDS} | more)


def looked(case):
    return Entry.objects.get(county=COUNTY, subject_id=case.id, verb="cases.reporter_seen")


def read(entry):
    return personal_values_of(system("tests"), county=COUNTY, entries=[entry])[entry.id]


def test_the_words_of_a_look_stand_in_the_journal_under_the_key_of_the_reporter(town):
    case, receipt = make.case_in(town, "in_progress")
    look(town, case, receipt)
    entry = looked(case)
    assert entry.data["purpose"] == "handling"
    assert WORDS not in str(entry.data)
    assert read(entry) == {"words": WORDS}


def test_other_purposes_must_be_written_out_and_nothing_is_opened(town):
    case, receipt = make.case_in(town, "in_progress")
    with unchanged(Entry, PersonKey), pytest.raises(RuleError) as caught:
        look(town, case, receipt, purpose="other", words=" ")
    assert (caught.value.code, caught.value.field) == ("no_words", "words")
    assert "没有打开" in caught.value.message


def test_an_erased_reporter_is_gone_and_the_chain_is_whole(town):
    case, receipt = make.case_in(town, "in_progress")
    look(town, case, receipt)
    out = StringIO()
    call_command("erase_reporter", receipt.number, stdout=out)
    kept = Reporter.objects.get(county=COUNTY, report_id=receipt.report_id)
    assert (kept.name_sealed, kept.phone_sealed, kept.phone_search) == ("", "", None)
    assert read(looked(case)) is None
    assert "已删除" in out.getvalue()
    with clock.later(timedelta(days=30)):
        while deliver(actor=system("tests")):
            pass
    verdict = verify(COUNTY)
    assert verdict.fault == ""
    assert verdict.links == Entry.objects.filter(county=COUNTY).count()
    page = Client().get(f"/p/{receipt.tracking_code}/")
    assert page.status_code == 200
    with unchanged(Entry, Reporter, PersonKey, Case):
        call_command("erase_reporter", receipt.number, stdout=StringIO())


def test_after_the_erasure_nothing_new_is_kept_about_the_person(town):
    case, receipt = make.case_in(town, "in_progress")
    look(town, case, receipt)
    call_command("erase_reporter", receipt.number, stdout=StringIO())
    seen = look(town, case, receipt)
    assert (seen["name"], seen["phone"]) == ("", "")
    entries = list(Entry.objects.filter(county=COUNTY, verb="cases.reporter_seen"))
    assert list(personal_values_of(system("tests"), county=COUNTY, entries=entries).values()) == [None, None]


def test_erasing_asks_for_its_permission_and_a_reporter(town):
    case, receipt = make.case_in(town, "in_progress")
    with unchanged(Reporter, Entry, PersonKey), pytest.raises(NotAllowed):
        actions.erase_reporter(actor=town.actor("power"), number=case.number, report_id=receipt.report_id)
    with unchanged(Reporter, Entry, PersonKey), pytest.raises(NotFound):
        actions.erase_reporter(actor=town.actor("stranger"), number=case.number, report_id=receipt.report_id)
    _, nameless = make.case_in(town, "in_progress", reporter_name="", reporter_phone="")
    with pytest.raises(CommandError):
        call_command("erase_reporter", nameless.number)
    with pytest.raises(CommandError):
        call_command("erase_reporter", "XY209901010001")
