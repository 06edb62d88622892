"""Reading recordings that strangers send: type and length by content. Nothing is decoded; what a browser cannot be tricked into
running is kept as it came and served under one of the names below."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from yijiaan.core.errors import RuleError

MOST_BYTES = 12 * 1024 * 1024
MOST_SECONDS = 200  # the recorder stops at 120; a file chosen from the phone may be somewhat longer
NOT_SOUND = "这个文件不是录音，请重新录一段"
BROKEN = "录音没有传完整，请重新录一段"


@dataclass(frozen=True, slots=True)
class Recording:
    """What a file proved to be. seconds is 0 where its head does not tell."""

    media_type: str
    seconds: int


def read_recording(raw: bytes, field: str = "voice") -> Recording:
    """Find out what was recorded. RuleError voice_too_large, voice_not_sound, voice_broken or voice_too_long at `field`."""
    if len(raw) > MOST_BYTES:
        raise RuleError("voice_too_large", f"录音有 {len(raw) // 1048576} MB，最多 12 MB，请录短些", field)
    found = next(((kind, length) for is_it, kind, length in KINDS if is_it(raw)), None)
    if found is None:
        raise RuleError("voice_not_sound", NOT_SOUND, field)
    media_type, length = found
    try:
        seconds = length(raw)
    except (struct.error, IndexError, ZeroDivisionError) as error:
        raise RuleError("voice_broken", BROKEN, field) from error
    if seconds > MOST_SECONDS:
        raise RuleError("voice_too_long", f"录音有 {int(seconds) // 60} 分多，最多 3 分钟，请录短些", field)
    return Recording(media_type, round(seconds))


# ---- WebM: what Chromium's recorder writes ----

EBML, SEGMENT, CLUSTER, TIMECODE, BLOCK, GROUP, INFO, SCALE, TRACKS, TRACK, KIND = (
    0x1A45DFA3, 0x18538067, 0x1F43B675, 0xE7, 0xA3, 0xA0, 0x1549A966, 0x2AD7B1, 0x1654AE6B, 0xAE, 0x83,
)  # fmt: skip
INSIDE = {SEGMENT, CLUSTER, GROUP, INFO, TRACKS, TRACK}
VIDEO = 1


def _number(raw: bytes, at: int, keep_mark: bool) -> tuple[int, int]:
    """An EBML number and where it ends; -1 for "unknown size"."""
    first = raw[at]
    length = 9 - first.bit_length()
    if length > 8 or at + length > len(raw):
        raise IndexError
    value = int.from_bytes(raw[at : at + length], "big")
    if not keep_mark:
        value &= (1 << 7 * length) - 1
        if value == (1 << 7 * length) - 1:
            value = -1
    return value, at + length


def _elements(raw: bytes) -> Iterator[tuple[int, int, int]]:
    """id, begin and end of each element, walking into those that hold others."""
    at = 0
    while at < len(raw):
        key, body = _number(raw, at, True)
        size, body = _number(raw, body, False)
        if key in INSIDE:
            at = body
            continue
        if size < 0:
            raise IndexError
        yield key, body, min(body + size, len(raw))
        at = body + size


def _is_webm(raw: bytes) -> bool:
    return raw[:4] == b"\x1aE\xdf\xa3" and b"webm" in raw[:64]


def _webm_seconds(raw: bytes) -> float:
    scale, cluster, last = 1_000_000, 0, 0
    try:
        for key, begin, end in _elements(raw):
            if key == SCALE:
                scale = int.from_bytes(raw[begin:end], "big")
            elif key == KIND and int.from_bytes(raw[begin:end], "big") == VIDEO:
                raise RuleError("voice_not_sound", NOT_SOUND, "voice")
            elif key == TIMECODE:
                cluster = int.from_bytes(raw[begin:end], "big")
                last = max(last, cluster)
            elif key == BLOCK:
                last = max(last, cluster + struct.unpack(">h", raw[begin + 1 : begin + 3])[0])
    except IndexError:
        if not last:  # a recorder that was killed leaves its last block unfinished: what came before can be heard
            raise
    return last * scale / 1e9


# ---- the others: what phones hand over when a recording is chosen as a file ----


def _is_ogg(raw: bytes) -> bool:
    return raw[:4] == b"OggS" and (b"OpusHead" in raw[:128] or b"\x01vorbis" in raw[:128])


def _ogg_seconds(raw: bytes) -> float:
    page = raw.rfind(b"OggS")
    ticks = struct.unpack("<q", raw[page + 6 : page + 14])[0]
    head = raw.find(b"\x01vorbis", 0, 128)
    rate = 48_000 if head < 0 else struct.unpack("<I", raw[head + 12 : head + 16])[0]
    return max(ticks, 0) / rate


SOUND_BRANDS = {
    b"M4A ",
    b"mp41",
    b"mp42",
    b"isom",
    b"iso2",
    b"iso5",
    b"iso6",
    b"M4B ",
    b"dash",
    b"3gp4",
    b"3gp5",
    b"3gp6",
    b"3ge6",
}


def _is_mp4(raw: bytes) -> bool:
    return raw[4:8] == b"ftyp" and raw[8:12] in SOUND_BRANDS and b"vmhd" not in _movie(raw)


def _movie(raw: bytes) -> bytes:
    """The box that tells what the tracks are."""
    at = raw.find(b"moov")
    return raw[at : at + int.from_bytes(raw[at - 4 : at], "big")] if at > 4 else b""


def _mp4_seconds(raw: bytes) -> float:
    at = raw.find(b"mvhd")
    if at < 0:
        raise IndexError
    if raw[at + 4] == 1:
        scale, length = struct.unpack(">IQ", raw[at + 24 : at + 36])
    else:
        scale, length = struct.unpack(">II", raw[at + 16 : at + 24])
    return float(length / scale) if length not in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF) else 0.0


AMR_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1)


def _is_amr(raw: bytes) -> bool:
    return raw[:6] == b"#!AMR\n"


def _amr_seconds(raw: bytes) -> float:
    at, frames = 6, 0
    while at < len(raw):
        at += AMR_BYTES[raw[at] >> 3 & 15]
        frames += 1
    return frames * 0.02


def _is_wav(raw: bytes) -> bool:
    return raw[:4] == b"RIFF" and raw[8:16] == b"WAVEfmt "


def _wav_seconds(raw: bytes) -> float:
    return float((len(raw) - 44) / struct.unpack("<I", raw[28:32])[0])


def _is_mp3(raw: bytes) -> bool:
    return raw[:3] == b"ID3" or (len(raw) > 3 and raw[0] == 0xFF and raw[1] in (0xFB, 0xF3, 0xF2, 0xFA))


def _is_aac(raw: bytes) -> bool:
    return len(raw) > 7 and raw[0] == 0xFF and raw[1] in (0xF1, 0xF9)


def _unknown(raw: bytes) -> float:
    return 0.0


KINDS: tuple[tuple[Callable[[bytes], bool], str, Callable[[bytes], float]], ...] = (
    (_is_webm, "audio/webm", _webm_seconds),
    (_is_ogg, "audio/ogg", _ogg_seconds),
    (_is_mp4, "audio/mp4", _mp4_seconds),
    (_is_amr, "audio/amr", _amr_seconds),
    (_is_wav, "audio/wav", _wav_seconds),
    (_is_mp3, "audio/mpeg", _unknown),
    (_is_aac, "audio/aac", _unknown),
)
MEDIA_TYPES = frozenset(kind for _, kind, _ in KINDS)
