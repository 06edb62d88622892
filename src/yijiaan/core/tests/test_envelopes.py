"""Envelopes: opened by us alone, for what they were closed for, also after keys were rotated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yijiaan.core import keys
from yijiaan.core.envelopes import CannotOpen, close_envelope, open_envelope, public_key


@pytest.fixture(autouse=True)
def same_keys_afterwards():
    before = keys.ring()
    yield
    keys.use(before)


@given(st.binary(max_size=5000), st.text(max_size=80))
def test_what_was_closed_opens(content, context):
    assert open_envelope(close_envelope(content, context), context) == content


def test_for_something_else_it_stays_closed():
    envelope = close_envelope(b"x", "/field/report/")
    with pytest.raises(CannotOpen):
        open_envelope(envelope, "/field/other/")


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place, flip):
    envelope = bytearray(close_envelope(b"a" * 100, "a"))
    place %= len(envelope)
    envelope[place] ^= flip
    with pytest.raises(CannotOpen):
        open_envelope(bytes(envelope), "a")


@pytest.mark.parametrize("broken", [b"", b"00000001", b"x" * 60, b"00000001" + b"\x04" * 300])
def test_rubbish_is_refused(broken):
    with pytest.raises(CannotOpen):
        open_envelope(broken, "a")


def test_rotated_keys_open_what_they_closed_and_close_no_more():
    before, old = public_key(), close_envelope(b"x", "a")
    keys.rotate()
    assert public_key() != before
    assert open_envelope(old, "a") == b"x"


def test_another_installation_does_not_open_it():
    envelope = close_envelope(b"x", "a")
    ring = keys.ring()
    keys.use(keys.KeyRing("000000ff", {"000000ff": bytes(range(1, 17))}, ring.search))
    with pytest.raises(CannotOpen):
        open_envelope(envelope, "a")
