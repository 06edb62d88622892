"""The bytes of a file as an answer, for the pages of the apps that own it."""

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase

from yijiaan.core.errors import NotFound
from yijiaan.engines.files import store
from yijiaan.engines.files.models import StoredFile


def answer_with(file: StoredFile, thumb: bool) -> HttpResponseBase:
    """The bytes of a file that was already allowed, through the proxy where one is configured."""
    response: HttpResponseBase
    if settings.ACCEL_PREFIX:
        response = HttpResponse(content_type=file.media_type)
        response["X-Accel-Redirect"] = settings.ACCEL_PREFIX + store.relative_path(file.sha256, thumb)
    else:
        path = store.path_of(file.sha256, thumb)
        if not path.is_file():
            raise NotFound
        response = FileResponse(path.open("rb"), content_type=file.media_type)
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Disposition"] = "inline"
    return response
