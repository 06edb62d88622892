"""The door of the features described in OpenAPI 3.0, made from the same table as the door itself."""

from typing import Any

from yijiaan.connectors.ogc.layers import LAYERS
from yijiaan.connectors.ogc.reading import LIMIT, MOST, SYSTEMS

_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
CONFORMS = (
    f"{_FEATURES}/core",
    f"{_FEATURES}/oas30",
    f"{_FEATURES}/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)


def _query(name: str, schema: dict[str, Any], words: str) -> dict[str, Any]:
    return {
        "name": name, "in": "query", "required": False, "description": words, "schema": schema, "style": "form",
        "explode": False,
    }  # fmt: skip


def _get(key: str, words: str, kind: str, parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    answers = {
        "200": {"description": words, "content": {kind: {"schema": {"type": "object"}}}},
        "400": {"description": "the request cannot be read"},
        "404": {"description": "there is no such thing"},
    }
    return {"get": {"operationId": key, "summary": words, "parameters": parameters or [], "responses": answers}}


def description(base: str) -> dict[str, Any]:
    """The whole document; base: the address of the landing page."""
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    system = {"type": "string", "enum": list(SYSTEMS)}
    text = {"type": "string"}
    common = [
        _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}, "how many at most"),
        _query("bbox", numbers, "west, south, east, north"),
        _query("bbox-crs", system, "the system of bbox"),
        _query("crs", system, "the system of the answer"),
        _query("datetime", text, "a time, or begin/end"),
    ]
    json, geojson = "application/json", "application/geo+json"
    paths: dict[str, Any] = {
        "/": _get("getLandingPage", "landing page", json),
        "/conformance": _get("getConformance", "which standards are kept", json),
        "/collections": _get("getCollections", "what there is", json),
    }
    for layer in LAYERS:
        own = [_query(name, text, f"only those with this {name}") for name in layer.queryables]
        where = f"/collections/{layer.key}"
        key = {"name": "featureId", "in": "path", "required": True, "schema": text}
        paths |= {
            where: _get(f"describe_{layer.key}", layer.title, json),
            f"{where}/items": _get(f"list_{layer.key}", layer.description, geojson, [*common, *own]),
            f"{where}/items/{{featureId}}": _get(
                f"get_{layer.key}", layer.title, geojson, [key, _query("crs", system, "the system of the answer")]
            ),
        }
    return {
        "openapi": "3.0.3",
        "info": {"title": "驿家安开放数据", "version": "1.0"},
        "servers": [{"url": base}],
        "paths": paths,
    }
