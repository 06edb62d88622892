"""A stream under a passphrase: SM4-GCM in pieces of a mebibyte, the key by scrypt.

Each piece is bound to its place and to whether it is the last, so that a cut, a swap or a changed byte is noticed where it stands.
"""

import io
import os
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"yijiaan sealed backup 1\n"
PIECE = 1 << 20
_SALT, _PREFIX, _TAG = 16, 7, 16


class CannotUnseal(Exception):
    """The passphrase is wrong, or the stream was cut or changed."""


def is_sealed(start: bytes) -> bool:
    """Whether a stream that begins so is sealed."""
    return start.startswith(MAGIC)


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=16, n=2**15, r=8, p=1).derive(passphrase.encode())


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)


class SealedWriter(io.RawIOBase):
    """Seals what is written to it; `close` writes the last piece and leaves the stream below open."""

    def __init__(self, out: BinaryIO, passphrase: str) -> None:
        super().__init__()
        salt, self._prefix = os.urandom(_SALT), os.urandom(_PREFIX)
        self._out, self._cipher = out, algorithms.SM4(_key(passphrase, salt))
        self._waiting = bytearray()
        self._number = 0
        out.write(MAGIC + salt + self._prefix)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Take bytes; whole pieces go out as soon as something follows them."""
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def close(self) -> None:
        """Write the last piece."""
        if not self.closed:
            self._put(bytes(self._waiting), last=True)
        super().close()

    def _put(self, piece: bytes, *, last: bool) -> None:
        work = Cipher(self._cipher, modes.GCM(_nonce(self._prefix, self._number, last))).encryptor()
        self._out.write(work.update(piece) + work.finalize() + work.tag)
        self._number += 1


class SealedReader(io.RawIOBase):
    """Opens what SealedWriter wrote. CannotUnseal as soon as a piece does not fit."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        super().__init__()
        head = source.read(len(MAGIC) + _SALT + _PREFIX)
        if len(head) < len(MAGIC) + _SALT + _PREFIX or not is_sealed(head):
            raise CannotUnseal
        salt, self._prefix = head[len(MAGIC) : -_PREFIX], head[-_PREFIX:]
        self._source, self._cipher = source, algorithms.SM4(_key(passphrase, salt))
        self._number, self._is_over = 0, False
        self._next = source.read(PIECE + _TAG)
        self._open = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what was sealed."""
        while not self._open and not self._is_over:
            self._open = self._piece()
        count = min(len(buffer), len(self._open))
        buffer[:count] = self._open[:count]
        self._open = self._open[count:]
        return count

    def _piece(self) -> bytes:
        piece, self._next = self._next, self._source.read(PIECE + _TAG)
        last = not self._next
        if len(piece) < _TAG:
            raise CannotUnseal
        nonce = _nonce(self._prefix, self._number, last)
        work = Cipher(self._cipher, modes.GCM(nonce, piece[-_TAG:])).decryptor()
        try:
            opened = work.update(piece[:-_TAG]) + work.finalize()
        except InvalidTag as error:
            raise CannotUnseal from error
        self._number += 1
        self._is_over = last
        return opened
