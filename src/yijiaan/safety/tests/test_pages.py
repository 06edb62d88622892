"""The pages of safety: what each shows to whom, in how many statements; what is refused loses nothing typed."""

import io
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from PIL import Image
from python_calamine import CalamineWorkbook

from yijiaan.cases.tests.make import Town
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.core.testing import assert_statements, check_needs_sign_in, unchanged
from yijiaan.engines.checklists.actions import Given
from yijiaan.engines.checklists.models import Answer, Run, Template, Version
from yijiaan.engines.checklists.queries import list_items
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.tabular.actions import write_export
from yijiaan.engines.tabular.models import Export
from yijiaan.safety import actions
from yijiaan.safety.models import Hazard, HazardStep, Inspection
from yijiaan.safety.tests import make
from yijiaan.safety.tests.make import COUNTY, FIRST, ROWS, TOWN, day

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings: Any, tmp_path: Any) -> Town:
    settings.MEDIA_ROOT = tmp_path
    settings.EXPORTS = tmp_path / "exports"
    return make.town()


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "green").save(out, "PNG")
    out.seek(0)
    out.name = "a.png"
    return out


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


PAGES = (
    "/safety/hazards/", "/safety/hazards/new/", "/safety/hazards/export/", "/safety/books/", "/safety/inspections/",
    "/safety/inspections/new/", "/safety/checklists/", "/safety/checklists/new/", "/field/hazards/", "/field/hazards/new/",
)  # fmt: skip


def test_who_has_not_signed_in_is_sent_to_sign_in(town: Town) -> None:
    hazard = make.hazard_in(town, "found")
    check_needs_sign_in(Client(), *PAGES, f"/safety/hazards/{hazard.id}/", f"/field/hazards/{hazard.id}/")


def test_each_sees_the_rows_of_his_own(town: Town) -> None:
    hazard = make.hazard_in(town, "notified")
    for name, sees in (
        ("dispatcher", True), ("leader", True), ("power", True), ("worker", True), ("head", True), ("county", True),
        ("enforcement", False), ("other_worker", False), ("stranger", False),
    ):  # fmt: skip
        client = town.client(name)
        assert (hazard.title in text_of(client.get("/safety/hazards/"))) is sees, name
        for path in (f"/safety/hazards/{hazard.id}/", f"/field/hazards/{hazard.id}/"):
            assert client.get(path).status_code == (200 if sees else 404), (name, path)
    for name in ("admin", "auditor", "security"):
        assert town.client(name).get("/safety/hazards/").status_code == 403


@pytest.mark.parametrize(
    ("path", "statements"),
    [("/safety/hazards/", 4), ("/field/hazards/", 5), ("/safety/books/", 9), ("/safety/inspections/", 3)],
)
def test_lists_cost_the_same_however_long_they_are(town: Town, path: str, statements: int) -> None:
    who = "centre_head"
    make.hazard_in(town, "notified")
    make.inspection(town.actor(who))
    client = town.client(who)
    client.get(path)
    with assert_statements(at_most=40) as first:
        client.get(path)
    for state in ("found", "graded", "rectifying", "submitted", "verified", "written_off"):
        make.hazard_in(town, state)
    make.inspection(town.actor(who), target="另一家")
    with assert_statements(exactly=len(first)) as seen:
        assert client.get(path).status_code == 200
    assert len([one for one in seen if "hazard" in one or "inspection" in one]) <= statements


def test_figures_open_to_their_rows(town: Town) -> None:
    make.hazard_in(town, "notified", grade="major")
    make.hazard_in(town, "found", text="路边井盖碎了")
    client = town.client("dispatcher")
    page = text_of(client.get("/safety/hazards/?tab=open&grade=major"))
    assert "超市后门" in page
    assert "路边井盖" not in page
    page = text_of(client.get("/safety/hazards/?tab=found"))
    assert "路边井盖" in page
    assert "超市后门" not in page
    for query, there in (
        ("q=井盖", True),
        ("q=2", True),
        ("q=没有的", False),
        (f"area={FIRST}", True),
        ("kind=gas", False),
    ):
        assert ("路边井盖" in text_of(client.get(f"/safety/hazards/?tab=open&{query}"))) is there, query
    power = town.units["power"].id
    assert "超市后门" in text_of(client.get(f"/safety/hazards/?tab=open&unit={power}"))
    for odd in ("tab=nothing&unit=x&grade=y&only=z&area=q", "q=%00", "after=abc"):
        assert client.get(f"/safety/hazards/?{odd}").status_code == 200


