from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.files import providers, store
from yijiaan.engines.files.images import read_picture
from yijiaan.engines.files.models import Reason, RefusedUpload, StoredFile, UploadPart
from yijiaan.engines.files.sounds import MOST_BYTES as MOST_SOUND_BYTES
from yijiaan.engines.files.sounds import read_recording

__all__ = [
    "MOST_SOUND_BYTES",
    "check_picture",
    "check_recording",
    "count_refused",
    "get_file",
    "list_files_of",
    "read_bytes",
    "thumbnail_place",
]


def list_files_of(actor: Actor, *, county: str, subject_ids: Iterable[UUID]) -> QuerySet[StoredFile]:
    """Attachments of some subjects, oldest first. The caller has made sure that the actor may see the subjects."""
    return StoredFile.objects.filter(county=county, subject_id__in=list(subject_ids)).order_by("added_at", "id")


def get_file(actor: Actor, *, county: str, file_id: UUID) -> StoredFile:
    """One attachment that the actor may open; NotFound otherwise."""
    file = StoredFile.objects.filter(county=county, id=file_id).first()
    if file is None or not providers.may_open(
        actor, county=county, subject_type=file.subject_type, subject_id=file.subject_id
    ):
        raise NotFound
    return file


def read_bytes(actor: Actor, *, file: StoredFile) -> bytes | None:
    """The bytes of a file that was already allowed; None when they are gone."""
    path = store.path_of(file.sha256, suffix=store.SOUND if file.is_sound else store.PICTURE)
    return path.read_bytes() if path.is_file() else None


def thumbnail_place(actor: Actor, *, file: StoredFile) -> str:
    """Where the small copy of a picture that was already allowed lies below MEDIA_ROOT, as "/ab/cd/…"; empty when it is gone."""
    place = store.relative_path(file.sha256, thumb=True)
    return f"/{place}" if store.path_of(file.sha256, thumb=True).is_file() else ""


def check_picture(actor: Actor, *, raw: bytes, field: str) -> None:
    """Refuse what cannot be seen, with the RuleErrors of `store_image` at the field; keeps nothing."""
    read_picture(raw, field)


def check_recording(actor: Actor, *, raw: bytes) -> None:
    """Refuse what cannot be heard, with RuleErrors at voice; keeps nothing."""
    read_recording(raw)


def count_refused(actor: Actor, *, since: datetime) -> dict[str, int]:
    """How many files were refused since a moment, by the reason in words, most first."""
    rows = RefusedUpload.objects.filter(refused_at__gte=since).values_list("reason").annotate(count=Count("id"))
    return {str(Reason(reason).label): count for reason, count in sorted(rows, key=lambda row: -row[1])}


def list_parts(actor: Actor, *, client_key: UUID) -> list[int]:
    """Which pieces have arrived, in their order."""
    rows = UploadPart.objects.filter(client_key=client_key).order_by("number")
    return list(rows.values_list("number", flat=True))


def join_parts(actor: Actor, *, client_key: UUID, count: int) -> bytes | None:
    """The whole; None while a piece is missing."""
    rows = UploadPart.objects.filter(client_key=client_key, number__lt=count).order_by("number")
    pieces = list(rows.values_list("data", flat=True))
    return b"".join(bytes(piece) for piece in pieces) if len(pieces) == count else None
