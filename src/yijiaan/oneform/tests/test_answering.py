"""补缺的项: 41 columns come from the base, five are asked, once; what goes back to the base; what is refused."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.testing import check_refusals, unchanged, without
from yijiaan.engines.journal.models import Entry
from yijiaan.oneform import actions
from yijiaan.oneform.actions import Told
from yijiaan.oneform.gaps import list_lacking
from yijiaan.oneform.models import Filling, FormAnswer
from yijiaan.oneform.queries import (
    get_row,
    list_carried_forms,
    list_columns,
    list_home_units,
    list_missing,
    list_place_units,
    list_progress,
    rows_of_homes,
)
from yijiaan.oneform.tests import make
from yijiaan.oneform.tests.make import COUNTY, FIRST, ROWS
from yijiaan.registry import actions as registry
from yijiaan.registry.models import Change, Household, Person
from yijiaan.registry.tests import make as base

pytestmark = pytest.mark.django_db
FIVE = {
    "家庭年收入（元）": "32000", "承包地面积（亩）": "4.5", "是否参加医保": "是", "取暖方式": "煤炉", "最近一次体检日期": "2026-05-20",
}  # fmt: skip


def full_family(town):
    """A family of which the base knows all that the long form wants."""
    home = base.household(town, kind="family", phone="15400019999", since_on="1999-01-02")
    head = base.person(
        town, home, id_no=base.identity("19570309"), nation="汉族", political="party", education="middle", marital="married",
        occupation="务农", workplace="在家", kind="registered", residence="same", registered_at="新驿镇三村 3 号",
    )  # fmt: skip
    base.person(town, home, relation="spouse", name="李桂兰", sex="female", birth_on="1959-05-01", phone="")
    base.person(town, home, relation="grandchild", name="王小宝", sex="male", birth_on="2022-01-01", phone="")
    base.care(town, head, "dibao")
    return home, head


def row_of(town, form, home, who="worker"):
    actor = town.actor(who)
    return get_row(actor, form=form, columns=list_columns(actor, form=form), subject=str(home.id))


def cells(row):
    return {cell.column.label: cell for cell in row.cells}


def gaps_of(town, form, who="dispatcher"):
    """How much each household lacks; counted, listed and read from its row it is the same."""
    actor = town.actor(who)
    columns = list_columns(actor, form=form)
    rows = list_home_units(actor, form=form, columns=columns, only_gaps=False)
    homes = Household.objects.visible_to(actor).filter(status="active")
    lacking = list_lacking(actor, homes, form=form, columns=columns)
    for home in rows:
        gaps = row_of(town, form, home, who).gaps
        assert [column.label for column in lacking.get(home.id, [])] == [column.label for column in gaps]
        assert home.gap_count == len(gaps)
    return {home.id: home.gap_count for home in rows}


def test_41_columns_come_from_the_base_five_are_asked_once_and_the_second_form_asks_nothing(town):
    home, _ = full_family(town)
    form = make.publish(town)
    row = row_of(town, form, home)
    assert [column.label for column in row.gaps] == list(make.ASKED)
    said = cells(row)
    assert said["户主姓名"].text == "王**"
    assert (said["户主姓名"].source, said["户主姓名"].on) == ("入户走访", clock.local_day())
    assert said["家庭人口数"].text == "3"
    assert (said["60岁以上人数"].text, said["0-6岁人数"].text, said["党员人数"].text) == ("2", "1", "1")
    assert "2 人没登记这一项" in said["党员人数"].source
    assert (said["是否低保户"].text, said["是否有独居老人"].text, said["户主年龄"].text) == ("是", "否", "69")
    assert said["村（社区）"].text
    assert said["网格员姓名"].text == town.posts["worker"].user.name
    make.answer(town, form, home.id, FIVE)
    row = row_of(town, form, home)
    assert row.gaps == []
    assert cells(row)["家庭年收入（元）"].text == "32000"
    assert cells(row)["家庭年收入（元）"].source == "一表通"
    second = make.publish(town, ("户主姓名", "家庭 年收入（元）", "是否参加医保", "取暖方式"), name="另一张")
    assert row_of(town, second, home).gaps == []
    assert gaps_of(town, second) == {home.id: 0}


def test_answers_hold_as_long_as_the_form_says(town):
    home, _ = full_family(town)
    form = make.publish(town)
    make.answer(town, form, home.id, FIVE)
    with clock.later(timedelta(days=20)):
        strict = make.publish(town, name="要新鲜的", valid_days=10)
        assert len(row_of(town, strict, home).gaps) == 5
        assert gaps_of(town, strict) == {home.id: 5}
        assert row_of(town, make.publish(town, name="一年的"), home).gaps == []


def test_a_fact_that_is_missing_goes_back_as_a_proposal_and_is_not_asked_again(town):
    home = base.household(town)
    head = base.person(town, home, phone="")
    form = make.publish(town, make.SMALL)
    assert [column.label for column in row_of(town, form, home).gaps] == [
        "户主联系电话",
        "是否参加医保",
        "家庭年收入（元）",
    ]
    make.answer(town, form, home.id, {"户主联系电话": "154 0001 7777"})
    change = Change.objects.get(county=COUNTY, state="open")
    assert (change.subject_id, change.field, change.new_sealed) == (head.id, "phone", "15400017777")
    assert change.source == f"form:{form.id}"
    assert Person.objects.get(county=COUNTY, id=head.id).phone_sealed == ""
    cell = cells(row_of(town, form, home))["户主联系电话"]
    assert (cell.state, cell.text, cell.source) == ("waiting", "154****7777", "一表通，待核实")
    assert gaps_of(town, form) == {home.id: 2}
    registry.confirm_change(actor=town.actor("head"), change_id=change.id)
    cell = cells(row_of(town, form, home))["户主联系电话"]
    assert (cell.state, cell.source) == ("known", "一表通")


def test_who_may_confirm_writes_at_once(town):
    home = base.household(town)
    head = base.person(town, home, phone="")
    form = make.publish(town, make.SMALL)
    make.answer(town, form, home.id, {"户主联系电话": "15400017777"}, who="head")
    assert Person.objects.get(county=COUNTY, id=head.id).phone_sealed == "15400017777"


def test_what_there_is_not_is_asked_no_more(town):
    home = base.household(town)
    base.person(town, home, phone="")
    form = make.publish(town, make.SMALL)
    make.answer(town, form, home.id, {"户主联系电话": None, "家庭年收入（元）": None})
    row = row_of(town, form, home)
    assert [column.label for column in row.gaps] == ["是否参加医保"]
    assert cells(row)["户主联系电话"].source == "一表通，问过，没有"
    assert gaps_of(town, form) == {home.id: 1}
    assert not Change.objects.filter(county=COUNTY).exists()


def test_a_household_without_anybody_is_asked_too(town):
    home = base.household(town)
    form = make.publish(town, make.SMALL)
    assert len(row_of(town, form, home).gaps) == 5
    assert gaps_of(town, form) == {home.id: 5}
    make.answer(town, form, home.id, {"户主姓名": "王小明", "家庭人口数": "3", "户主联系电话": "15400017777"})
    row = row_of(town, form, home)
    assert len(row.gaps) == 2
    assert cells(row)["户主姓名"].text == "王**"
    assert gaps_of(town, form) == {home.id: 2}
    base.person(town, home, name="李四", phone="15400018888")  # now the base knows better
    assert cells(row_of(town, form, home))["户主联系电话"].text == "154****8888"
    assert cells(row_of(town, form, home))["家庭人口数"].text == "1"


def test_the_same_again_is_the_first_one(town):
    home = base.household(town)
    base.person(town, home, phone="")
    form, key = make.publish(town, make.SMALL), uuid4()
    told = {"户主联系电话": "15400017777", "是否参加医保": "否"}
    first = make.answer(town, form, home.id, told, client_key=key)
    with unchanged(*ROWS):
        assert make.answer(town, form, home.id, told, client_key=key).id == first.id
        with pytest.raises(Conflict):
            make.answer(town, form, home.id, told | {"是否参加医保": "是"}, client_key=key)
        with pytest.raises(Conflict):
            make.answer(town, form, home.id, {"是否参加医保": "否"}, client_key=key)
        with pytest.raises(Conflict):
            make.answer(town, form, uuid4(), told, client_key=key)
    entry = Entry.objects.get(county=COUNTY, verb="oneform.unit_answered")
    assert entry.data == {"kind": str(form.id), "told": 2, "facts": 1}


def test_an_answer_that_changes_keeps_the_one_before_as_history(town):
    home = base.household(town)
    form = make.publish(town, make.SMALL)
    make.answer(town, form, home.id, {"是否参加医保": "否"})
    with clock.later(timedelta(days=3)):
        make.answer(town, form, home.id, {"是否参加医保": "是"})
    rows = FormAnswer.objects.filter(county=COUNTY).order_by("id")
    assert [(row.value_sealed, row.is_current) for row in rows] == [("否", False), ("是", True)]
    late = clock.now() + timedelta(days=1)  # a phone that was away brings an older one
    with clock.later(timedelta(days=5)):
        make.answer(town, form, home.id, {"是否参加医保": "否"}, seen_at=late)
    assert cells(row_of(town, form, home))["是否参加医保"].text == "是"


@pytest.mark.parametrize(
    ("label", "text", "code"),
    [
        ("家庭年收入（元）", "很多", "bad_number"), ("家庭年收入（元）", "1e9", "bad_number"), ("家庭年收入（元）", "9" * 14, "bad_number"),
        ("是否参加医保", "也许", "unknown_choice"), ("户主联系电话", "123", "bad_phone"), ("取暖方式", "烧柴", "unknown_choice"),
        ("最近一次体检日期", "2026-13-40", "bad_day"), ("主要困难", "长" * 201, "too_long"), ("家庭人口数", "三", "bad_number"),
    ],
)  # fmt: skip
def test_answers_that_cannot_be(town, label, text, code):
    home = base.household(town)
    if label == "户主联系电话":
        base.person(town, home, phone="")
    form = make.publish(town, (*make.SMALL, "取暖方式", "最近一次体检日期", "主要困难"))
    said = {label: text, **({} if label == "是否参加医保" else {"是否参加医保": "是"})}
    with unchanged(*ROWS), pytest.raises(RuleError) as refused:
        make.answer(town, form, home.id, said)
    assert refused.value.field == f"c{make.columns(form)[label].place}"
    if code != "bad_phone":
        assert refused.value.code == code


def test_nothing_told_and_what_nobody_asked(town):
    home = base.household(town)
    form = make.publish(town, make.SMALL)
    who = town.actor("worker")
    values = {"actor": who, "form_id": form.id, "subject": str(home.id), "client_key": uuid4()}
    for told in ({}, {5: Told(" ")}, {99: Told("1")}):
        with unchanged(*ROWS), pytest.raises(RuleError):
            actions.answer_unit(told=told, **values)


def test_a_form_that_has_ended_asks_nothing_and_stays_readable(town):
    home = base.household(town)
    form = make.publish(town, make.SMALL)
    with clock.later(timedelta(days=31)):
        with unchanged(*ROWS), pytest.raises(RuleError, match="已经结束"):
            make.answer(town, form, home.id, {"是否参加医保": "否"})
        assert make.fresh(form).state_label == "到期了"
        assert len(row_of(town, form, home).gaps) == 5
        # written on a phone before the last day was over, brought after it
        written = clock.now() - timedelta(days=3)
        make.answer(town, form, home.id, {"是否参加医保": "否"}, seen_at=written)
    assert FormAnswer.objects.get(county=COUNTY).told_on == clock.local_day(written)
    other = make.publish(town, make.SMALL, name="提前结束的")
    actions.close_form(actor=town.actor("dispatcher"), form_id=other.id)
    with unchanged(*ROWS), pytest.raises(RuleError, match="已经结束"):
        make.answer(town, other, home.id, {"是否参加医保": "否"})
    draft = make.register(town, make.SMALL, name="没发布的")
    with unchanged(*ROWS), pytest.raises(RuleError, match="已经结束"):
        make.answer(town, draft, home.id, {"是否参加医保": "否"}, who="dispatcher")


def test_who_may_not_answer(town):
    home = base.household(town)
    form = make.publish(town, make.SMALL)
    check_refusals(
        actions.answer_unit, stranger=town.actor("other_worker"), unprivileged=without(town.actor("worker"), "oneform.answer"),
        tables=ROWS, form_id=form.id, subject=str(home.id), told={4: Told("是")}, client_key=uuid4(),
    )  # fmt: skip
    elsewhere = base.household(town, who="dispatcher", grid=2)
    for subject in (elsewhere.id, uuid4(), "nothing", FIRST):
        with unchanged(*ROWS), pytest.raises(NotFound):
            make.answer(town, form, subject, {"是否参加医保": "是"})


def test_forms_per_grid_and_per_village(town):
    base.family(town)
    base.family(town, grid=1)
    labels = ("序号", "网格名称", "户数", "人口数", "60岁以上人数", "单位数", "本年受理", "健身器材几套", "是否有公厕")
    form = make.publish(town, labels, per="grid", name="网格摸底", areas=(make.TOWN,))
    who = town.actor("dispatcher")
    grids = [grid.code for grid in town.grids]
    assert list_place_units(who, form=form) == grids
    row = get_row(who, form=form, columns=list_columns(who, form=form), subject=grids[0])
    assert [cell.text for cell in row.cells][2:7] == ["1", "3", "2", "0", "0"]
    assert [column.label for column in row.gaps] == ["健身器材几套", "是否有公厕"]
    make.answer(town, form, grids[0], {"健身器材几套": "2", "是否有公厕": "否"})
    missing = list_missing(who, form=form, columns=list_columns(who, form=form), codes=grids)
    assert [missing[code] for code in grids] == [0, 2, 2, 2]
    with unchanged(*ROWS), pytest.raises(NotFound):
        make.answer(town, form, grids[1], {"健身器材几套": "2"})
    villages = make.publish(
        town, ("村名", "户数", "人口数", "健身器材几套"), per="village", name="村摸底", areas=(make.TOWN,)
    )
    row = get_row(who, form=villages, columns=list_columns(who, form=villages), subject=FIRST)
    assert [cell.text for cell in row.cells][1:3] == ["2", "6"]
    assert len(row.gaps) == 1  # a village is not its grid
    lines = list_progress(who, form=form, columns=list_columns(who, form=form))
    assert [(line.area_code, line.units, line.complete, line.gaps) for line in lines] == [
        (FIRST, 2, 1, 2),
        (make.FIRST[:-1] + "1", 2, 0, 4),
    ]


def test_progress_counts_rows_by_grid(town):
    homes = [base.household(town) for _ in range(3)]
    base.household(town, grid=1)
    form = make.publish(town, make.SMALL)
    for label in ("户主姓名", "户主联系电话", "家庭人口数", "是否参加医保", "家庭年收入（元）"):
        make.answer(town, form, homes[0].id, {label: None})
    who = town.actor("dispatcher")
    lines = list_progress(who, form=form, columns=list_columns(who, form=form))
    assert [(line.area_code, line.units, line.complete, line.gaps) for line in lines] == [
        (town.grids[0].code, 3, 1, 10), (town.grids[1].code, 1, 0, 5),
    ]  # fmt: skip


def test_two_columns_that_mean_the_same_are_asked_once(town):
    home = base.household(town)
    base.person(town, home, phone="")
    form = make.publish(town, ("户主联系电话", "联系电话", "家庭年收入（元）"))
    assert [column.label for column in row_of(town, form, home).gaps] == ["户主联系电话", "家庭年收入（元）"]
    assert gaps_of(town, form) == {home.id: 2}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_the_database_counts_is_what_the_rows_show(town, data):
    """Whatever a household has, lacks and was asked: the number in the list is that of its row."""
    home = base.household(town, **({"phone": "15400019999"} if data.draw(st.booleans()) else {}))
    if data.draw(st.booleans()):
        relation = data.draw(st.sampled_from(["head", "spouse"]))
        phone = data.draw(st.sampled_from(["", "15400013344"]))
        born = data.draw(st.sampled_from(["", "1957-03-09"]))
        base.person(town, home, relation=relation, phone=phone, birth_on=born)
    labels = data.draw(st.lists(st.sampled_from(make.GOLDEN), min_size=1, max_size=12, unique=True))
    form = make.publish(town, labels)
    for column in list_columns(make.SYSTEM, form=form):
        row = row_of(town, form, home)
        if column in row.gaps and data.draw(st.booleans()):
            make.answer(town, form, home.id, {column.label: None})
    gaps = row_of(town, form, home).gaps
    assert gaps_of(town, form)[home.id] == len(gaps)
    carried = {one["id"]: one["units"] for one in list_carried_forms(town.actor("worker"), household_ids=[home.id])}
    assert carried.get(str(form.id), {}).get(str(home.id), []) == [column.place for column in gaps]


def test_rows_cost_the_same_however_many(town, django_assert_num_queries):
    who = town.actor("dispatcher")
    homes = [full_family(town)[0]]
    form = make.publish(town)
    columns = list_columns(who, form=form)
    rows_of_homes(who, form=form, columns=columns, households=homes)
    with django_assert_num_queries(5):
        rows_of_homes(who, form=form, columns=columns, households=homes)
    homes += [base.family(town)[0] for _ in range(5)]
    with django_assert_num_queries(5):
        rows = rows_of_homes(who, form=form, columns=columns, households=homes)
    assert len(rows) == 6
    assert Filling.objects.filter(county=COUNTY).count() == 0
