"""What of our cases is public, and how it is told: never a tip, a quarrel or a hardship, never a person, never somebody's words.

Only categories that a street sees anyway are published. The words of a report are shown when they came in by Open311 itself,
with numbers of telephones and identity cards blotted out; of all others the kind and the village are told. Places of the
latter are told to about 100 m.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db.models import Exists, OuterRef, QuerySet

from yijiaan.accounts.queries import unit_name
from yijiaan.areas.models import Area
from yijiaan.areas.queries import area_names, get_area
from yijiaan.cases.models import Case, Category, Proposal, Report
from yijiaan.cases.queries import CLOSE_LABELS, SHARED, category_table, list_leaf_categories, questions_of
from yijiaan.connectors.models import Open311Kind, Open311Post
from yijiaan.connectors.open311.reading import Search
from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.models import Entry

KINDS = ("help", "complaint", "suggestion")
CODES = (6, 9, 12)  # digits of a jurisdiction: county, town, village
VILLAGE = 12
EVENTS = {
    "cases.received": "收到",
    "cases.dispatched": "交给单位",
    "cases.ruled": "交给单位",
    "cases.signed": "单位接手",
    "cases.taken": "单位接手",
    "cases.extended": "延期",
    "cases.suspended": "挂账",
    "cases.resumed": "恢复办理",
    "cases.finished": "办好",
    "cases.reopened": "退回重办",
    "cases.restarted": "重新办理",
    "cases.rejected": "不予受理",
    "cases.withdrawn": "撤回",
    "cases.closed": "结案",
}
NUMBERS = re.compile(r"(?<!\d)(?:\d[ -]?){6,17}[\dXx]")
DATATYPE = {
    "text": "text",
    "number": "number",
    "date": "datetime",
    "single": "singlevaluelist",
    "multiple": "multivaluelist",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One report as it is published, with what is needed to tell it."""

    report: Report
    updated_at: datetime
    events: tuple[Entry, ...]
    is_ours: bool  # filed by Open311
    place: str
    refused: str


def get_jurisdiction(actor: Actor, *, code: str) -> Area:
    """The place of a jurisdiction_id: county, town or village by its code. NotFound for any other."""
    if len(code) not in CODES or not (code.isascii() and code.isdigit()):
        raise NotFound
    return get_area(actor, code=code)


def list_services(actor: Actor) -> list[Category]:
    """The small categories that are published, by code."""
    return [leaf for leaf in list_leaf_categories(actor) if leaf.code[:2] in SHARED]


def get_service(actor: Actor, *, code: str) -> Category:
    """A published category by its code. NotFound for any other."""
    for leaf in list_services(actor):
        if leaf.code == code:
            return leaf
    raise NotFound


def service_json(actor: Actor, *, categories: Sequence[Category]) -> list[dict[str, Any]]:
    """Categories as services."""
    asked = _asked(actor, categories)
    return [
        {
            "service_code": leaf.code,
            "service_name": leaf.name,
            "description": f"{leaf.parent.name if leaf.parent else ''}：{leaf.name}",
            "metadata": bool(asked[leaf.code]),
            "type": "realtime",
            "keywords": ",".join(leaf.keywords),
            "group": leaf.parent.name if leaf.parent else "",
        }
        for leaf in categories
    ]


def definition_json(actor: Actor, *, category: Category) -> dict[str, Any]:
    """What a category asks, as attributes."""
    return {
        "service_code": category.code,
        "attributes": [
            {
                "variable": True,
                "code": question.code,
                "datatype": DATATYPE[question.kind],
                "required": question.is_required,
                "datatype_description": question.use,
                "order": order,
                "description": question.wording,
                **(
                    {"values": [{"key": option, "name": option} for option in question.options]}
                    if question.options
                    else {}
                ),
            }
            for order, question in enumerate(_asked(actor, [category])[category.code], 1)
        ],
    }


def _asked(actor: Actor, categories: Sequence[Category]) -> dict[str, list[Any]]:
    """What each category asks; a photo is no attribute, it comes as the file part `media`."""
    asked = questions_of(actor, category_codes=[leaf.code for leaf in categories])
    return {code: [question for question in rows if question.kind in DATATYPE] for code, rows in asked.items()}


