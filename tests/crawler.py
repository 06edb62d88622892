"""A walk through every address of the product in every role, looking for texts that were planted where they must not be seen.

New address patterns are walked by themselves: only a parameter of a kind never seen before has to be told what to be (`Pools`).
"""

import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from unittest import mock

from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from yijiaan.core.logs import JsonLine

NOWHERE = "370812990101000001"  # a number that no case has: asked for, nothing is sent to it
PARAMETER = re.compile(r"<(?:(?P<converter>[^>:]+):)?(?P<name>[^>]+)>")


@dataclass(frozen=True)
class Address:
    """One pattern: its text, and the name by which views are known."""

    pattern: str
    view: str

    @property
    def parameters(self) -> list[str]:
        """The names of what stands in the pattern."""
        return [match["name"] for match in PARAMETER.finditer(self.pattern)]


def addresses(resolver: URLResolver | None = None, before: str = "", space: str = "") -> Iterator[Address]:
    """Every pattern of the product."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield Address(before + str(one.pattern), f"{space}{one.name or one.callback.__name__}")
        else:
            inner = f"{one.namespace}:" if one.namespace else ""
            yield from addresses(one, before + str(one.pattern), space + inner)


class UnknownPattern(AssertionError):
    """The crawler does not know what to put into a pattern."""


@dataclass
class Pools:
    """What stands for the parameters: by name, or more exactly by view and name."""

    values: dict[str, list[str]]
    own: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def of(self, view: str, name: str) -> list[str]:
        """The values of a parameter; UnknownPattern when nobody told."""
        for pool in (self.own.get((view, name)), self.values.get(name)):
            if pool is not None:
                return pool
        raise UnknownPattern(f"{view}: the crawler does not know what <{name}> may be: add it to its pools")

    def paths(self, address: Address) -> Iterator[str]:
        """Every way to fill a pattern."""
        names = address.parameters
        for chosen in product(*(self.of(address.view, name) for name in names)):
            filled = dict(zip(names, chosen, strict=True))
            yield "/" + PARAMETER.sub(lambda match, filled=filled: filled[match["name"]], address.pattern)


@dataclass(frozen=True)
class Marker:
    """A planted text. allowed says who may see it: viewer, method, path, view."""

    name: str
    needle: str | bytes
    allowed: Callable[[str, str, str, str], bool]

    @property
    def raw(self) -> bytes:
        """As it would stand in an answer."""
        return self.needle.encode() if isinstance(self.needle, str) else self.needle

    @property
    def escaped(self) -> bytes:
        """As it would stand in JSON."""
        return self.needle.encode("unicode_escape") if isinstance(self.needle, str) else self.needle


@dataclass(frozen=True)
class Find:
    """A marker where it must not be."""

    viewer: str
    method: str
    path: str
    marker: str

    def __str__(self) -> str:
        return f"{self.viewer} {self.method} {self.path}: {self.marker}"


class Lines(logging.Handler):
    """Every log line, formatted as the product formats it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLine())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(("django.db", "asyncio", "PIL")):  # switched off outside debug
            self.lines.append(self.format(record))


def body_of(response: HttpResponseBase) -> bytes:
    """Everything a browser gets: headers but its own cookies, body, and what is packed inside an office file."""
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    heads = "\n".join(f"{name}: {value}" for name, value in response.items()).encode()
    parts = [heads, body]
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts += [packed.read(name) for name in packed.namelist()]
    return b"\n".join(parts)


@dataclass
class Crawler:
    """Walks. Each request is undone afterwards, so the world stays as it was planted."""

    pools: Pools
    markers: list[Marker]
    bodies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by view: what a POST says
    queries: dict[str, list[str]] = field(default_factory=dict)  # by view: query strings of a GET
    found: list[Find] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    answers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    never: set[tuple[str, str]] = field(default_factory=set)  # view, method: such a request nobody may make
    seen: set[tuple[str, str, str]] = field(default_factory=set)  # marker, view, viewer: what was rightly seen

    def walk(
        self,
        viewer: str,
        client: Client,
        only: Callable[[Address], bool] = lambda address: True,
        methods: tuple[str, ...] = ("GET", "POST", "DELETE"),
    ) -> None:
        """Every address, every way to ask."""
        client.raise_request_exception = False
        # the test client copies every context it sees, which costs more than many a page
        with mock.patch("django.test.client.store_rendered_templates", lambda *args, **kwargs: None):
            for address in addresses():
                if only(address):
                    for path in self.pools.paths(address):
                        self._visit(viewer, client, address.view, path, methods)

    def _visit(self, viewer: str, client: Client, view: str, path: str, methods: tuple[str, ...]) -> None:
        methods = tuple(method for method in methods if (view, method) not in self.never)
        is_page = False
        if "GET" in methods:
            for query in ["", *self.queries.get(view, [])]:
                response = self.ask(viewer, client, "GET", path + query, view)
                is_page = response.status_code == 200 and "html" in response.get("Content-Type", "")
            if is_page:
                self.ask(viewer, client, "GET", path, view, headers={"HX-Request": "true"})
        if "POST" in methods and NOWHERE not in path:
            for body in [{}, *self.bodies.get(view, [])]:
                response = self.ask(viewer, client, "POST", path, view, body)
                if not body and response.status_code in (403, 404, 405):
                    break  # it is not the words that were missing
        if "DELETE" in methods and path.startswith("/api/"):
            self.ask(viewer, client, "DELETE", path, view)

    def ask(
        self, viewer: str, client: Client, method: str, path: str, view: str, body: Any = None, **more: Any
    ) -> HttpResponseBase:
        """One request, looked through and undone."""
        is_api = path.startswith("/api/")
        with transaction.atomic():
            cookies = client.cookies.copy()
            send = getattr(client, method.lower())
            if method == "GET":
                response = send(path, **more)
            elif is_api:
                response = send(path, body or {}, content_type="application/json", **more)
            else:
                response = send(path, body or {}, **more)
            text = body_of(response)
            client.cookies = cookies
            transaction.set_rollback(True)
        self.answers[viewer, method, path] = response.status_code
        if response.status_code == 405:
            self.never.add((view, method))
        if response.status_code >= 500 and view != "readyz":
            self.broken.append(f"{viewer} {method} {path}: {response.status_code}")
        for marker in self.markers:
            if marker.raw in text or marker.escaped in text:
                if marker.allowed(viewer, method, path, view):
                    self.seen.add((marker.name, view, viewer))
                else:
                    self.found.append(Find(viewer, method, path, marker.name))
        return response
