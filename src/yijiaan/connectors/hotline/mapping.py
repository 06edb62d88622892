"""Their words to ours, pure: an order, and what happens to it afterwards."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from yijiaan.cases.actions import Intake
from yijiaan.cases.models import Kind
from yijiaan.core import clock
from yijiaan.core.errors import RuleError

KINDS = ("order", "supplement", "urge", "callback", "cancel")
KIND_OF = {str(label): value for value, label in Kind.choices} | {value: value for value in Kind.values}
RESULT_OF = {
    "满意": "satisfied", "非常满意": "satisfied", "基本满意": "basically", "一般": "basically", "不满意": "dissatisfied",
    "理解": "understanding", "未解决但理解": "understanding",
    "satisfied": "satisfied", "basically": "basically", "dissatisfied": "dissatisfied", "understanding": "understanding",
}  # fmt: skip
MOST = {
    "number": 40,
    "message_id": 80,
    "text": 2000,
    "place": 120,
    "name": 30,
    "phone": 20,
    "wish": 200,
    "pick_code": 40,
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the hotline means it."""

    kind: str
    number: str
    key: str
    text: str = ""
    category: str = ""
    matter: str = ""
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    crs: str = "cgcs2000"
    name: str = ""
    phone: str = ""
    wish: str = ""
    happened_at: datetime | None = None
    due_at: datetime | None = None
    calls_back: bool | None = None
    result: str = ""

    def intake(self, connection_id: UUID, category: str) -> Intake:
        """What the case base takes; the client key follows from their number, so that a repeat finds the first."""
        return Intake(
            text=self.text, client_key=uuid5(NAMESPACE_URL, f"connection:{connection_id}:{self.number}"),
            kind=self.matter or Kind.HELP.value, category=category, lon=self.lon, lat=self.lat, crs=self.crs, place=self.place,
            reporter_name=self.name, reporter_phone=self.phone, happened_at=self.happened_at, wish=self.wish,
            external_number=self.number,
        )  # fmt: skip


def read_message(body: Any) -> Message:
    """A message from JSON. RuleErrors carry the field: not_an_object, unknown_kind, missing, too_long, bad_time, bad_point,
    unknown_matter, unknown_result."""
    if not isinstance(body, dict):
        raise RuleError("not_an_object", "内容要是一个 JSON 对象")
    kind = _text(body, "type") or "order"
    if kind not in KINDS:
        raise RuleError("unknown_kind", f"type 只能是 {'、'.join(KINDS)}", "type")
    number = _text(body, "number")
    if not number:
        raise RuleError("missing", "缺 number（贵方流水号）", "number")
    text = _text(body, "text")
    if not text and kind in ("order", "supplement"):
        raise RuleError("missing", "缺 text（诉求内容）", "text")
    matter = _text(body, "kind")
    if matter and matter not in KIND_OF:
        raise RuleError("unknown_matter", f"kind 只能是 {'、'.join(Kind.values)} 或中文名", "kind")
    result = _text(body, "result")
    if kind == "callback" and result not in RESULT_OF:
        raise RuleError("unknown_result", "result 只能是 满意、基本满意、不满意、未解决但理解", "result")
    reporter = body.get("reporter") or {}
    if not isinstance(reporter, dict):
        raise RuleError("not_an_object", "reporter 要是一个对象", "reporter")
    calls_back = body.get("calls_back")
    if calls_back is not None and not isinstance(calls_back, bool):
        raise RuleError("bad_value", "calls_back 要写 true 或 false", "calls_back")
    key = _text(body, "message_id") or f"{kind}:{number}"
    return Message(
        kind=kind, number=number, key=key, text=text, category=_text(body, "category"), matter=KIND_OF.get(matter, ""),
        place=_text(body, "place"), lon=_coordinate(body, "lon"), lat=_coordinate(body, "lat"),
        crs=_text(body, "crs") or "cgcs2000", name=_text(reporter, "name"), phone=_text(reporter, "phone"),
        wish=_text(body, "wish"), happened_at=_moment(body, "happened_at"), due_at=_moment(body, "due_at"),
        calls_back=calls_back, result=RESULT_OF.get(result, ""),
    )  # fmt: skip


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise RuleError("bad_value", f"{name} 要写文字", name)
    value = value.strip()
    most = MOST.get(name, 200)
    if len(value) > most:
        raise RuleError("too_long", f"{name} 最多 {most} 个字", name)
    return value


def _coordinate(body: dict[str, Any], name: str) -> float | None:
    value = body.get(name)
    if value in (None, ""):
        return None
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise RuleError("bad_point", f"{name} 要写数字", name) from error


def _moment(body: dict[str, Any], name: str) -> datetime | None:
    """Without an offset it is the time of Beijing; a day alone ends with the offices."""
    value = body.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, datetime):
        found = value
    else:
        try:
            text = str(value).strip().replace("/", "-")
            if len(text) <= 10:  # noqa: PLR2004
                found = datetime.combine(date.fromisoformat(text), time(17, 30))
            else:
                found = datetime.fromisoformat(text)
        except ValueError as error:
            raise RuleError("bad_time", f"{name} 要写成 2026-11-28T09:30:00+08:00 这样", name) from error
    return found if found.tzinfo else found.replace(tzinfo=clock.SHANGHAI)