def test_a_hazard_is_registered_with_a_picture_and_a_bad_picture_loses_nothing(town: Town) -> None:
    client, key = town.client("worker"), str(uuid4())
    values = {"text": "电线拖在地上", "kind": "electric", "area_code": "", "place": "三巷", "client_key": key}
    bad = io.BytesIO(b"no picture")
    bad.name = "b.jpg"
    answer = client.post("/field/hazards/new/", values | {"photos": [picture(), bad]}, follow=True)
    hazard = Hazard.objects.get(county=COUNTY)
    assert answer.redirect_chain[-1][0] == f"/field/hazards/{hazard.id}/"
    page = text_of(answer)
    assert "登记了，" in page
    assert "第 2 张照片没有收" in page
    assert StoredFile.objects.filter(county=COUNTY, subject_id=hazard.id).count() == 1
    answer = town.client("dispatcher").post("/safety/hazards/new/", values | {"text": "", "area_code": FIRST})
    assert answer.status_code == 422
    assert "请写一句是什么隐患" in text_of(answer)
    assert "三巷" in text_of(answer)


def test_a_phone_sends_what_it_kept_once(town: Town) -> None:
    client, key, owner = town.client("worker"), str(uuid4()), str(town.posts["worker"].user_id)
    values = {"text": "电线拖在地上", "kind": "electric", "client_key": key, "owner": owner}
    sent = [client.post("/field/hazards/new/", values, headers={"X-Outbox": "1"}) for _ in range(2)]
    told = [json.loads(answer.content) for answer in sent]
    hazard = Hazard.objects.get(county=COUNTY)
    assert told[0]["client_key"] == told[1]["client_key"] == key
    assert told[0]["url"] == f"/field/hazards/{hazard.id}/"
    assert told[0]["number"] == told[1]["number"] == hazard.number
    other = client.post("/field/hazards/new/", values | {"text": "别的"}, headers={"X-Outbox": "1"})
    assert (other.status_code, json.loads(other.content)["code"]) == (409, "conflict")
    empty = client.post(
        "/field/hazards/new/", values | {"text": " ", "client_key": str(uuid4())}, headers={"X-Outbox": "1"}
    )
    assert (empty.status_code, json.loads(empty.content)["errors"][0]["field"]) == (422, "text")
    foreign = client.post("/field/hazards/new/", values | {"owner": "x"}, headers={"X-Outbox": "1"})
    assert foreign.status_code == 403
    assert Hazard.objects.filter(county=COUNTY).count() == 1


def test_the_whole_way_by_the_pages(town: Town) -> None:
    hazard = make.hazard_in(town, "found")
    at = f"/safety/hazards/{hazard.id}"
    power = str(town.units["power"].id)
    steps: list[tuple[str, str, dict[str, Any], str]] = [
        ("dispatcher", "grade", {"grade": "major"}, "定为重大隐患"),
        ("leader", "supervise", {"text": "十日内改"}, "挂牌督办了"),
        ("dispatcher", "notify", {"unit": power, "due_on": day(5).isoformat(), "measure": "清开"}, "会通知他们"),
        ("power", "begin", {}, "开始整改"),
        ("power", "protect", {"text": "拉线", "review_on": day(3).isoformat()}, "记下了防护"),
        ("power", "resume", {}, "接着整改"),
        ("dispatcher", "extend", {"due_on": day(9).isoformat(), "text": "等料"}, "延期了"),
        ("power", "submit", {"text": "清开了", "cost": "20", "face": "field", "photos": [picture()]}, "等人复查"),
        ("second", "reject", {"text": "还有一箱"}, "再改"),
        ("power", "submit", {"text": "全清了"}, "等人复查"),
        ("dispatcher", "verify", {"text": ""}, "还要另一个人"),
        ("second", "verify", {}, "等销号"),
        ("centre_head", "write_off", {}, "销号了"),
    ]
    for name, move, values, said in steps:
        client = town.client(name)
        page = text_of(client.get(f"{at}/"))
        assert f"{at}/{move}/" in page, (name, move)
        version = make.fresh(hazard.id).version
        answer = client.post(f"{at}/{move}/", values | {"seen_version": str(version)}, follow=True)
        assert said in text_of(answer), (name, move, text_of(answer)[:2000])
        if name == "dispatcher" and move == "verify":
            assert "等另一个人再复查一次" in text_of(answer)
    kept = make.fresh(hazard.id)
    assert (kept.status, kept.round) == ("written_off", 2)
    page = text_of(town.client("dispatcher").get(f"{at}/"))
    for words in ("等料", "花了 20.00 元", "改好后", kept.write_off_number, "又出现了，再登记"):
        assert words in page, words
    again = town.client("worker").get(f"/field/hazards/new/?again={hazard.id}")
    assert "同一处" in text_of(again)
    values = {"text": "又堵了", "kind": "fire", "area_code": "", "client_key": str(uuid4())}
    town.client("worker").post(f"/field/hazards/new/?again={hazard.id}", values)
    assert Hazard.objects.get(county=COUNTY, relapse_of_id=hazard.id).text == "又堵了"
    assert town.client("worker").get("/field/hazards/new/?again=x").status_code == 404


