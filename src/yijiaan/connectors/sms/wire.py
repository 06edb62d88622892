"""From a message to the request that a gateway wants, and from its answer to what became of the message. Pure, but for the call."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes

from yijiaan.connectors.line import Reply, call
from yijiaan.connectors.models import SmsBody, SmsGateway, SmsSigning
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.engines.notices.actions import Result

GAP = re.compile(r"\{(phone|text|time|time_ms|stamp|nonce|secret|sign)\}")
NAMES = "{phone} {text} {time} {time_ms} {stamp} {nonce} {secret} {sign}"
MOST_SHOWN = 160
# an answer may repeat what was asked, escaped in some way: no phone and no key of a progress page belongs into a reason
KEYS = re.compile(r"[A-Z2-7]{20}|1\d{10}")


@dataclass(frozen=True, slots=True)
class Wire:
    """One request as it goes out."""

    url: str
    method: str
    headers: dict[str, str]
    body: bytes | None


def fill(template: str, values: Mapping[str, str]) -> str:
    """A template with its gaps filled; other braces stay."""
    return GAP.sub(lambda found: values.get(found[1], ""), template)


def sign(gateway: SmsGateway, values: Mapping[str, str]) -> str:
    """The signature in hexadecimal over the filled template; empty where the gateway wants none."""
    said = fill(gateway.sign_template, values).encode()
    match gateway.signing:
        case SmsSigning.SHA256:
            return hmac.new(gateway.secret_sealed.encode(), said, hashlib.sha256).hexdigest()
        case SmsSigning.MD5:
            return hashlib.md5(said, usedforsecurity=False).hexdigest()
        case SmsSigning.SM3:
            made = hashes.Hash(hashes.SM3())
            made.update(said)
            return made.finalize().hex()
        case _:
            return ""


def request_of(gateway: SmsGateway, *, phone: str, text: str, nonce: str) -> Wire:
    """The request for one message. nonce: stays the same when the message is tried again, so that a gateway may know it."""
    now = clock.now()
    values = {
        "phone": phone,
        "text": text,
        "nonce": nonce,
        "time": str(int(now.timestamp())),
        "time_ms": str(int(now.timestamp() * 1000)),
        "stamp": f"{clock.local(now):%Y%m%d%H%M%S}",
        "secret": gateway.secret_sealed,
    }
    values["sign"] = sign(gateway, values)
    headers = {name: _header(fill(value, values)) for name, value in headers_of(gateway.headers)}
    if gateway.body_kind == SmsBody.JSON:
        body = json.dumps(_filled(json.loads(gateway.body), values), ensure_ascii=False).encode()
        return Wire(gateway.url, "POST", {"Content-Type": "application/json; charset=utf-8", **headers}, body)
    pairs = urlencode([(name, fill(value, values)) for name, value in fields_of(gateway.body)])
    if gateway.body_kind == SmsBody.QUERY:
        return Wire(f"{gateway.url}{'&' if '?' in gateway.url else '?'}{pairs}", "GET", headers, None)
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return Wire(gateway.url, "POST", {**kind, **headers}, pairs.encode())


def _header(value: str) -> str:
    """What may stand in a header: one line of Latin letters."""
    return re.sub(r"[^\x20-\x7e]", "", value)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, dict):
        return {name: _filled(one, values) for name, one in value.items()}
    return [_filled(one, values) for one in value] if isinstance(value, list) else value


def headers_of(text: str) -> list[tuple[str, str]]:
    """Headers as they were typed, one a line. ValueError for a line without a colon or with a strange name."""
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z0-9-]{1,60}", name.strip()):
            raise ValueError(line)
        found.append((name.strip(), value.strip()))
    return found


def fields_of(text: str) -> list[tuple[str, str]]:
    """The fields of a form template: name=value joined by & or by line ends; values as they are, not escaped."""
    found = []
    for part in re.split(r"[&\r\n]+", text.strip()):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise ValueError(part)
        found.append((name.strip(), value.strip()))
    return found


def at_path(value: Any, path: str) -> Any:
    """What stands at a path of names and numbers joined by dots: data.0.code. None where nothing does."""
    for step in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def words_of(value: Any) -> str:
    """A value of an answer as it is compared: true and 0 as they are written in JSON."""
    if isinstance(value, str):
        return value.strip()
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def values_of(text: str) -> list[str]:
    """Values as they were typed, joined by commas."""
    return [one.strip() for one in re.split(r"[,，]", text) if one.strip()]


def result_of(gateway: SmsGateway, reply: Reply) -> Result:
    """What an answer means. Down: no answer that can be read, or an error of the server; unclear: it may have been sent."""
    if reply.is_forbidden:
        return Result("temporary", reply.words, is_down=True)
    if reply.status == 0 and reply.was_sent and not gateway.is_idempotent:
        return Result("unclear", f"{reply.words}，不知道发了没有", is_down=True)
    if reply.is_down:
        words = reply.words or f"网关回答 {reply.status}：{reply.text}"
        return Result("temporary", words[:MOST_SHOWN], is_down=True)
    if not gateway.success_path:
        if reply.is_ok:
            return Result(_taken(gateway), reference=_reference(gateway, reply))
        return Result("permanent", f"网关回答 {reply.status}：{reply.text}"[:MOST_SHOWN])
    try:
        found = json.loads(reply.body)
    except ValueError:
        # an answer that is no answer: a page of a proxy, a login form. The gateway itself did not speak
        return Result("temporary", f"网关的回答看不懂：{reply.text}"[:MOST_SHOWN], is_down=True)
    said = words_of(at_path(found, gateway.success_path))
    if said in values_of(gateway.success_values):
        return Result(_taken(gateway), reference=_reference(gateway, reply))
    words = f"网关回答 {said or '空'}：{reply.text}"[:MOST_SHOWN]
    if said in values_of(gateway.temporary_values):
        return Result("temporary", words)
    return Result("permanent", words)


def _taken(gateway: SmsGateway) -> Any:
    return "accepted" if gateway.takes_reports else "delivered"


def _reference(gateway: SmsGateway, reply: Reply) -> str:
    if not gateway.reference_path:
        return ""
    try:
        return words_of(at_path(json.loads(reply.body), gateway.reference_path))[:80]
    except ValueError:
        return ""


def send(gateway: SmsGateway, *, phone: str, text: str, nonce: str) -> Result:
    """Send one message and say what became of it."""
    wire = request_of(gateway, phone=phone, text=text, nonce=nonce)
    reply = call(wire.url, body=wire.body, headers=wire.headers, method=wire.method)
    result = result_of(gateway, reply)
    if result.kind == "accepted" and not result.reference:
        return Result("accepted", reference=nonce)  # who names no number of its own reports on ours
    hidden = result.words
    for said in (phone, text, gateway.secret_sealed):
        hidden = hidden.replace(said, "……") if said else hidden
    hidden = KEYS.sub("……", hidden)
    return Result(result.kind, hidden, result.reference, result.is_down)


def reports_in(gateway: SmsGateway, body: Any) -> list[tuple[str, bool, str]]:
    """What a delivery report says: reference, whether it was delivered, the gateway's own word. RuleError not_understood."""
    found = at_path(body, gateway.report_list_path)
    rows = found if isinstance(found, list) else [found]
    delivered = values_of(gateway.report_delivered_values)
    told = []
    for row in rows[:1000]:
        reference = words_of(at_path(row, gateway.report_reference_path))
        state = words_of(at_path(row, gateway.report_state_path))
        if not reference:
            raise RuleError("not_understood", "回报里没有编号，请核对回报的格式")
        told.append((reference[:80], state in delivered, state[:60]))
    return told
