"""What columns mean by their labels."""

import pytest

from yijiaan.oneform.catalogue import sources, sources_for
from yijiaan.oneform.matching import Meaning, answer_key, label_key, propose
from yijiaan.oneform.models import UnitKind
from yijiaan.oneform.tests.make import ASKED, GOLDEN, KNOWN


def meanings(*labels, per="household", remembered=None):
    return [meaning.source for meaning in propose(labels, per=per, remembered=remembered or {})]


def test_of_46_columns_41_are_known_and_each_differs():
    found = meanings(*GOLDEN)
    assert len(GOLDEN) == 46
    assert found[:41].count("asked") == 0
    assert found[41:] == ["asked"] * 5
    assert len(set(found[:41])) == 41


@pytest.mark.parametrize(
    ("label", "source"),
    [
        ("姓名", "head.name"), ("联系电话", "head.phone"), ("户主信息/姓名", "head.name"), ("基本情况/性别", "head.sex"),
        ("配偶/姓名", "asked"), ("紧急联系人/电话", "asked"), ("备注", "blank"), ("", "blank"), ("＊户 号", "household.household_no"),
        ("家庭人口（人）", "home.members"), ("60 岁以上老人数", "home.aged_60"), ("是否出租房", "room.is_rented"), ("姓名(2)", "asked"),
        ("养了几只羊", "asked"), ("低保户", "home.has_dibao"),
    ],
)  # fmt: skip
def test_labels_of_a_form_per_household(label, source):
    assert meanings(label) == [source]


@pytest.mark.parametrize(
    ("label", "source"),
    [
        ("总户数", "count.households"), ("实有人口", "count.people"), ("60岁以上老人数", "count.aged_60"), ("出租房数", "count.rented"),
        ("未办结事件数", "count.cases_open"), ("网格", "constant.grid"), ("网格员", "constant.worker"), ("户主姓名", "asked"),
        ("低保对象人数", "count.care_dibao"), ("个体工商户数", "count.organisation_shop"),
    ],
)  # fmt: skip
def test_labels_of_a_form_per_grid(label, source):
    assert meanings(label, per="grid") == [source]


def test_what_was_explained_before_comes_first():
    told = {label_key("姓名"): Meaning("asked", "text")}
    assert meanings("姓 名", remembered=told) == ["asked"]


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("家庭年收入（元）", "number"), ("承包地面积（亩）", "number"), ("是否参加医保", "yes_no"), ("取暖方式", "text"),
        ("最近一次体检日期", "day"), ("养羊只数", "number"),
    ],
)  # fmt: skip
def test_how_an_unknown_column_is_asked(label, kind):
    assert propose([label], per="household", remembered={})[0].asked_kind == kind


def test_columns_share_an_answer_when_they_ask_the_same():
    number, text = Meaning("asked", "number"), Meaning("asked", "text")
    assert answer_key("家庭年收入（元）", number) == answer_key("家庭 年收入", number)
    assert answer_key("家庭年收入", number) != answer_key("家庭年收入", text)
    assert answer_key("电话", text) != answer_key("电话(2)", text)
    one, other = Meaning("asked", "choice", ("煤", "电")), Meaning("asked", "choice", ("电", "煤"))
    assert answer_key("取暖", one) == answer_key("取暖", other)
    assert answer_key("取暖", one) != answer_key("取暖", Meaning("asked", "choice", ("气",)))
    assert answer_key("户主姓名", Meaning("head.name")) == answer_key("姓名", Meaning("head.name"))
    assert len(answer_key("长" * 300, text)) < 120


def test_every_source_has_words_and_fits_its_column():
    for source in sources().values():
        assert source.label
        assert source.group
        assert len(source.code) <= 60
    for per in UnitKind:
        labels = [source.label for source in sources_for(per)]
        assert len(labels) == len(set(labels)), [one for one in labels if labels.count(one) > 1]
    assert len(KNOWN) == 41
    assert len(ASKED) == 5
