"""Guides: written, found in plain words, out of date, and an enquiry answered by one in one click."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from yijiaan.accounts.queries import public_actor
from yijiaan.accounts.tests import make as people
from yijiaan.areas.models import Area
from yijiaan.areas.tests import make as land
from yijiaan.areas.tests.make import COUNTY, FIRST, OTHER_TOWN, TOWN
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import Actor, system
from yijiaan.core.testing import unchanged
from yijiaan.engines.notices.models import Notice
from yijiaan.knowledge import actions
from yijiaan.knowledge.actions import ArticleFacts
from yijiaan.knowledge.models import Article
from yijiaan.knowledge.queries import find_articles, get_article, list_articles

pytestmark = pytest.mark.django_db

LOW = {
    "title": "申请最低生活保障", "aliases": "低保 吃低保 困难补助", "answer": "带身份证、户口本和收入证明到镇为民服务中心民政窗口。",
    "documents": "身份证\n户口本\n收入证明", "place": "镇为民服务中心 3 号窗口", "how_long": "30 个工作日", "phone": "05370002211",
    "source": "《最低生活保障审核确认办法》", "source_on": date(2021, 7, 1),
}  # fmt: skip
PENSION = {
    "title": "城乡居民医保缴费",
    "aliases": "医保 新农合 合作医疗",
    "answer": "每年 12 月 31 日前在手机上或银行缴费。",
}


@pytest.fixture
def posts() -> dict[str, Any]:
    """A town with a centre and a station, and another town."""
    land.grids()
    made = {
        "dispatcher": people.post(people.unit("town_centre", TOWN), "dispatcher", TOWN),
        "civil": people.post(people.unit("civil_affairs", TOWN), "handler"),
        "power": people.post(people.unit("power", TOWN), "handler"),
        "worker": people.post(people.unit("village", FIRST), "grid_worker", FIRST),
        "stranger": people.post(people.unit("town_centre", OTHER_TOWN), "dispatcher", OTHER_TOWN),
    }
    return made


def actor(posts: dict[str, Any], name: str) -> Actor:
    return people.actor(posts[name])


def write(posts: dict[str, Any], who: str = "civil", area: str = TOWN, is_public: bool = True, **said: Any) -> Article:
    article = actions.write_article(actor=actor(posts, who), facts=ArticleFacts(area_code=area, **(said or LOW)))
    return actions.publish_article(actor=actor(posts, who), article_id=article.id) if is_public else article


def public(area: str = TOWN) -> Actor:

    return public_actor(area, "snap_report")


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("低保怎么申请", "申请最低生活保障"), ("俺娘想吃低保要带啥", "申请最低生活保障"), ("最低生活保障", "申请最低生活保障"),
        ("合作医疗咋交钱", "城乡居民医保缴费"), ("医保什么时候缴费", "城乡居民医保缴费"), ("路灯不亮", ""), ("", ""), ("怎么办理需要什么材料", ""),
    ],
)  # fmt: skip
def test_a_question_in_plain_words_finds_its_guide(posts: dict[str, Any], question: str, found: str) -> None:
    write(posts)
    write(posts, **PENSION)
    titles = [article.title for article in find_articles(public(), question=question)]
    assert titles[:1] == ([found] if found else [])


def test_a_draft_is_for_those_who_write_it(posts: dict[str, Any]) -> None:
    draft = write(posts, is_public=False)
    assert list(list_articles(public())) == []
    assert find_articles(public(), question="低保") == []
    with pytest.raises(NotFound):
        get_article(actor(posts, "worker"), article_id=draft.id)
    assert get_article(actor(posts, "civil"), article_id=draft.id).status == "draft"
    assert get_article(actor(posts, "dispatcher"), article_id=draft.id).status == "draft"
    with pytest.raises(NotFound):
        get_article(actor(posts, "power"), article_id=draft.id)


def test_a_town_reads_its_own_and_the_countys(posts: dict[str, Any]) -> None:
    write(posts)
    county = people.post(people.unit("county_centre", COUNTY), "county_dispatcher", COUNTY)
    common = actions.write_article(actor=people.actor(county), facts=ArticleFacts(area_code=COUNTY, **PENSION))
    actions.publish_article(actor=people.actor(county), article_id=common.id)
    assert {article.title for article in list_articles(public())} == {LOW["title"], PENSION["title"]}
    assert {article.title for article in list_articles(public(OTHER_TOWN))} == {PENSION["title"]}
    assert {article.title for article in list_articles(actor(posts, "stranger"))} == {PENSION["title"]}


def test_residents_look_and_ask_without_an_account(posts: dict[str, Any]) -> None:
    article = write(posts)
    door = Area.objects.get(code=TOWN).door_token
    page = Client().get(f"/t/{door}/guides/", {"q": "低保怎么申请"}).content.decode()
    assert LOW["title"] in page
    guide = Client().get(f"/t/{door}/guides/{article.id}/").content.decode()
    for words in ("带什么", "收入证明", "30 个工作日", "tel:05370002211", "依据"):
        assert words in guide
    nothing = Client().get(f"/t/{door}/guides/", {"q": "养骆驼"}).content.decode()
    assert "没有查到“养骆驼”" in nothing
    assert f"/t/{door}/report/" in nothing
    assert Client().get(f"/t/{door}/guides/", {"q": "\0"}).status_code == 200
    actions.retire_article(actor=actor(posts, "civil"), article_id=article.id)
    assert Client().get(f"/t/{door}/guides/{article.id}/").status_code == 404
    assert "指南" in Client().get(f"/t/{door}/").content.decode()


def test_what_is_written_wrong_is_told_at_its_field(posts: dict[str, Any]) -> None:
    good = LOW | {"area_code": TOWN}
    for changes, code, field in (
        ({"title": " "}, "empty_title", "title"), ({"answer": ""}, "empty_answer", "answer"),
        ({"title": "长" * 61}, "title_too_long", "title"), ({"area_code": OTHER_TOWN}, "unknown_area", "area"),
        ({"area_code": ""}, "unknown_area", "area"), ({"valid_until": date(2020, 1, 1)}, "bad_day", "valid_until"),
    ):  # fmt: skip
        with pytest.raises(RuleError) as refused, unchanged(Article):
            actions.write_article(actor=actor(posts, "civil"), facts=ArticleFacts(**good | changes))
        assert (refused.value.code, refused.value.field) == (code, field)
    with pytest.raises(NotAllowed), unchanged(Article):
        actions.write_article(actor=actor(posts, "worker"), facts=ArticleFacts(**good))
    answer = people.client(posts["civil"]).post("/knowledge/new/", {"title": "", "answer": "写了一半", "area": TOWN})
    assert answer.status_code == 422
    assert "写了一半" in answer.content.decode()


def test_who_may_change_what(posts: dict[str, Any]) -> None:
    article = write(posts)
    facts = ArticleFacts(area_code=TOWN, **LOW | {"how_long": "20 个工作日"})
    changed = actions.write_article(
        actor=actor(posts, "dispatcher"), facts=facts, article_id=article.id, seen_version=1
    )
    assert (changed.how_long, changed.version) == ("20 个工作日", 2)
    with pytest.raises(Conflict), unchanged(Article):
        actions.write_article(actor=actor(posts, "civil"), facts=facts, article_id=article.id, seen_version=1)
    with pytest.raises((NotAllowed, NotFound)), unchanged(Article):
        actions.write_article(actor=actor(posts, "power"), facts=facts, article_id=article.id)
    with pytest.raises(NotFound), unchanged(Article):
        actions.write_article(actor=actor(posts, "stranger"), facts=facts, article_id=article.id)


def test_an_article_out_of_date_warns_its_owner_once_before_and_once_after(posts: dict[str, Any]) -> None:
    end = clock.local_day() + timedelta(days=20)
    article = write(posts, **LOW | {"valid_until": end})
    assert actions.warn_owners(actor=system("tests")) == 1
    assert actions.warn_owners(actor=system("tests")) == 0
    with clock.later(timedelta(days=21)):
        assert actions.warn_owners(actor=system("tests")) == 1
        assert actions.warn_owners(actor=system("tests")) == 0
        with clock.later(timedelta(days=1)):
            assert actions.warn_owners(actor=system("tests")) == 0
        door = Area.objects.get(code=TOWN).door_token
        assert "这一篇可能旧了" in Client().get(f"/t/{door}/guides/{article.id}/").content.decode()
        actions.retire_article(actor=actor(posts, "civil"), article_id=article.id)
        with pytest.raises(RuleError) as refused:
            actions.publish_article(actor=actor(posts, "civil"), article_id=article.id)
        assert refused.value.code == "out_of_date"
    assert Notice.objects.filter(unit=posts["civil"].unit, title__startswith="知识库").count() == 2


def test_staff_search_write_and_publish_on_pages(posts: dict[str, Any]) -> None:
    client = people.client(posts["civil"])
    answer = client.post("/knowledge/new/", dict(LOW.items()) | {"area": TOWN}, follow=True)
    page = answer.content.decode()
    assert "还是草稿" in page
    article = Article.objects.get()
    assert "发布了" in client.post(f"/knowledge/{article.id}/publish/", follow=True).content.decode()
    listed = people.client(posts["worker"]).get("/knowledge/?q=低保").content.decode()
    assert LOW["title"] in listed
    assert "可能是" in people.client(posts["worker"]).get("/knowledge/?q=低保咋申请").content.decode()
    assert client.post(f"/knowledge/{article.id}/burn/").status_code == 404
