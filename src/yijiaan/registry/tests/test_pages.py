"""The pages: searched, read, masked; what is said there goes to the actions; a fixed number of statements each."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from yijiaan.core import clock
from yijiaan.core.testing import assert_statements, check_needs_sign_in, unchanged
from yijiaan.registry import actions
from yijiaan.registry.fields import KINDS
from yijiaan.registry.models import Change, Household, Membership, Person
from yijiaan.registry.tests import make
from yijiaan.registry.tests.make import TABLES

pytestmark = pytest.mark.django_db
HOW = {"source": "visit"}


def text(answer):
    return answer.content.decode()


def key():
    return {"client_key": str(uuid4()), **HOW}


def test_strangers_sign_in_first_and_who_may_not_read_is_told(town):
    home, people = make.family(town)
    paths = ["/base/", "/field/base/", "/base/household/", f"/base/household/{home.id}/", f"/base/person/{people[0].id}/",
             "/base/changes/", "/base/due/", "/base/completeness/", "/base/care/"]  # fmt: skip
    check_needs_sign_in(town.client("head").__class__(), *paths)
    for name in ("leader", "power", "auditor"):
        assert {town.client(name).get(path).status_code for path in paths} == {403}
    for path in (
        f"/base/household/{home.id}/",
        f"/base/person/{people[0].id}/",
        f"/base/person/{people[0].id}/change/",
    ):
        assert town.client("stranger").get(path).status_code == 404
        assert town.client("other_worker").get(path).status_code == 404
    assert town.client("worker").get("/base/care/").status_code == 200
    assert town.client("head").get(f"/base/organisation/{home.id}/").status_code == 404
    assert town.client("head").get("/base/criminal/").status_code == 404


@pytest.mark.parametrize(
    "asked",
    ["王小明", "wxm", "WXM", make.PHONE, "154 0001 3344", "37081219570309011"],
)
def test_a_person_is_found_in_one_line_and_shown_masked(town, asked):
    home = make.household(town, address="幸福里 8 号")
    make.person(town, home, id_no=make.identity())
    asked = make.identity() if asked.startswith("3708") else asked
    page = text(town.client("worker").get("/field/base/", {"q": asked}))
    assert "王**" in page
    assert "幸福里 8 号" in page
    assert "王小明" not in page.replace(f'value="{asked}"', "")
    for who in ("other_worker", "stranger"):
        assert "幸福里 8 号" not in text(town.client(who).get("/base/", {"q": asked}))


def test_households_and_others_are_found_by_their_words(town):
    make.household(town, address="幸福里 8 号", household_no="370812009")
    add = {"actor": town.actor("dispatcher"), "area_code": town.grids[0].code, "source": "office"}
    actions.add_record(**add, kind="organisation", client_key=uuid4(), values={"name": "鲁西南粮油店"})
    actions.add_record(**add, kind="vehicle", client_key=uuid4(), values={"plate_no": "鲁H12345"})
    client = town.client("dispatcher")
    for asked, found in (
        ("幸福里", "幸福里 8 号"),
        ("里8号", "幸福里 8 号"),
        ("粮油", "鲁西南粮油店"),
        ("370812009", "幸福里 8 号"),
    ):
        assert found in text(client.get("/base/", {"q": asked})), asked
    assert "/base/vehicle/" in text(client.get("/base/", {"q": "鲁H·12345"}))
    assert "没有查到" in text(client.get("/base/", {"q": "不存在的地方"}))
    assert client.get("/base/", {"q": "\0"}).status_code == 200


def test_the_page_of_a_household_is_masked_until_a_purpose_is_given(town):
    home, people = make.family(town)
    client = town.client("worker")
    page = text(client.get(f"/field/base/household/{home.id}/"))
    for hidden in ("王小明", "李桂兰", make.PHONE):
        assert hidden not in page
    assert "王**" in page
    assert "69 岁" in page
    assert "入户走访" in page
    refused = client.post(f"/base/household/{home.id}/see/", {"purpose": ""})
    assert refused.status_code == 422
    seen = text(client.post(f"/base/household/{home.id}/see/", {"purpose": "visit"}))
    for shown in ("王小明", "李桂兰", make.PHONE, 'class="stamp"'):
        assert shown in seen


def test_a_change_is_said_on_the_page_and_nothing_typed_is_lost(town):
    home, people = make.family(town)
    one, client = people[0], town.client("head")
    url = f"/base/person/{one.id}/change/"
    form = text(client.get(url))
    assert make.PHONE not in form
    assert "现在是 154****3344" in form
    said = {"sex": "male", "birth_on": "1957-03-09", "kind": "", "note": "腿脚不便要常看", "seen_version": "1"}
    with unchanged(*TABLES):
        answer = client.post(url, said | {"phone": "12345"} | key())
    assert answer.status_code == 422
    assert "手机号应为 11 位" in text(answer)
    assert "腿脚不便要常看" in text(answer)
    assert client.post(url, said | {"phone": "15400015555"} | key()).status_code == 302
    assert Person.objects.get(id=one.id).phone_sealed == "15400015555"
    with unchanged(Person, Membership, Change):
        answer = client.post(url, said | {"note": "后来的"} | key())  # seen_version 1 is old
    assert answer.status_code == 422
    assert "刚才有人改过" in text(answer)
    assert 'value="2"' in text(answer)
    assert client.post(url, said | {"clear_phone": "on", "seen_version": "2"} | key()).status_code == 302
    assert Person.objects.get(id=one.id).phone_sealed == ""
    page = text(client.get(f"/base/person/{one.id}/"))
    assert "154****3344" in page
    assert "清空" in page


@pytest.mark.parametrize("who", ["head", "worker"])
def test_who_wrote_while_the_office_changed_the_same_sees_both_and_writes_over_nothing(town, who):
    _, people = make.family(town)
    one, client = people[0], town.client(who)
    url = f"/base/person/{one.id}/change/"
    page = text(client.get(url))
    seen = {name: re.search(rf'name="{name}" value="(\d+)"', page)[1] for name in ("seen_version", "seen_at")}
    with clock.later(timedelta(minutes=5)):
        actions.change_facts(
            actor=town.actor("dispatcher"), kind="person", record_id=one.id, source="office", client_key=uuid4(),
            values={"note": "镇里写的", "workplace": "粮库", "phone": "15400018888"},
        )  # fmt: skip
    said = {"sex": "male", "birth_on": "1957-03-09", "kind": "", "note": "腿脚不便要常看", "workplace": "", **seen}
    with clock.later(timedelta(minutes=9)), unchanged(*TABLES):
        answer = client.post(url, said | key())
    assert answer.status_code == 422
    page = text(answer)
    assert page.count('class="sides"') == 1
    for words in (
        "<strong>腿脚不便要常看</strong>",
        "<strong>镇里写的</strong>",
        "您没有动的",
        "工作单位",
        "手机号",
        town.posts["dispatcher"].unit.name,
    ):
        assert words in page, words
    assert ("您来定" if who == "head" else "由网格长或镇里核实时选定") in page
    assert (
        'value="粮库"' in page
    )  # what he left alone takes the newer value: sending it again writes nothing old over it
    again = said | {name: re.search(rf'name="{name}" value="(\d+)"', page)[1] for name in seen} | {"workplace": "粮库"}
    with clock.later(timedelta(minutes=9)):
        assert client.post(url, again | key()).status_code == 302
    row = Person.objects.get(id=one.id)
    assert (row.workplace, row.phone_sealed) == ("粮库", "15400018888")
    assert row.note == ("腿脚不便要常看" if who == "head" else "镇里写的")
    assert {line.field for line in Change.objects.filter(proposed_by=town.posts[who].id)} >= {"note"}


def test_a_proposal_goes_from_the_grid_to_the_head_and_back(town):
    _, people = make.family(town)
    one = people[0]
    worker, head = town.client("worker"), town.client("head")
    sent = {"sex": "male", "birth_on": "1957-03-09", "phone": "15400015555", "seen_version": "1"}
    assert worker.post(f"/base/person/{one.id}/change/", sent | key()).status_code == 302
    line = Change.objects.get()
    assert "154****3344" in text(head.get("/base/changes/"))
    assert "采纳" not in text(worker.get("/base/changes/"))
    assert worker.post(f"/base/changes/{line.id}/confirm/").status_code == 403
    assert head.post(f"/base/changes/{line.id}/refuse/", {"reason": ""}).status_code == 422
    answer = head.post(f"/base/changes/{line.id}/confirm/", {"back": "/base/changes/"})
    assert (answer.status_code, answer["Location"]) == (302, "/base/changes/")
    assert Person.objects.get(id=one.id).phone_sealed == "15400015555"
    assert head.post(f"/base/changes/{line.id}/confirm/").status_code == 409
    answer = head.post(f"/base/changes/{line.id}/undo/", {"back": "//evil.example/"})
    assert answer["Location"] == f"/base/person/{one.id}/"
    assert Person.objects.get(id=one.id).phone_sealed == make.PHONE


def test_a_changed_fact_stands_side_by_side(town):
    _, people = make.family(town)
    say = {"kind": "person", "record_id": people[0].id, "source": "visit"}
    actions.change_facts(actor=town.actor("worker"), values={"note": "甲"}, client_key=uuid4(), **say)
    actions.change_facts(actor=town.actor("head"), values={"note": "乙"}, client_key=uuid4(), **say)
    page = text(town.client("head").get(f"/base/person/{people[0].id}/"))
    for word in ("提出以后又改过", "用提出的", "留现在的"):
        assert word in page


def test_the_deeds_of_a_household_are_done_on_pages(town):
    home, people = make.family(town)
    client = town.client("head")
    new = {"name": "王晨", "relation": "grandchild", "sex": "male"}
    assert client.post(f"/base/household/{home.id}/person/", new | {"relation": ""} | key()).status_code == 422
    assert client.post(f"/base/household/{home.id}/person/", new | key()).status_code == 302
    assert (
        client.post(f"/base/household/{home.id}/birth/", {"name": "王阳", "birth_on": "2026-11-01"} | key()).status_code
        == 302
    )
    assert Membership.objects.filter(household=home, to_on__isnull=True).count() == 5
    answer = client.post(f"/base/person/{people[0].id}/deed/death/", {"on": "2026-11-20"} | key())
    assert answer.status_code == 422
    assert "请选新户主" in text(answer)
    sent = {"on": "2026-11-20", "new_head": str(people[1].id)}
    assert client.post(f"/base/person/{people[0].id}/deed/death/", sent | key()).status_code == 302
    assert Person.objects.get(id=people[0].id).status == "dead"
    assert client.post(f"/base/person/{people[2].id}/deed/head/", {"old_relation": "parent"} | key()).status_code == 302
    assert client.post(f"/base/person/{people[1].id}/deed/relation/", {"relation": "other"} | key()).status_code == 302
    assert client.post(f"/base/person/{people[1].id}/deed/move-out/", key()).status_code == 302
    other = make.household(town, address="新盖的房", household_no="9")
    make.person(town, other, id_no=make.identity("19800101"), birth_on="1980-01-01", phone="15400019999", name="赵六")
    assert (
        client.post(
            f"/base/household/{home.id}/move-in/", {"number": "15400018888", "relation": "other"} | key()
        ).status_code
        == 422
    )
    assert (
        client.post(
            f"/base/household/{home.id}/move-in/", {"number": "15400019999", "relation": "other"} | key()
        ).status_code
        == 302
    )
    assert client.post(f"/base/household/{other.id}/end/", {"reason": ""}).status_code == 422
    assert client.post(f"/base/household/{other.id}/end/", {"reason": "拆了"}).status_code == 302
    assert not Household.objects.get(id=other.id).is_active
    assert client.post(f"/base/household/{home.id}/checked/").status_code == 302


def test_records_of_every_kind_are_added_listed_and_read(town):
    client = town.client("dispatcher")
    named = {"household": "address", "organisation": "name", "place": "name", "facility": "name", "building": "name",
             "room": "door_no", "vehicle": "plate_no"}  # fmt: skip
    for kind, field in named.items():
        url = f"/base/{kind}/new/"
        assert client.get(url).status_code == 200
        assert client.post(url, {"area_code": town.grids[0].code} | key()).status_code == 422
        value = "鲁H12345" if kind == "vehicle" else "某处 9 号"
        answer = client.post(url, {"area_code": town.grids[0].code, field: value} | key())
        assert answer.status_code == 302, text(answer)
        page = client.get(answer["Location"])
        assert page.status_code == 200
        assert KINDS[kind].label in text(client.get(f"/base/{kind}/"))
        assert client.get(answer["Location"] + "change/").status_code == 200


def test_care_and_merging_on_pages(town):
    _, people = make.family(town)
    twin = make.person(town, make.household(town), name="王小明")
    client = town.client("dispatcher")
    url = f"/base/person/{people[0].id}/"
    sent = {"care_kind": "elder_alone", "basis": "statute", "source": "高龄津贴办法", "health": "心脏不好"}
    assert client.post(url + "care/", sent | {"basis": ""} | key()).status_code == 422
    assert client.post(url + "care/", {"client_key": str(uuid4()), **sent}).status_code == 302
    page = text(client.get(url))
    assert "独居老人" in page
    assert "心脏不好" not in page
    assert "心脏不好" in text(client.post(url + "see/", {"purpose": "service"}))
    assert "心脏不好" not in text(town.client("worker").post(url + "see/", {"purpose": "service"}))
    assert "独居老人" not in text(town.client("worker").get(url))
    assert "王**" in text(client.get("/base/care/", {"care_kind": "elder_alone"}))
    assert "同名或同电话" in page
    assert client.post(url + "merge/", {"merged": "", "reason": ""}).status_code == 422
    assert client.post(url + "merge/", {"merged": str(twin.id), "reason": "同一人"}).status_code == 302
    assert Person.objects.get(id=twin.id).status == "merged"
    assert client.post(f"/base/person/{twin.id}/unmerge/").status_code == 302
    assert Person.objects.get(id=twin.id).is_active


@pytest.mark.parametrize("who", ["dispatcher", "worker"])
def test_every_page_stands_in_the_shell_with_one_heading(town, who):
    home, people = make.family(town)
    client = town.client(who)
    for path in (
        "/base/", "/field/base/", "/base/household/", "/base/changes/", "/base/due/", "/base/completeness/",
        f"/base/household/{home.id}/", f"/base/household/{home.id}/change/", f"/base/person/{people[0].id}/",
        f"/base/person/{people[1].id}/deed/death/", f"/field/base/household/{home.id}/", "/base/place/new/",
    ):  # fmt: skip
        page = text(client.get(path))
        assert page.count("<h1") == 1, path
        assert 'id="main"' in page, path
        is_phone = who == "worker" or path.startswith("/field/")
        assert ('class="nav"' in page) is not is_phone, path


def test_what_is_due_and_how_full_it_is_stand_per_grid(town):
    with clock.at(make_day(300)):
        make.family(town)
    make.household(town, grid=1, address="刚核对过的")
    client = town.client("dispatcher")
    page = text(client.get("/base/due/"))
    assert "村东头 3 号" in page
    assert "刚核对过的" not in page
    full = text(client.get("/base/completeness/"))
    assert "1 户" in full
    assert "排名" not in full


def test_the_due_list_is_read_page_by_page(town):
    with clock.at(make_day(300)):
        for number in range(23):
            make.household(town, address=f"老街 {number} 号", grid=number % 2)
    client, url, seen = town.client("head"), "/base/due/", []
    for _ in range(2):
        page = text(client.get(url))
        seen += [f"老街 {number} 号" for number in range(23) if f"老街 {number} 号" in page]
        found = re.search(r'rel="next" href="([^"]+)"', page)
        url = found.group(1).replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 23
    assert url == ""
    assert client.get("/base/due/?after=broken").status_code == 200


def make_day(days):
    return clock.now() - timedelta(days=days)


LISTS = (
    "/base/household/",
    "/base/person/",
    "/base/changes/",
    "/base/due/?days=90",
    "/base/completeness/",
    "/base/care/",
    "/base/?q=wxm",
    "/base/?q=王小明",
)


@pytest.mark.parametrize("url", LISTS)
def test_a_list_costs_the_same_however_long_it_is(town, url):
    with clock.at(make_day(200)):
        for _ in range(2):
            home, people = make.family(town, "worker")
            make.care(town, people[0])
    client = town.client("dispatcher")
    client.get(url)
    with assert_statements() as few:
        client.get(url)
    with clock.at(make_day(200)):
        for _ in range(4):
            home, people = make.family(town, "worker")
            make.care(town, people[0])
    with assert_statements(len(few)):
        assert client.get(url).status_code == 200


def test_the_page_of_a_household_costs_at_most_twelve_statements(town):
    home, people = make.family(town)
    make.care(town, people[0])
    for url in (f"/base/household/{home.id}/", f"/base/person/{people[0].id}/"):
        client = town.client("dispatcher")
        client.get(url)
        with assert_statements(at_most=12):
            assert client.get(url).status_code == 200
