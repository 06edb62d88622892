from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import RequestFactory

from yijiaan.core.scope import Actor, ActorKind
from yijiaan.core.testing import holding
from yijiaan.ui import navigation
from yijiaan.ui.navigation import Entry, Face

STAFF = Actor(kind=ActorKind.STAFF, identity="1", county="370812", name="曹士杰", user_id=uuid4())


@pytest.fixture(autouse=True)
def own_menu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A menu of this test's own."""
    monkeypatch.setattr(navigation, "_entries", {})
    monkeypatch.setattr(navigation, "_unread", [])
    yield


def request(path: str, actor: Actor | None) -> Any:
    made = RequestFactory().get(path)
    if actor is not None:
        made.actor = actor  # type: ignore[attr-defined]
    return made


def labels(path: str = "/", actor: Actor | None = STAFF, face: Face = Face.DESK) -> list[str]:
    return [line.label for line in navigation.lines_for(request(path, actor), face)]


def test_an_entry_is_for_those_who_may_in_its_face_and_order() -> None:
    navigation.register(
        Entry("cases:orders", "我的单", "inbox", Face.DESK, permission="cases.sign", order=20),
        Entry("cases:list", "事件中心", "inbox", Face.DESK, order=10),
        Entry("portal:account", "系统设置", "settings", Face.DESK, order=1, below_line=True),
        Entry("cases:field", "工作台", "home", Face.FIELD),
    )
    assert labels() == ["事件中心", "系统设置"]
    assert labels(actor=holding(STAFF, "cases.sign")) == ["事件中心", "我的单", "系统设置"]
    assert labels(face=Face.FIELD) == ["工作台"]


def test_nobody_signed_in_sees_no_menu() -> None:
    navigation.register(Entry("cases:list", "事件中心", "inbox", Face.DESK))
    navigation.provide_unread("portal:notices", lambda actor: 3)
    nobody = Actor(kind=ActorKind.PUBLIC, identity="", county="370812", name="")
    assert labels(actor=nobody) == labels(actor=None) == []
    assert navigation.unread_for(request("/", nobody)) is None


def test_the_longest_address_that_begins_the_path_is_current() -> None:
    navigation.register(
        Entry("cases:list", "事件中心", "inbox", Face.DESK),
        Entry("cases:register", "登记来电", "phone", Face.DESK),
        Entry("portal:notices", "通知", "bell", Face.DESK),
    )
    for path, current in (("/cases/123/", "事件中心"), ("/cases/new/", "登记来电"), ("/elsewhere/", None)):
        lines = navigation.lines_for(request(path, STAFF), Face.DESK)
        assert [line.label for line in lines if line.is_current] == ([current] if current else [])


def test_numbers_are_asked_only_for_lines_that_are_shown() -> None:
    asked: list[str] = []
    navigation.register(
        Entry("cases:list", "事件中心", "inbox", Face.DESK, count=lambda actor: asked.append("list") or 4),  # type: ignore[func-returns-value]
        Entry("cases:orders", "我的单", "inbox", Face.DESK, "cases.sign", count=lambda actor: asked.append("no") or 1),  # type: ignore[func-returns-value]
    )
    assert [line.count for line in navigation.lines_for(request("/", STAFF), Face.DESK)] == [4]
    assert asked == ["list"]


def test_the_bell_and_the_same_entry_twice() -> None:
    assert navigation.unread_for(request("/", STAFF)) is None
    navigation.provide_unread("portal:notices", lambda actor: 5)
    bell = navigation.unread_for(request("/", STAFF))
    assert bell is not None
    assert (bell.url, bell.count) == ("/notices/", 5)
    for label in ("旧", "新"):
        navigation.register(Entry("cases:list", label, "inbox", Face.DESK))
    assert labels() == ["新"]


def test_an_entry_that_leads_nowhere_is_named_by_the_check() -> None:
    navigation.register(
        Entry("cases:nowhere", "没有", "inbox", Face.DESK), Entry("cases:list", "有", "inbox", Face.DESK)
    )
    assert [problem.id for problem in navigation.check_entries(SimpleNamespace())] == ["ui.E002"]
