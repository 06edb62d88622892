"""The burden law (DOMAIN 2.9) as checks: what must be filled in, and patterns that must not exist."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.db import models

# as identifiers: columns, form fields, properties and paths of the API
FORBIDDEN_NAMES = (
    ("clock-in or check-in", r"clock_?in|check_?in|punch|attendance_rate"),
    ("online time", r"online_(?:time|duration|seconds|minutes|hours)|stay_(?:time|seconds|minutes)|last_seen"),
    ("learning time", r"(?:learning|study|watch|reading)_(?:time|duration|seconds|minutes|hours)"),
    ("ranking or points of people", r"rank|ranking|leader_?board|score_?board|points_(?:earned|total|balance)|credits"),
    ("installs or usage as appraisal", r"install_(?:rate|count)|usage_rate|active_rate|daily_active\w*|log_?in_count"),
    ("likes, votes, forwards as appraisal", r"likes?(?:_count)?|votes?_count|forwards?_count|shares?_count"),
    ("quotas", r"quota|daily_target|monthly_target|minimum_count"),
    ("tracks of people", r"gps_track|track_points?|trajectory|location_history|positions?_log"),
)
# as words that a user would read
FORBIDDEN_WORDS = (
    "打卡",
    "签到",
    "在线时长",
    "登录时长",
    "学习时长",
    "排名",
    "排行",
    "积分",
    "点赞",
    "转发量",
    "安装率",
    "活跃率",
    "日活",
    "必须拍照",
    "必须上传照片",
    "强制定位",
)
# inputs that nobody may be forced to give
FORCED = re.compile(r"photos?|pictures?|images?|videos?|audios?|voice|recording|track|lon|lat|accuracy|position|selfie")


def forbidden_name(name: str) -> str | None:
    """The pattern that an identifier falls under."""
    for what, pattern in FORBIDDEN_NAMES:
        if re.search(rf"(?:^|_)(?:{pattern})(?:_|$)", name.lower()):
            return what
    return None


def columns(classes: Iterable[type[models.Model]], allowed: Iterable[str]) -> Iterator[str]:
    """Columns and tables that collect what the law forbids to collect."""
    for model in classes:
        places = [(model._meta.label, model._meta.db_table, str(model._meta.verbose_name))]
        places += [
            (f"{model._meta.label}.{field.name}", field.name, str(field.verbose_name))
            for field in model._meta.local_fields
        ]
        for place, name, label in places:
            what = forbidden_name(name) or next((word for word in FORBIDDEN_WORDS if word in label), None)
            if what and place not in allowed:
                yield f"{place}: {what}"


def required_of_forms(classes: Iterable[type[forms.BaseForm]]) -> dict[str, str]:
    """What people must fill in: "module.Form.field" → field name. Hidden inputs cost nobody anything."""
    return {
        f"{form.__module__}.{form.__name__}.{name}": name
        for form in classes
        for name, field in form.base_fields.items()
        if field.required and not field.disabled and not field.widget.is_hidden
    }


def required_of_api(document: dict[str, Any]) -> dict[str, str]:
    """What a body must hold: "METHOD path field" → field name."""
    found = {}
    for path, method, operation in _operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for field in _required(document, content.get("schema", {})):
                found[f"{method} {path} {field}"] = field.split(".")[-1]
    return found


def names_in_api(document: dict[str, Any], allowed: Iterable[str]) -> Iterator[str]:
    """Paths, parameters, properties and texts of the API that fall under a forbidden pattern."""
    for path, method, operation in _operations(document):
        names = [part.replace("-", "_") for part in re.split(r"[/{}]", path) if part]
        names += [one.get("name", "") for one in operation.get("parameters", ())]
        for content in operation.get("requestBody", {}).get("content", {}).values():
            names += _properties(document, content.get("schema", {}))
        for answer in operation.get("responses", {}).values():
            for content in answer.get("content", {}).values():
                names += _properties(document, content.get("schema", {}))
        for name in dict.fromkeys(names):
            what = forbidden_name(name)
            if what and f"{method} {path} {name}" not in allowed:
                yield f"{method} {path} {name}: {what}"
    text = repr(document)
    yield from (f"the API says {word}" for word in FORBIDDEN_WORDS if word in text)


_INPUT = re.compile(r"<(?:input|select|textarea)\b(?:[^<>{}]|{{.*?}}|{%.*?%})*>", re.I | re.S)
_REQUIRED = re.compile(r"(?:^|\s|%})required(?:[\s>=/{]|$)", re.I)
_ATTRIBUTE = r"\b%s\s*=\s*[\"']([^\"']*)"


def required_in_template(path: str, text: str) -> dict[str, str]:
    """Inputs written by hand with `required`: "template input" → name."""
    found = {}
    for tag in _INPUT.findall(text):
        kind = re.search(_ATTRIBUTE % "type", tag)
        if not _REQUIRED.search(tag) or (kind and kind.group(1) == "hidden"):
            continue
        name = re.search(_ATTRIBUTE % "name", tag)
        given = name.group(1) if name else "?"
        if kind and kind.group(1) == "file":
            given = f"photo_{given}"  # a forced file is a forced photo, whatever it is called
        if "{{" not in given and "{%" not in given:  # the kit's own input: its fields are those of the forms
            found[f"{path} {given}"] = given
    return found


def words_in(text: str) -> list[str]:
    """Forbidden words in what a user would read."""
    return [word for word in FORBIDDEN_WORDS if word in text]


def forced(required: dict[str, str], allowed: Iterable[str]) -> list[str]:
    """Required inputs that nobody may be forced to give: photos, recordings, tracks, positions."""
    return [
        f"{place}: nobody may be forced to give this"
        for place, name in required.items()
        if place not in allowed and any(FORCED.fullmatch(part) for part in name.lower().split("_"))
    ]


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document.get("paths", {}).items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield path, method.upper(), operation


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema and its alternatives, references followed."""
    while "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    parts = [schema]
    for key in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(key, ()):
            parts += _resolved(document, one)
    return parts


def _walk(document: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Iterator[tuple[str, bool]]:
    for part in _resolved(document, schema):
        for name, inner in part.get("properties", {}).items():
            yield name, name in part.get("required", ())
            if depth < 6:
                yield from ((f"{name}.{below}", must) for below, must in _walk(document, inner, depth + 1))
        if "items" in part and depth < 6:
            yield from _walk(document, part["items"], depth + 1)


def _required(document: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    return [name for name, must in _walk(document, schema) if must]


def _properties(document: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    return [name.split(".")[-1] for name, _ in _walk(document, schema)]
