"""People with a phone: what they report is safe within a second and arrives once, whatever the line, the battery or the server do."""

import io
import random
import re
import time
from collections.abc import Callable, Iterator

import pytest
from django.test import override_settings
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import PHONE
from tests.journeys.phones import Server, change_row, lose_answers, rows, wait_for_worker
from tests.journeys.steps import COUNTY, LAMP, be, end_session, picture, sign_in, state_of
from yijiaan.accounts.tests.make import make_person, make_unit
from yijiaan.cases.actions import classify_case, dispatch_case
from yijiaan.cases.models import Case, Outcome, Report
from yijiaan.cases.tests.town import Town, make_town
from yijiaan.engines.files.models import StoredFile, UploadPart
from yijiaan.registry.actions import make_plate

NewPage = Callable[..., Page]
CHIMNEY = "李奶奶家东屋烟筒接口脱了"
SAVED = "已存到手机，有信号自动上传"


@pytest.fixture
def town(live: str) -> Town:
    return make_town()


@pytest.fixture
def server(live: str, served_settings: override_settings) -> Iterator[Server]:
    own = Server()
    yield own
    own.stop()


def field_page(new_page: NewPage, town: Town, **options: object) -> Page:
    """The grid worker's phone, signed in."""
    page = new_page(is_cut_off=True, **PHONE, **options)
    be(page, town.worker)
    return page


def write(page: Page, text: str) -> None:
    page.get_by_label("说明情况").fill(text)


def submit(page: Page) -> None:
    page.get_by_role("button", name="提交").tap()


def eventually(count: int, seconds: float = 10) -> None:
    """So many reports in the end, and not one more a moment later."""
    until = time.monotonic() + seconds
    while Report.objects.filter(county=COUNTY).count() < count and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(0.4)
    assert Report.objects.filter(county=COUNTY).count() == count
    assert Case.objects.filter(county=COUNTY).count() == count


# ---- moments of a resident ----


def test_moment_1_a_plate_shows_the_call_first_and_one_tap_calls(phone: Page, town: Town) -> None:
    plate = make_plate(actor=town.dispatcher.actor, area_code=town.grids[0].code, place="幸福路 18 号")
    phone.goto(f"/d/{plate.code}/")
    call = phone.get_by_role("link", name="打电话给网格员")
    expect(call).to_be_in_viewport(ratio=1)
    assert (call.get_attribute("href") or "").startswith("tel:")
    report = phone.get_by_role("link", name="随手拍，报问题")
    expect(report).to_be_in_viewport(ratio=1)
    above, below = call.bounding_box(), report.bounding_box()
    assert above and below and above["y"] < below["y"]
    expect(phone.locator(".place-plate b")).to_have_text("18号")


def test_the_plate_page_is_there_in_two_seconds_on_a_slow_line(new_page: NewPage, town: Town) -> None:
    plate = make_plate(actor=town.dispatcher.actor, area_code=town.grids[0].code, place="幸福路 18 号")
    page = new_page(**PHONE, service_workers="block")
    line = page.context.new_cdp_session(page)
    taken: list[float] = []
    line.on("Network.loadingFinished", lambda event: taken.append(event["encodedDataLength"]))
    line.send("Network.enable")
    slow = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # 3G, far away
    line.send("Network.emulateNetworkConditions", slow)
    page.goto(f"/d/{plate.code}/")
    page.wait_for_load_state("networkidle")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    print(f"plate page: first paint after {painted:.0f} ms, {sum(taken) / 1000:.0f} kB")
    assert painted < 2000
    assert sum(taken) <= 60_000
    expect(page.get_by_role("link", name="打电话给网格员")).to_be_in_viewport(ratio=1)