def test_what_is_refused_stands_at_its_field_and_loses_nothing(town: Town) -> None:
    hazard = make.hazard_in(town, "rectifying")
    at = f"/safety/hazards/{hazard.id}"
    client = town.client("power")
    with unchanged(*ROWS):
        answer = client.post(f"{at}/protect/", {"text": "拉了红白线", "review_on": ""})
        assert answer.status_code == 422
        assert "拉了红白线" in text_of(answer)
        answer = client.post(f"{at}/submit/", {"text": "货搬走了", "cost": "很多", "face": "field"})
        assert answer.status_code == 422
        assert "货搬走了" in text_of(answer)
        answer = client.post(f"{at}/submit/", {"text": "货搬走了", "seen_version": "1"})
        assert answer.status_code == 409
        assert "刚才有人办过了" in text_of(answer)
        assert "货搬走了" in text_of(answer)
        assert client.post(f"{at}/nothing/").status_code == 404
        assert client.post(f"{at}/write_off/").status_code == 403
        assert town.client("stranger").post(f"{at}/submit/", {"text": "x"}).status_code == 404


def test_the_ledger_is_taken_away_as_a_table(town: Town) -> None:
    make.hazard_in(town, "written_off")
    make.hazard_in(town, "notified", grade="larger")
    client = town.client("dispatcher")
    assert "导出 1 条隐患" in text_of(client.get("/safety/hazards/export/?tab=open&grade=larger"))
    answer = client.post("/safety/hazards/export/", {"query": "tab=written_off", "client_key": str(uuid4())})
    assert answer.status_code == 302
    export = Export.objects.get(county=COUNTY)
    write_export(actor=system("tests", COUNTY), export_id=export.id)
    rows = CalamineWorkbook.from_path(str(export.path)).get_sheet_by_index(0).to_python()
    written = [row for row in rows if row and "超市后门堵着货，打不开" in row]
    assert len(written) == 1
    assert {"消防", "一般", "已销号", f"销〔{clock.local_day().year}〕1号"} <= set(written[0])
    empty = client.post("/safety/hazards/export/", {"query": "tab=in_case", "client_key": str(uuid4())})
    assert empty.status_code == 422
    assert town.client("power").get("/safety/hazards/export/").status_code == 403


def test_the_books_are_settled_on_their_page(town: Town) -> None:
    hazard = make.hazard_in(town, "found")
    client, year = town.client("centre_head"), clock.local_day().year
    page = text_of(client.get("/safety/books/"))
    assert "年度没有过完" in page
    assert hazard.number in page
    here = {"ledger": TOWN, "year": str(year)}
    with clock.later(timedelta(days=370)):
        client = town.client("centre_head")
        assert "结账" in text_of(client.get(f"/safety/books/?year={year}"))
        answer = client.post("/safety/books/close/", here, follow=True)
        assert "账不平" in text_of(answer)
        answer = client.post("/safety/books/", here | {"hazard": [str(hazard.id)], "text": ""})
        assert answer.status_code == 422
        assert "checked" in text_of(answer)
        client.post("/safety/books/", here | {"hazard": [str(hazard.id)], "text": "等料"})
        assert "账是平的" in text_of(client.post("/safety/books/close/", here, follow=True))
        assert "已结账" in text_of(client.get(f"/safety/books/?year={year}"))
        assert client.post("/safety/books/", here | {"hazard": ["x"], "text": "等料"}).status_code == 404
        assert client.post("/safety/books/close/", {"ledger": TOWN, "year": "abc"}).status_code == 404
    assert town.client("worker").post("/safety/books/close/", here).status_code == 403


