"""What journeys and campaigns share: one Playwright a process, for its sync interface bears no second one."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright

from launch.installation import find_browser


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver of browsers. Its sync interface keeps an event loop in this thread, where Django would refuse the database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium."""
    path = find_browser()
    if path is None:
        pytest.fail("no Chromium: ./test installs it, or leave browsers out with ./test --fast")
    return path
