"""People at work over HTTP who never give up: whatever was not answered is sent again, with the same key where there is one."""

import http.client
import json
import random
import re
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

LOST = (OSError, http.client.HTTPException)
TEXTS = ("路灯又不亮咧", "门口那条沟堵了", "有人夜里唱歌睡不着", "井盖没了，娃娃差点掉下去")


@dataclass
class Answered:
    """What the server has acknowledged: nothing of it may ever be missing."""

    reports: dict[str, str] = field(default_factory=dict)  # client key → number
    tracking: dict[str, str] = field(default_factory=dict)  # client key → tracking code
    deeds: list[tuple[str, str]] = field(default_factory=list)  # verb, case number
    ratings: list[str] = field(default_factory=list)  # tracking codes
    surprises: list[str] = field(default_factory=list)
    lost: int = 0
    replays: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Browser:
    """One person's connection, cookies kept."""

    def __init__(self, port: int, answered: Answered, stop: threading.Event) -> None:
        self.port, self.answered, self.stop = port, answered, stop
        self.cookies: dict[str, str] = {}
        self.connection: http.client.HTTPConnection | None = None

    def once(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """One try."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        if "csrftoken" in self.cookies:
            headers["X-CSRFToken"] = self.cookies["csrftoken"]
        try:
            self.connection.request(method, path, body or None, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except LOST:
            self.connection.close()
            self.connection = None
            with self.answered.lock:
                self.answered.lost += 1
            raise
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Until there is an answer; an error of the server counts as none."""
        while True:
            try:
                status, text = self.once(method, path, body, **headers)
            except LOST:
                status, text = 0, b""
            if 0 < status < 500 and status != 429:
                return status, text
            if self.stop.is_set():
                return 0, b""
            time.sleep(0.3)

    def json(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One deed of the API, tried once: whether it was done is seen from the case, not guessed."""
        data = json.dumps(body).encode() if body is not None else b""
        try:
            status, text = self.once(method, path, data, **{"Content-Type": "application/json"})
            return status, json.loads(text) if text[:1] in (b"{", b"[") else None
        except (*LOST, ValueError):
            return 0, None

    def sign_in(self, username: str, password: str) -> None:
        """Through the page, as people do."""
        while not self.stop.is_set():
            _, page = self.ask("GET", "/signin/")
            token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page)
            if token is None:
                continue
            form = {"login": username, "password": password, "csrfmiddlewaretoken": token[1].decode()}
            status, _ = self.ask(
                "POST", "/signin/", urlencode(form).encode(), **{"Content-Type": "application/x-www-form-urlencoded"}
            )
            if status == 302:
                return
            time.sleep(0.5)


def reporter(browser: Browser, chance: random.Random, token: str) -> None:
    """Reports, again and again; now and then the first answer is asked for once more."""
    answered = browser.answered
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    bodies: dict[str, bytes] = {}
    while not browser.stop.is_set():
        again = bool(bodies) and chance.random() < 0.2
        key = chance.choice(list(bodies)) if again else str(uuid.UUID(int=chance.getrandbits(128), version=4))
        body = (
            bodies.get(key)
            or json.dumps(
                {
                    "text": chance.choice(TEXTS),
                    "client_key": key,
                    "lon": 116.6615 + chance.random() / 100,
                    "lat": 35.644,
                    "reporter": {"name": "张先生", "phone": f"154{chance.randrange(10**8):08d}"},
                }
            ).encode()
        )
        status, text = browser.ask("POST", "/api/v1/reports", body, **headers)
        if not status:
            return
        if status not in (200, 201):
            answered.surprises.append(f"report: {status} {text[:200]!r}")
            continue
        receipt = json.loads(text)
        with answered.lock:
            known = answered.reports.setdefault(key, receipt["number"])
            answered.tracking[key] = receipt["tracking_code"]
            answered.replays += again
            if known != receipt["number"]:
                answered.surprises.append(f"key {key} was {known} and is {receipt['number']}")
        bodies[key] = body
        time.sleep(chance.random() * 0.15)


def dispatcher(browser: Browser, chance: random.Random, units: list[str]) -> None:
    """Sends what has come to a station."""
    for case in _cases(browser, chance, "received"):
        body = {"lead": chance.choice(units), "version": case["version"]}
        if chance.random() < 0.3:
            body["assistants"] = [unit for unit in chance.sample(units, 2) if unit != body["lead"]][:1]
        _deed(browser, "cases.dispatched", case["number"], "dispatch", body)


def signer(browser: Browser, chance: random.Random) -> None:
    """Signs for what was sent to its unit."""
    for case in _cases(browser, chance, "dispatched"):
        _deed(browser, "cases.signed", case["number"], "sign", {"version": case["version"]})


def finisher(browser: Browser, chance: random.Random) -> None:
    """Says what was done."""
    for case in _cases(browser, chance, "in_progress"):
        _deed(
            browser,
            "cases.finished",
            case["number"],
            "finish",
            {"result": "去看过，修好了", "version": case["version"]},
        )


def rater(browser: Browser, chance: random.Random) -> None:
    """Residents say whether it was solved."""
    answered = browser.answered
    while not browser.stop.is_set():
        time.sleep(0.1 + chance.random() * 0.2)
        with answered.lock:
            codes = list(answered.tracking.values())
        if not codes:
            continue
        code = chance.choice(codes)
        status, progress = browser.json("GET", f"/api/v1/reports/{code}")
        if status == 200 and progress["can_rate"]:
            status, _ = browser.json(
                "POST", f"/api/v1/reports/{code}/rating", {"result": chance.choice(("satisfied", "basically"))}
            )
            if status == 200:
                with answered.lock:
                    answered.ratings.append(code)


def _cases(browser: Browser, chance: random.Random, status: str) -> Any:
    while not browser.stop.is_set():
        code, page = browser.json("GET", f"/api/v1/cases?status={status}")
        if code == 200 and page["items"]:
            yield chance.choice(page["items"])
        elif code in (401, 403):
            browser.answered.surprises.append(f"list of {status}: {code} {page}")
            return
        time.sleep(0.05 + chance.random() * 0.15)


def _deed(browser: Browser, verb: str, number: str, path: str, body: dict[str, Any]) -> None:
    status, said = browser.json("POST", f"/api/v1/cases/{number}/{path}", body)
    with browser.answered.lock:
        if status == 200:
            browser.answered.deeds.append((verb, number))
        elif 0 < status < 500 and status not in (404, 409, 422, 429):
            browser.answered.surprises.append(f"{verb} {number}: {status} {said}")