def photo_questions(actor: Actor, *, category: Category) -> list[str]:
    """The codes of what a category asks a picture for."""
    asked = questions_of(actor, category_codes=[category.code])[category.code]
    return [question.code for question in asked if question.kind == "photo"]


def public_reports(actor: Actor, *, area_code: str) -> QuerySet[Report]:
    """The reports of a place that anybody may know of."""
    published = [row.id for row in category_table(actor).by_id.values() if row.parent_id and row.code[:2] in SHARED]
    return Report.objects.filter(
        county=area_code[:6],
        kind__in=KINDS,
        is_confidential=False,
        withdrawn_at__isnull=True,
        case__is_confidential=False,
        case__kind__in=KINDS,
        case__category_id__in=published,
        case__area_code__gte=area_code,
        case__area_code__lt=area_code + "~",
    ).select_related("case")


def search_reports(actor: Actor, *, area_code: str, search: Search) -> list[Told]:
    """What a search finds, newest first, in five statements however many."""
    rows = public_reports(actor, area_code=area_code)
    if search.ids:
        rows = rows.filter(number__in=search.ids)
    else:
        rows = _narrowed(actor, rows, area_code, search)
    first = (search.page - 1) * search.page_size
    # ids rise with time: the key gives the order, and where to begin
    found = list(rows.order_by("-id")[first : first + search.page_size])
    return tell(actor, county=area_code[:6], reports=found)


def _narrowed(actor: Actor, rows: QuerySet[Report], area_code: str, search: Search) -> QuerySet[Report]:
    if search.start is not None:
        rows = rows.filter(received_at__gte=search.start, id__gte=id_at(search.start - timedelta(days=1)))
    if search.end is not None:
        rows = rows.filter(received_at__lte=search.end, id__lte=id_at(search.end + timedelta(days=1)))
    if search.services:
        rows = rows.filter(case__category__code__in=search.services)
    if len(set(search.statuses)) == 1:
        still_open = Exists(Case.objects.open().filter(county=area_code[:6], id=OuterRef("case_id")))
        rows = rows.filter(still_open if search.statuses[0] == "open" else ~still_open)
    happened = Entry.objects.filter(county=area_code[:6], subject_id=OuterRef("case_id"), verb__in=tuple(EVENTS))
    if search.updated_after is not None:
        rows = rows.filter(Exists(happened.filter(happened_at__gte=search.updated_after)))
    if search.updated_before is not None:
        rows = rows.filter(~Exists(happened.filter(happened_at__gt=search.updated_before)))
    return rows


def id_at(moment: datetime) -> UUID:
    """The least identifier of a moment."""
    return UUID(int=max(int(moment.timestamp() * 1000), 0) << 80)


def get_public(actor: Actor, *, area_code: str, number: str) -> Told:
    """One published report by its number. NotFound for any other, and for what is not public."""
    row = public_reports(actor, area_code=area_code).filter(number=number[:24]).first() if "\0" not in number else None
    if row is None:
        raise NotFound
    return tell(actor, county=area_code[:6], reports=[row])[0]


def tell(actor: Actor, *, county: str, reports: Sequence[Report]) -> list[Told]:
    """Reports with their public events and what else is told of them; four statements however many."""
    if not reports:
        return []
    cases = {report.case_id for report in reports}
    events: dict[UUID, list[Entry]] = {}
    for entry in Entry.objects.filter(county=county, subject_id__in=cases, verb__in=tuple(EVENTS)).order_by("id"):
        events.setdefault(entry.subject_id, []).append(entry)
    ours = set(
        Open311Post.objects.filter(
            county=county, kind=Open311Kind.REQUEST, report_id__in=[report.id for report in reports]
        ).values_list("report_id", flat=True)
    )
    places = area_names(actor, codes={report.case.area_code[:VILLAGE] for report in reports})
    refused = {
        row.case_id: row.reason_label
        for row in Proposal.objects.filter(
            county=county, kind="reject",
            case_id__in=[report.case_id for report in reports if report.case.status == "rejected"],
            is_agreed=True,
        ).order_by("decided_at")
    }  # fmt: skip
    return [
        Told(
            report=report,
            updated_at=max([report.received_at, *(entry.happened_at for entry in events.get(report.case_id, ()))]),
            events=tuple(events.get(report.case_id, ())),
            is_ours=report.id in ours,
            place=places.get(report.case.area_code[:VILLAGE], ""),
            refused=refused.get(report.case_id, ""),
        )
        for report in reports
    ]


