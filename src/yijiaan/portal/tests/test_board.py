"""指挥台 and 大屏: every number agrees with every other and with the list it opens, and costs few statements."""

import html
import json
import re
from datetime import timedelta

import pytest

from yijiaan.accounts import actions as accounts
from yijiaan.accounts.tests import make as people
from yijiaan.areas.tests import make as land
from yijiaan.cases import actions
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import COUNTY, OTHER_TOWN, TOWN
from yijiaan.cases.tests.test_board import wander
from yijiaan.core import clock
from yijiaan.core.testing import assert_statements, check_needs_sign_in

pytestmark = pytest.mark.django_db
PAGES = ("/board/", "/board/state/", "/board/work/", "/board/figures/", "/screen/")


@pytest.fixture
def town():
    return make.town()


def numbers_of_board(page):
    """code -> (value, address) of the six numbers."""
    found = re.findall(r'data-figure="(\w+)" href="([^"]+)">.*?<span class="v num">([^<]+)<', page, re.S)
    return {code: (value, html.unescape(url)) for code, url, value in found}


def listed(client, url):
    """How many cases a list of 事件中心 shows, page by page, and what its tab says."""
    said, rows, number = None, 0, url
    while number:
        page = client.get(number).content.decode()
        if said is None:
            said = int(re.search(r'aria-current="page">全部在办<b class="num">(\d+)', page)[1])
        body = page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""
        rows += body.count("<tr>")
        following = re.search(r'rel="next" href="([^"]+)"', page)
        number = html.unescape(following[1]) if following else None
    assert said == rows
    return rows


def told(client, url):
    """What a list of deeds says it holds, its rows added up, and its halves."""
    said, added, halves, number = None, 0, None, url
    while number:
        answer = client.get(number)
        assert answer.status_code == 200, number
        page = answer.content.decode()
        if said is None:
            said = int(re.search(r'<h1 class="num">\S+ (-?\d+) 件次', page)[1])
            halves = re.findall(r'<a href="(\?[^"]+)">[^<]+<b>(-?\d+)</b></a>', page)
        body = page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""
        added += body.count("<tr>") - 2 * body.count("改了评价，减去")
        following = re.search(r'href="([^"]+)">下一页', page)
        number = "/board/records/" + html.unescape(following[1]) if following else None
    assert said == added, url
    return said, [("/board/records/" + html.unescape(address), int(count)) for address, count in halves]


def check_board(client, area=""):
    """Every number of the board against all others, and against what it opens."""
    query = f"?area={area}" if area else ""
    page = client.get(f"/board/{query}").content.decode()
    state = client.get(f"/board/state/{query}").json()
    wall = client.get(f"/screen/{query}").content.decode()
    six = numbers_of_board(page)
    assert list(six) == ["new", "open", "soon", "late", "on_time", "content"]
    assert {code: value for code, (value, _) in six.items()} == {
        code: figure["value"] for code, figure in state["figures"].items()
    }
    on_wall = re.findall(r'data-figure="(\w+)"><dt>[^<]+</dt><dd class="num"><b>([^<]+)</b>', wall)
    assert dict(on_wall) == {code: value for code, (value, _) in six.items()}
    for code in ("open", "soon", "late"):
        assert listed(client, six[code][1]) == int(six[code][0])
    assert told(client, six["new"][1])[0] == int(six["new"][0])
    for code in ("on_time", "content"):
        value, url = six[code]
        whole, ((_, part), (_, other)) = told(client, url)[0], told(client, url)[1]
        assert part + other == whole
        assert value == (f"{100 * part / whole:.1f}" if whole > 0 else "—")
        for address, count in told(client, url)[1]:
            assert told(client, address)[0] == count
    check_map(client, page, state, int(six["open"][0]), int(six["late"][0]))
    for url, number in re.findall(r'<li><a href="(/board/records/[^"]+)"><span>[^<]+</span><b>(\d+)', page):
        assert told(client, html.unescape(url))[0] == int(number)
    for url, words in re.findall(r'<li><a href="([^"]+)"><b>[^<]+</b><span class="num">([^<]+)</span>', page):
        counted = int(re.search(r"(?:近 7 天 |有 |^)(\d+) 件", words)[1])
        address = html.unescape(url)
        assert (told(client, address)[0] if "records" in address else listed(client, address)) == counted
    return state


