"""一表通 on pages: the desk from the empty table to the export, and the small form that a phone keeps."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yijiaan.areas.tests import make as land
from yijiaan.cases.tests import make as cases
from yijiaan.core import clock
from yijiaan.core.testing import assert_statements, check_needs_sign_in, unchanged
from yijiaan.engines.tabular.models import Export
from yijiaan.oneform import actions
from yijiaan.oneform.models import Filling, FormAnswer, FormArea, OneForm
from yijiaan.oneform.queries import list_carried_forms, list_place_units
from yijiaan.oneform.tests import make
from yijiaan.oneform.tests.make import COUNTY, FIRST, ROWS, TOWN
from yijiaan.registry import actions as registry
from yijiaan.registry.models import Change
from yijiaan.registry.tests import make as base

pytestmark = pytest.mark.django_db


def text_of(answer):
    return answer.content.decode()


def body(**changes):
    values = {
        "name": "农村家庭基本情况摸底表", "issuer": "区民政局", "basis": "兖民字〔2026〕18 号", "per": "household", "minutes": "46",
        "ends_on": (clock.local_day() + timedelta(days=30)).isoformat(), "areas": [FIRST], "valid_days": "365",
        "client_key": str(uuid4()), "file": SimpleUploadedFile("摸底表.xlsx", make.sheet(make.GOLDEN)),
    }  # fmt: skip
    return values | changes


def test_who_has_not_signed_in_and_who_may_not(town):
    form = make.publish(town, make.SMALL)
    check_needs_sign_in(
        Client(), "/forms/", "/forms/new/", f"/forms/{form.id}/", "/field/forms/", f"/field/forms/{form.id}/"
    )
    for path in ("/forms/", "/field/forms/", f"/forms/{form.id}/", f"/forms/{form.id}/units/"):
        assert town.client("power").get(path).status_code == 403, path
    assert town.client("worker").get("/forms/new/").status_code == 403
    assert town.client("worker").get(f"/forms/{form.id}/columns/").status_code == 403
    assert town.client("worker").get(f"/forms/{form.id}/export/").status_code == 403
    for path in (
        f"/forms/{form.id}/",
        f"/forms/{form.id}/units/",
        f"/forms/{form.id}/export/",
        f"/forms/{form.id}/columns/",
    ):
        assert town.client("stranger").get(path).status_code == 404, path
    assert town.client("other_worker").get(f"/field/forms/{form.id}/").status_code == 404


def test_from_the_empty_table_to_the_export(town):
    base.family(town)
    client = town.client("dispatcher")
    assert "还没有登记的表" in text_of(client.get("/forms/"))
    page = text_of(client.post("/forms/new/", body(), follow=True))
    form = OneForm.objects.get(county=COUNTY)
    assert "46 列：41 列从基础数据来，5 列要问" in page
    assert "王**" in page
    assert base.NAME not in page
    chosen = {f"c{column.place}": column.source for column in make.columns(form).values()}
    kinds = {f"k{column.place}": column.asked_kind for column in make.columns(form).values()}
    at = make.columns(form)["取暖方式"].place
    with unchanged(*ROWS):
        wrong = client.post(f"/forms/{form.id}/columns/", chosen | kinds | {f"k{at}": "choice"})
        assert wrong.status_code == 422
        assert "请写有哪些" in text_of(wrong)
    sent = chosen | kinds | {f"k{at}": "choice", f"o{at}": "煤炉、空调"}
    assert "存好了" in text_of(client.post(f"/forms/{form.id}/columns/", sent, follow=True))
    page = text_of(client.post(f"/forms/{form.id}/publish/", follow=True))
    assert "41 列从基础数据来，只问 5 列" in page
    assert "1 行，补齐 0 行" in page
    assert "发布" in text_of(client.post(f"/forms/{form.id}/publish/", follow=True))
    page = text_of(client.post(f"/forms/{form.id}/export/", {"client_key": str(uuid4()), "purpose": ""}))
    assert "请写明用途" in page
    answer = client.post(f"/forms/{form.id}/export/", {"client_key": str(uuid4()), "purpose": "报区民政局"})
    assert (answer.status_code, answer.url) == (302, "/exports/")
    assert Export.objects.get(county=COUNTY).purpose == "报区民政局"
    page = text_of(client.post(f"/forms/{form.id}/close/", {"reason": "不要了"}, follow=True))
    assert "已结束" in page
    assert "不要了" in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"issuer": ""}, "请写是哪个单位下发的"), ({"basis": ""}, "请写依据"), ({"minutes": "0"}, "几分钟"), ({"minutes": "很久"}, "整数"),
        ({"ends_on": "2020-01-01"}, "截止日期已经过了"), ({"areas": []}, "请选填哪些地方"), ({"per": ""}, "请选一行是"),
        ({"file": ""}, "请选上级发来的空表"), ({"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04")}, "没有传完整"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(town, changes, words):
    with unchanged(*ROWS):
        answer = town.client("dispatcher").post("/forms/new/", body(**changes))
    page = text_of(answer)
    assert answer.status_code == 422
    assert words in page
    assert "农村家庭基本情况摸底表" in page
    assert 'class="em"' in page


def test_a_file_that_is_far_too_big_is_not_read(town, monkeypatch):
    monkeypatch.setattr("yijiaan.oneform.views.desk.MOST_BYTES", 100)
    with unchanged(*ROWS):
        answer = town.client("dispatcher").post("/forms/new/", body())
    assert answer.status_code == 422
    assert "MB，请检查是不是选错了" in text_of(answer)


def test_one_row_at_the_desk(town):
    home = base.household(town)
    base.person(town, home, phone="")
    form = make.publish(town, make.SMALL)
    client, at = town.client("head"), f"/forms/{form.id}/units/{home.id}/"
    by_label = {label: column.place for label, column in make.columns(form).items()}
    page = text_of(client.get(at))
    assert "还缺 3 项" in page
    assert "户主姓名：<strong>王**</strong>" in page
    income, phone = f"c{by_label['家庭年收入（元）']}", f"c{by_label['户主联系电话']}"
    with unchanged(*ROWS):
        wrong = client.post(at, {"client_key": str(uuid4()), income: "很多", phone: "15400017777"})
        assert wrong.status_code == 422
        assert "应为数" in text_of(wrong)
        assert "15400017777" in text_of(wrong)
        assert "一项都没有填" in text_of(client.post(at, {"client_key": str(uuid4())}))
        assert client.post(f"/forms/{form.id}/units/{uuid4()}/", {}).status_code == 404
        assert client.get(f"/forms/{form.id}/units/nothing/").status_code == 404
    sent = {"client_key": str(uuid4()), income: "32000", phone: "15400017777", f"n{by_label['是否参加医保']}": "on"}
    page = text_of(client.post(at, sent, follow=True))
    assert "这一行不缺了" in page
    assert "一表通，问过，没有" in page
    assert "这里都补齐了" in text_of(client.get(f"/forms/{form.id}/units/?area={home.area_code}"))
    assert "村东头 3 号" in text_of(client.get(f"/forms/{form.id}/units/?area={home.area_code}&all=1"))
    with clock.later(timedelta(days=31)):
        assert "到期了" in text_of(client.get(f"/forms/{form.id}/"))


def test_the_page_that_a_phone_keeps_holds_nothing_of_anybody(town):
    home = base.household(town)
    base.person(town, home, phone="")
    form = make.publish(town, make.SMALL)
    client = town.client("worker")
    page = text_of(client.get(f"/field/forms/{form.id}/?unit={home.id}&ask=2"))
    main = page.split("<main", 1)[1].split("</main", 1)[0]
    for words in ("村东头", "王**", base.NAME, str(home.id)):
        assert words not in main
    assert 'data-outbox="form"' in page
    listed = text_of(client.get("/field/forms/"))
    assert f'href="/field/forms/{form.id}/"' in listed
    assert "村东头" not in listed
    found = text_of(client.get(f"/field/forms/{form.id}/units/"))
    assert "村东头 3 号" in found
    assert f"?unit={home.id}&amp;ask=" in found


def test_a_phone_sends_what_it_kept_once(town):
    home = base.household(town)
    head = base.person(town, home, phone="")
    form = make.publish(town, make.SMALL)
    client, owner = town.client("worker"), str(town.posts["worker"].user_id)
    by_label = {label: column.place for label, column in make.columns(form).items()}
    income, phone = f"c{by_label['家庭年收入（元）']}", f"c{by_label['户主联系电话']}"
    key, at = str(uuid4()), f"/field/forms/{form.id}/?unit={home.id}"
    with clock.later(timedelta(days=2)):
        now = int(clock.now().timestamp() * 1000)
        values = {
            "client_key": key, "owner": owner, income: "32000", phone: "15400017777",
            "occurred_at": str(now - 24 * 3600 * 1000), "sent_at": str(now),
        }  # fmt: skip
        for _ in range(2):
            answer = client.post(at, values, headers={"X-Outbox": "1"})
            assert answer.status_code == 201
            assert json.loads(answer.content)["client_key"] == key
        told = FormAnswer.objects.get(county=COUNTY)
        assert (told.value_sealed, told.told_on) == ("32000", clock.local_day() - timedelta(days=1))
        line = Change.objects.get(county=COUNTY, state="open")
        assert (line.subject_id, line.new_sealed) == (head.id, "15400017777")
        with unchanged(*ROWS):
            other = client.post(at, values | {income: "1"}, headers={"X-Outbox": "1"})
            assert other.status_code == 409
            wrong = client.post(at, values | {"client_key": str(uuid4()), income: "x"}, headers={"X-Outbox": "1"})
            assert (wrong.status_code, json.loads(wrong.content)["errors"][0]["field"]) == (422, income)
            nobody = client.post(f"/field/forms/{form.id}/", values, headers={"X-Outbox": "1"})
            assert nobody.status_code in (409, 422)
            elsewhere = values | {"client_key": str(uuid4())}
            gone = client.post(f"/field/forms/{form.id}/?unit={uuid4()}", elsewhere, headers={"X-Outbox": "1"})
            assert gone.status_code == 422
            foreign = client.post(at, values | {"owner": "x"}, headers={"X-Outbox": "1"})
            assert foreign.status_code == 403
    assert Filling.objects.filter(county=COUNTY).count() == 1
    page = text_of(client.post(at, {"client_key": str(uuid4()), f"n{by_label['是否参加医保']}": "on"}, follow=True))
    assert "都补齐了" in page


def test_a_worker_tells_of_his_grid_on_the_phone(town):
    form = make.publish(town, ("网格名称", "户数", "健身器材几套"), per="grid", areas=(TOWN,))
    client, grid = town.client("worker"), town.grids[0].code
    assert f"/field/forms/{form.id}/?unit={grid}" in text_of(client.get("/field/forms/"))
    assert "1 项" in text_of(client.get(f"/field/forms/{form.id}/units/"))
    at = f"/field/forms/{form.id}/?unit={grid}"
    client.post(at, {"client_key": str(uuid4()), "c2": "3"})
    assert FormAnswer.objects.get(county=COUNTY).value_sealed == "3"
    other = f"/field/forms/{form.id}/?unit={town.grids[1].code}"
    assert "现在不归您管" in text_of(client.post(other, {"client_key": str(uuid4()), "c2": "3"}))
    desk = town.client("dispatcher")
    assert "新驿一村第1网格" in text_of(desk.get(f"/forms/{form.id}/units/?area={FIRST}&all=1"))
    assert "健身器材几套" in text_of(desk.get(f"/forms/{form.id}/units/{grid}/"))


def test_what_a_phone_takes_along_of_forms(town):
    home = base.household(town)
    base.person(town, home, phone="")
    form = make.publish(town, make.SMALL)
    (found,) = list_carried_forms(town.actor("worker"), household_ids=[home.id])
    assert (found["id"], found["name"]) == (str(form.id), form.name)
    assert found["units"] == {str(home.id): [2, 4, 5]}


def test_a_form_for_a_grid_goes_on_for_what_comes_of_it(town):
    old = town.grids[0].code
    form = make.publish(town, ("网格名称", "健身器材几套"), per="grid", areas=(old,))
    ended = make.publish(town, ("网格名称", "路灯几盏"), per="grid", areas=(old,), name="结束了的")
    actions.close_form(actor=town.actor("dispatcher"), form_id=ended.id, reason="不要了")
    make.answer(town, form, old, {"健身器材几套": "3"})
    parts = land.redraw(land.cut_first())
    with clock.later(land.LATER):
        land.settle()
        who = town.actor("dispatcher")
        assert list_place_units(who, form=form) == parts
        assert list_place_units(who, form=ended) == []
        assert FormAnswer.objects.get(county=COUNTY).area_code == old
        with unchanged(FormArea):
            assert actions.follow_redraw(actor=land.REDRAWER, county=COUNTY, before=[old], after=parts) == 0


def test_every_number_of_a_grid_opens_to_the_rows_it_was_counted_from(town):
    labels = {
        "户数": 3, "租住户数": 1, "总人口": 5, "男": 2, "60岁以上人数": 3, "未成年人数": 1, "独居老人数": 1, "单位数": 2,
        "房屋数": 2, "出租房数": 1, "场所数": 1, "车辆数": 1, "未办结": 2,
    }  # fmt: skip
    grid = town.grids[0].code
    home, people = base.family(town)
    assert len(people) == 3
    base.person(town, base.household(town, kind="tenant"), birth_on="1940-03-09", sex="male")
    base.person(town, base.household(town), birth_on="2020-01-01", sex="female")
    base.care(town, people[0])
    for kind, values in (
        ("organisation", {"name": "枇杷超市"}), ("organisation", {"name": "枇杷饭店"}), ("room", {"door_no": "1", "is_rented": "yes"}),
        ("room", {"door_no": "2"}), ("place", {"name": "广场"}), ("vehicle", {"plate_no": "鲁H12345"}),
    ):  # fmt: skip
        actor = town.actor("head")
        registry.add_record(actor=actor, kind=kind, area_code=grid, values=values, source="visit", client_key=uuid4())
    for word in ("一", "二"):
        cases.case(cases.report(TOWN, text=f"路灯{word}不亮了", area_code=grid))
    form = make.publish(town, tuple(labels), per="grid", areas=(TOWN,))
    desk = town.client("dispatcher")
    page = text_of(desk.get(f"/forms/{form.id}/units/{grid}/"))
    found = re.findall(r"<span>([^：<]+)：<strong><a class=\"text-link num\" href=\"([^\"]+)\">(\d+)</a>", page)
    assert {label: int(number) for label, _, number in found} == labels
    for label, url, number in found:
        listed = text_of(desk.get(url.replace("&amp;", "&")))
        rows = max(listed.count("<tr"), listed.count('<li><span><a class="text-link"') + 1) - 1
        assert rows == int(number), (label, url)


@pytest.mark.parametrize("per", ["household", "grid"])
def test_lists_cost_the_same_however_long_they_are(town, per):
    labels = make.SMALL if per == "household" else ("网格名称", "户数", "网格员", "健身器材几套")
    base.family(town)
    form = make.publish(town, labels, per=per, areas=(TOWN,))
    paths = {
        "dispatcher": ("/forms/", f"/forms/{form.id}/", f"/forms/{form.id}/units/", f"/forms/{form.id}/columns/"),
        "worker": ("/field/forms/", f"/field/forms/{form.id}/units/", f"/field/forms/{form.id}/"),
    }
    for who, mine in paths.items():
        client = town.client(who)
        counts = {}
        for path in mine:
            client.get(path)
            with assert_statements(at_most=24) as seen:
                client.get(path)
            counts[path] = len(seen)
        for _ in range(3):
            base.family(town)
            make.publish(town, labels, per=per, areas=(TOWN,), name="又一张")
        for path in mine:
            with assert_statements(exactly=counts[path]):
                client.get(path)
