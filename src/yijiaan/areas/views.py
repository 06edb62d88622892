from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from yijiaan.areas.models import LENGTH_OF
from yijiaan.areas.queries import geojson_body
from yijiaan.core.errors import NotFound


@require_safe
def shapes(request: HttpRequest, code: str, level: str) -> HttpResponse:
    """Borders of a level inside an area, for maps; borders are public. Answers 304 to a known ETag."""
    if not (code.isascii() and code.isdigit()) or len(code) not in {6, 9, 12} or LENGTH_OF[level] < len(code):
        raise NotFound
    body, etag = geojson_body(request.actor, code=code, level=level)  # type: ignore[attr-defined]
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type="application/geo+json")
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=60"
    return response
