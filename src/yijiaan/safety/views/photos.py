"""Pictures as the kit's strip shows them."""

from collections.abc import Iterable

from yijiaan.engines.files.models import StoredFile


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
