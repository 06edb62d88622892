"""Pages of a long list by key, not by offset: page 100 costs what page 1 costs, and rows that come in meanwhile shift nothing."""

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest

SIZE = 20


@dataclass(frozen=True, slots=True)
class Page:
    """One page; the kit's pager shows it."""

    rows: list[Any]
    words: str
    previous_url: str = ""
    next_url: str = ""


def page_of(
    request: HttpRequest, queryset: QuerySet[Any], *, keys: tuple[str, ...], size: int = SIZE, unit: str = "条"
) -> Page:
    """The page that the address asks for. keys: the order, unique together; a leading minus on all of them or on none. unit: the word
    that its rows are counted with.

    An address with a cursor that cannot be read shows the first page.
    """
    falls = keys[0].startswith("-")
    names = [key.lstrip("-") for key in keys]
    after, before = _read(request.GET.get("after", "")), _read(request.GET.get("before", ""))
    at = before or after
    if at is not None and len(at) != len(names):
        at = after = before = None
    backwards = before is not None and at is not None
    if at is not None:
        queryset = queryset.filter(_beyond(names, at, less=falls != backwards))
    sign = "-" if falls != backwards else ""
    order = [sign + name for name in names]
    rows = list(queryset.order_by(*order)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_previous = more if backwards else at is not None
    has_next = bool(at) if backwards else more
    return Page(
        rows=rows,
        words=f"每页 {size} {unit}" if has_previous or has_next else f"共 {len(rows)} {unit}",
        previous_url=_url(request, "before", rows[0], names) if rows and has_previous else "",
        next_url=_url(request, "after", rows[-1], names) if rows and has_next else "",
    )


def _beyond(names: list[str], at: list[Any], *, less: bool) -> Q:
    step = "lt" if less else "gt"
    wanted = Q()
    for number, name in enumerate(names):
        same = Q(**dict(zip(names[:number], at[:number], strict=True)))
        wanted |= same & Q(**{f"{name}__{step}": at[number]})
    return wanted


def _url(request: HttpRequest, word: str, row: Any, names: list[str]) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    raw = json.dumps([_plain(getattr(row, name)) for name in names], separators=(",", ":"))
    query[word] = base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")
    return f"{request.path}?{query.urlencode()}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return {"u": str(value)} if isinstance(value, UUID) else value


def _read(text: str) -> list[Any] | None:
    if not text:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return [_value(value) for value in values] if isinstance(values, list) else None
    except (ValueError, TypeError, KeyError):
        return None


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        if "d" in value:
            return date.fromisoformat(value["d"])
        return datetime.fromisoformat(value["t"]) if "t" in value else UUID(value["u"])
    if isinstance(value, str | int):
        return value
    raise TypeError
