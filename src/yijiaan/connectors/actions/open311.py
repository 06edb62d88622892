"""Open311: keys, and what their holders file by the ordinary intake."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.db import transaction

from yijiaan.areas.queries import get_area
from yijiaan.cases import actions as cases
from yijiaan.cases.actions import Intake
from yijiaan.cases.models import Channel, Kind, Report
from yijiaan.cases.queries import reporter_actor
from yijiaan.connectors import permissions
from yijiaan.connectors.models import Open311Key, Open311Kind, Open311Post
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.engines.files.actions import note_refused
from yijiaan.engines.journal.actions import record

SUBJECT = "connectors.open311key"
LEAST, MOST = 6, 100_000  # reports an hour
COLUMNS = ("name", "hourly_limit", "is_active")


@transaction.atomic
def make_key(*, actor: Actor, name: str, area_code: str, hourly_limit: int) -> tuple[Open311Key, str]:
    """Give somebody a key; returns it with its text, which is shown this once and kept as a hash. RuleErrors no_name,
    unknown_area, bad_limit at their fields."""
    actor.require(permissions.MANAGE)
    try:
        area = get_area(actor, code=area_code)
    except NotFound as error:
        raise RuleError("unknown_area", "请选哪里的事", "area") from error
    if not actor.covers(area.code) or len(area.code) not in (6, 9):
        raise RuleError("unknown_area", "请选本区或一个镇街", "area")
    text = f"yj311_{secrets.token_urlsafe(32)}"
    row = Open311Key(id=uuid7(), area_id=area.code, key_search=text, hint=text[-4:], made_at=clock.now())
    _fill(row, name, hourly_limit, is_active=True)
    row.save(force_insert=True)
    _note(actor, row, "connectors.open311_key_made", {})
    return row, text


@transaction.atomic
def change_key(*, actor: Actor, key_id: UUID, name: str, hourly_limit: int, is_active: bool) -> Open311Key:
    """Change a key, or withdraw it. RuleErrors as `make_key`."""
    actor.require(permissions.MANAGE)
    row: Open311Key = Open311Key.objects.select_for_update(of=("self",)).get_visible(actor, id=key_id)
    before = {column: getattr(row, column) for column in COLUMNS}
    _fill(row, name, hourly_limit, is_active)
    changed = {
        column: [before[column], getattr(row, column)] for column in COLUMNS if before[column] != getattr(row, column)
    }
    if changed:
        row.save(update_fields=list(COLUMNS))
        _note(actor, row, "connectors.open311_key_changed", {"changed": changed})
    return row


def _fill(row: Open311Key, name: str, hourly_limit: int, is_active: bool) -> None:
    name = " ".join(name.split())
    if not name or len(name) > 30:  # noqa: PLR2004
        raise RuleError("no_name", "请填谁用，最多 30 个字", "name")
    if not LEAST <= hourly_limit <= MOST:
        raise RuleError("bad_limit", f"每小时最多报几件，请填 {LEAST} 到 {MOST}", "hourly_limit")
    row.name, row.hourly_limit, row.is_active = name, hourly_limit, is_active


@dataclass(frozen=True, slots=True)
class Filing:
    """What a client files: a report in plain values. answers by the codes of the category's questions."""

    service_code: str
    text: str
    lon: float | None = None
    lat: float | None = None
    place: str = ""
    area_code: str = ""
    name: str = ""
    phone: str = ""
    answers: dict[str, Any] = field(default_factory=dict, hash=False)
    client_key: str = ""  # the client's own number of it: the same again gives the first answer


@dataclass(frozen=True, slots=True)
class Filed:
    """The report that a filing became. notice: what of it could not be used."""

    report: Report
    is_new: bool
    notice: str = ""


