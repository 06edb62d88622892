"""Envelopes that anybody can close and only this installation opens: what a phone keeps until it is sent.

A phone has no national cipher in its browser, so an envelope is P-256 (ephemeral against ours), HKDF-SHA256 and AES-256-GCM, which every
browser has. Our half of the agreement follows from a key of the ring (`keys.py`), so a restored backup opens what was closed before.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from yijiaan.core import keys

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-4, D.1.2.3)
POINT, NONCE, KIND = 65, 12, 8
INFO = b"yijiaan outbox 1"


class CannotOpen(Exception):
    """The envelope was closed for another installation, or changed on its way."""


def public_key() -> str:
    """What a phone closes envelopes with: the identifier of the key, a dot, and the point in base64url."""
    return _public(keys.ring().current)


@lru_cache(maxsize=16)
def _public(identifier: str) -> str:
    return f"{identifier}.{urlsafe_b64encode(_point(identifier)).decode().rstrip('=')}"


def _private(identifier: str) -> ec.EllipticCurvePrivateKey:
    return _derived(identifier, keys.ring().seal[identifier])


@lru_cache(maxsize=16)
def _derived(identifier: str, secret: bytes) -> ec.EllipticCurvePrivateKey:
    seed = HKDF(SHA256(), 48, identifier.encode(), b"yijiaan outbox private key").derive(secret)
    return ec.derive_private_key(int.from_bytes(seed) % (ORDER - 1) + 1, ec.SECP256R1())


def _point(identifier: str) -> bytes:
    return _private(identifier).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _content_key(private: ec.EllipticCurvePrivateKey, other: bytes, salt: bytes) -> bytes:
    peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), other)
    return HKDF(SHA256(), 32, salt, INFO).derive(private.exchange(ec.ECDH(), peer))


def close_envelope(content: bytes, context: str, *, public: str | None = None) -> bytes:
    """As a phone closes it; for tests. Identifier of the key (8 signs), ephemeral point, nonce, sealed content."""
    identifier, _, _ = (public or public_key()).partition(".")
    ours = _point(identifier)
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    key = _content_key(private, ours, point + ours)
    nonce = bytes(NONCE)
    return identifier.encode() + point + nonce + AESGCM(key).encrypt(nonce, content, context.encode())


def open_envelope(envelope: bytes, context: str) -> bytes:
    """The content. context: what it was closed for, bound to it. CannotOpen otherwise."""
    identifier = envelope[:KIND].decode("ascii", "replace")
    point, rest = envelope[KIND : KIND + POINT], envelope[KIND + POINT :]
    if identifier not in keys.ring().seal and identifier not in keys.refresh().seal:
        raise CannotOpen
    try:
        key = _content_key(_private(identifier), point, point + _point(identifier))
        return AESGCM(key).decrypt(rest[:NONCE], rest[NONCE:], context.encode())
    except (InvalidTag, ValueError) as broken:
        raise CannotOpen from broken