def test_moment_2_and_3_a_voice_note_is_enough_in_three_taps(new_page: NewPage, town: Town) -> None:
    page = new_page(**PHONE, permissions=["microphone"])
    page.goto(f"/t/{town.door}/report/")
    page.get_by_role("button", name="说一段").tap()
    expect(page.get_by_role("button", name="说完了，点一下")).to_be_visible()
    page.wait_for_timeout(1300)
    submit(page)  # still speaking: what was said goes along
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    expect(page.locator(".promise")).to_contain_text("前有人接手")
    report = Report.objects.select_related("case").get(county=COUNTY)
    assert report.text == "说了一段话，请听录音"
    voice = StoredFile.objects.get(county=COUNTY)
    assert (voice.media_type, voice.subject_id) == ("audio/webm", report.id)
    assert 1 <= voice.seconds <= 3
    page.get_by_role("link", name="查进度").tap()
    assert_plays(page)
    desk = new_page()
    be(desk, town.dispatcher)
    desk.goto(f"/cases/{report.case.number}/")
    assert_plays(desk)
    classify_case(actor=town.dispatcher.actor, number=report.case.number, area_code=town.grids[0].code)
    dispatch_case(actor=town.dispatcher.actor, number=report.case.number, lead_id=town.head.post.unit_id)
    head = new_page(**PHONE)
    be(head, town.head)
    head.goto(f"/field/cases/{report.case.number}/")
    assert_plays(head)


def assert_plays(page: Page) -> None:
    """The browser can hear what the server gives it."""
    page.wait_for_load_state()
    played = """audio => new Promise((resolve) => {
      audio.muted = true;
      audio.addEventListener("timeupdate", () => audio.currentTime > 0 && resolve("played"));
      audio.addEventListener("error", () => resolve(`error ${audio.error && audio.error.code}`));
      audio.play().catch((error) => resolve(String(error)));
    })"""
    assert page.locator("audio").first.evaluate(played) == "played"


def test_without_a_recorder_a_chosen_recording_does(new_page: NewPage, town: Town) -> None:
    page = new_page(**PHONE)
    page.add_init_script("delete window.MediaRecorder")
    page.goto(f"/t/{town.door}/report/")
    expect(page.get_by_role("button", name="说一段")).to_be_hidden()
    wav = (
        b"RIFF\x24\x80\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data\0\x80\0\0" + b"\x80" * 32768
    )
    page.locator("input[name=voice]").set_input_files({"name": "a.wav", "mimeType": "audio/wav", "buffer": wav})
    submit(page)
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    assert StoredFile.objects.get(county=COUNTY).seconds == 4


