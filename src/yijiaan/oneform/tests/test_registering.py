"""登记、对列、发布、结束: what a form must say, what a table must have, what each column becomes."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.testing import check_refusals, unchanged, without
from yijiaan.engines.journal.models import Entry
from yijiaan.oneform import actions
from yijiaan.oneform.flows import FLOW
from yijiaan.oneform.matching import Meaning
from yijiaan.oneform.models import FormArea, LabelMeaning, OneForm
from yijiaan.oneform.queries import count_columns, list_columns, list_forms
from yijiaan.oneform.tests import make
from yijiaan.oneform.tests.make import COUNTY, FIRST, ROWS, SYSTEM, TOWN

pytestmark = pytest.mark.django_db


def test_a_form_of_46_columns_maps_itself(town):
    made = make.register(town)
    counts = count_columns(SYSTEM, columns=list_columns(SYSTEM, form=made))
    assert (counts.all, counts.filled, counts.asked, counts.blank) == (46, 41, 5, 0)
    assert (made.issuer, made.minutes, made.state, made.area_code) == ("区民政局", 46, "draft", TOWN)
    assert [area.area_code for area in FormArea.objects.filter(county=COUNTY)] == [FIRST]
    entry = Entry.objects.get(county=COUNTY, verb="oneform.form_registered")
    assert entry.data == {"columns": 46, "asked": 5}


def test_headings_of_several_rows_with_groups_and_twins(town):
    labels = ("户号", "户主姓名", "电话", "电话", "面积", "收入", "支出", "备注")
    made = make.register(town, raw=make.sheet(labels, groups=True))
    found = {column.label: column.source for column in list_columns(SYSTEM, form=made)}
    assert found["户号"] == "household.household_no"
    assert found["补充情况/收入"] == "asked"
    assert found["补充情况/备注"] == "blank"
    assert made.head["lines"][0][0] == "农村家庭基本情况摸底表"
    assert [[1, 3], [1, 7]] in make.fresh(made).head["merged"]
    twins = make.register(town, ("户号", "电话", "电话"), name="两个电话")
    assert [column.label for column in list_columns(SYSTEM, form=twins)] == ["户号", "电话", "电话(2)"]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": " "}, "empty_name", "name"),
        ({"issuer": ""}, "no_issuer", "issuer"),
        ({"basis": "  "}, "no_basis", "basis"),
        ({"basis": "长" * 121}, "too_long", "basis"),
        ({"ends_on": None}, "no_end", "ends_on"),
        ({"ends_on": date(2026, 11, 22)}, "end_in_the_past", "ends_on"),
        ({"ends_on": date(2030, 1, 1)}, "end_too_far", "ends_on"),
        ({"per": "person"}, "unknown_per", "per"),
        ({"minutes": 0}, "bad_minutes", "minutes"),
        ({"minutes": None}, "bad_minutes", "minutes"),
        ({"minutes": 481}, "bad_minutes", "minutes"),
        ({"valid_days": 0}, "bad_days", "valid_days"),
        ({"areas": ()}, "no_areas", "areas"),
        ({"areas": ("370812105",)}, "unknown_area", "areas"),
        ({"areas": ("370812102999",)}, "unknown_area", "areas"),
        ({"areas": ("x",)}, "unknown_area", "areas"),
    ],
)
def test_what_a_form_must_say(town, changes, code, field):
    with unchanged(*ROWS, FormArea), pytest.raises(RuleError) as refused:
        make.register(town, **changes)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_tables_that_are_none(town):
    cases = {
        b"": "empty_file",
        b"PK\x03\x04 broken": "not_a_table",
        make.sheet([""], title=""): "no_heading",
        make.sheet([f"列{number}" for number in range(130)]): "too_many_columns",
    }
    for raw, code in cases.items():
        with unchanged(*ROWS), pytest.raises(RuleError) as refused:
            actions.register_form(
                actor=town.actor("dispatcher"), facts=make.facts(), raw=raw, file_name="表.xlsx", client_key=uuid4()
            )
        assert (refused.value.code, refused.value.field) == (code, "file")
    with pytest.raises(RuleError, match="请选上级发来的空表"):
        actions.register_form(
            actor=town.actor("dispatcher"), facts=make.facts(), raw=b"", file_name="", client_key=uuid4()
        )


def test_the_same_again_is_the_first_one_and_another_is_refused(town):
    key = uuid4()
    made = make.register(town, client_key=key)
    with unchanged(*ROWS):
        assert make.register(town, client_key=key).id == made.id
        with pytest.raises(Conflict):
            make.register(town, client_key=key, name="另一张")


def test_columns_are_explained_and_remembered(town):
    labels = ("户号", "取暖方式", "养羊只数", "户主姓名")
    made, who = make.register(town, labels), town.actor("dispatcher")
    actions.map_columns(
        actor=who,
        form_id=made.id,
        meanings={1: Meaning("asked", "choice", ("煤炉", " 空调 ", "煤炉", "")), 3: Meaning("home.names")},
    )
    assert make.columns(made)["取暖方式"].choices == ["煤炉", "空调"]
    assert not LabelMeaning.objects.filter(county=COUNTY).exists()
    actions.publish_form(actor=who, form_id=made.id)
    after = make.register(town, ("户主姓名", "取暖方式"), name="第二张")
    found = make.columns(after)
    assert found["户主姓名"].source == "home.names"
    assert (found["取暖方式"].asked_kind, found["取暖方式"].choices) == ("choice", ["煤炉", "空调"])
    assert found["取暖方式"].answer_key == make.columns(made)["取暖方式"].answer_key
    places = make.register(town, ("户主姓名", "网格名称"), name="每网格", per="grid")
    assert make.columns(places)["户主姓名"].source == "asked"


@pytest.mark.parametrize(
    ("meaning", "code"),
    [
        (Meaning("count.people"), "unknown_source"),
        (Meaning("nothing"), "unknown_source"),
        (Meaning("asked", "photo"), "unknown_kind"),
        (Meaning("asked", "choice", (" ",)), "no_choices"),
        (Meaning("asked", "choice", tuple(map(str, range(31)))), "too_many_choices"),
        (Meaning("asked", "choice", ("长" * 41,)), "too_many_choices"),
    ],
)
def test_a_column_that_cannot_be_so(town, meaning, code):
    made = make.register(town, make.SMALL)
    with unchanged(*ROWS), pytest.raises(RuleError) as refused:
        actions.map_columns(actor=town.actor("dispatcher"), form_id=made.id, meanings={2: meaning})
    assert (refused.value.code, refused.value.field) == (code, "c2")
    with unchanged(*ROWS), pytest.raises(NotFound):
        actions.map_columns(actor=town.actor("dispatcher"), form_id=made.id, meanings={99: Meaning("blank")})


def test_the_moves_of_a_form(town):
    who = town.actor("dispatcher")
    made = make.register(town, make.SMALL)
    assert actions.publish_form(actor=who, form_id=made.id).state == "open"
    with unchanged(*ROWS), pytest.raises(RuleError):
        actions.publish_form(actor=who, form_id=made.id)
    with unchanged(*ROWS), pytest.raises(RuleError):
        actions.map_columns(actor=who, form_id=made.id, meanings={})
    with unchanged(*ROWS), pytest.raises(RuleError, match="最多 100 个字"):
        actions.close_form(actor=who, form_id=made.id, reason="长" * 101)
    closed = actions.close_form(actor=who, form_id=made.id, reason=" 上级 不要了 ")
    assert (closed.state, closed.closed_reason) == ("closed", "上级 不要了")
    with unchanged(*ROWS), pytest.raises(RuleError):
        actions.close_form(actor=who, form_id=made.id)
    assert FLOW.problems() == []
    late = make.register(town, make.SMALL, name="过期的", ends_on=clock.local_day())
    with clock.later(timedelta(days=1)), unchanged(*ROWS), pytest.raises(RuleError, match="已经过了"):
        actions.publish_form(actor=who, form_id=late.id)


def test_options_must_be_written_before_a_form_asks(town):
    who, made = town.actor("dispatcher"), make.register(town, ("户号", "取暖方式"))
    column = make.columns(made)["取暖方式"]
    column.asked_kind = "choice"
    column.save(update_fields=["asked_kind"])
    with unchanged(*ROWS), pytest.raises(RuleError, match="还没有写有哪些选项"):
        actions.publish_form(actor=who, form_id=made.id)


def test_who_may_not(town):
    made = make.register(town, make.SMALL)
    values = {"form_id": made.id}
    plain = without(town.actor("dispatcher"), "oneform.manage")
    for deed, more in (
        (actions.map_columns, {"meanings": {}}),
        (actions.publish_form, {}),
        (actions.close_form, {}),
    ):
        check_refusals(deed, stranger=town.actor("stranger"), unprivileged=plain, tables=ROWS, **values, **more)
    with pytest.raises(Exception, match=r"oneform\.manage"):
        make.register(town, who="worker")


def test_a_form_of_the_county_is_changed_by_the_county_alone(town):
    made = make.register(town, make.SMALL)
    OneForm.objects.filter(county=COUNTY).update(area_code=COUNTY)  # as if the county had registered it
    page = town.client("dispatcher").get(f"/forms/{made.id}/columns/").content.decode()
    assert "发布，开始问" not in page
    assert "这张表的列现在不能改" in page
    with unchanged(*ROWS), pytest.raises(NotFound):
        actions.publish_form(actor=town.actor("dispatcher"), form_id=made.id)


def test_who_sees_a_form(town):
    made = make.register(town, make.SMALL)
    assert list(list_forms(town.actor("dispatcher"))) == [made]
    assert list(list_forms(town.actor("worker"))) == []  # a draft
    actions.publish_form(actor=town.actor("dispatcher"), form_id=made.id)
    assert list(list_forms(town.actor("worker"))) == [made]
    for name in ("other_worker", "stranger", "power"):
        assert list(list_forms(town.actor(name))) == [], name
    assert OneForm.objects.filter(county=COUNTY).count() == 1
