"""审计: who did what and when, who looked at whom and why, and the head of the sealed chain for the file. No content of cases."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.accounts.forms import AuditForm
from yijiaan.accounts.queries import all_units, deeds_by
from yijiaan.accounts.views.administration import page
from yijiaan.areas.queries import area_names
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.journal import providers
from yijiaan.engines.journal.models import ERASED, PERSONAL, Entry
from yijiaan.engines.journal.queries import (
    count_entries_between,
    count_unsealed,
    get_head,
    list_audited,
    personal_values_of,
)
from yijiaan.ui.paging import page_of

DAYS = 7  # what is shown when nobody says since when
ACTORS = {
    "reporter": "报事人",
    "public": "群众",
    "partner": "对接方",
    "system": "系统",
    "device": "设备",
    "staff": "工作人员",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the journal in providers."""

    at: datetime
    who: str
    what: str
    subject: str
    place: str
    more: str


@staff_only
@never_cache
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Search the journal."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return _search(request, actor, list_audited(actor), "all")


@staff_only
@never_cache
@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """Receipts of looks at sealed identities: unit, post, purpose, time."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return _search(request, actor, list_audited(actor).filter(verb__in=providers.looks()), "looks")


def _search(request: HttpRequest, actor: Actor, entries: QuerySet[Entry], tab: str) -> HttpResponse:
    named = [(name, verb.label) for name, verb in providers.verbs().items() if tab == "all" or verb.is_look]
    form = AuditForm(request.GET, verbs=sorted(named, key=lambda pair: pair[1]))
    form.is_valid()  # a filter that cannot be read filters nothing
    said = form.cleaned_data
    since = said.get("since") or clock.local_day() - timedelta(days=DAYS)
    until = said.get("until") or clock.local_day()
    entries = entries.filter(
        happened_at__gte=clock.day_start(since), happened_at__lt=clock.day_start(until + timedelta(days=1))
    )
    if verb := said.get("verb"):
        entries = entries.filter(verb=verb)
    if who := said.get("who", "").strip():
        entries = entries.filter(deeds_by(actor, who=who))
    if number := said.get("number", "").strip():
        entries = entries.filter(subject_id__in=_subjects(actor, number))
    found = page_of(request, entries, keys=("-happened_at", "-id"))
    context = {
        "form": form,
        "tab": tab,
        "since": since,
        "until": until,
        "page": found,
        "lines": _lines(actor, found.rows),
        "is_filtered": any(request.GET.get(name) for name in ("since", "until", "who", "verb", "number")),
    }
    return page(request, "accounts/audit.html", context)


def _subjects(actor: Actor, text: str) -> list[UUID]:
    found: list[UUID] = []
    try:
        found.append(UUID(text))
    except ValueError:
        for subject in providers.subjects().values():
            if subject.find is not None:
                found += subject.find(actor, text=text)
    return found


def _lines(actor: Actor, entries: Iterable[Entry]) -> list[Line]:
    entries = list(entries)
    names: dict[UUID, str] = {}
    for kind in {(entry.county, entry.subject_type) for entry in entries}:
        subject = providers.subject_of(kind[1])
        if subject.names is not None:
            mine = {entry.subject_id for entry in entries if (entry.county, entry.subject_type) == kind}
            names |= subject.names(actor, county=kind[0], ids=mine)
    said: dict[UUID, dict[str, str] | None] = {}
    for county in {entry.county for entry in entries}:
        rows = [entry for entry in entries if entry.county == county and providers.verb_of(entry.verb).is_look]
        said |= personal_values_of(actor, county=county, entries=rows)
    places = area_names(actor, codes={entry.area_code for entry in entries if entry.area_code})
    return [
        Line(
            at=entry.happened_at,
            who=_who(entry),
            what=providers.verb_of(entry.verb).label,
            subject=" ".join(
                part
                for part in (providers.subject_of(entry.subject_type).label, names.get(entry.subject_id, ""))
                if part
            ),
            place=places.get(entry.area_code, ""),
            more=_more(actor, entry, said),
        )
        for entry in entries
    ]


def _who(entry: Entry) -> str:
    if entry.post is not None:
        return f"{entry.post.unit.name} {entry.post.title or entry.post.role.name} {entry.post.user.name}"
    if entry.actor_kind == "system":
        return f"系统（{entry.actor_id}）"
    return ACTORS.get(entry.actor_kind, entry.actor_kind)


def _more(actor: Actor, entry: Entry, said: dict[UUID, dict[str, str] | None]) -> str:
    """What changed, in codes; of a look its purpose. Values about persons are never shown, but the words of a purpose are."""
    verb = providers.verb_of(entry.verb)
    parts: list[str] = []
    for name, value in entry.data.items():
        if name == PERSONAL:
            continue
        if name == "purpose" and verb.is_look:
            parts.insert(0, f"用途：{verb.purposes.get(value, value)}")
        elif not verb.is_look:
            parts.append(f"{name}：{_plain(actor, value)}")
    if PERSONAL in entry.data:
        if entry.id in said:
            mine = said[entry.id]
            parts.append(ERASED if mine is None else "，".join(mine.values()))
        else:
            parts.append("个人信息已密封")
    return "；".join(parts)


MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+\d\d:\d\d")


def _course(actor: Actor, value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        return " → ".join(_plain(actor, one) or "空" for one in value)
    return _plain(actor, value)


def _plain(actor: Actor, value: Any) -> str:
    """A value in words: moments to the second, fields with what they were and became, units by name."""
    if isinstance(value, dict):
        return "，".join(f"{name} {_course(actor, one)}" for name, one in value.items())
    if isinstance(value, str) and MOMENT.fullmatch(value):
        at = clock.local(datetime.fromisoformat(value))
        return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S}"
    if isinstance(value, list):
        return "、".join(_plain(actor, one) for one in value)
    if isinstance(value, str) and len(value) == 36:
        try:
            unit = all_units(actor).get(UUID(value))
        except ValueError:
            return value
        return unit.name if unit else value
    return (
        {True: "是", False: "否", None: "无"}.get(value, str(value))
        if value is None or isinstance(value, bool)
        else str(value)
    )


@staff_only
@never_cache
@require_safe
def head(request: HttpRequest) -> HttpResponse:
    """日志链头: of a day, to be printed, signed and filed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    day = _day(request.GET.get("day", "")) or clock.local_day() - timedelta(days=1)
    since, until = clock.day_start(day), clock.day_start(day + timedelta(days=1))
    seal = get_head(actor, county=actor.county, until=until)
    context = {
        "day": day,
        "next": day + timedelta(days=1) if day < clock.local_day() else None,
        "previous": day - timedelta(days=1),
        "is_today": day >= clock.local_day(),
        "county": actor.county,
        "county_name": area_names(actor, codes=[actor.county]).get(actor.county, ""),
        "seal": seal,
        "hash": _grouped(bytes(seal.hash).hex()) if seal else "",
        "count": count_entries_between(actor, county=actor.county, since=since, until=until),
        "waiting": count_unsealed(actor, county=actor.county),
        "printed_at": clock.now(),
    }
    return page(request, "accounts/head.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _grouped(text: str) -> str:
    return " ".join(text[start : start + 8] for start in range(0, len(text), 8))