def test_an_inspection_by_the_pages(town: Town) -> None:
    client = town.client("dispatcher")
    template = Template.objects.get(county="", code="small_shop_fire")
    values = {
        "target": "鑫旺超市", "template": str(template.id), "area_code": FIRST, "planned_on": day(0).isoformat(),
        "way": "random", "client_key": str(uuid4()), "team": [str(town.posts["second"].id)],
    }  # fmt: skip
    wrong = client.post("/safety/inspections/new/", values | {"target": ""})
    assert wrong.status_code == 422
    assert "请写查谁" in text_of(wrong)
    client.post("/safety/inspections/new/", values)
    made = Inspection.objects.get(county=COUNTY)
    at, run = f"/safety/inspections/{made.id}", f"/field/inspections/{made.id}/"
    assert "查完，交上" in text_of(client.get(run))  # without signal nobody can press 开始检查 first
    assert "开始检查" in text_of(client.get(f"{at}/"))
    assert client.post(f"{at}/start/")["Location"] == run
    items = list_items(town.actor("dispatcher"), version_id=Version.objects.get(template=template).id)
    page = text_of(client.get(run))
    assert all(item.text in page for item in items)
    bad = client.post(
        run, {f"value_{items[3].id}": "两具", f"note_{items[0].id}": "堵着", f"value_{items[0].id}": "no"}
    )
    assert bad.status_code == 422
    for words in ("请填一个数", "两具", "堵着"):
        assert words in text_of(bad)
    said = {f"value_{items[0].id}": "no", f"photos_{items[0].code}": [picture()], "keep": "1"}
    kept = client.post(run, said, follow=True)
    assert "存好了" in text_of(kept)
    done = client.post(run, {f"value_{items[0].id}": "no", f"value_{items[1].id}": "yes"}, follow=True)
    assert "1 项不合格，都登记成隐患了" in text_of(done)
    hazard = Hazard.objects.get(county=COUNTY)
    assert f"/safety/hazards/{hazard.id}/" in text_of(done)
    assert f"{at}/" in text_of(client.get(f"/safety/hazards/{hazard.id}/"))
    wrong = client.post(f"{at}/refuse/", {"text": "不归他管", "witness": ""})
    assert wrong.status_code == 422
    assert "不归他管" in text_of(wrong)
    assert "拒绝签字和见证人" in text_of(
        client.post(f"{at}/refuse/", {"text": "不归他管", "witness": "村委李某"}, follow=True)
    )
    assert "还有 1 条隐患没有销号" in text_of(client.post(f"{at}/close/"))
    assert client.post(f"{at}/nothing/").status_code == 404
    assert town.client("power").get(f"{at}/").status_code == 404
    assert town.client("second").get(f"{at}/").status_code == 200


