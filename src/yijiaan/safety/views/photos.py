"""Pictures that come with a form: each is its own deed, so a bad one loses nothing but itself."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.files.actions import note_refused
from yijiaan.engines.files.models import StoredFile

MOST_BYTES = 15 * 1024 * 1024
MOST = 6


def keep_pictures(actor: Actor, files: Iterable[UploadedFile], keep: Callable[[bytes], Any]) -> list[str]:
    """Keep each picture; for each that was refused one sentence that says which and why."""
    refused = []
    for place, file in enumerate(files, 1):
        if place > MOST:
            refused.append(f"一次最多 {MOST} 张，第 {place} 张起没有收。")
            break
        if (file.size or 0) > MOST_BYTES:
            note_refused(actor=actor, code="photo_too_large", size=file.size or 0)
            refused.append(f"第 {place} 张照片没有收：超过 {MOST_BYTES // 1024 // 1024} MB，请换小一点的。")
            continue
        try:
            keep(file.read())
        except RuleError as error:
            note_refused(actor=actor, code=error.code, size=file.size or 0)
            refused.append(f"第 {place} 张照片没有收：{error.message}")
    return refused


def shown(files: Iterable[StoredFile], labels: dict[str, str]) -> list[dict[str, str]]:
    """Pictures as the kit's strip shows them."""
    return [
        {
            "url": f"/files/{file.county}/{file.id}/",
            "thumbnail_url": f"/files/{file.county}/{file.id}/thumb/",
            "label": labels.get(file.purpose, "照片"),
        }
        for file in files
    ]
