"""What journeys with a phone need: a server that can stop and start, what the phone has kept, lines that break."""

import contextlib
import json
import socket
import threading
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import BrowserContext, Page, Route

from tests.journeys.conftest import QuietHandler

READ = """async () => {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open("yijiaan-ui");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve(request.result);
  });
  if (!database.objectStoreNames.contains("outbox")) { database.close(); return "[]"; }
  const ask = (store, name, ...rest) => new Promise((resolve, reject) => {
    const request = database.transaction(store).objectStore(store)[name](...rest);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const rows = await ask("outbox", "getAll");
  for (const row of rows) {
    const key = row.kept ? await ask("marks", "get", `key:outbox:${row.owner}`) : null;
    if (!key) continue;
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.kept.iv }, key, row.kept.data);
    const size = new DataView(plain).getUint32(0);
    Object.assign(row, JSON.parse(new TextDecoder().decode(new Uint8Array(plain, 4, size))));
  }
  database.close();
  return JSON.stringify(rows);
}"""
CHANGE = """([key, values]) => new Promise((resolve, reject) => {
  const request = indexedDB.open("yijiaan-ui");
  request.onsuccess = () => {
    const database = request.result;
    const transaction = database.transaction("outbox", "readwrite");
    const store = transaction.objectStore("outbox");
    store.get(key).onsuccess = (event) => store.put({ ...event.target.result, ...values });
    transaction.oncomplete = () => { database.close(); resolve(); };
    transaction.onerror = () => reject(transaction.error);
  };
})"""

HAS_PAGES = """async () => {
  for (const name of await caches.keys()) {
    const kept = name.startsWith("yj-pages") ? await (await caches.open(name)).keys() : [];
    if (kept.some(({ url }) => url.endsWith("/waiting/"))) return true;
  }
  return false;
}"""


class Closing(ThreadedWSGIServer):
    """Remembers its connections: those that are kept alive would be answered after the end."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.open: list[socket.socket] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own."""
        self.open.append(request)
        super().process_request(request, client_address)

    def hang_up(self) -> None:
        """End them all."""
        for connection in self.open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Server:
    """A server of one's own, on a port that stays the same while it stops and starts."""

    def __init__(self, application: Any = None) -> None:
        self.port = 0
        self._application = application or get_wsgi_application()
        self._server: Closing | None = None
        self.start()

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Answer from now on."""
        if self._server is not None:
            return
        server = Closing(("127.0.0.1", self.port), QuietHandler)
        server.set_app(self._application)
        self.port, self._server = server.server_address[1], server
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()
            self._server = None


def rows(page: Page) -> list[dict[str, Any]]:
    """What the phone keeps, oldest first; files are empty objects here."""
    kept: list[dict[str, Any]] = json.loads(page.evaluate(READ))
    return sorted(kept, key=lambda row: row["at"])


def change_row(page: Page, key: str, **values: Any) -> None:
    """As if it had been kept so."""
    page.evaluate(CHANGE, [key, values])


def wait_for_worker(page: Page) -> None:
    """Until the service worker holds the pages it keeps; the list of what waits comes last."""
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    for _ in range(200):
        if page.evaluate(HAS_PAGES):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the service worker keeps no pages")


def becomes_true(page: Page, script: str) -> None:
    """Wait half a minute for what a script says."""
    for _ in range(600):
        if page.evaluate(script):
            return
        page.wait_for_timeout(50)
    raise AssertionError(script)


def lose_answers(context: BrowserContext, path: str, times: int = 1) -> list[int]:
    """The server does it, but the phone hears 502; the list fills with what the server had said."""
    heard: list[int] = []

    def answer(route: Route) -> None:
        if route.request.method != "POST" or len(heard) >= times:
            route.continue_()
            return
        heard.append(route.fetch().status)
        route.fulfill(status=502, body="bad gateway")

    context.route(f"**{path}*", answer)
    return heard
