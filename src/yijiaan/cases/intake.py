"""From what somebody sent to the rows of a report and its case: one preparation for the full path and the fast door."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from yijiaan.accounts.queries import all_units, get_centre
from yijiaan.areas.models import LENGTH_OF, LEVEL_OF
from yijiaan.areas.queries import find_grid, get_area
from yijiaan.cases import limits
from yijiaan.cases.models import Case, Category, Channel, Kind, Report, Reporter
from yijiaan.cases.queries.categories import category_by_code
from yijiaan.core import clock
from yijiaan.core.checks import normal_phone
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.geo import check_point, to_cgcs2000
from yijiaan.core.identifiers import query_code, tracking_code
from yijiaan.core.scope import Actor
from yijiaan.engines.numbering.actions import take

MOST_TEXT = 2000
MOST_PLACE = 120
MOST_NAME = 30
TITLE = 40
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
SENTENCE_END = re.compile(r"[。！？!?\n；;]")


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in, shape checked, rules not yet."""

    text: str
    client_key: UUID
    kind: str = Kind.HELP.value
    category: str = ""
    lon: float | None = None
    lat: float | None = None
    crs: str = "cgcs2000"
    place: str = ""
    area_code: str = ""  # chosen from a list, instead of a point
    reporter_name: str = ""
    reporter_phone: str = ""
    happened_at: datetime | None = None
    wish: str = ""
    external_number: str = ""

    def body_hash(self) -> bytes:
        """The same for the same content, whatever its spelling on the wire."""
        content = {name: getattr(self, name) for name in self.__slots__ if name != "client_key"}
        return hashlib.sha256(json.dumps(content, default=str, ensure_ascii=False, sort_keys=True).encode()).digest()


