from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from yijiaan.engines.files.access import answer_with
from yijiaan.engines.files.queries import get_file


def serve(request: HttpRequest, county: str, file_id: UUID, thumb: bool = False) -> HttpResponseBase:
    """The bytes of an attachment, after asking its owner."""
    file = get_file(request.actor, county=county, file_id=file_id)  # type: ignore[attr-defined]
    return answer_with(file, thumb, request.headers.get("Range", ""))
