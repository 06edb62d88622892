"""A hotline for tests and for trying out: sends orders by the signed API, takes results in, loses answers, and is down when told."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from yijiaan.connectors.hotline.signing import WINDOW, check, headers
from yijiaan.connectors.line import call
from yijiaan.core import clock
from yijiaan.core.errors import RuleError

PATH = "/api/v1/hotline/messages"


@dataclass
class Hotline:
    """What it heard, and how it behaves. answers: status codes for the next pushes, in order; afterwards 200."""

    key: str
    secret: str
    algorithm: str = "hmac-sm3"
    heard: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    window: timedelta = WINDOW  # how far the clocks may be apart

    def signed(self, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        """The headers of a request of its own."""
        return headers(self.secret, self.algorithm, self.key, method=method, path=path, body=body)

    def take(self, given: Any, path: str, body: bytes) -> int:
        """A push of ours; the same message twice is one message."""
        try:
            check(self.secret, self.algorithm, given, method="POST", path=path, body=body, window=self.window)
        except RuleError as error:
            self.refused.append(error.code)
            return 401
        status = self.answers.pop(0) if self.answers else 200
        if status < 300:  # noqa: PLR2004
            said = json.loads(body)
            if said["message_id"] not in {one["message_id"] for one in self.heard}:
                self.heard.append(said)
        return status


class Line:
    """The hotline behind an address of this machine."""

    def __init__(self, hotline: Hotline, port: int = 0) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status = hotline.take(self.headers, self.path, body)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/push?from=yijiaan"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Line":
        self._thread.start()
        return self

    def __exit__(self, *args: Any) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


MATTERS = (
    ("路灯", "村口的路灯三天不亮了，晚上出门看不见路。"),
    ("垃圾", "集市南头垃圾堆了一星期没人拉，招苍蝇。"),
    ("道路破损", "学校门前的路塌了一块，骑车的老往里掉。"),
    ("井盖", "十字路口的井盖响得厉害，夜里睡不着。"),
    ("停水", "从昨天晚上起停水，老人吃饭都成问题。"),
    ("噪音", "晚上十一点多还有施工，娃娃没法睡。"),
    ("", "想问问农村危房改造要交什么材料、到哪里办。"),
)
WISHES = ("尽快处理", "给个答复", "到现场看看")
CONTENT, NOT_CONTENT = "满意", "不满意"


@dataclass
class Caller:
    """Sends what a hotline sends to an installation that runs, and calls reporters back about what was finished.

    say: gets one line of Chinese for each thing that happens. grumbles: of so many callbacks one says 不满意; 0: none.
    """

    hotline: Hotline
    base: str  # of the installation: http://127.0.0.1:8000
    say: Callable[[str], None]
    grumbles: int = 4
    sent: list[dict[str, Any]] = field(default_factory=list)
    called: set[str] = field(default_factory=set)

    def send(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """One message by the signed API: HTTP status and answer. OSError when nobody answers."""
        raw = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", **self.hotline.signed("POST", PATH, raw)}
        reply = call(f"{self.base.rstrip('/')}{PATH}", body=raw, headers=headers, guarded=False)
        if not reply.status:
            raise OSError(reply.words)
        try:
            return reply.status, json.loads(reply.body)
        except ValueError:
            return reply.status, {}

    def order(self, number: str, turn: int) -> dict[str, Any]:
        """One more order. The same number and turn make the same order."""
        category, text = MATTERS[turn % len(MATTERS)]
        day = clock.local_day() + timedelta(days=3)
        return {
            "type": "order", "number": number, "kind": "咨询" if not category else "求助", "category": category, "text": text,
            "wish": WISHES[turn % len(WISHES)], "due_at": day.isoformat(),
            "reporter": {"name": f"{'赵钱孙李周吴郑'[turn % 7]}先生", "phone": f"154000{turn % 100000:05d}"},
        }  # fmt: skip

    def ring_in(self, number: str, turn: int) -> None:
        """Somebody rang the hotline: the order goes out, every third one twice, as hotlines do."""
        body = self.order(number, turn)
        status, answer = self.send(body)
        if status >= 400:  # noqa: PLR2004
            self.say(f"{number} 没有收：{answer.get('detail', status)}")
            return
        self.sent.append(body)
        self.say(f"{number} 交办了，对方编号 {answer.get('our_number', '')}：{body['text']}")
        if turn % 3 == 2:  # noqa: PLR2004
            status, again = self.send(body)
            is_same = again.get("our_number") == answer.get("our_number")
            self.say(f"{number} 又发了一遍：{'认出来了，没有重复收' if status == 200 and is_same else status}")  # noqa: PLR2004

    def call_back(self) -> None:
        """Rings those whose matter was finished, once each."""
        for message in list(self.hotline.heard):
            if message["event"] != "finished" or message["message_id"] in self.called:
                continue
            self.called.add(message["message_id"])
            is_grumbling = bool(self.grumbles) and len(self.called) % self.grumbles == 0
            result = NOT_CONTENT if is_grumbling else CONTENT
            body = {
                "type": "callback", "number": message["number"], "message_id": f"cb-{message['message_id']}",
                "result": result, "text": "去看了，还是老样子。" if is_grumbling else "",
            }  # fmt: skip
            status, answer = self.send(body)
            words = "回访过了" if status < 400 else f"回访没有收：{answer.get('detail', status)}"  # noqa: PLR2004
            self.say(f"{message['number']} {words}，群众说{result}")
