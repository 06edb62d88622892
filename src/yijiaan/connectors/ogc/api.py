"""The door of OGC API – Features. Open to everybody, read only."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from yijiaan.connectors.ogc import layers
from yijiaan.connectors.ogc.description import CONFORMS, description
from yijiaan.connectors.ogc.reading import CRS84, SYSTEMS, Wrong, asked_of, format_of
from yijiaan.core import clock

GEOJSON = "application/geo+json"
View = Callable[..., HttpResponse]


def door(view: View) -> View:
    """What every address has in common: who may ask from where, methods, and errors as JSON."""

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, **values: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            answer = _problem(405, "use GET")
            answer["Allow"] = "GET, HEAD, OPTIONS"
        elif request.method == "OPTIONS":
            answer = HttpResponse(status=204)
            answer["Access-Control-Allow-Methods"] = "GET, HEAD"
        else:
            try:
                answer = view(request, **values)
            except Wrong as error:
                answer = _problem(error.status, error.description)
        answer["Access-Control-Allow-Origin"] = "*"
        answer["Access-Control-Expose-Headers"] = "Content-Crs, Link"
        return answer

    return opened


def _problem(status: int, description: str) -> HttpResponse:
    return _json({"code": str(status), "description": description}, status=status)


def _json(body: Any, kind: str = "application/json", status: int = 200) -> HttpResponse:
    words = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(words, content_type=kind, status=status)


def _url(request: HttpRequest, name: str, *args: str, query: dict[str, str] | None = None) -> str:
    path = reverse(f"ogc:{name}", args=args)
    return request.build_absolute_uri(f"{path}?{urlencode(query)}" if query else path)


def _link(rel: str, href: str, title: str = "", kind: str = "application/json") -> dict[str, str]:
    return {"rel": rel, "href": href, "type": kind, **({"title": title} if title else {})}


def _plain(request: HttpRequest) -> dict[str, str]:
    """The query of an address that takes none but the format."""
    sent = {name: values[-1] for name, values in request.GET.lists()}
    unknown = sorted(set(sent) - {"f"})
    if unknown:
        raise Wrong(f"unknown parameter: {unknown[0]}")
    format_of(sent)
    return sent


@door
def landing(request: HttpRequest) -> HttpResponse:
    """Where everything is."""
    _plain(request)
    return _json(
        {
            "title": "驿家安开放数据",
            "description": "网格、村社和在办的公开事件",
            "links": [
                _link("self", _url(request, "landing")),
                _link("service-desc", _url(request, "api"), "OpenAPI", "application/vnd.oai.openapi+json;version=3.0"),
                _link("conformance", _url(request, "conformance")),
                _link("data", _url(request, "collections")),
            ],
        }
    )


@door
def api(request: HttpRequest) -> HttpResponse:
    """The door, described."""
    _plain(request)
    body = description(_url(request, "landing").rstrip("/"))
    return _json(body, "application/vnd.oai.openapi+json;version=3.0")


@door
def conformance(request: HttpRequest) -> HttpResponse:
    """Which parts of the standards are kept."""
    _plain(request)
    return _json({"conformsTo": list(CONFORMS)})


@door
def collections(request: HttpRequest) -> HttpResponse:
    """What there is."""
    _plain(request)
    return _json(
        {
            "links": [_link("self", _url(request, "collections"))],
            "collections": [_collection(request, layer) for layer in layers.LAYERS],
            "crs": list(SYSTEMS),
        }
    )


@door
def collection(request: HttpRequest, layer_key: str) -> HttpResponse:
    """One of them."""
    _plain(request)
    return _json(_collection(request, _layer(layer_key)))


def _layer(key: str) -> layers.Layer:
    layer = layers.BY_KEY.get(key)
    if layer is None:
        raise Wrong("there is no such collection", 404)
    return layer


def _collection(request: HttpRequest, layer: layers.Layer) -> dict[str, Any]:
    box = layers.extent(layers.actor_here())
    return {
        "id": layer.key,
        "title": layer.title,
        "description": layer.description,
        "itemType": "feature",
        "crs": list(SYSTEMS),
        "storageCrs": CRS84,
        **({"extent": {"spatial": {"bbox": [list(box)], "crs": CRS84}}} if box else {}),
        "links": [
            _link("self", _url(request, "collection", layer.key)),
            _link("items", _url(request, "items", layer.key), layer.title, GEOJSON),
        ],
    }


@door
def items(request: HttpRequest, layer_key: str) -> HttpResponse:
    """A page of features."""
    layer = _layer(layer_key)
    sent = {name: values[-1] for name, values in request.GET.lists()}
    asked = asked_of(sent, layer.queryables)
    found = layer.find(layers.actor_here(), asked)
    links = [_link("self", request.build_absolute_uri(), kind=GEOJSON)]
    if found.after:
        place = "offset" if found.matched is not None else "after"
        further = {name: value for name, value in sent.items() if name not in ("offset", "after")} | {
            place: found.after
        }
        links.append(_link("next", _url(request, "items", layer.key, query=further), kind=GEOJSON))
    links.append(_link("collection", _url(request, "collection", layer.key)))
    body = {
        "type": "FeatureCollection",
        "timeStamp": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        **({"numberMatched": found.matched} if found.matched is not None else {}),
        "numberReturned": len(found.features),
        "features": [_turned(feature, asked.is_swapped) for feature in found.features],
        "links": links,
    }
    return _features(body, asked.crs)


@door
def item(request: HttpRequest, layer_key: str, feature_key: str) -> HttpResponse:
    """One feature."""
    layer = _layer(layer_key)
    sent = {name: values[-1] for name, values in request.GET.lists()}
    unknown = sorted(set(sent) - {"f", "crs"})
    if unknown:
        raise Wrong(f"unknown parameter: {unknown[0]}")
    asked = asked_of(sent, ())
    feature = layer.one(layers.actor_here(), feature_key)
    if feature is None:
        raise Wrong("there is no such feature", 404)
    links = [
        _link("self", _url(request, "item", layer.key, feature_key), kind=GEOJSON),
        _link("collection", _url(request, "collection", layer.key)),
    ]
    return _features({**_turned(feature, asked.is_swapped), "links": links}, asked.crs)


def _features(body: dict[str, Any], crs: str) -> HttpResponse:
    answer = _json(body, GEOJSON)
    answer["Content-Crs"] = f"<{crs}>"
    answer["Cache-Control"] = "public, max-age=60"
    return answer


def _turned(feature: dict[str, Any], is_swapped: bool) -> dict[str, Any]:
    """EPSG:4490 orders latitude before longitude; CGCS2000 and WGS 84 differ by centimetres, less than the borders are kept to."""
    if not is_swapped:
        return feature
    shape = feature["geometry"]
    return {**feature, "geometry": {**shape, "coordinates": _swap(shape["coordinates"])}}


def _swap(numbers: Any) -> Any:
    if isinstance(numbers[0], (int, float)):
        return [numbers[1], numbers[0], *numbers[2:]]
    return [_swap(part) for part in numbers]
