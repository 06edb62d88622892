"""Time-based one-time passwords (RFC 6238: SHA-1, six digits, steps of thirty seconds). Pure: no clock, no table."""

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP = 30
DIGITS = 6
DRIFT = 1  # steps that a phone's clock may be early or late
ISSUER = "驿家安"
_SECRET_BYTES = 20


def new_secret() -> str:
    """A fresh secret in Base32, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def step_at(moment: datetime) -> int:
    """The number of the step that a moment lies in."""
    return int(moment.timestamp()) // STEP


def code_of(secret: str, step: int) -> str:
    """The code of one step."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def code_at(secret: str, moment: datetime) -> str:
    """The code that an authenticator shows at a moment."""
    return code_of(secret, step_at(moment))


def matching_step(secret: str, code: str, moment: datetime, after: int = 0) -> int | None:
    """The step near a moment that a code belongs to, among those later than the last one used; None for a wrong code."""
    now = step_at(moment)
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > after and hmac.compare_digest(code_of(secret, step).encode(), code.encode()):
            found = step
    return found


def address(secret: str, username: str) -> str:
    """What the QR code holds."""
    label = quote(f"{ISSUER}:{username}")
    # %20 and not +: authenticators show a plus as it is
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER}, quote_via=quote)}"


def grouped(secret: str) -> str:
    """In groups of four, for people who type it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
