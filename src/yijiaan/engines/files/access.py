"""The bytes of a file as an answer, for the pages of the apps that own it."""

import re
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase

from yijiaan.core.errors import NotFound
from yijiaan.engines.files import store
from yijiaan.engines.files.images import FORMATS
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.files.sounds import MEDIA_TYPES

SHOWN = MEDIA_TYPES | {f"image/{name.lower()}" for name in FORMATS}
PART = re.compile(r"bytes=(\d+)-(\d*)")


def answer_with(file: StoredFile, thumb: bool, part: str = "") -> HttpResponseBase:
    """The bytes of a file that was already allowed, through the proxy where one is configured.

    part: the header Range, which some players insist on for recordings; anything but one plain range gets the whole.
    """
    if file.is_sound and thumb:
        raise NotFound
    suffix = store.SOUND if file.is_sound else store.PICTURE
    media_type = file.media_type if file.media_type in SHOWN else "application/octet-stream"
    response: HttpResponseBase
    if settings.ACCEL_PREFIX:
        response = HttpResponse(content_type=media_type)
        response["X-Accel-Redirect"] = settings.ACCEL_PREFIX + store.relative_path(file.sha256, thumb, suffix)
    else:
        path = store.path_of(file.sha256, thumb, suffix)
        if not path.is_file():
            raise NotFound
        if file.is_sound:
            response = _part_of(path, media_type, part)
        else:
            response = FileResponse(path.open("rb"), content_type=media_type)
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Disposition"] = "inline"
    return response


def _part_of(path: Path, media_type: str, part: str) -> HttpResponse:
    data = path.read_bytes()  # bounded: a recording has 12 MB at the most
    asked = PART.fullmatch(part)
    begin = int(asked[1]) if asked else 0
    if asked is None or begin >= len(data):
        response = HttpResponse(data, content_type=media_type)
    else:
        end = min(int(asked[2] or len(data)), len(data) - 1)
        response = HttpResponse(data[begin : end + 1], content_type=media_type, status=206)
        response["Content-Range"] = f"bytes {begin}-{end}/{len(data)}"
    response["Accept-Ranges"] = "bytes"
    return response
