"""Pictures that come with a form: each is its own deed, so a bad one loses nothing but itself."""

from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile

from yijiaan.cases.actions import add_photo
from yijiaan.cases.forms import MOST_PHOTO_BYTES, MOST_PHOTOS
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.files.actions import note_refused


def keep_photos(
    actor: Actor, files: Iterable[UploadedFile], *, number: str = "", purpose: str = "before"
) -> tuple[int, list[str]]:
    """Add each picture; how many were kept, and for each of the others one sentence that says which and why."""
    kept, refused = 0, []
    for place, file in enumerate(files, 1):
        if place > MOST_PHOTOS:
            refused.append(f"一次最多 {MOST_PHOTOS} 张，第 {place} 张起没有收。")
            break
        if (file.size or 0) > MOST_PHOTO_BYTES:
            note_refused(actor=actor, code="photo_too_large", size=file.size or 0)
            refused.append(f"第 {place} 张照片没有收：超过 {MOST_PHOTO_BYTES // 1024 // 1024} MB，请换小一点的。")
            continue
        try:
            add_photo(actor=actor, raw=file.read(), number=number, purpose=purpose)
        except RuleError as error:
            note_refused(actor=actor, code=error.code, size=file.size or 0)
            refused.append(f"第 {place} 张照片没有收：{error.message}")
        else:
            kept += 1
    return kept, refused
