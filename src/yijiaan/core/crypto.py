"""Sealing with SM4-GCM, and keyed SM3 hashes by which sealed values can still be found.

A sealed value is: format (1 byte), key identifier (4), nonce (12), tag (16), ciphertext. The context (for example
"cases_reporter.phone") is authenticated, so a value copied into another column does not open.
"""

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from yijiaan.core import keys

_FORMAT = b"\x01"
_HEAD = 5
_NONCE = 12
_TAG = 16
SEARCH_BYTES = 16


class CannotOpen(Exception):
    """The value was changed, belongs elsewhere, or its key is not here. Never a user's fault."""


def seal(text: str, context: str = "") -> bytes:
    """Seal a text under the current key."""
    held = keys.ring()
    return _FORMAT + bytes.fromhex(held.current) + _locked(_cipher(held.seal[held.current]), text, context)


def seal_bytes(data: bytes, context: str) -> bytes:
    """Seal a piece of a file under the current key."""
    held = keys.ring()
    return _FORMAT + bytes.fromhex(held.current) + _locked_bytes(_cipher(held.seal[held.current]), data, context)


def _locked(cipher: algorithms.SM4, text: str, context: str) -> bytes:
    return _locked_bytes(cipher, text.encode(), context)


def _locked_bytes(cipher: algorithms.SM4, data: bytes, context: str) -> bytes:
    nonce = os.urandom(_NONCE)
    work = Cipher(cipher, modes.GCM(nonce)).encryptor()
    work.authenticate_additional_data(context.encode())
    body = work.update(data) + work.finalize()
    return nonce + work.tag + body


def _opened(cipher: algorithms.SM4, locked: bytes, context: str) -> str:
    return _opened_bytes(cipher, locked, context).decode()


def _opened_bytes(cipher: algorithms.SM4, locked: bytes, context: str) -> bytes:
    nonce, tag = locked[:_NONCE], locked[_NONCE : _NONCE + _TAG]
    work = Cipher(cipher, modes.GCM(nonce, tag)).decryptor()
    work.authenticate_additional_data(context.encode())
    try:
        return bytes(work.update(locked[_NONCE + _TAG :]) + work.finalize())
    except InvalidTag as changed:
        raise CannotOpen("the value was changed or belongs elsewhere") from changed


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> algorithms.SM4:
    return algorithms.SM4(key)


def unseal(sealed: bytes, context: str = "") -> str:
    """Open a sealed text, whichever key sealed it."""
    return unseal_bytes(sealed, context).decode()


def unseal_bytes(sealed: bytes, context: str) -> bytes:
    """Open a sealed piece of a file, whichever key sealed it."""
    sealed = bytes(sealed)
    if len(sealed) < _HEAD + _NONCE + _TAG or sealed[:1] != _FORMAT:
        raise CannotOpen("not a sealed value")
    identifier = key_identifier(sealed)
    key = keys.ring().seal.get(identifier) or keys.refresh().seal.get(identifier)
    if key is None:
        raise CannotOpen(f"sealed with key {identifier}, which this installation does not have")
    return _opened_bytes(algorithms.SM4(key), sealed[_HEAD:], context)


def new_key() -> bytes:
    """A fresh key for values of one person; kept sealed itself, destroyed when the values are to be forgotten."""
    return os.urandom(16)


def seal_under(key: bytes, text: str, context: str) -> bytes:
    """Seal a text under a key of its own instead of the installation's."""
    return _locked(algorithms.SM4(key), text, context)


def unseal_under(key: bytes, sealed: bytes, context: str) -> str:
    """Open what `seal_under` sealed."""
    if len(sealed) < _NONCE + _TAG:
        raise CannotOpen("not a sealed value")
    return _opened(algorithms.SM4(key), bytes(sealed), context)


def key_identifier(sealed: bytes) -> str:
    """Which key sealed this value."""
    return bytes(sealed)[1:_HEAD].hex()


def search_hash(purpose: str, text: str) -> bytes:
    """16 bytes by which an exact value can be found again: HMAC-SM3 under the search key. The same text under another
    purpose gives another hash, so columns cannot be joined with each other."""
    work = _begun(keys.ring().search, purpose).copy()
    work.update(text.encode())
    return work.finalize()[:SEARCH_BYTES]


@lru_cache(maxsize=64)
def _begun(key: bytes, purpose: str) -> hmac.HMAC:
    work = hmac.HMAC(key, hashes.SM3())
    work.update(purpose.encode() + b"\x00")
    return work