def check_map(client, page, state, total, late):
    """The list beside the map, the numbers of the map, and the lists that they open."""
    lines = re.findall(
        r'<tr data-place="(\d+)"><th scope="row">.*?</th><td>(?:<a href="([^"]+)"[^>]*>)?(\d+)(?:</a>)?</td><td[^>]*>(\d+)',
        page,
    )
    drawn = json.loads(re.search(r'id="board-map" type="application/json">(.*?)</script>', page)[1])["counts"]
    assert drawn == state["counts"]
    assert {code: [int(number), int(past)] for code, _, number, past in lines if int(number)} == {
        code: counts[:2] for code, counts in drawn.items()
    }
    for _, url, number, _ in lines:
        if url:
            assert listed(client, html.unescape(url)) == int(number)
    gridless = re.search(r'没有定到网格 <a href="([^"]+)">(\d+) 件', page)
    outside = re.search(r"地图以外 (\d+) 件", page)
    if gridless:
        assert listed(client, html.unescape(gridless[1])) == int(gridless[2])
    placed = sum(counts[0] for counts in drawn.values())
    assert placed + int(gridless[2] if gridless else 0) + int(outside[1] if outside else 0) == total
    assert sum(counts[1] for counts in drawn.values()) <= late


@pytest.mark.parametrize("seed", range(20, 23))
def test_every_number_agrees_with_the_others_and_with_the_list_it_opens(town, seed):
    late = wander(town, seed, cases=9, hours=60)
    with clock.later(late + timedelta(hours=2)):
        for viewer in ("dispatcher", "leader", "county"):
            check_board(town.client(viewer))
        check_board(town.client("county"), area=TOWN)
        check_board(town.client("county"), area=OTHER_TOWN)
        check_board(town.client("dispatcher"), area=land.FIRST)


def test_an_answer_changed_later_is_taken_off_and_still_adds_up(town):
    case, receipt = make.case_in(town, "callback")
    with clock.later(timedelta(hours=1)):
        actions.rate_report(actor=make.reporter(receipt), result="dissatisfied", text="没修好")
        actions.finish_case(actor=town.actor("power"), number=case.number, result="又办了。")
        actions.verify_case(actor=town.actor("dispatcher"), number=case.number, is_passed=True)
        actions.rate_report(actor=make.reporter(receipt), result="dissatisfied", text="还是没修好")
        actions.record_callback(actor=town.actor("dispatcher"), number=case.number, result="understanding")
        client = town.client("dispatcher")
        check_board(client)
        page = client.get(numbers_of_board(client.get("/board/").content.decode())["content"][1]).content.decode()
        assert "件次" in page


def test_those_who_dispatch_and_leaders_begin_here_and_nobody_else_enters(town):
    for viewer in ("dispatcher", "centre_head", "leader", "county"):
        client = town.client(viewer)
        assert client.get("/")["Location"] == "/board/"
        assert client.get("/board/").status_code == 200
        assert "指挥台" in client.get("/cases/").content.decode()
    for viewer in ("power", "head", "worker", "tips", "admin", "auditor"):
        client = town.client(viewer)
        for path in PAGES:
            assert client.get(path).status_code == 403, (viewer, path)
    for path in PAGES:
        check_needs_sign_in(path)


def test_a_role_that_lost_the_board_begins_at_its_list(town):
    role = town.posts["dispatcher"].role
    kept = [name for name in role.permissions if name != "insight.view"]
    accounts.change_role(actor=people.BOSS, code=role.code, permission_names=kept, needs_second_factor=False)
    client = town.client("dispatcher")
    assert client.get("/")["Location"] == "/cases/"


def test_an_area_that_is_not_the_viewers_does_not_exist(town):
    client = town.client("dispatcher")
    for path in PAGES:
        for area in (OTHER_TOWN, COUNTY, "abc", "37081210", "3708121022000001", "370812102'--"):
            assert client.get(path, {"area": area}).status_code == 404, (path, area)


def test_questions_that_make_no_sense_are_refused_in_words(town):
    client = town.client("dispatcher")
    good = {"what": "received", "from": "2026-11-01", "until": "2026-11-24"}
    assert client.get("/board/records/", good).status_code == 200
    for change in (
        {"what": "nothing"}, {"from": ""}, {"from": "2026-13-01"}, {"until": "2020-01-01"}, {"from": "1999-01-01"},
        {"channel": "pigeon"}, {"category": "9999"}, {"after": "1"}, {"area": OTHER_TOWN},
        {"channel": "phone", "category": "0401"}, {"channel": "phone", "area": land.FIRST},
        {"from": "0001-01-01", "until": "0001-01-02"}, {"from": "9999-12-30", "until": "9999-12-31"},
    ):  # fmt: skip
        assert client.get("/board/records/", good | change).status_code == 404, change
    for query in ("tab=none", "show=99999", "show=x", "done=dispatch-nobody", "done=<b>", "tab=late&show=-3"):
        assert client.get(f"/board/?{query}").status_code == 200


