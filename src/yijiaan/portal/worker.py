"""The service worker of the phone pages. It stands at the root, for its place is its scope."""

import gzip
import json
from functools import lru_cache
from hashlib import sha256

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

# what every phone page needs; what only one of them needs is kept when that page is
SHELL = (
    "yj/css/tokens.css",
    "yj/css/base.css",
    "yj/css/kit.css",
    "yj/css/field.css",
    "yj/css/print.css",
    "yj/ui/icon.svg",
    "yj/ui/app.webmanifest",
    *(
        f"yj/ui/{name}.js"
        for name in (
            "copy", "dialog", "draft", "keys", "offline", "outbox", "outbox_form", "outbox_words", "password", "photo", "position",
            "saved", "seal", "send", "start", "store", "voice",
        )
    ),
)  # fmt: skip
# what the list of what waits needs more: kept where somebody may report
WAITING = ("yj/ui/outbox_export.js", "yj/ui/outbox_page.js", "yj/ui/sides.js")
# the same for what the field pages need more, kept once somebody signs in to them
FIELD = (
    "yj/ui/carried.js",
    "yj/ui/carried_page.js",
    "yj/ui/carried_start.js",
    "yj/ui/geometry.js",
    "yj/ui/map.js",
    "yj/ui/place.js",
    "yj/cases/asked.js",
    "yj/oneform/fill.js",
    "yj/patrols/points.js",
    "yj/patrols/visit_form.js",
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet/leaflet.css",
)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script. Its text changes with every asset, and with it the browser's copy."""
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")  # it holds no secret that its length could tell
    response = HttpResponse(_packed() if is_packed else _script(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept-Encoding"
    if is_packed:
        response["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=1)
def _packed() -> bytes:
    return gzip.compress(_script().encode(), mtime=0)


@lru_cache(maxsize=1)
def _script() -> str:
    shell, field = [static(name) for name in SHELL], [static(name) for name in FIELD]
    waiting = [static(name) for name in WAITING]
    pages = [reverse(f"cases:{name}") for name in ("field_offline", "field_report", "field_waiting")]
    pages += [reverse("portal:carried"), reverse("patrols:new_visit"), reverse("safety:field_new")]
    context = {
        "sender": static("yj/ui/send.js"),
        "is_hashed": hasattr(staticfiles_storage, "hashed_files"),
        "shell": json.dumps(shell),
        "field": json.dumps([*field, *waiting]),
        "waiting": json.dumps(waiting),
        "pages": json.dumps(pages),
        "home": pages[0],
        "carried": reverse("portal:carried"),
        "lists": json.dumps(
            [reverse(name) for name in ("patrols:today", "safety:field_inspections", "oneform:field_forms")]
        ),
    }
    context["version"] = sha256(repr(sorted(context.items())).encode()).hexdigest()[:12]
    return render_to_string("portal/worker.js", context)
