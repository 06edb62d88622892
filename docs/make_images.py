"""Screenshots for README and handbook, from a running demo town: `.venv/bin/python docs/make_images.py http://127.0.0.1:8000`.

Walks the main job as people do (a resident reports, the centre dispatches, a station finishes, the resident rates) and writes
docs/images/*.png with as few colours as they need. People are chosen by their role. Run it against a freshly loaded demo: it leaves
two more cases, a plate and today's duty behind. A picture that cannot be taken is named at the end, and the others are taken.
"""

import io
import json
import re
import subprocess
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import xlsxwriter
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from launch.installation import find_browser  # noqa: E402
from yijiaan.accounts.totp import code_at  # noqa: E402

OUT = Path(__file__).resolve().parent / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
WALL = {"width": 1920, "height": 1080}
COLOURS = 256
WIDEST = 1440
LAMP = "村委东边路灯又不亮咧，娃娃放学看不清"
QUARREL = "两家为秸秆垛吵架，劝开了"
VILLAGE = "新驿一村"
COLUMNS = (
    "序号",
    "村",
    "网格",
    "户主姓名",
    "户主电话",
    "家庭住址",
    "家庭人口数",
    "60岁以上人数",
    "是否低保户",
    "家庭年收入（元）",
    "住房结构",
)
# invented: who heads the household, name, relation, number (one damaged by a spreadsheet), phone, address
LEDGER = (
    ("王守田", "王守田", "户主", "370882195604127710", "15400017781", "中心街 21 号"),
    ("王守田", "李秀芹", "妻", "37088219580903442X", "15400017782", "中心街 21 号"),
    ("王守田", "王立新", "长子", "3.70882E+17", "15400017783", "中心街 21 号"),
    ("刘庆余", "刘庆余", "户主", "370882196302158831", "15400017784", "槐树巷 5 号"),
    ("刘庆余", "张玉兰", "配偶", "370882196511203344", "", "槐树巷 5 号"),
)  # fmt: skip
SHANGHAI = timezone(timedelta(hours=8))