def test_a_board_costs_at_most_twelve_statements_however_much_there_is(town):
    client = town.client("dispatcher")
    case, _ = make.case_in(town, "received")
    actions.dispatch_case(
        actor=town.actor("dispatcher"), number=case.number, lead_id=town.units["power"].id, urgency="emergency"
    )
    for turn in range(3):
        for place in range(4):
            lon, lat = land.middle(place)
            make.report(lon=lon, lat=lat, text=f"第 {turn} 回路灯不亮")
        client.get("/board/")
        for path in ("/board/", f"/board/?area={TOWN}&tab=late"):
            with assert_statements(at_most=12):
                assert client.get(path).status_code == 200
        with assert_statements(at_most=12):
            client.get("/screen/")


def test_a_poll_costs_one_statement_of_its_own_while_nothing_changes(town):
    client = town.client("dispatcher")
    receipt = make.report()
    with clock.at(clock.now()):
        first = client.get("/board/state/?work=1")
        assert make.case(receipt).number in first.json()["numbers"]
        etag = {"headers": {"If-None-Match": first["ETag"]}}
        with assert_statements() as seen:
            assert client.get("/board/state/?work=1", **etag).status_code == 304
        assert len([sql for sql in seen if "cases_case" in sql or "case_day_count" in sql]) == 1
        assert len(seen) <= 4  # the session, the post and its areas
        make.report()
        assert client.get("/board/state/?work=1", **etag).status_code == 200


def test_the_worklist_is_worked_off_without_scripts_too(town):
    case = make.case(make.report())
    client = town.client("dispatcher")
    page = client.get("/board/").content.decode()
    link = html.unescape(re.search(rf'href="(/cases/{case.number}/dispatch/[^"]+)"', page)[1])
    form = client.get(link).content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)) | {
        "lead": str(town.units["power"].id), "urgency": "normal", "seen_version": str(case.version),
    }  # fmt: skip
    sent = {name: html.unescape(value) for name, value in sent.items()}
    refused = client.post(f"/cases/{case.number}/dispatch/", sent | {"lead": ""})
    assert refused.status_code == 422
    assert 'id="confirm"' in refused.content.decode()
    answer = client.post(f"/cases/{case.number}/dispatch/", sent)
    assert answer["Location"] == f"/board/?tab=new&done=dispatch-{case.number}"
    back = client.get(answer["Location"]).content.decode()
    assert f"/cases/{case.number}/undo-dispatch/" in back
    version = re.search(r'name="seen_version" value="(\d+)"', back.split("data-undo-form")[1])[1]
    undone = client.post(f"/cases/{case.number}/undo-dispatch/", {"seen_version": version, "next": "/board/?tab=new"})
    assert undone["Location"].startswith("/board/?tab=new")
    assert make.case(make.report()).number in client.get("/board/").content.decode()
    stale = client.post(f"/cases/{case.number}/dispatch/", sent)
    assert stale.status_code == 409
    assert 'id="confirm"' in stale.content.decode()


def test_no_form_leads_to_another_site(town):
    case = make.case(make.report())
    client = town.client("dispatcher")
    for wanted in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        page = client.get(f"/cases/{case.number}/dispatch/", {"next": wanted}).content.decode()
        assert f'href="{html.escape(wanted)}"' not in page
    answer = client.post(
        f"/cases/{case.number}/dispatch/",
        {
            "lead": str(town.units["power"].id),
            "urgency": "normal",
            "seen_version": case.version,
            "next": "//evil.example/",
        },
    )
    assert answer["Location"].startswith(f"/cases/{case.number}/")


def test_a_wall_shows_no_case_and_no_person(town):
    case, _ = make.case_in(town, "dispatched")
    with clock.later(timedelta(days=4)):
        page = town.client("leader").get("/screen/").content.decode()
    for needle in (case.title, case.number, "张先生", "<button", "<form", 'href="/', "测试员"):
        assert needle not in page.replace('href="/static', ""), needle
    assert 'data-theme="dark"' in page


def test_a_leader_dispatches_nothing_here(town):
    make.report()
    page = town.client("leader").get("/board/").content.decode()
    assert "/dispatch/" not in page
    assert "回拨" not in page


def test_a_place_without_grids_says_so_and_still_counts(town):
    people.unit("town_centre", "370812103")
    post = people.post(people.unit("town_office", "370812103"), "town_leader", "370812103")
    make.report("370812103", lon=None, lat=None)
    page = people.client(post).get("/board/").content.decode()
    assert "还没有画网格" in page
    assert numbers_of_board(page)["open"][0] == "1"


def test_the_county_sees_its_towns_and_goes_into_one(town):
    make.report()
    client = town.client("county")
    page = client.get("/board/").content.decode()
    assert f'<tr data-place="{TOWN}"><th scope="row"><a href="/board/?area={TOWN}">' in page
    inner = client.get(f"/board/?area={TOWN}").content.decode()
    assert town.grids[0].code in inner
    assert 'href="/board/"' in inner