@dataclass(slots=True)
class Prepared:
    """Unsaved rows of one report, and the codes that are shown once."""

    report: Report
    case: Case
    reporter: Reporter | None
    tracking_code: str
    query_code: str
    grid_name: str
    dispatch_due_at: datetime = field(default_factory=clock.now)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to an intake; the same again for a repeat."""

    report: Report
    number: str
    tracking_code: str
    query_code: str
    status: str
    grid: str
    promised_at: datetime
    is_new: bool

    def as_json(self) -> dict[str, Any]:
        """The body of POST /api/v1/reports."""
        return {
            "number": self.number,
            "tracking_code": self.tracking_code,
            "query_code": self.query_code,
            "status": self.status,
            "grid": self.grid,
            "promised_at": clock.local(self.promised_at).isoformat(timespec="seconds"),
        }


def clean_text(text: str, *, most: int, field: str, required: bool = False) -> str:
    """Words as people type them: no control or direction characters, no outer space. RuleError empty_… or …_too_long."""
    text = CONTROL.sub("", text.replace("\r\n", "\n")).strip()
    if required and not text:
        raise RuleError(f"empty_{field}", "请写一句出了什么事", field)
    if len(text) > most:
        raise RuleError(f"{field}_too_long", f"写了 {len(text):,} 个字，最多 {most:,} 个，请写短些", field)
    return text


def title_of(text: str) -> str:
    """The first sentence, cut where it grows long."""
    first = SENTENCE_END.split(text.strip(), maxsplit=1)[0].strip() or text.strip()
    return first if len(first) <= TITLE else first[: TITLE - 1] + "…"


def resolve_place(actor: Actor, intake: Intake, door: str) -> tuple[float | None, float | None, str, bool]:
    """lon, lat, area code and whether the grid is still unknown. The point decides, else the chosen area, else the door."""
    lon, lat = intake.lon, intake.lat
    if (lon is None) != (lat is None):
        raise RuleError("half_point", "经度和纬度要一起给", "lon")
    if lon is not None and lat is not None:
        check_point(lon, lat)
        lon, lat = to_cgcs2000(lon, lat, intake.crs)
        lon, lat = round(lon, 6), round(lat, 6)
        grid = find_grid(actor, county=actor.county, lon=lon, lat=lat)
        if grid:
            return lon, lat, grid, False
    if intake.area_code:
        if not intake.area_code.startswith(actor.county) or len(intake.area_code) not in LEVEL_OF:
            raise RuleError("unknown_area", "这个地方不在本区，请重新选", "area_code")
        try:
            area = get_area(actor, code=intake.area_code)
        except NotFound as error:
            raise RuleError("unknown_area", "没有这个村或网格，请重新选", "area_code") from error
        return lon, lat, area.code, len(area.code) < LENGTH_OF["grid"]
    return lon, lat, door, len(door) < LENGTH_OF["grid"]


def prepare(actor: Actor, intake: Intake, *, door: str, channel: str) -> Prepared:
    """Check every rule and make the rows of one report, unsaved. door is the area that receives it when no grid is found.

    RuleErrors carry the field: text, lon, area_code, category, phone, name, place, happened_at, kind.
    """
    now = clock.now()
    text = clean_text(intake.text, most=MOST_TEXT, field="text", required=True)
    place = clean_text(intake.place, most=MOST_PLACE, field="place")
    name = clean_text(intake.reporter_name, most=MOST_NAME, field="name")
    wish = clean_text(intake.wish, most=200, field="wish")
    phone = normal_phone(intake.reporter_phone, field="phone") if intake.reporter_phone.strip() else ""
    if intake.kind not in Kind.values:
        raise RuleError("unknown_kind", f"诉求类型只能是 {'、'.join(Kind.values)}", "kind")
    if channel not in Channel.values:
        raise RuleError("unknown_channel", "没有这个渠道", "channel")
    if intake.happened_at is not None and intake.happened_at > now + timedelta(minutes=5):
        raise RuleError("in_the_future", "发生时间不能晚于现在", "happened_at")
    category: Category | None = None
    if intake.category:
        category = category_by_code(actor, code=intake.category)
        if category is None:
            raise RuleError("unknown_category", f"没有类别“{intake.category[:8]}”，可用的见类别列表", "category")
    lon, lat, area_code, is_place_unknown = resolve_place(actor, intake, door)
    is_tip = intake.kind == Kind.TIP
    owner_id = owner_for(actor, area_code=area_code, is_tip=is_tip)
    urgency = category.urgency if category else "normal"
    dispatch_minutes = limits.DISPATCH if urgency == "normal" else limits.URGENT_DISPATCH
    dispatch_due = limits.due(now, dispatch_minutes)
    day = clock.local_day(now)
    county = actor.county
    town = area_code[:9] if len(area_code) >= 9 else door[:9]
    letters = get_area(actor, code=town).letters if len(town) == 9 else ""
    case_serial = take(actor=actor, series=f"case:{county}:{day:%y%m%d}")[0]
    report_serial = take(actor=actor, series=f"report:{town}:{day:%y%m%d}")[0]
    code, digits = tracking_code(county), query_code()
    case = Case(
        county=county,
        number=f"{county}{day:%y%m%d}{case_serial:05d}",
        title=title_of(text),
        status="received",
        kind=intake.kind,
        channel=channel,
        category=category,
        is_confidential=is_tip,
        urgency=urgency,
        area_code=area_code,
        occurred_area_code=area_code,
        is_place_unknown=is_place_unknown,
        place=place,
        lon=lon,
        lat=lat,
        owner_id=owner_id,
        level="town" if len(area_code) >= 9 else "county",
        next_due_at=dispatch_due,
        received_at=now,
    )
    report = Report(
        county=county,
        case=case,
        number=f"{letters or county}{day:%Y%m%d}{report_serial:04d}",
        tracking_search=code,
        tracking_sealed=code,
        query_code_sealed=digits,
        channel=channel,
        external_number=intake.external_number[:40],
        kind=intake.kind,
        text=text,
        wish=wish,
        place=place,
        lon=lon,
        lat=lat,
        area_code=area_code,
        happened_at=intake.happened_at,
        received_at=now,
        promised_at=limits.due(now, limits.FIRST_CONTACT),
        is_confidential=is_tip,
        entered_by_id=actor.post_id,
        client_key=intake.client_key,
        body_hash=intake.body_hash(),
    )
    reporter = None
    if name or phone:
        reporter = Reporter(
            county=county, report=report, name_sealed=name, phone_sealed=phone, phone_search=phone or None
        )
    return Prepared(report, case, reporter, code, digits, get_area(actor, code=area_code).name, dispatch_due)


def owner_for(actor: Actor, *, area_code: str, is_tip: bool) -> UUID:
    """Who holds a new case: the centre of the place; a tip goes to the discipline unit. RuleError door_not_open where nobody is in service."""
    if is_tip:
        offices = [
            unit
            for unit in all_units(actor).values()
            if unit.kind == "discipline" and area_code.startswith(unit.area_id)
        ]
        if offices:
            return max(offices, key=lambda unit: len(unit.area_id)).id
    try:
        return get_centre(actor, area_code=area_code).id
    except NotFound as error:
        raise RuleError("door_not_open", "这个地方还没有开通受理，请拨打 12345") from error


def receipt_of(prepared: Prepared) -> Receipt:
    """The receipt of a report just made."""
    return Receipt(
        report=prepared.report,
        number=prepared.report.number,
        tracking_code=prepared.tracking_code,
        query_code=prepared.query_code,
        status="received",
        grid=prepared.grid_name,
        promised_at=prepared.report.promised_at,
        is_new=True,
    )


def first_answer(actor: Actor, report: Report) -> Receipt:
    """The receipt as it was given the first time, from what the row keeps for good."""
    return Receipt(
        report=report,
        number=report.number,
        tracking_code=report.tracking_sealed,
        query_code=report.query_code_sealed,
        status="received",
        grid=get_area(actor, code=report.area_code).name,
        promised_at=report.promised_at,
        is_new=False,
    )


def intake_from_json(body: Mapping[str, Any]) -> Intake:
    """The JSON of POST /api/v1/reports as an Intake. RuleError at the field for a wrong shape."""
    known = {
        "text",
        "category",
        "lon",
        "lat",
        "crs",
        "place",
        "plate",
        "reporter",
        "happened_at",
        "client_key",
        "kind",
        "wish",
    }
    for name in body:
        if name not in known:
            raise RuleError("unknown_field", f"不认识字段“{str(name)[:40]}”", str(name)[:40])
    if body.get("plate"):
        raise RuleError("unknown_plate", "没有这个门牌，请改用经纬度或写明地点", "plate")
    reporter = body.get("reporter") or {}
    if not isinstance(reporter, Mapping):
        raise RuleError("malformed", 'reporter 应是 {"name", "phone"}', "reporter")
    happened_at = body.get("happened_at")
    return Intake(
        text=_word(body, "text", required=True),
        client_key=_key(body.get("client_key")),
        kind=_word(body, "kind") or Kind.HELP.value,
        category=_word(body, "category"),
        lon=_number(body, "lon"),
        lat=_number(body, "lat"),
        crs=_crs(body.get("crs")),
        place=_word(body, "place"),
        reporter_name=_word(reporter, "name"),
        reporter_phone=_word(reporter, "phone"),
        happened_at=_moment(happened_at) if happened_at is not None else None,
        wish=_word(body, "wish"),
    )


def _word(body: Mapping[str, Any], name: str, required: bool = False) -> str:
    value = body.get(name)
    if value is None:
        if required:
            raise RuleError(f"empty_{name}", "请写一句出了什么事", name)
        return ""
    if not isinstance(value, str):
        raise RuleError("malformed", f"{name} 应是文字", name)
    return value


def _number(body: Mapping[str, Any], name: str) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RuleError("malformed", f"{name} 应是数字", name)
    return float(value)


def _key(value: Any) -> UUID:
    try:
        return UUID(value)
    except (TypeError, ValueError, AttributeError) as error:
        raise RuleError("bad_client_key", "client_key 应是 UUID，由提交方生成，重发时不变", "client_key") from error


def _crs(value: Any) -> str:
    if value is None:
        return "cgcs2000"
    if value not in {"wgs84", "cgcs2000", "gcj02", "bd09"}:
        raise RuleError("unknown_crs", "crs 只能是 wgs84、cgcs2000、gcj02、bd09", "crs")
    return str(value)


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise RuleError(
            "malformed", "happened_at 应是带时区的时间，如 2026-11-23T09:42:00+08:00", "happened_at"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)
