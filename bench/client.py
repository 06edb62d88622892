"""A load of keep-alive connections over one epoll loop: cheap enough that the server, not the client, is measured."""

import selectors
import socket
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """answers per second and times in ms; bad counts answers that were neither 2xx nor 304."""

    rate: float
    p50: float
    p95: float
    count: int
    bad: int


class _Connection:
    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.seen = b""
        self.sent = 0.0

    def send(self, request: bytes) -> None:
        self.seen = b""
        self.sent = time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> tuple[int, bytes] | None:
        """Status and head once the whole answer is here."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.seen += part
        head, gap, body = self.seen.partition(b"\r\n\r\n")
        if not gap:
            return None
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        status = int(head[9:12])
        return (status, head) if len(body) >= length or status == 304 else None


def run(
    port: int,
    make: Callable[[], bytes],
    *,
    clients: int,
    seconds: float,
    hear: Callable[[int, bytes], None] = lambda status, head: None,
) -> Load:
    """Let `clients` connections ask one request after another for a time; hear gets status and head of each answer.
    Only this machine is ever asked."""
    selector = selectors.DefaultSelector()
    connections = [_Connection(("127.0.0.1", port)) for _ in range(clients)]
    times: list[float] = []
    bad = 0
    try:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(make())
        began = time.perf_counter()
        end = began + seconds
        waiting = clients
        while waiting:
            for key, _ in selector.select(timeout=20):
                connection = key.data
                answer = connection.answer()
                if answer is None:
                    continue
                now = time.perf_counter()
                times.append((now - connection.sent) * 1000)
                bad += not (200 <= answer[0] < 300 or answer[0] == 304)
                hear(*answer)
                if now < end:
                    connection.send(make())
                else:
                    waiting -= 1
        took = time.perf_counter() - began
    finally:
        for connection in connections:
            connection.socket.close()
    cuts = statistics.quantiles(times, n=20) if len(times) > 1 else [times[0]] * 19
    return Load(len(times) / took, statistics.median(times), cuts[18], len(times), bad)


def request(method: str, path: str, body: bytes = b"", headers: str = "") -> bytes:
    """The bytes of one request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body
