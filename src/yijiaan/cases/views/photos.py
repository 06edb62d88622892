"""Pictures that come with a form about a case."""

from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile

from yijiaan.cases.actions import add_photo
from yijiaan.core.scope import Actor
from yijiaan.engines.files.actions import keep_pictures


def keep_photos(
    actor: Actor, files: Iterable[UploadedFile], *, number: str = "", purpose: str = "before"
) -> tuple[int, list[str]]:
    """Add each picture; how many were kept, and for each of the others one sentence that says which and why."""
    return keep_pictures(
        actor=actor, files=files, keep=lambda raw: add_photo(actor=actor, raw=raw, number=number, purpose=purpose)
    )
