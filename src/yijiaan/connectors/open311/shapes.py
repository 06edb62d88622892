"""Answers as the specification writes them: bare arrays in JSON, named elements in XML. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpResponse

# the elements of lists: what an item of this list is called in XML
ITEM_OF = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "attributes": "attribute",
    "values": "value",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "x_events": "event",
}


def answer(form: str, root: str, body: Any, status: int = 200) -> HttpResponse:
    """Body in the format asked for; root names the outermost element of XML."""
    if form == "xml":
        text = f'<?xml version="1.0" encoding="utf-8"?>\n{_element(root, body)}'
        response = HttpResponse(text, status=status, content_type="text/xml; charset=utf-8")
    else:
        raw = json.dumps(body, ensure_ascii=False)
        response = HttpResponse(raw, status=status, content_type="application/json; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"  # what anybody may read, a page of anybody may
    response["Cache-Control"] = "no-store" if status != 200 else "public, max-age=0, must-revalidate"  # noqa: PLR2004
    return response


def errors(form: str, status: int, *descriptions: str) -> HttpResponse:
    """An array of code and description; the code repeats the HTTP status."""
    body = [{"code": status, "description": text} for text in descriptions]
    return answer(form, "errors", body, status)


def _element(name: str, value: Any) -> str:
    if value is None or value == "":
        return f"<{name}/>"
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_element(key, one) for key, one in value.items())}</{name}>"
    if isinstance(value, Sequence) and not isinstance(value, str):
        item = ITEM_OF[name]
        return f"<{name}>{''.join(_element(item, one) for one in value)}</{name}>"
    if isinstance(value, bool):
        value = "true" if value else "false"
    # what XML 1.0 cannot hold, no escape can bring in
    plain = "".join(letter for letter in str(value) if letter >= " " or letter in "\t\n")
    return f"<{name}>{escape(plain)}</{name}>"
