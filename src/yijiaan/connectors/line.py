"""The line to an outside system: one request with a time-out, no redirects, guarded where an administrator typed the address.

A guarded request resolves the name once, refuses private addresses that the installation does not allow, and connects to
the very address it looked at, so that a name cannot change its meaning between the look and the call.
"""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from time import monotonic
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from yijiaan.core.errors import RuleError

TIMEOUT = 10.0  # seconds
MOST_ANSWER = 64 * 1024
TRANSIENT = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


class Refused(Exception):
    """The address may not be called; the words say why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. status 0: nothing; was_sent then says whether the request may have arrived all the same."""

    status: int
    body: bytes = b""
    words: str = ""
    was_sent: bool = False
    is_forbidden: bool = False

    @property
    def is_ok(self) -> bool:
        """2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_down(self) -> bool:
        """Nobody answers there now; try again later."""
        return self.status == 0 or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.status in TRANSIENT

    @property
    def text(self) -> str:
        """The body as words."""
        return self.body.decode("utf-8", "replace").strip()


def call(
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
    guarded: bool = True,
    timeout: float | None = None,
) -> Reply:
    """Send one request and read the answer. Never raises for what the other side does."""
    parts = urlsplit(url)
    within = TIMEOUT if timeout is None else timeout
    try:
        address = _address(parts, guarded=guarded)
    except Refused as refused:
        return Reply(0, words=str(refused), is_forbidden=True)
    except OSError as error:
        return Reply(0, words=f"连不上：{error.strerror or error}"[:200])
    line = _line(parts, address, within)
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    sent = False
    try:
        line.connect()
        sent = True
        line.request(method, target, body, {"Host": parts.netloc.rpartition("@")[2], **(headers or {})})
        return _read(line, monotonic() + within)
    except (HTTPException, OSError, ValueError) as error:
        words = (
            "等了太久没有回答" if isinstance(error, TimeoutError) else getattr(error, "strerror", None) or str(error)
        )
        return Reply(0, words=f"{'没有得到回答' if sent else '连不上'}：{words}"[:200], was_sent=sent)
    finally:
        line.close()


def _read(line: HTTPConnection, until: float) -> Reply:
    """The answer, cut where it grows long; one that drips for ever ends with the time-out too."""
    response = line.getresponse()
    found = b""
    while len(found) < MOST_ANSWER:
        part = response.read1(min(8192, MOST_ANSWER - len(found)))
        if not part:
            break
        found += part
        if monotonic() > until:
            raise TimeoutError
    return Reply(response.status, found, was_sent=True)


def _line(parts: SplitResult, address: str, within: float) -> HTTPConnection:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme == "https":
        return _Secure(
            parts.hostname or "", port, timeout=within, context=ssl.create_default_context(), address=address
        )
    return HTTPConnection(address, port, timeout=within)


class _Secure(HTTPSConnection):
    """TLS to an address already looked up, with the certificate of the name."""

    def __init__(self, host: str, port: int, *, timeout: float, context: ssl.SSLContext, address: str) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._tls, self._to = context, (address, port)

    def connect(self) -> None:
        """Connect to the address and shake hands under the name."""
        plain = socket.create_connection(self._to, self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def _address(parts: SplitResult, *, guarded: bool) -> str:
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if guarded:
        for address in addresses:  # one bad one among several is enough: round robin would reach it some day
            if not is_allowed(address):
                raise Refused("这个地址在内网，本机设置不允许往那里发")
    return addresses[0]


def is_allowed(address: str) -> bool:
    """Whether a guarded request may go to an IP address: public ones, and those in the setting PRIVATE_TARGETS."""
    ip = ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    if any(ip in network for network in settings.PRIVATE_TARGETS):
        return True
    return ip.is_global and not ip.is_multicast


def check_url(url: str, *, field: str, guarded: bool = True) -> str:
    """An address as it may be kept. RuleErrors bad_address, private_address at the field."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_good = False
    if not is_good or len(url) > 300 or not url.isprintable() or " " in url or parts.username:  # noqa: PLR2004
        raise RuleError("bad_address", "地址要以 http:// 或 https:// 开头，最多 300 个字，不带用户名", field)
    try:
        literal = ip_address(parts.hostname or "")
    except ValueError:
        return url
    if guarded and not is_allowed(str(literal)):
        raise RuleError(
            "private_address", "这个地址在内网，本机设置不允许往那里发；要用请让运维加进 YIJIAAN_PRIVATE_TARGETS", field
        )
    return url