def request_json(actor: Actor, *, told: Told, with_events: bool = False) -> dict[str, Any]:
    """One report as the specification writes a request."""
    report, case = told.report, told.report.case
    assert case.category_id is not None  # what has no category is not published
    category = category_table(actor).by_id[case.category_id]
    is_open = case.is_open
    digits = 6 if told.is_ours else 3
    due = case.next_due_at if case.status in ("in_progress", "coordinating") else report.promised_at
    body: dict[str, Any] = {
        "service_request_id": report.number,
        "status": "open" if is_open else "closed",
        "status_notes": _notes(told),
        "service_name": category.name,
        "service_code": category.code,
        "description": blotted(report.text) if told.is_ours else f"{category.name}（{told.place}）",
        "agency_responsible": unit_name(actor, unit_id=case.owner_id),
        "service_notice": None,
        "requested_datetime": written(report.received_at),
        "updated_datetime": written(told.updated_at),
        "expected_datetime": written(due) if is_open and due else None,
        "address": told.place,
        "address_id": case.area_code[:VILLAGE],
        "zipcode": None,
        "lat": round(case.lat, digits) if case.lat is not None else None,
        "long": round(case.lon, digits) if case.lon is not None else None,
        "media_url": None,  # pictures are published only after somebody looked at them, and nobody does yet
    }
    if with_events:
        body["x_events"] = [
            {"label": EVENTS[entry.verb], "datetime": written(entry.happened_at)} for entry in told.events
        ]
    return body


def _notes(told: Told) -> str:
    case = told.report.case
    label = case.status_label
    why = told.refused if case.status == "rejected" else CLOSE_LABELS.get(case.close_reason, "")
    return f"{label}：{why}" if why and not case.is_open else label


def blotted(text: str) -> str:
    """Words without numbers of telephones, cards or identity papers."""
    return NUMBERS.sub("……", text)


def written(moment: datetime) -> str:
    """A time as W3C writes it, in Beijing's zone."""
    return clock.local(moment).isoformat(timespec="seconds")


def list_updates(actor: Actor, *, area_code: str, search: Search) -> list[dict[str, Any]]:
    """Public events of published reports in a span of time, oldest first; with ids all of those reports."""
    county = area_code[:6]
    reports = public_reports(actor, area_code=area_code)
    entries = Entry.objects.filter(county=county, subject_type="cases.case", verb__in=tuple(EVENTS))
    if search.ids:
        cases = reports.filter(number__in=search.ids).values_list("case_id", flat=True)
        entries = entries.filter(subject_id__in=list(cases))
    else:
        assert search.start is not None
        entries = entries.filter(happened_at__gte=search.start, id__gte=id_at(search.start - timedelta(days=1)))
        entries = entries.filter(Exists(reports.filter(case_id=OuterRef("subject_id"))))
    if search.end is not None:
        entries = entries.filter(happened_at__lte=search.end)
    first = (search.page - 1) * search.page_size
    found = list(entries.order_by("id")[first : first + search.page_size])
    of_case: dict[UUID, list[Report]] = {}
    wanted = reports.filter(case_id__in={entry.subject_id for entry in found})
    if search.ids:
        wanted = wanted.filter(number__in=search.ids)
    for report in wanted.order_by("id"):
        of_case.setdefault(report.case_id, []).append(report)
    return [
        {
            "update_id": uuid5(NAMESPACE_OID, f"open311:{entry.id}:{report.number}").hex,
            "service_request_id": report.number,
            "status": _status_then(entry),
            "updated_datetime": written(entry.happened_at),
            "description": EVENTS[entry.verb],
            "media_url": None,
        }
        for entry in found
        for report in of_case.get(entry.subject_id, ())
        if entry.verb != "cases.received" or entry.data.get("report") == str(report.id)
    ]


ENDS = ("cases.closed", "cases.rejected", "cases.withdrawn")


def _status_then(entry: Entry) -> str:
    return "closed" if entry.verb in ENDS else "open"
