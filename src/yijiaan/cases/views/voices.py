"""What comes with a report instead of words: a recording, or a picture alone."""

from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile

from yijiaan.cases.actions import add_voice
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.files.actions import MOST_PICTURE_BYTES, note_refused
from yijiaan.engines.files.queries import MOST_SOUND_BYTES, check_picture, check_recording

SPOKEN = "说了一段话，请听录音"
SHOWN = "拍了照片，请看照片"


def _bytes(file: UploadedFile, most: int) -> bytes:
    """The content, a little more than is allowed at the most."""
    file.seek(0)
    raw = file.read(most + 1)
    file.seek(0)
    return raw


def words_or_instead(
    actor: Actor, text: str, *, voice: UploadedFile | None, photos: Sequence[UploadedFile] = ()
) -> str:
    """The words, or what stands for them when somebody spoke or took a picture.

    RuleErrors of `files` at voice or photos when that cannot be heard or seen: then there would be nothing at all.
    """
    if text.strip():
        return text
    if voice:
        check_recording(actor, raw=_bytes(voice, MOST_SOUND_BYTES))
        return SPOKEN
    if photos:
        check_picture(actor, raw=_bytes(photos[0], MOST_PICTURE_BYTES), field="photos")
        return SHOWN
    return text


def keep_voice(actor: Actor, file: UploadedFile | None, *, number: str = "") -> list[str]:
    """Add the recording; one sentence when it was not taken."""
    if not file:
        return []
    try:
        add_voice(actor=actor, raw=_bytes(file, MOST_SOUND_BYTES), number=number)
    except RuleError as error:
        note_refused(actor=actor, code=error.code, size=file.size or 0)
        return [f"录音没有收：{error.message}"]
    return []