def test_an_inspection_that_a_phone_kept_is_begun_answered_and_handed_in_once(town: Town) -> None:
    template = Template.objects.get(county="", code="small_shop_fire")
    facts = actions.InspectionFacts(
        target="鑫旺超市", template_id=template.id, area_code=FIRST, planned_on=clock.local_day(), way="random",
        team=(town.posts["second"].id,),
    )  # fmt: skip
    made = actions.plan_inspection(actor=town.actor("dispatcher"), facts=facts, client_key=uuid4())
    client, path, key = town.client("dispatcher"), f"/field/inspections/{made.id}/", str(uuid4())
    version = Version.objects.get(template=template)
    items = list_items(town.actor("dispatcher"), version_id=version.id)
    assert f'href="{path}"' in text_of(client.get("/field/inspections/"))
    said = {
        "owner": str(town.posts["dispatcher"].user_id), "client_key": key, "version": str(version.id), "remark": "后门锁着",
        f"value_{items[0].id}": "no", f"note_{items[0].id}": "堵着",
    }  # fmt: skip
    with unchanged(Inspection, Run, Answer, Hazard):  # what is refused does not begin it either
        assert client.post(path, {f"value_{items[3].id}": "两具"}).status_code == 422
    phone = {"headers": {"X-Outbox": "1"}}
    for wrong, words in (
        ({"version": str(uuid4())}, "换了检查表"), ({"version": "x"}, "有信号时打开"), ({"client_key": ""}, "有信号时打开"),
        ({f"value_{items[3].id}": "两具"}, f"第 {items[3].place} 项："),
    ):  # fmt: skip
        with unchanged(Inspection, Run, Answer, Hazard):
            refused = client.post(path, said | wrong, **phone)
        assert refused.status_code == 422
        assert words in refused.json()["errors"][0]["message"]
    with unchanged(Inspection, Run, Answer, Hazard):
        assert client.post(path, said | {"owner": str(uuid4())}, **phone).status_code == 403
    # a colleague with a signal began meanwhile: what the phone left empty stays his
    actions.start_inspection(actor=town.actor("second"), inspection_id=made.id)
    actions.answer_inspection(
        actor=town.actor("second"), inspection_id=made.id, given={items[1].id: Given("yes")}, remark=None
    )
    taken = client.post(path, said | {f"photos_{items[0].code}": [picture()]}, **phone)
    assert taken.status_code == 201, taken.json()
    assert StoredFile.objects.get(county=COUNTY).subject_id == made.id
    assert Answer.objects.filter(county=COUNTY).count() == 2
    assert Hazard.objects.get(county=COUNTY).place == "鑫旺超市"
    with unchanged(Inspection, Run, Answer, Hazard, StoredFile):
        again = client.post(path, said | {f"photos_{items[0].code}": [picture()]}, **phone)
        other = client.post(path, said | {"client_key": str(uuid4())}, **phone)
    assert (again.status_code, other.status_code) == (200, 422)
    assert client.get(path)["Location"] == f"/safety/inspections/{made.id}/"


def test_checklists_are_written_in_versions_on_their_page(town: Town) -> None:
    client = town.client("centre_head")
    shipped = Template.objects.get(county="", code="household_gas")
    at = f"/safety/checklists/{shipped.id}"
    assert "随产品带的" in text_of(client.get("/safety/checklists/"))
    page = client.get(f"{at}/edit/")
    assert "照“居民用气检查”编本区的" in text_of(page)
    forms = {"item-TOTAL_FORMS": "2", "item-INITIAL_FORMS": "0", "name": "本镇用气检查", "seen_number": "1"}
    lines = {"item-0-text": "阀门关得紧", "item-0-section": "看", "item-0-kind": "yes_no", "item-0-fail_grade": "major"}
    wrong = client.post(f"{at}/edit/", forms | lines | {"item-1-text": "软管长度", "item-1-kind": "value"})
    assert wrong.status_code == 422
    assert "软管长度" in text_of(wrong)
    client.post(f"{at}/edit/", forms | lines)
    own = Template.objects.get(county=COUNTY)
    assert "阀门关得紧" in text_of(client.get(f"/safety/checklists/{own.id}/"))
    client.post(f"/safety/checklists/{own.id}/edit/", forms | lines | {"item-1-text": "软管没有老化"})
    assert Version.objects.filter(template=own).count() == 2
    stale = client.post(f"/safety/checklists/{own.id}/edit/", forms | lines)
    assert stale.status_code == 422
    assert "刚才有人改过" in text_of(stale)
    assert "停用了" in text_of(client.post(f"/safety/checklists/{own.id}/switch/", {"to": "off"}, follow=True))
    assert "大家都在用" in text_of(client.post(f"{at}/switch/", {"to": "off"}, follow=True))
    assert town.client("worker").get(f"/safety/checklists/{own.id}/").status_code == 200
    assert town.client("worker").get(f"{at}/edit/").status_code == 403


def test_the_case_that_came_from_a_hazard_leads_back_to_it(town: Town) -> None:
    hazard = make.hazard_in(town, "in_case")
    page = text_of(town.client("dispatcher").get(f"/safety/hazards/{hazard.id}/"))
    number = page.partition('class="text-link num" href="/cases/')[2].partition("/")[0]
    assert hazard.number in text_of(town.client("dispatcher").get(f"/cases/{number}/"))
    assert HazardStep.objects.filter(county=COUNTY, hazard_id=hazard.id, move="hand_to_case").count() == 1
