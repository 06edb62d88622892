"""Files that hold people's data, sealed on the disk piece by piece; and values sealed for a column."""

from pathlib import Path

from django.db.models import Model

from yijiaan.core.crypto import seal_bytes, unseal_bytes
from yijiaan.core.sealed import SealedField

PIECE = 4 << 20


def lock_away(path: Path, raw: bytes, context: str) -> None:
    """Write a file so that only this installation opens it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    with half.open("wb") as out:
        for number, start in enumerate(range(0, len(raw), PIECE)):
            sealed = seal_bytes(raw[start : start + PIECE], f"{context}.{number}")
            out.write(len(sealed).to_bytes(4) + sealed)
    half.rename(path)


def take_out(path: Path, context: str) -> bytes:
    """What was locked away; FileNotFoundError when it is gone."""
    pieces: list[bytes] = []
    with path.open("rb") as source:
        while head := source.read(4):
            pieces.append(unseal_bytes(source.read(int.from_bytes(head)), f"{context}.{len(pieces)}"))
    return b"".join(pieces)


def sealed_for(model: type[Model], name: str, text: str) -> bytes:
    """A text sealed for a column, for rows that are inserted by the hundred."""
    field = model._meta.get_field(name)
    assert isinstance(field, SealedField)
    sealed = field.sealed(text)
    return sealed.token if sealed else b""
