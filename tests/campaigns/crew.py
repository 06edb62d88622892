"""Everybody who works in a running town at once."""

import random
import threading
from typing import Any

import load
from running_town import RunningTown

STATIONS = ("power", "enforcement", "water")


class Crew:
    """Residents, dispatchers and stations; at work inside `with`."""

    def __init__(self, town: RunningTown, seed: int) -> None:
        self.town, self.seed = town, seed
        self.answered, self.stop = load.Answered(), threading.Event()
        accounts = town.accounts()
        with town.connect() as given:
            units = dict(
                given.execute(
                    "SELECT kind, id::text FROM unit WHERE area_id = '370812102' AND kind = ANY(%s)", [list(STATIONS)]
                ).fetchall()
            )
        self.threads: list[threading.Thread] = []
        for number in range(3):
            self._add(load.reporter, number, None, accounts["token"]["token"])
        for number in range(2):
            self._add(load.dispatcher, 10 + number, accounts["caoshijie"], list(units.values()))
        for number, kind in enumerate(STATIONS):
            # the demo's accounts share one password; not all of them are listed
            station = accounts["caoshijie"] | {"username": f"jiedan-{kind}"}
            self._add(load.signer, 20 + number, station)
            self._add(load.finisher, 30 + number, station)
        self._add(load.rater, 40, None)

    def _add(self, work: Any, number: int, account: dict[str, str] | None, *arguments: Any) -> None:
        browser = load.Browser(self.town.port, self.answered, self.stop)

        def run() -> None:
            if account is not None:
                browser.sign_in(account["username"], account["password"])
            work(browser, random.Random(self.seed + number), *arguments)

        self.threads.append(threading.Thread(target=run, daemon=True, name=f"{work.__name__} {number}"))

    def __enter__(self) -> "Crew":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(60)
