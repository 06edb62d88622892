import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import RequestFactory

from yijiaan.areas.models import Area
from yijiaan.ui.paging import Page, page_of

pytestmark = pytest.mark.django_db

TOWN = "370812102"


def page(url: str = "/list/?q=1", *keys: str, size: int = 15, **more: str) -> Page:
    villages = Area.objects.filter(parent_id=TOWN, level="village")
    return page_of(RequestFactory().get(url), villages, keys=keys or ("code",), size=size, **more)


def walk(*keys: str) -> list[str]:
    """All codes, page by page, and back again to the first page."""
    found = page("/list/?q=1", *keys)
    seen, pages = [row.code for row in found.rows], [found]
    while found.next_url:
        found = page(found.next_url, *keys)
        pages.append(found)
        seen += [row.code for row in found.rows]
    for expected in reversed(pages[:-1]):
        found = page(found.previous_url, *keys)
        assert [row.code for row in found.rows] == [row.code for row in expected.rows]
    assert not found.previous_url
    return seen


def test_walking_on_and_back_meets_every_row_once() -> None:
    codes = list(Area.objects.filter(parent_id=TOWN, level="village").order_by("code").values_list("code", flat=True))
    assert len(codes) == 38
    assert walk("code") == codes
    assert walk("-code") == codes[::-1]


def test_two_keys_walk_like_the_database_orders() -> None:
    rows = Area.objects.filter(parent_id=TOWN, level="village").order_by("level", "code")
    assert walk("level", "code") == [row.code for row in rows]


def test_filters_stay_in_the_address_and_cursors_do_not_pile_up() -> None:
    second = page(page().next_url)
    for url in (second.next_url, second.previous_url):
        asked = parse_qs(urlsplit(url).query)
        assert asked["q"] == ["1"]
        assert len(asked) == 2


def test_a_short_list_says_how_many_and_has_no_neighbours() -> None:
    found = page(size=50)
    assert (found.words, found.next_url, found.previous_url) == ("共 38 条", "", "")
    assert page(size=15).words == "每页 15 条"
    assert page(size=15, unit="件").words == "每页 15 件"


def cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "bad",
    ["nonsense", "%%%", "AAAA", cursor({"a": 1}), cursor([]), cursor(["a", "b"]), cursor([None]), cursor([{"x": 1}])],
)
def test_a_cursor_that_cannot_be_read_shows_the_first_page(bad: str) -> None:
    first = [row.code for row in page().rows]
    for word in ("after", "before"):
        assert [row.code for row in page(f"/list/?{word}={bad}").rows] == first
