import hashlib
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.files import store
from yijiaan.engines.files.images import MOST_BYTES, read_picture
from yijiaan.engines.files.models import Reason, RefusedUpload, StoredFile, UploadPart
from yijiaan.engines.files.sounds import read_recording

MOST_FILES = 12
MOST_AT_ONCE = 6
MOST_RECORDINGS = 3
LARGEST_PART = 256 * 1024
MOST_PICTURE_BYTES = MOST_BYTES
MOST_PARTS = 96  # 24 MB


@transaction.atomic
def store_image(
    *, actor: Actor, county: str, subject_type: str, subject_id: UUID, purpose: str, raw: bytes, field: str = "photo"
) -> tuple[StoredFile, bool]:
    """Keep one picture of a subject, and say whether it is new: the same picture again gives the first row.

    The caller has decided that the actor may.
    """
    source = hashlib.sha256(raw).hexdigest()
    mine = StoredFile.objects.filter(county=county, subject_id=subject_id)
    known = mine.filter(source_sha256=source).first()
    if known is not None:
        return known, False
    if mine.exclude(media_type__startswith="audio/").count() >= MOST_FILES:
        raise RuleError("too_many_photos", f"一件事最多 {MOST_FILES} 张照片", field)
    picture = read_picture(raw, field)
    digest = hashlib.sha256(picture.data).hexdigest()
    store.write(digest, picture.data)
    store.write(digest, picture.thumb, thumb=True)
    kept = StoredFile(
        id=uuid7(),
        county=county,
        subject_type=subject_type,
        subject_id=subject_id,
        purpose=purpose,
        media_type="image/jpeg",
        size=len(picture.data),
        width=picture.width,
        height=picture.height,
        sha256=digest,
        source_sha256=source,
        added_by_kind=actor.kind.value,
        added_by_post_id=actor.post_id,
        added_at=clock.now(),
    )
    StoredFile.objects.bulk_create([kept], ignore_conflicts=True)
    stored = mine.get(source_sha256=source)
    return stored, stored.id == kept.id


@transaction.atomic
def store_recording(
    *, actor: Actor, county: str, subject_type: str, subject_id: UUID, raw: bytes, field: str = "voice"
) -> tuple[StoredFile, bool]:
    """Keep what somebody said about a subject, and say whether it is new: the same recording again gives the first row.

    The caller has decided that the actor may. RuleErrors of `sounds.read_recording`, too_many_recordings, disk_full.
    """
    digest = hashlib.sha256(raw).hexdigest()
    mine = StoredFile.objects.filter(county=county, subject_id=subject_id)
    known = mine.filter(source_sha256=digest).first()
    if known is not None:
        return known, False
    if mine.filter(media_type__startswith="audio/").count() >= MOST_RECORDINGS:
        raise RuleError("too_many_recordings", f"一件事最多 {MOST_RECORDINGS} 段录音", field)
    recording = read_recording(raw, field)
    store.write(digest, raw, suffix=store.SOUND)
    kept = StoredFile(
        id=uuid7(),
        county=county,
        subject_type=subject_type,
        subject_id=subject_id,
        purpose="voice",
        media_type=recording.media_type,
        size=len(raw),
        seconds=recording.seconds,
        sha256=digest,
        source_sha256=digest,
        added_by_kind=actor.kind.value,
        added_by_post_id=actor.post_id,
        added_at=clock.now(),
    )
    StoredFile.objects.bulk_create([kept], ignore_conflicts=True)
    stored = mine.get(source_sha256=digest)
    return stored, stored.id == kept.id


def note_refused(*, actor: Actor, code: str, size: int) -> RefusedUpload:
    """Remember that a file was refused, for whoever runs the installation; outside the deed that was undone with it. The file
    itself is kept nowhere."""
    reason = code if code in Reason.values else Reason.OTHER
    row = RefusedUpload(reason=reason, size=size, sent_by_kind=actor.kind.value, refused_at=clock.now())
    row.save(force_insert=True)
    return row


def keep_pictures(
    *, actor: Actor, files: Iterable[UploadedFile], keep: Callable[[bytes], Any]
) -> tuple[int, list[str]]:
    """Keep each picture that came with a form by a deed of its own, so that a bad one loses nothing but itself; how many were kept,
    and for each of the others one sentence that says which and why."""
    kept, refused = 0, []
    for place, file in enumerate(files, 1):
        size = file.size or 0
        if place > MOST_AT_ONCE:
            refused.append(f"一次最多 {MOST_AT_ONCE} 张，第 {place} 张起没有收。")
            break
        try:
            if size > MOST_PICTURE_BYTES:
                raise RuleError("photo_too_large", f"超过 {MOST_PICTURE_BYTES // 1024 // 1024} MB，请换小一点的。")
            keep(file.read())
        except RuleError as error:
            note_refused(actor=actor, code=error.code, size=size)
            refused.append(f"第 {place} 张照片没有收：{error.message}")
        else:
            kept += 1
    return kept, refused


def store_part(*, actor: Actor, client_key: UUID, number: int, data: bytes) -> None:
    """Keep a piece; the same number again changes nothing. RuleErrors part_too_large, too_many_parts, empty_part."""
    if not data:
        raise RuleError("empty_part", "这一段是空的")
    if len(data) > LARGEST_PART:
        raise RuleError("part_too_large", f"一段最多 {LARGEST_PART // 1024} KB")
    if number >= MOST_PARTS:
        raise RuleError("too_many_parts", "照片和录音加起来太大，请去掉几张再交")
    part = UploadPart(id=uuid7(), client_key=client_key, number=number, data=data, stored_at=clock.now())
    UploadPart.objects.bulk_create([part], ignore_conflicts=True)


def drop_parts(*, actor: Actor, client_key: UUID) -> None:
    """Forget the pieces of what has arrived."""
    UploadPart.objects.filter(client_key=client_key).delete()
