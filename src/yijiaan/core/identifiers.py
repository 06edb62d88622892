"""Identifiers made in Python: UUIDv7 from our clock, county tokens, codes for people to carry."""

import base64
import os
import secrets
import threading
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID, SafeUUID

from yijiaan.core import clock

_new, _set = object.__new__, object.__setattr__
_lock = threading.Lock()
_last = 0
_pool = b""  # random bytes drawn ahead: a system call an identifier would be most of its cost
_POOL = 4096


def _forget() -> None:
    global _pool
    _pool = b""


os.register_at_fork(after_in_child=_forget)  # parent and child must not hand out the same bytes


def _random(count: int) -> bytes:
    """Random bytes from the system, each handed out once. The caller holds the lock."""
    global _pool
    if len(_pool) < count:
        _pool = os.urandom(_POOL)
    taken, _pool = _pool[:count], _pool[count:]
    return taken


def uuid7_after(before: UUID | None) -> UUID:
    """A UUIDv7 that stands behind another, even where the clock was set back since that was made; without one as `uuid7`."""
    made = uuid7()
    # some way behind it, not next to it: somebody else may ask for the same at this moment
    return made if before is None or made > before else UUID(int=before.int + 1 + secrets.randbits(40))


def uuid7() -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of our clock in ms, a counter within it (ids of a process rise), random bits."""
    global _last
    stamp = clock.milliseconds() << 12
    with _lock:
        # within one ms the 12-bit field counts up; a clock that stands still (tests) simply goes on counting
        _last = stamp if stamp > _last or stamp < _last - (60_000 << 12) else _last + 1
        value = _last
        random = _random(8)
    bits = (value >> 12 & (1 << 48) - 1) << 80 | 0x7 << 76 | (value & 0xFFF) << 64
    made = _new(UUID)  # what UUID(int=…) does, without its checks of other spellings
    _set(made, "int", bits | 0b10 << 62 | int.from_bytes(random) >> 2)
    _set(made, "is_safe", SafeUUID.unknown)
    return made


def made_at(identifier: UUID) -> datetime:
    """The moment in which a UUIDv7 was made."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, tz=UTC)


@lru_cache(maxsize=1024)
def county_token(county: str) -> str:
    """A county code of six digits as four base32 characters; `county_of_token` turns it back."""
    return base64.b32encode((int(county) << 4).to_bytes(3)).decode()[:4]


def county_of_token(token: str) -> str | None:
    """The county code in the first four characters of a code, None when they name none."""
    try:
        number = int.from_bytes(base64.b32decode(token[:4].upper() + "A===")) >> 4 & 0xFFFFF if len(token) >= 4 else -1
    except ValueError:
        return None
    return f"{number:06d}" if 110000 <= number <= 829999 else None


def tracking_code(county: str) -> str:
    """A public code: the county's token and 16 random base32 characters (80 bits)."""
    return county_token(county) + base64.b32encode(os.urandom(10)).decode()


def query_code() -> str:
    """Six random digits, for typing together with a report's number."""
    return f"{secrets.randbelow(1_000_000):06d}"
