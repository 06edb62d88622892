"""What several journeys do: signing in, pictures to send, a tap on the map, the state a case is in."""

import io
import random
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from yijiaan.accounts.tests.make import PASSWORD, Person, client, fresh_code
from yijiaan.cases.models import Case

COUNTY = "370812"
HOST = "127.0.0.1"
LAMP = "村委东边路灯又不亮咧，娃娃放学看不清"


def sign_in(page: Page, person: Person) -> None:
    """Through the sign-in page, as people do."""
    page.goto("/signin/")
    page.get_by_label("账号或手机号").fill(person.user.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/signin/" not in url)
    if "/second-factor/" in page.url:
        page.get_by_label("验证码").fill(fresh_code(person.user))
        page.get_by_role("button", name="进去").click()
        page.wait_for_url(lambda url: "/second-factor/" not in url)


def be(page: Page, person: Person) -> None:
    """Signed in already: the session of a test client is given to the browser."""
    session = client(person.post).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "domain": HOST, "path": "/"}])


def end_session(page: Page) -> None:
    """What happens when the night has passed: the browser's session is known to nobody any more."""
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)


def picture(name: str = "deng.jpg", size: tuple[int, int] = (800, 600)) -> dict[str, Any]:
    """A photo as a camera makes it."""
    raw = io.BytesIO()
    Image.new("RGB", size, "darkorange").save(raw, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": raw.getvalue()}


def heavy_picture(folder: Path) -> Path:
    """A real photo of more than 20 MB, too large to be sent over the debugging protocol."""
    side = 2700
    noise = random.Random(7).randbytes(side * side * 3)  # noqa: S311 - noise does not compress, that is all
    path = folder / "da.png"
    Image.frombytes("RGB", (side, side), noise).save(path, "PNG", compress_level=0)
    assert path.stat().st_size > 20 * 1024 * 1024
    return path


def not_a_picture() -> dict[str, Any]:
    """An invoice that calls itself a photo."""
    return {"name": "fapiao.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 no picture at all"}


def tap_map(page: Page) -> Locator:
    """One tap in the middle of the map; gives the line that says which grid it was."""
    box = page.locator("[data-map]")
    expect(box).to_be_visible()
    box.locator("canvas").first.wait_for()
    box.scroll_into_view_if_needed()
    size = box.bounding_box()
    assert size
    spot = {"x": size["width"] / 2, "y": size["height"] / 2}
    if page.evaluate("matchMedia('(pointer: coarse)').matches"):
        box.tap(position=spot)  # type: ignore[arg-type]
    else:
        box.click(position=spot)  # type: ignore[arg-type]
    said = page.locator("[data-said]")
    expect(said).to_contain_text("选的地方在")
    return said


def state_of(number: str) -> str:
    """The state that the case is in now."""
    return Case.objects.get(county=COUNTY, number=number).status


def assert_fits(page: Page, *widths: int) -> None:
    """Nothing has to be scrolled sideways."""
    height = (page.viewport_size or {"height": 844})["height"]
    for width in widths:
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.scrollingElement.scrollWidth")
        assert wide <= width, f"{page.url} is {wide} px wide on a screen of {width}: {_widest(page, width)}"


def _widest(page: Page, width: int) -> Any:
    script = """width => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1)
      .slice(0, 6).map(e => e.tagName + '.' + (e.getAttribute('class') || '') + ' ' + Math.round(e.getBoundingClientRect().right))"""
    return page.evaluate(script, width)