def test_a_resident_without_signal_reports_and_it_arrives_once(new_page: NewPage, town: Town) -> None:
    page = new_page(is_cut_off=True, **PHONE)
    page.goto(f"/t/{town.door}/report/")
    wait_for_worker(page)
    page.context.set_offline(True)
    page.reload()
    page.get_by_label("出了什么事").fill(LAMP)
    submit(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    page.get_by_role("link", name="看看还有哪些").tap()
    expect(page.locator("[data-outbox-list]")).to_contain_text("等信号")
    page.context.set_offline(False)
    expect(page.locator("[data-outbox-list]")).to_contain_text("已上传")
    eventually(1)
    page.locator("[data-outbox-list] a").tap()
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()


# ---- moments of a grid worker ----


def test_moment_4_without_signal_it_is_safe_within_a_second_and_survives_the_phone(
    new_page: NewPage, town: Town
) -> None:
    page = field_page(new_page, town)
    page.goto("/field/")
    wait_for_worker(page)
    page.context.set_offline(True)
    began = time.monotonic()
    page.goto("/field/")
    expect(page.get_by_role("heading", name="现在没有信号")).to_be_visible()
    print(f"field home without signal: {time.monotonic() - began:.2f} s")
    page.get_by_role("link", name="上报事件").tap()
    write(page, CHIMNEY)
    page.locator(".tiles label", has_text="隐患").tap()
    page.locator("input[name=photos]").set_input_files(picture())
    expect(page.locator(".pics figure")).to_have_count(1)
    began = time.monotonic()
    submit(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible(timeout=1000)
    print(f"safe in the phone: {time.monotonic() - began:.2f} s")
    expect(page.locator("[data-saved-facts]")).to_contain_text("1 张")
    page.get_by_role("link", name="再报一件").tap()
    expect(page.get_by_label("说明情况")).to_have_value("")
    expect(page.locator("input[name=category]:checked")).to_have_count(0)
    context = page.context
    page.close()  # the phone dies
    context.set_offline(False)
    again = context.new_page()
    again.goto("/field/")
    eventually(1)
    assert StoredFile.objects.filter(county=COUNTY).count() == 1
    expect(again.locator("[data-sync]")).to_contain_text("都传上去了")
    assert [row["state"] for row in rows(again)] == ["sent"]


def test_moment_5_solved_on_the_spot_in_four_taps_without_a_photo(new_page: NewPage, town: Town) -> None:
    page = field_page(new_page, town)
    page.goto("/field/")
    taps = 0
    for press in (
        page.get_by_role("link", name="上报事件"),
        page.get_by_label("说明情况"),
        page.locator("label", has_text="当场办结"),
        page.get_by_role("button", name="提交"),
    ):
        press.tap()
        taps += 1
        if taps == 2:
            page.keyboard.insert_text("两家为秸秆垛吵架，劝开了")
    assert taps == 4
    expect(page.get_by_role("heading", name="办结了")).to_be_visible()
    case = Case.objects.get(county=COUNTY)
    assert (case.status, case.solved_at_level) == ("closed", "grid")
    assert Outcome.objects.get(county=COUNTY).text == "当场解决了"


# ---- moment 7: the village secretary ----


def _wait_for_the_village(town: Town, *texts: str) -> list[str]:
    numbers = []
    for text in texts:
        case = town.report(text).case
        dispatch_case(actor=town.dispatcher.actor, number=case.number, lead_id=town.head.post.unit_id)
        numbers.append(case.number)
    return numbers


def test_moment_7_three_things_wait_and_each_takes_three_taps(new_page: NewPage, town: Town) -> None:
    lamp, well, road = _wait_for_the_village(town, LAMP, "三组机井合不上闸", "公路边护栏叫撞坏了")
    page = new_page(**PHONE, permissions=["microphone"])
    sign_in(page, town.head)
    expect(page.get_by_role("heading", name="等我办 3 件")).to_be_visible()
    page.locator(".todo", has_text="路灯").get_by_role("link", name="办好了").tap()
    page.get_by_label("办理结果").tap()
    page.keyboard.insert_text("换了灯头")
    page.get_by_role("button", name="办好了").tap()
    expect(page.get_by_role("status").first).to_contain_text("办好了，等报事人评价")
    assert state_of(lamp) == "callback"

    page.locator(".todo", has_text="机井").get_by_role("link", name="办不了，报镇里").tap()
    page.get_by_role("button", name="说一段").tap()
    expect(page.get_by_role("button", name="说完了，点一下")).to_be_visible()
    page.wait_for_timeout(1200)
    page.get_by_role("button", name="报镇里").tap()
    expect(page.get_by_role("status").first).to_contain_text("报上去了")
    assert state_of(well) == "received"
    assert StoredFile.objects.get(county=COUNTY).media_type == "audio/webm"

    page.locator(".todo", has_text="护栏").get_by_role("link", name="不归我村").tap()
    page.get_by_label("该归哪家管").select_option(label="综合执法中队")
    page.get_by_role("button", name="退给镇里").tap()
    expect(page.get_by_role("status").first).to_contain_text("报上去了")
    assert state_of(road) == "received"
    page.get_by_role("link", name="全村在办").tap()
    expect(page.locator("main")).to_contain_text("机井")


# ---- exactly once ----


@pytest.mark.parametrize("lost", [1, 2])
def test_an_answer_lost_after_the_deed_was_done_leaves_one_case(new_page: NewPage, town: Town, lost: int) -> None:
    page = new_page(is_cut_off=True, **PHONE, service_workers="block")
    be(page, town.worker)
    page.goto("/field/report/")
    heard = lose_answers(page.context, "/field/report/", times=lost)
    write(page, CHIMNEY)
    page.locator("input[name=photos]").set_input_files(picture())
    submit(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    page.goto("/field/waiting/")
    for _ in range(lost):
        page.reload()  # each page that opens tries again
        page.wait_for_timeout(300)
    expect(page.locator("[data-outbox-list]")).to_contain_text("已上传")
    assert heard[0] == 201
    assert set(heard[1:]) <= {200}
    eventually(1)
    assert StoredFile.objects.filter(county=COUNTY).count() == 1


def test_two_tabs_send_it_once(new_page: NewPage, town: Town) -> None:
    page = field_page(new_page, town)
    page.goto("/field/report/")
    wait_for_worker(page)
    other = page.context.new_page()
    other.goto("/field/waiting/")
    page.context.set_offline(True)
    for number in range(3):
        page.goto("/field/report/")
        write(page, f"{CHIMNEY} {number}")
        submit(page)
        expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    expect(other.locator("[data-outbox-count]")).to_contain_text("3 条待上传")
    page.context.set_offline(False)
    eventually(3)


def test_without_locks_and_background_sync_two_tabs_still_send_it_once(new_page: NewPage, town: Town) -> None:
    page = new_page(is_cut_off=True, **PHONE, service_workers="block")
    page.context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });"
        "delete window.SyncManager; delete window.BroadcastChannel; delete crypto.constructor.prototype.randomUUID;"
    )
    be(page, town.worker)
    page.goto("/field/report/")
    write(page, CHIMNEY)
    other = page.context.new_page()
    other.goto("/field/waiting/")
    page.context.set_offline(True)
    submit(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    page.context.set_offline(False)
    eventually(1)


def test_a_page_opened_with_the_server_stopped(new_page: NewPage, town: Town, server: Server) -> None:
    page = new_page(is_cut_off=True, **PHONE)
    be(page, town.worker)
    page.goto(f"{server.base}/field/")
    wait_for_worker(page)
    server.stop()
    page.goto(f"{server.base}/field/")
    expect(page.get_by_role("heading", name="现在没有信号")).to_be_visible()
    page.get_by_role("link", name="上报事件").tap()
    write(page, CHIMNEY)
    submit(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    server.start()
    page.goto(f"{server.base}/field/waiting/")
    expect(page.locator("[data-outbox-list]")).to_contain_text("已上传")
    eventually(1)


# ---- what keeps a row back ----


def _keep_offline(page: Page, text: str = CHIMNEY) -> None:
    page.goto("/field/report/")
    wait_for_worker(page)
    page.context.set_offline(True)
    write(page, text)
    submit(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()


def test_a_session_that_ended_asks_to_sign_in_and_keeps_the_row(new_page: NewPage, town: Town) -> None:
    page = field_page(new_page, town)
    _keep_offline(page)
    page.goto("/field/waiting/")
    end_session(page)
    page.context.set_offline(False)
    expect(page.locator("[data-outbox-list]")).to_contain_text("等登录")
    page.get_by_role("link", name="去登录").tap()
    page.wait_for_url("**/signin/")
    sign_in(page, town.worker)
    eventually(1)
    page.goto("/field/waiting/")
    expect(page.locator("[data-outbox-list]")).to_contain_text("已上传")


def test_another_account_does_not_send_it(new_page: NewPage, town: Town) -> None:
    page = field_page(new_page, town)
    _keep_offline(page)
    end_session(page)
    be(page, town.head)
    page.context.set_offline(False)
    page.goto("/field/waiting/")
    expect(page.locator("[data-outbox-foreign]")).to_contain_text("另有 1 条是别的账号存的")
    page.goto("/account/")
    eventually(0, seconds=1)
    end_session(page)
    be(page, town.worker)
    page.goto("/field/")
    eventually(1)
    assert Report.objects.get(county=COUNTY).entered_by_id == town.worker.post.id


def test_what_the_server_refuses_is_corrected_and_sent_again(new_page: NewPage, town: Town) -> None:
    page = new_page(is_cut_off=True, **PHONE)
    page.goto(f"/t/{town.door}/report/")
    wait_for_worker(page)
    page.context.set_offline(True)
    page.get_by_label("出了什么事").fill(LAMP)
    page.locator("input[name=photos]").set_input_files(picture())
    expect(page.locator(".pics figure")).to_have_count(1)
    page.get_by_label("您的手机号").fill("1328846")
    submit(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    page.goto(f"/t/{town.door}/waiting/")
    page.context.set_offline(False)
    expect(page.locator("[data-outbox-list]")).to_contain_text("11 位")
    page.get_by_role("link", name="改一改").tap()
    expect(page.locator("#id_phone_error")).to_contain_text("11 位")
    expect(page.get_by_label("出了什么事")).to_have_value(LAMP)
    expect(page.locator(".pics figure")).to_have_count(1)
    page.get_by_label("您的手机号").fill("13288460000")
    submit(page)
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    eventually(1)
    assert StoredFile.objects.filter(county=COUNTY).count() == 1
    assert len(rows(page)) == 1


def test_a_phone_that_is_full_says_so_keeps_the_form_and_still_sends(new_page: NewPage, town: Town) -> None:
    page = field_page(new_page, town, service_workers="block")
    page.add_init_script(
        "IDBObjectStore.prototype.put = function () { throw new DOMException('full', 'QuotaExceededError'); };"
    )
    page.goto("/field/report/")
    write(page, CHIMNEY)
    page.context.set_offline(True)
    submit(page)
    expect(page.get_by_role("alert")).to_contain_text("手机存满了")
    expect(page.get_by_label("说明情况")).to_have_value(CHIMNEY)
    page.context.set_offline(False)
    submit(page)
    expect(page.get_by_role("heading", name="报上去了")).to_be_visible()
    eventually(1)


@pytest.mark.parametrize(("days", "words"), [(-1, "慢"), (1, "快")])
def test_a_clock_that_is_a_day_off_is_told_and_the_server_keeps_its_own_time(
    new_page: NewPage, town: Town, days: int, words: str
) -> None:
    page = field_page(new_page, town, service_workers="block")  # the worker's clock cannot be set from here
    page.clock.install(time=time.time() + days * 24 * 3600)
    page.goto("/field/report/")
    page.context.set_offline(True)
    write(page, CHIMNEY)
    submit(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    page.clock.fast_forward(3600 * 1000)
    page.context.set_offline(False)
    eventually(1)
    report = Report.objects.get(county=COUNTY)
    assert report.happened_at is not None
    assert abs((report.received_at - report.happened_at).total_seconds() - 3600) < 60
    assert abs(report.received_at.timestamp() - time.time()) < 60
    page.goto("/field/waiting/")
    expect(page.locator("[data-outbox-list]")).to_contain_text(f"这台手机的时间{words}了约")


def test_rows_older_than_a_week_are_red_and_can_be_taken_out_as_a_file(new_page: NewPage, town: Town) -> None:
    page = field_page(new_page, town)
    _keep_offline(page)
    change_row(page, rows(page)[0]["key"], at=int(time.time() * 1000) - 8 * 24 * 3600 * 1000)
    page.goto("/field/waiting/")
    expect(page.locator(".kept-row.late")).to_contain_text("超过 7 天没传上")
    with page.expect_download() as taken:
        page.get_by_role("button", name="导出成文件").tap()
    words = taken.value.path().read_text()
    assert CHIMNEY in words
    assert taken.value.suggested_filename.endswith(".html")
    page.goto("/field/")
    expect(page.locator(".sync.late")).to_contain_text("超过 7 天")


def test_signing_out_over_rows_warns(new_page: NewPage, town: Town) -> None:
    page = field_page(new_page, town)
    page.goto("/account/")
    wait_for_worker(page)
    _keep_offline(page)
    page.context.route(
        "**/field/report/", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    page.context.set_offline(False)
    page.goto("/account/")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="退出登录").tap()
    page.wait_for_timeout(300)
    assert "还有 1 条没有上传" in asked[0]
    assert "/account/" in page.url
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="退出登录").tap()
    page.wait_for_url(lambda url: "/account/" not in url)
    assert len(rows(page)) == 1


def test_drafts_of_an_older_version_survive_the_new_store(new_page: NewPage, town: Town) -> None:
    page = field_page(new_page, town, service_workers="block")
    page.goto("/healthz")
    page.evaluate(
        """viewer => new Promise((resolve) => {
          const request = indexedDB.open("yijiaan-ui", 1);
          request.onupgradeneeded = () => request.result.createObjectStore("drafts");
          request.onsuccess = () => {
            const transaction = request.result.transaction("drafts", "readwrite");
            transaction.objectStore("drafts").put({ at: Date.now(), values: { text: "写了一半" } }, `${viewer}:field-report`);
            transaction.oncomplete = () => { request.result.close(); resolve(); };
          };
        })""",
        str(town.worker.user.id),
    )
    page.goto("/field/report/")
    expect(page.get_by_label("说明情况")).to_have_value("写了一半")


def test_a_photo_of_12000_pixels_does_not_kill_the_page(new_page: NewPage, town: Town, tmp_path) -> None:
    from PIL import Image

    path = tmp_path / "da.jpg"
    Image.effect_noise((12_000, 9_000), 60).convert("RGB").save(path, "JPEG", quality=60)
    page = field_page(new_page, town)
    page.goto("/field/report/")
    write(page, CHIMNEY)
    page.locator("input[name=photos]").set_input_files(path)
    expect(page.locator(".pics figure")).to_have_count(1, timeout=30_000)
    submit(page)
    expect(page.get_by_role("heading", name="报上去了")).to_be_visible(timeout=30_000)
    assert max(StoredFile.objects.get(county=COUNTY).width, StoredFile.objects.get(county=COUNTY).height) == 1600


def test_a_worker_of_another_town_is_not_warned_of_foreign_rows_of_residents(new_page: NewPage, town: Town) -> None:
    stranger = make_person("linju", "grid_worker", make_unit("二村村委会", "village", town.grids[2].code[:12]))
    page = new_page(is_cut_off=True, **PHONE)
    page.goto(f"/t/{town.door}/report/")
    wait_for_worker(page)
    page.context.set_offline(True)
    page.get_by_label("出了什么事").fill(LAMP)
    submit(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    page.goto("about:blank")  # or the page that saved it sends it, and leads on while the next one opens
    page.context.set_offline(False)
    be(page, stranger)
    page.goto("/field/")
    eventually(1)
    assert Report.objects.get(county=COUNTY).entered_by_id is None


def raw_rows(page: Page) -> str:
    """What lies on the phone, as whoever finds it would read it."""
    return page.evaluate(
        """() => new Promise((resolve, reject) => {
          const request = indexedDB.open("yijiaan-ui");
          request.onsuccess = () => {
            const all = request.result.transaction("outbox").objectStore("outbox").getAll();
            all.onsuccess = async () => {
              request.result.close();
              const text = (value) => new TextDecoder().decode(value);
              resolve(JSON.stringify(all.result.map((row) => [row, text(row.sealed), text(row.kept.data)])));
            };
          };
          request.onerror = () => reject(request.error);
        })"""
    )


def noisy(number: int) -> dict[str, object]:
    """A picture that does not become small."""
    noise = random.Random(number)
    out = io.BytesIO()
    Image.frombytes("RGB", (640, 480), noise.randbytes(640 * 480 * 3)).save(out, "JPEG", quality=60)
    return {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_what_waits_is_sealed_and_arrives_in_pieces_over_a_line_that_breaks(new_page: NewPage, town: Town) -> None:
    page = field_page(new_page, town)
    page.goto("/field/report/")
    wait_for_worker(page)
    page.context.set_offline(True)
    said = "王秀兰家的烟囱松了"
    write(page, said)
    page.locator("input[name=photos]").set_input_files([noisy(number) for number in range(3)])
    page.locator(".pics figure").nth(2).wait_for()
    submit(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    lying = raw_rows(page)
    assert said not in lying and "王秀兰" not in lying
    assert [row["title"] for row in rows(page)] == [said]
    asked: list[str] = []

    def breaks(route: Route) -> None:
        """Every second piece is lost on its way."""
        asked.append(route.request.url)
        if len(asked) % 2 and len(asked) < 8:
            route.abort()
        else:
            route.continue_()

    page.context.route(re.compile(r"/outbox/[0-9a-f-]{36}/\d+/"), breaks)
    page.goto("/field/waiting/")
    page.context.set_offline(False)
    until = time.monotonic() + 40
    while rows(page)[0]["state"] != "sent" and time.monotonic() < until:
        page.evaluate("document.querySelector('[data-outbox-now]').click()")  # hidden between two paints
        page.wait_for_timeout(400)
    eventually(1)
    assert rows(page)[0]["state"] == "sent"
    assert len(asked) > len(set(asked)) or len(asked) >= 4
    assert StoredFile.objects.filter(county=COUNTY).count() == 3
    assert not UploadPart.objects.exists()


def test_many_that_waited_go_in_one_request(new_page: NewPage, town: Town) -> None:
    page = field_page(new_page, town)
    page.goto("/field/report/")
    wait_for_worker(page)
    page.context.set_offline(True)
    for number in range(6):
        page.goto("/field/report/")
        write(page, f"第 {number} 处井盖响")
        submit(page)
        expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    sent: list[str] = []
    page.context.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto("/field/waiting/")
    page.wait_for_timeout(500)
    sent.clear()  # what was tried without a line
    page.context.set_offline(False)
    eventually(6, 30)
    assert [row["state"] for row in rows(page)] == ["sent"] * 6
    assert [url for url in sent if url.endswith("/outbox/sync/")]
    assert not [url for url in sent if url.endswith("/field/report/")]
