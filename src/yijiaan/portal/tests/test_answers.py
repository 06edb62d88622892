"""A question of a resident, answered from the knowledge base in one click."""

import pytest
from django.test import Client

from yijiaan.cases import actions as cases
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import TOWN
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.testing import unchanged
from yijiaan.knowledge import actions
from yijiaan.knowledge.actions import ArticleFacts

pytestmark = pytest.mark.django_db


def test_an_enquiry_is_answered_from_an_article_in_one_click() -> None:
    town = make.town()
    article = actions.write_article(
        actor=town.actor("dispatcher"),
        facts=ArticleFacts(
            title="申请低保", area_code=TOWN, answer="带身份证和户口本到民政窗口。", phone="05370002211"
        ),
    )
    receipt = make.report(kind="enquiry", text="低保怎么申请，要带啥？")
    case = make.case(receipt)
    client = town.client("dispatcher")
    assert "知识库里有" not in client.get(f"/cases/{case.number}/").content.decode()
    actions.publish_article(actor=town.actor("dispatcher"), article_id=article.id)
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert "知识库里有" in page
    text = page.split('name="text" value="')[1].split('"')[0]
    answer = client.post(
        f"/cases/{case.number}/answer-enquiry/", {"seen_version": case.version, "text": text}, follow=True
    )
    assert "答复了" in answer.content.decode()
    case = make.case(receipt)
    assert (case.status, case.owner_id, case.level) == ("callback", town.units["centre"].id, "town")
    progress = Client().get(f"/p/{receipt.tracking_code}/").content.decode()
    assert "带身份证和户口本到民政窗口。" in progress
    cases.rate_report(actor=make.reporter(receipt), result="satisfied")
    assert make.case(receipt).status == "closed"


def test_only_a_question_is_answered_at_once_and_only_by_the_centre() -> None:
    town = make.town()
    lamp = make.case(make.report())
    with pytest.raises(RuleError) as refused, unchanged(*make.ROWS):
        cases.answer_enquiry(actor=town.actor("dispatcher"), number=lamp.number, text="会修的。")
    assert refused.value.code == "not_an_enquiry"
    question = make.case(make.report(kind="enquiry", text="低保怎么申请？"))
    with pytest.raises(NotAllowed), unchanged(*make.ROWS):
        cases.answer_enquiry(actor=town.actor("head"), number=question.number, text="问镇里。")
    with pytest.raises(RuleError) as refused, unchanged(*make.ROWS):
        cases.answer_enquiry(actor=town.actor("dispatcher"), number=question.number, text=" ")
    assert refused.value.code == "empty_result"
