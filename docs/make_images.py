"""Screenshots for README and handbook, from a running demo town: `.venv/bin/python docs/make_images.py http://127.0.0.1:8000`.

Walks the main job as people do (a resident reports, the centre dispatches, a station finishes, the resident rates) and writes
docs/images/*.png. Run it against a freshly loaded demo: it leaves one more case behind.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from yijiaan.accounts.totp import code_at  # noqa: E402

OUT = Path(__file__).resolve().parent / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


class Walk:
    """A browser, the address and the accounts."""

    def __init__(self, browser: Browser, base: str, accounts: list[dict[str, str]]) -> None:
        self.browser, self.base = browser, base
        self.accounts = {account["username"]: account for account in accounts if "username" in account}

    def page(self, size: dict[str, int], username: str = "") -> Page:
        """A fresh page, signed in when a name is given."""
        phone = size is PHONE
        context = self.browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            device_scale_factor=2 if phone else 1,
            has_touch=phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        page = context.new_page()
        if username:
            page.goto(f"{self.base}/signin/")
            page.get_by_label("账号或手机号").fill(username)
            page.locator("input[type=password]").fill(self.accounts[username]["password"])
            page.get_by_role("button", name="登录").click()
            page.wait_for_load_state()
            if "/second-factor/" in page.url:
                page.get_by_label("验证码").fill(self.code(username))
                page.get_by_role("button", name="进去").click()
                page.wait_for_load_state()
        return page

    def code(self, username: str) -> str:
        """What the account's authenticator shows now."""
        return code_at(self.accounts[username]["totp_secret"], datetime.now(UTC))

    def shoot(self, page: Page, name: str, path: str = "") -> None:
        """One picture of what a person sees first."""
        if path:
            page.goto(self.base + path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=OUT / f"{name}.png")
        print(name)


def tell(walk: Walk) -> None:
    """The story, with a picture at every step."""
    resident = walk.page(PHONE)
    walk.shoot(resident, "resident-door", "/")
    walk.shoot(resident, "resident-report", "/t/xy102/report/")
    resident.get_by_label("出了什么事").fill("村委东边路灯又不亮咧，娃娃放学看不清")
    box = resident.locator("[data-map]")
    box.scroll_into_view_if_needed()
    box.click(position={"x": 170, "y": 120})
    walk.shoot(resident, "resident-report-filled")
    resident.get_by_role("button", name="提交").click()
    resident.wait_for_load_state()
    walk.shoot(resident, "resident-receipt")
    code = resident.url.split("/p/")[1].split("/")[0]
    walk.shoot(resident, "resident-progress", f"/p/{code}/")
    walk.shoot(walk.page(DESK), "signin", "/signin/")
    dispatcher = walk.page(DESK, "caoshijie")
    walk.shoot(dispatcher, "cases")
    dispatcher.get_by_role("link", name="村委东边路灯又不亮咧").first.click()
    dispatcher.wait_for_load_state()
    walk.shoot(dispatcher, "case")
    walk.shoot(dispatcher, "register", "/cases/new/")
    station = walk.page(DESK, "jiedan-enforcement")
    walk.shoot(station, "orders")
    head = walk.page(PHONE, "liuguangfu")
    walk.shoot(head, "field-head")
    worker = walk.page(PHONE, "shaoxiuying")
    walk.shoot(worker, "field-home")
    walk.shoot(worker, "field-report", "/field/report/")
    keep(walk)


def keep(walk: Walk) -> None:
    """What the system administrator looks at."""
    names = [name for name, account in walk.accounts.items() if account.get("role") == "系统管理员"]
    admin = walk.page(DESK, names[0])
    walk.shoot(admin, "operations", "/operations/")
    walk.shoot(admin, "retention", "/operations/retention/")


def main() -> int:
    """Take the pictures."""
    base = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    told = subprocess.run([ROOT / "yijiaan", "demo-accounts", "--json"], capture_output=True, text=True, check=True)
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        tell(Walk(browser, base, json.loads(told.stdout)))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
