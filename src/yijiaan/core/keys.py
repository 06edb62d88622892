"""The keys of this installation: several for sealing, one of them current, and one for search that never changes.

They come from the variable YIJIAAN_KEYS or from the file KEYS_FILE (0600), which is made at first use. Whoever loses
them loses every sealed value: back the file up together with the database.
"""

import fcntl
import json
import os
import secrets
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_lock = threading.Lock()
_held: "KeyRing | None" = None


@dataclass(frozen=True, slots=True)
class KeyRing:
    """identifier → key of 16 bytes; identifiers are 8 hex digits and stand in front of every sealed value."""

    current: str
    seal: dict[str, bytes]
    search: bytes

    def as_json(self) -> str:
        """The form that the file and the variable hold."""
        seal = {identifier: key.hex() for identifier, key in self.seal.items()}
        return json.dumps({"current": self.current, "seal": seal, "search": self.search.hex()}, indent=1)


_FOR_TESTS = KeyRing("00000001", {"00000001": bytes(range(16))}, bytes(range(32)))


def ring() -> KeyRing:
    """The keys, read once per process."""
    return _held or _load()


def refresh() -> KeyRing:
    """Read the keys again: another process may have rotated them."""
    return _load(again=True)


def use(keys: KeyRing | None) -> None:
    """Hold these keys instead (tests); None: forget, so that the next use reads again."""
    global _held
    _held = keys


def rotate() -> str:
    """Make a new current key in the file; the old ones still open what they sealed. Returns the new identifier."""
    if os.environ.get("YIJIAAN_KEYS"):
        raise ImproperlyConfigured("the keys come from YIJIAAN_KEYS: add a key there and name it as current")
    ring()  # so that there is a file
    with _alone():
        held = refresh()
        made = _new_identifier(held.seal)
        turned = KeyRing(made, {**held.seal, made: secrets.token_bytes(16)}, held.search)
        if not settings.TESTING:
            Path(_written(settings.KEYS_FILE, turned)).replace(settings.KEYS_FILE)
        use(turned)
    return made


@contextmanager
def _alone() -> Iterator[None]:
    """Two rotations at once would lose the key of one of them, and with it what it sealed."""
    if settings.TESTING:
        yield
        return
    folder = os.open(settings.KEYS_FILE.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _load(again: bool = False) -> KeyRing:
    global _held
    with _lock:
        if _held is None or (again and not settings.TESTING):
            _held = _read()
        return _held


def _read() -> KeyRing:
    given = os.environ.get("YIJIAAN_KEYS")
    if given:
        return _parsed(given, "YIJIAAN_KEYS")
    if settings.TESTING:
        return _FOR_TESTS
    file: Path = settings.KEYS_FILE
    if not file.exists():
        _make(file)
    if file.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"{file} can be read by others; chmod 600 it")
    return _parsed(file.read_text(), str(file))


def _parsed(text: str, source: str) -> KeyRing:
    try:
        raw = json.loads(text)
        seal = {identifier: bytes.fromhex(key) for identifier, key in raw["seal"].items()}
        held = KeyRing(raw["current"], seal, bytes.fromhex(raw["search"]))
        sound = held.current in seal and all(len(key) == 16 for key in seal.values()) and len(held.search) >= 16
        sound = sound and all(len(bytes.fromhex(identifier)) == 4 for identifier in seal)
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise ImproperlyConfigured(f"{source} does not hold keys in the form current, seal, search") from broken
    if not sound:
        raise ImproperlyConfigured(f"{source}: a key has the wrong length, or the current one is missing")
    return held


def _make(file: Path) -> None:
    """Write fresh keys unless another process was faster."""
    file.parent.mkdir(parents=True, exist_ok=True)
    first = _new_identifier({})
    temporary = _written(file, KeyRing(first, {first: secrets.token_bytes(16)}, secrets.token_bytes(32)))
    try:
        os.link(temporary, file)
    except FileExistsError:
        return
    finally:
        os.unlink(temporary)  # noqa: PTH108


def _written(file: Path, keys: KeyRing) -> str:
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # mkstemp makes it 0600
    with os.fdopen(handle, "w") as out:
        out.write(keys.as_json())
        out.flush()
        os.fsync(out.fileno())
    return temporary


def _new_identifier(taken: dict[str, bytes]) -> str:
    while (made := secrets.token_hex(4)) in taken:
        continue
    return made
