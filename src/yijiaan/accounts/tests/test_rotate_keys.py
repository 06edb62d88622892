"""One command makes a new key and seals everything anew; nobody notices."""

from io import StringIO

import pytest
from django.core.management import call_command

from yijiaan.accounts.models import User
from yijiaan.accounts.tests import make
from yijiaan.areas.tests import make as land
from yijiaan.core import keys
from yijiaan.core.crypto import key_identifier


@pytest.fixture(autouse=True)
def own_keys():
    yield
    keys.use(None)


def test_after_rotation_every_value_is_sealed_with_the_new_key_and_reads_as_before(db):
    person = make.post(make.unit("power", land.TOWN), "handler").user
    before = person.phone_sealed
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    kept = User.objects.get(id=person.id)
    assert key_identifier(kept.__dict__["phone_sealed"].token) == keys.ring().current != "00000001"
    assert kept.phone_sealed == before
    assert "用户：重新加封" in out.getvalue()


def test_a_run_that_was_cut_off_is_finished_without_a_third_key(db):
    make.post(make.unit("power", land.TOWN), "handler")
    current = keys.rotate()
    call_command("rotate_keys", "--reseal-only", stdout=StringIO())
    assert keys.ring().current == current
    call_command("rotate_keys", "--reseal-only", stdout=StringIO())