class Walk:
    """A browser, the address, the accounts, and what went wrong."""

    def __init__(self, browser: Browser, base: str, accounts: list[dict[str, str]]) -> None:
        self.browser, self.base = browser, base
        self.accounts = [account for account in accounts if "username" in account]
        self.missing: list[str] = []

    def who(self, role: str, unit: str = "") -> dict[str, str]:
        """The first account of a role (of a unit)."""
        for account in self.accounts:
            if account["role"].startswith(role) and unit in ("", account["area"]):
                return account
        raise LookupError(f"no demo account {role} {unit}")

    def page(self, size: dict[str, int], account: dict[str, str] | None = None) -> Page:
        """A fresh page, signed in when somebody is given."""
        phone = size is PHONE
        context = self.browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            device_scale_factor=2 if phone else 1,
            has_touch=phone,
            is_mobile=phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            base_url=self.base,
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        if account:
            page.goto("/signin/")
            page.get_by_label("账号或手机号").fill(account["username"])
            page.locator("input[type=password]").fill(account["password"])
            page.get_by_role("button", name="登录").click()
            page.wait_for_load_state()
            if "/second-factor/" in page.url:
                page.get_by_label("验证码").fill(code_at(account["totp_secret"], datetime.now(UTC)))
                page.get_by_role("button", name="进去").click()
                page.wait_for_load_state()
        return page

    def shoot(self, page: Page, name: str, path: str = "") -> None:
        """One picture of what a person sees first."""
        if path:
            page.goto(path)
        page.wait_for_load_state()
        if not page.context.pages[0].evaluate("!navigator.onLine"):
            page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)  # maps and charts are drawn after the data came
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        if picture.width > WIDEST:
            picture = picture.resize((WIDEST, picture.height * WIDEST // picture.width), Image.Resampling.LANCZOS)
        OUT.mkdir(exist_ok=True)
        few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(OUT / f"{name}.png", optimize=True)
        print(name, flush=True)

    def take(self, chapter: Callable[["Walk"], None]) -> None:
        """A chapter; what fails in it is told at the end."""
        try:
            chapter(self)
        except Exception:
            traceback.print_exc()
            self.missing.append(chapter.__name__)


def story(walk: Walk) -> None:
    """A resident's report from the first tap to the rating, with who handles it in between."""
    resident = walk.page(PHONE)
    resident.goto("/")
    resident.get_by_role("link", name="报问题").click()
    resident.wait_for_load_state()
    door = resident.url.split("/t/")[1].split("/")[0]
    resident.get_by_label("出了什么事").fill(LAMP)
    box = resident.locator("[data-map]")
    box.locator("canvas").first.wait_for()
    box.scroll_into_view_if_needed()
    size = box.bounding_box() or {"width": 300, "height": 200}
    box.click(position={"x": size["width"] / 2, "y": size["height"] / 2})
    walk.shoot(resident, "resident-report-filled")
    resident.get_by_role("button", name="提交").click()
    resident.wait_for_url("**/receipt/")
    walk.shoot(resident, "resident-receipt")
    code = resident.url.split("/p/")[1].split("/")[0]
    walk.shoot(resident, "resident-progress", f"/p/{code}/")
    walk.shoot(resident, "resident-find", f"/t/{door}/find/")

    dispatcher = walk.page(DESK, walk.who("值班员"))
    dispatcher.goto("/cases/?tab=all&q=" + LAMP)
    dispatcher.get_by_role("link", name=LAMP).first.click()
    dispatcher.wait_for_load_state()
    walk.shoot(dispatcher, "case")
    offered = dispatcher.get_by_label("主办").locator("option").all_inner_texts()
    stations = [one for one in walk.accounts if one["role"].startswith("接单员") and one["area"] in offered]
    suggested = dispatcher.get_by_label("主办").locator("option:checked").inner_text()
    station = next((one for one in stations if one["area"] == suggested), stations[0])
    dispatcher.get_by_label("主办").select_option(label=station["area"])
    dispatcher.get_by_role("button", name=re.compile("^派(单|给)")).first.click()
    dispatcher.wait_for_load_state()

    desk = walk.page(DESK, station)
    walk.shoot(desk, "orders", "/orders/")
    desk.locator(".order", has_text=LAMP).first.get_by_role("link", name="退回", exact=True).click()
    desk.get_by_text("不归我们办，退回").first.click()
    walk.shoot(desk, "order-return")
    desk.goto("/orders/")
    row = desk.locator(".order", has_text=LAMP).first
    row.get_by_role("button", name="签收").click()
    desk.wait_for_load_state()
    desk.locator(".order", has_text=LAMP).first.get_by_role("link", name="办结").click()
    desk.get_by_label("办理结果").fill("换了灯头和线，当晚亮了")
    walk.shoot(desk, "orders-finish")
    desk.get_by_role("dialog").get_by_role("button", name="办结").click()
    desk.locator("dialog[open]").wait_for(state="detached")
    desk.wait_for_load_state("networkidle")

    walk.shoot(resident, "resident-rate", f"/p/{code}/rate/")
    resident.locator("label", has_text="满意").first.click()
    resident.get_by_role("button", name="提交").click()
    resident.wait_for_load_state()
    walk.shoot(resident, "resident-done", f"/p/{code}/")


def plate(walk: Walk) -> None:
    """A door plate as a resident sees it, and the sheet to print."""
    dispatcher = walk.page(DESK, walk.who("值班员"))
    dispatcher.goto("/plates/")
    if not dispatcher.locator("main tbody a[href^='/plates/']").count():
        worker = walk.who("网格员")
        village = re.sub(r"第?\d*网格$", "", worker["area"])
        options = dispatcher.locator("select[name=area_code] option").all_inner_texts()
        fit = [one for one in options if village in one] or options[1:]
        dispatcher.locator("select[name=area_code]").select_option(label=fit[0])
        dispatcher.locator("textarea[name=places]").fill("幸福路 18 号")
        dispatcher.get_by_role("button", name="做门牌").click()
        dispatcher.wait_for_load_state()
    own = dispatcher.locator("main tbody a[href^='/plates/']").first.get_attribute("href") or "/"
    walk.shoot(dispatcher, "plates")
    dispatcher.goto(own)
    code = re.search(r"\b[0-9A-Z]{20}\b", dispatcher.content().replace(" ", ""))
    path = f"/d/{code[0] if code else ''}/"
    walk.shoot(walk.page(PHONE), "resident-door", path)
    elder = walk.page(PHONE)
    elder.context.add_cookies([{"name": "yj_size", "value": "large", "url": walk.base}])
    walk.shoot(elder, "resident-door-large", path)


def centre(walk: Walk) -> None:
    """The board and what belongs to it."""
    walk.shoot(walk.page(DESK), "signin", "/signin/")
    dispatcher = walk.page(DESK, walk.who("值班员"))
    dispatcher.goto("/board/")
    if not re.search("今[日夜]值班", dispatcher.locator(".duty").first.inner_text()):
        dispatcher.goto("/settings/duties/new/")
        day = datetime.now(SHANGHAI) - timedelta(hours=8)
        dispatcher.get_by_label("哪一天").fill(max(day.date(), datetime.now(SHANGHAI).date()).isoformat())
        dispatcher.get_by_label("值班人").fill(walk.who("中心主任")["name"])
        dispatcher.get_by_role("button", name=re.compile("保存|记下|排")).last.click()
        dispatcher.wait_for_load_state()
    walk.shoot(dispatcher, "duties", "/settings/duties/")
    dispatcher.goto("/board/")
    dispatcher.locator("[data-board-map] canvas").first.wait_for()
    walk.shoot(dispatcher, "board")
    dispatcher.locator(".item").first.focus()
    dispatcher.keyboard.press("d")
    dispatcher.locator("dialog[open]").wait_for()
    walk.shoot(dispatcher, "board-dispatch")
    dispatcher.goto("/cases/?tab=received")
    for tick in dispatcher.locator("tbody input[type=checkbox]").all()[:3]:
        tick.check()
    walk.shoot(dispatcher, "cases-batch")
    walk.shoot(dispatcher, "cases", "/cases/?tab=all")
    walk.shoot(dispatcher, "callbacks", "/callbacks/")
    first = dispatcher.get_by_role("button", name=re.compile("^回访："))
    if first.count():
        first.first.click()
        dispatcher.wait_for_load_state()
        walk.shoot(dispatcher, "callback")
    walk.shoot(dispatcher, "rates", "/board/rates/")
    walk.shoot(dispatcher, "connections", "/connectors/")
    walk.shoot(dispatcher, "guides", "/knowledge/")
    walk.shoot(dispatcher, "register", "/cases/new/")
    leader = walk.who("镇领导")
    walk.shoot(walk.page(PHONE, leader), "board-phone", "/board/")
    wall = walk.page(WALL, leader)
    wall.goto("/screen/")
    wall.locator("[data-board-map] canvas").first.wait_for()
    walk.shoot(wall, "screen")


def village(walk: Walk) -> None:
    """The village secretary's phone."""
    head = walk.page(PHONE, walk.who("网格长"))
    walk.shoot(head, "field-head", "/field/")
    head.get_by_role("link", name="办不了，报镇里").first.click()
    walk.shoot(head, "field-head-up")
    walk.shoot(head, "field-sources", "/sources/")
    walk.shoot(head, "opinion", "/opinions/new/")
    head.goto("/field/")
    head.get_by_role("link", name=re.compile("全村在办")).click()
    walk.shoot(head, "field-village")


def field(walk: Walk) -> None:
    """The grid worker's phone, with signal and without."""
    worker = walk.page(PHONE, walk.who("网格员"))
    walk.shoot(worker, "field-home", "/field/")
    walk.shoot(worker, "field-report", "/field/report/")
    worker.evaluate("navigator.serviceWorker.ready.then(() => null)")
    worker.wait_for_timeout(2500)  # the worker fetches the pages that it keeps
    worker.get_by_label("说明情况").fill(QUARREL)
    worker.locator("label", has_text="当场办结").click()
    walk.shoot(worker, "field-solved")
    worker.context.set_offline(True)
    worker.get_by_role("button", name="提交").click()
    worker.locator("[data-saved-heading]").wait_for()
    walk.shoot(worker, "field-saved")
    worker.goto("/field/waiting/")
    walk.shoot(worker, "field-waiting")
    worker.context.set_offline(False)
    worker.wait_for_timeout(1500)


def follow(page: Page, path: str, link: str) -> str:
    """The address of the first link on a page that fits a pattern of CSS."""
    page.goto(path)
    return page.locator(link).first.get_attribute("href") or path


def ground(walk: Walk) -> None:
    """Base data, the ledgers that come in, and the grids."""
    dispatcher = walk.page(DESK, walk.who("值班员"))
    dispatcher.goto("/base/")
    dispatcher.locator("input[name=q]").first.fill("w")
    walk.shoot(dispatcher, "base", "/base/")
    home = follow(dispatcher, "/base/household/", "main a[href^='/base/household/']:not([href$='/new/'])")
    walk.shoot(dispatcher, "base-household", home)
    for name in ("changes", "completeness"):
        walk.shoot(dispatcher, f"base-{name}", f"/base/{name}/")
    _ledger(walk, dispatcher)
    head = walk.page(DESK, walk.who("中心主任"))
    head.goto("/grids/")
    head.locator("select[name=village]").select_option(label=VILLAGE)
    head.get_by_role("button", name="打开").click()
    head.locator("canvas").first.wait_for()
    walk.shoot(head, "grids-village")
    head.get_by_role("link", name="调整网格").click()
    head.locator("canvas").first.wait_for()
    walk.shoot(head, "grids-redraw")


def _ledger(walk: Walk, page: Page) -> None:
    """An old ledger is brought in: columns told, lines checked, and dropped again."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("人口")
        sheet.merge_range(0, 0, 0, 7, "新驿一村人口台账")
        sheet.write_row(1, 0, ("序号", "村", "户主姓名", "姓名", "与户主关系", "身份证号码", "联系电话", "现居住地址"))
        for line, row in enumerate(LEDGER, 2):
            sheet.write_row(line, 0, (line - 1, VILLAGE, *row))
    page.goto("/imports/")
    page.locator("select[name=kind]").select_option(label="人口和住户")
    page.locator("input[type=file]").set_input_files(
        {"name": "新驿一村人口.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": out.getvalue()}
    )
    page.get_by_role("button", name="打开看看").click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]+/"))
    walk.shoot(page, "imports-columns")
    page.get_by_role("button", name="检查每一行").click()
    for _ in range(40):
        page.wait_for_timeout(1000)
        page.reload()
        if page.get_by_role("button", name=re.compile("开始导入")).count():
            break
    walk.shoot(page, "imports-preview")
    page.get_by_role("button", name="不导入了").first.click()


def safe(walk: Walk) -> None:
    """Hazards, inspections, patrols, visits, and whose work that was."""
    dispatcher = walk.page(DESK, walk.who("值班员"))
    walk.shoot(dispatcher, "hazards", "/safety/hazards/")
    walk.shoot(dispatcher, "inspections", "/safety/inspections/")
    walk.shoot(dispatcher, "patrols", "/patrols/")
    walk.shoot(dispatcher, "visits", "/visits/")
    leader = walk.page(DESK, walk.who("镇领导"))
    walk.shoot(leader, "eight-roles", "/board/roles/")
    walk.shoot(leader, "burden", "/board/burden/")
    worker = walk.page(PHONE, walk.who("网格员"))
    walk.shoot(worker, "field-visits", "/field/visits/")
    due = follow(worker, "/field/visits/", "main a.cell[href*='/visits/plans/']")
    walk.shoot(worker, "field-visit", follow(worker, due, "a[href*='/field/visits/new/']"))
    walk.shoot(worker, "field-walk", follow(worker, "/field/patrols/", "main a[href^='/field/patrols/']"))
    walk.shoot(worker, "field-hazard", "/field/hazards/new/")
    walk.shoot(worker, "field-carried", "/field/carried/")


def forms(walk: Walk) -> None:
    """A form from above: how far it is, what its columns mean, and the few things that are asked."""
    dispatcher = walk.page(DESK, walk.who("值班员"))
    own = follow(dispatcher, "/forms/", "main a[href^='/forms/']:not([href$='/new/'])")
    walk.shoot(dispatcher, "one-form", own)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write_row(0, 0, COLUMNS)
    dispatcher.goto("/forms/new/")
    dispatcher.locator("input[type=file]").set_input_files(
        {"name": "农村家庭基本情况.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": out.getvalue()}
    )
    for name, value in (
        ("name", "农村家庭基本情况摸底表"),
        ("issuer", "区农业农村局"),
        ("basis", "兖农字〔2026〕9 号附件 1"),
        ("minutes", "20"),
    ):
        dispatcher.locator(f"[name={name}]").fill(value)
    ends = datetime.now(SHANGHAI) + timedelta(days=20)
    dispatcher.locator("[name=ends_on]").fill(ends.date().isoformat())
    dispatcher.locator("[name=per][value=household]").check(force=True)
    dispatcher.locator("[name=areas]").first.check(force=True)
    dispatcher.get_by_role("button", name="登记，去对列").click()
    dispatcher.wait_for_load_state()
    walk.shoot(dispatcher, "one-form-columns")
    worker = walk.page(PHONE, walk.who("网格员"))
    units = follow(worker, "/field/forms/", "main a[href^='/field/forms/']")
    walk.shoot(worker, "field-form", follow(worker, units, "main a[href*='unit=']"))


def keep(walk: Walk) -> None:
    """What the system administrator looks at."""
    admin = walk.page(DESK, walk.who("系统管理员"))
    walk.shoot(admin, "settings", "/settings/")
    walk.shoot(admin, "operations", "/operations/")
    walk.shoot(admin, "connections-sms", "/connectors/sms/")
    walk.shoot(admin, "connections-open311", "/connectors/open311/")
    walk.shoot(admin, "retention", "/operations/retention/")


CHAPTERS = (centre, plate, village, story, field, ground, safe, forms, keep)


def main() -> int:
    """Take the pictures; names after the address choose chapters."""
    base = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    wanted = sys.argv[2:]
    told = subprocess.run([ROOT / "yijiaan", "demo-accounts", "--json"], capture_output=True, text=True, check=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        walk = Walk(browser, base, json.loads(told.stdout))
        for chapter in CHAPTERS:
            if not wanted or chapter.__name__ in wanted:
                walk.take(chapter)
        browser.close()
    size = sum(path.stat().st_size for path in OUT.glob("*.png"))
    print(f"{len(list(OUT.glob('*.png')))} pictures, {size / 1e6:.1f} MB")
    if walk.missing:
        print("not complete:", ", ".join(walk.missing))
    return 1 if walk.missing else 0


if __name__ == "__main__":
    sys.exit(main())
