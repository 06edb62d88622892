"""Who speaks: a keyed hash over time, method, path and body, within a few minutes of our clock."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from yijiaan.connectors.models import Algorithm
from yijiaan.core import clock
from yijiaan.core.errors import RuleError

KEY, TIME, SIGNATURE = "X-Yijiaan-Key", "X-Yijiaan-Time", "X-Yijiaan-Signature"
WINDOW = timedelta(minutes=5)


def signature(secret: str, algorithm: str, *, at: str, method: str, path: str, body: bytes) -> str:
    """The signature in hexadecimal: over the time in seconds, the method, the path with its query, and the body, in lines."""
    said = b"\n".join([at.encode(), method.upper().encode(), path.encode(), body])
    if algorithm == Algorithm.SHA256:
        return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()
    made = HMAC(secret.encode(), hashes.SM3())
    made.update(said)
    return made.finalize().hex()


def headers(secret: str, algorithm: str, key: str, *, method: str, path: str, body: bytes) -> dict[str, str]:
    """What a signed request carries."""
    at = str(int(clock.now().timestamp()))
    return {KEY: key, TIME: at, SIGNATURE: signature(secret, algorithm, at=at, method=method, path=path, body=body)}


def check(
    secret: str,
    algorithm: str,
    given: Mapping[str, str],
    *,
    method: str,
    path: str,
    body: bytes,
    window: timedelta = WINDOW,
) -> None:
    """RuleError bad_time (not within five minutes: a recording, or a clock that is wrong) or bad_signature."""
    at = given.get(TIME, "")
    if not at.isascii() or not at.isdigit() or len(at) > 12:  # noqa: PLR2004
        raise RuleError("bad_time", f"{TIME} 要写从 1970 年起的秒数")
    told = datetime.fromtimestamp(int(at), tz=clock.SHANGHAI)
    if abs(clock.now() - told) > window:
        raise RuleError("bad_time", "时间差超过 5 分钟，请校准服务器时钟后重新签名")
    wanted = signature(secret, algorithm, at=at, method=method, path=path, body=body)
    if not hmac.compare_digest(wanted, given.get(SIGNATURE, "").lower()):
        raise RuleError("bad_signature", "签名不对，请核对密钥、算法和签名的内容")