def file_request(
    *, actor: Actor, key: Open311Key, door: str, filing: Filing, pictures: tuple[bytes, ...] = ()
) -> Filed:
    """File a report by the ordinary public intake. door: the area of the jurisdiction.

    RuleErrors of the intake; Conflict when the client used its own number for something else. A picture that is no picture
    does not hold the report up: the notice says so.
    """
    actor.require(permissions.EXCHANGE)
    unique = uuid5(NAMESPACE_URL, f"open311:{key.id}:{filing.client_key}") if filing.client_key else uuid4()
    intake = Intake(
        text=filing.text, client_key=unique, kind=Kind.HELP.value, category=filing.service_code, lon=filing.lon,
        lat=filing.lat, crs="wgs84", place=filing.place, area_code=filing.area_code, reporter_name=filing.name,
        reporter_phone=filing.phone, answers=filing.answers,
    )  # fmt: skip
    sender = Actor(
        kind=ActorKind.PARTNER, identity=str(key.id), county=door[:6], areas=(door,), channel=Channel.APP, name=key.name
    )
    with transaction.atomic():
        receipt = cases.submit_report(actor=sender, intake=intake, door=door, channel=Channel.APP.value)
        report = Report.objects.select_related("case").get(county=door[:6], id=receipt.report_id)
        if receipt.is_new:
            _keep(key, report, Open311Kind.REQUEST, unique.hex, intake.body_hash())
            Open311Key.objects.filter(id=key.id).update(last_used_at=clock.now())
    notices = [said for raw in pictures if receipt.is_new and (said := _add_picture(report, raw))]
    return Filed(report, receipt.is_new, "；".join(dict.fromkeys(notices)))


def _add_picture(report: Report, raw: bytes) -> str:
    owner = reporter_actor(report)
    try:
        cases.add_photo(actor=owner, raw=raw)
    except RuleError as error:
        note_refused(actor=owner, code=error.code, size=len(raw))
        return f"照片没有收：{error.message}"
    return ""


@transaction.atomic
def add_update(*, actor: Actor, key: Open311Key, report: Report, text: str, client_key: str = "") -> bool:
    """Add to a report that the same key filed: the answer when something was asked, else a note for those who work on it.
    False for a repeat. NotFound for a report that another filed; RuleError empty_text; Conflict for another text under the same number."""
    actor.require(permissions.EXCHANGE)
    county = report.county
    text = text.strip()[:500]
    # locked, so that two of the same do not both find nothing
    mine = Open311Post.objects.select_for_update(of=("self",), no_key=True).filter(
        county=county, key=key, kind=Open311Kind.REQUEST, report_id=report.id
    )
    if mine.first() is None:
        raise NotFound
    digest = hashlib.sha256(f"{report.number}\n{text}".encode()).digest()
    unique = client_key[:100] or uuid4().hex
    known = Open311Post.objects.filter(county=county, key=key, kind=Open311Kind.UPDATE, client_key=unique).first()
    if known is not None:
        if bytes(known.body_hash) != digest:
            raise Conflict("这个 update_id 已经用过，内容不一样", code="other_body")
        return False
    if report.case.status == "need_info":
        cases.answer_question(actor=reporter_actor(report), text=text)
    else:
        here = system(f"open311 {key.name}", county)
        cases.add_note(actor=here, number=report.case.number, text=f"{key.name}补充：{text}" if text else "")
    _keep(key, report, Open311Kind.UPDATE, unique, digest)
    return True


def _keep(key: Open311Key, report: Report, kind: str, client_key: str, digest: bytes) -> None:
    Open311Post(
        id=uuid7(), county=report.county, key=key, kind=kind, client_key=client_key, body_hash=digest, report=report,
        posted_at=clock.now(),
    ).save(force_insert=True)  # fmt: skip


def _note(actor: Actor, row: Open311Key, verb: str, data: dict[str, Any]) -> None:
    record(
        actor=actor,
        verb=verb,
        county=row.area_id[:6],
        subject_type=SUBJECT,
        subject_id=row.id,
        area_code=row.area_id,
        at=clock.now(),
        data=data | {"name": row.name},
    )
