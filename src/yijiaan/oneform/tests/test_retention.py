"""What was told is not kept for good; the form and the base keep what is theirs."""

from datetime import timedelta

import pytest

from yijiaan.core import clock
from yijiaan.oneform.models import Filling, FormAnswer, OneForm
from yijiaan.oneform.retention import purge_answers
from yijiaan.oneform.tests import make
from yijiaan.oneform.tests.make import COUNTY
from yijiaan.registry.models import Person
from yijiaan.registry.tests import make as base

pytestmark = [pytest.mark.django_db, pytest.mark.crosses_counties("looks for what is old in every county")]


def test_old_answers_go_and_newer_ones_stay(town):
    homes = [base.household(town) for _ in range(3)]
    head = base.person(town, homes[0], phone="")
    form = make.publish(town, make.SMALL)
    make.answer(town, form, homes[0].id, {"户主联系电话": "15400017777", "是否参加医保": "是"}, who="head")
    make.answer(town, form, homes[1].id, {"是否参加医保": "否"})
    with clock.later(timedelta(days=5)):
        make.answer(town, form, homes[2].id, {"是否参加医保": "是"})
        before = clock.now() - timedelta(days=2)
    assert purge_answers(before, 1) == 1
    assert purge_answers(before, 100) == 1
    assert purge_answers(before, 100) == 0
    assert [one.household_id for one in Filling.objects.filter(county=COUNTY)] == [homes[2].id]
    assert FormAnswer.objects.filter(county=COUNTY).count() == 1
    assert OneForm.objects.filter(county=COUNTY).count() == 1
    assert Person.objects.get(county=COUNTY, id=head.id).phone_sealed == "15400017777"
