"""From what somebody sent to the rows of a report and its case: one preparation for the full path and the fast door."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from yijiaan.accounts.queries import all_units, get_centre
from yijiaan.areas.models import LENGTH_OF, LEVEL_OF
from yijiaan.areas.queries import find_grid, get_area
from yijiaan.cases.asking import Answer, check_answers
from yijiaan.cases.limits import deadline_of
from yijiaan.cases.models import Case, Category, Channel, Kind, Report, ReportAnswer, Reporter
from yijiaan.cases.permissions import FIND_CLUES
from yijiaan.cases.queries.categories import category_by_code, questions_of
from yijiaan.cases.queries.channels import is_channel_open
from yijiaan.core import clock
from yijiaan.core.checks import normal_phone
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.geo import CRS, check_point, to_cgcs2000
from yijiaan.core.identifiers import query_code, tracking_code, uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.numbering.actions import take
from yijiaan.engines.todos.queries import Deadline

MOST_TEXT = 2000
MOST_GIVEN = timedelta(days=366)  # a deadline given from above lies within a year
MOST_PLACE = 120
MOST_NAME = 30
TITLE = 40
EARLIEST_YEAR = 1949
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
SEALED_KINDS = {Kind.TIP.value: "discipline", Kind.CLUE.value: "procuratorate"}  # who alone holds them
KINDS = frozenset(Kind.values)
TOLD_KINDS = tuple(kind for kind in Kind.values if kind != Kind.CLUE)  # what anybody may say; a clue is its finder's
CHANNELS = frozenset(Channel.values)
# what another office took down is not sent back for an answer that nobody asked for there; the dispatcher sees what is open
ASKED_LATER = frozenset({Channel.HOTLINE.value, Channel.LETTER.value, Channel.SUPERIOR.value})
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
    outside_due_at: datetime | None = None  # by when the city's hotline, say, wants it handled
    answers: Mapping[str, Any] = field(default_factory=dict, hash=False)  # by the codes of the category's questions
    said_ago: timedelta | None = None  # how long a phone kept it before it was sent; no part of the content

    def body_hash(self) -> bytes:
        """The same for the same content, whatever its spelling on the wire."""
        moment = self.happened_at.timestamp() if self.happened_at else None
        content = (
            self.text, self.kind, self.category, self.lon, self.lat, self.crs, self.place, self.area_code,
            self.reporter_name, self.reporter_phone, moment, self.wish, self.external_number,
        )  # fmt: skip
        given: tuple[str, ...] = (self.outside_due_at.isoformat(),) if self.outside_due_at else ()
        if self.answers:
            given += (json.dumps(self.answers, ensure_ascii=False, sort_keys=True, default=str),)
        return hashlib.sha256(repr(content + given).encode()).digest()


@dataclass(slots=True)
class Facts:
    """What a report and its case will hold, every rule checked; `models_of` and the fast door make rows of it."""

    case_id: UUID
    report_id: UUID
    text: str
    title: str
    kind: str
    channel: str
    is_tip: bool
    category: Category | None
    urgency: str
    area_code: str
    is_place_unknown: bool
    place: str
    lon: float | None
    lat: float | None
    owner_id: UUID
    level: str
    received_at: datetime
    dispatch: Deadline
    first_contact: Deadline
    happened_at: datetime | None
    wish: str
    external_number: str
    outside_due_at: datetime | None
    name: str
    phone: str
    client_key: UUID
    body_hash: bytes
    answers: tuple[Answer, ...]
    tracking_code: str
    query_code: str
    case_number: str = ""
    report_number: str = ""

    @property
    def has_reporter(self) -> bool:
        """Whether there is anything for the vault."""
        return bool(self.name or self.phone)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to an intake; the same again for a repeat."""

    report_id: UUID
    case_id: UUID
    case_number: str  # for staff only
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
            "promised_at": self.promised_at.astimezone(clock.SHANGHAI).isoformat(timespec="seconds"),
        }


def clean_text(text: str, *, most: int, field: str, required: bool = False) -> str:
    """Words as people type them: no control or direction characters, no outer space. RuleError empty_… or …_too_long."""
    text = text.strip() if text.isprintable() else CONTROL.sub("", text.replace("\r\n", "\n")).strip()
    if required and not text:
        raise RuleError(f"empty_{field}", "请写一句出了什么事", field)
    if len(text) > most:
        raise RuleError(f"{field}_too_long", f"写了 {len(text):,} 个字，最多 {most:,} 个，请写短些", field)
    return text


def title_of(text: str) -> str:
    """The first sentence, cut where it grows long."""
    first = SENTENCE_END.split(text.strip(), maxsplit=1)[0].strip() or text.strip()
    return first if len(first) <= TITLE else first[: TITLE - 1] + "…"


def point_of(intake: Intake) -> tuple[float, float] | None:
    """Where it happened in CGCS2000 degrees, to about 10 cm; None without a point. RuleErrors half_point and those of `geo.check_point`."""
    lon, lat = intake.lon, intake.lat
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        raise RuleError("half_point", "经度和纬度要一起给", "lon")
    check_point(lon, lat)
    lon, lat = to_cgcs2000(lon, lat, intake.crs)
    return round(lon, 6), round(lat, 6)


def resolve_place(
    actor: Actor, intake: Intake, door: str, located: str | None
) -> tuple[float | None, float | None, str, bool]:
    """lon, lat, area code and whether the grid is still unknown. The point decides, else the chosen area, else the door."""
    point = point_of(intake)
    lon, lat = point or (None, None)
    if point is not None:
        grid = find_grid(actor, county=actor.county, lon=point[0], lat=point[1]) if located is None else located
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


def check_intake(
    actor: Actor, intake: Intake, *, door: str, channel: str, now: datetime, located: str | None = None
) -> Facts:
    """Check every rule of one report. Numbers come later, by `give_numbers`.

    door: the area that receives it when no grid is found. located: its grid ("" for none), where the caller has looked already.

    RuleErrors carry the field: text, lon, area_code, category, phone, name, place, happened_at, outside_due_at, kind, and
    `answers.<code>` for what the category asks.
    """
    text = clean_text(intake.text, most=MOST_TEXT, field="text", required=True)
    place = clean_text(intake.place, most=MOST_PLACE, field="place") if intake.place else ""
    name = clean_text(intake.reporter_name, most=MOST_NAME, field="name") if intake.reporter_name else ""
    wish = clean_text(intake.wish, most=200, field="wish") if intake.wish else ""
    phone = normal_phone(intake.reporter_phone, field="phone") if intake.reporter_phone.strip() else ""
    if intake.kind not in KINDS or (intake.kind == Kind.CLUE and not actor.may(FIND_CLUES)):
        raise RuleError("unknown_kind", f"诉求类型只能是 {'、'.join(TOLD_KINDS)}", "kind")
    if channel not in CHANNELS:
        raise RuleError("unknown_channel", "没有这个渠道", "channel")
    if not is_channel_open(actor, channel=channel):
        raise RuleError("channel_closed", "这个入口现在停用，请打镇网格化服务中心的电话，或换一个入口", "channel")
    if intake.happened_at is not None and intake.happened_at > now + timedelta(minutes=5):
        raise RuleError("in_the_future", "发生时间不能晚于现在", "happened_at")
    if intake.happened_at is not None and intake.happened_at.year < EARLIEST_YEAR:
        raise RuleError("too_long_ago", "发生时间太早了，请检查年份", "happened_at")
    if intake.outside_due_at is not None and not now < intake.outside_due_at < now + MOST_GIVEN:
        raise RuleError("bad_given_due", "要求办结的时间应在现在以后、一年以内，请看看来件", "outside_due_at")
    category: Category | None = None
    if intake.category:
        category = category_by_code(actor, code=intake.category)
        if category is None:
            raise RuleError("unknown_category", f"没有类别“{intake.category[:8]}”，可用的见类别列表", "category")
    asked = questions_of(actor, category_codes=[category.code])[category.code] if category else ()
    answers = check_answers(asked, intake.answers, required=channel not in ASKED_LATER)
    lon, lat, area_code, is_place_unknown = resolve_place(actor, intake, door, located)
    is_tip = intake.kind in SEALED_KINDS
    urgency = category.urgency if category else "normal"
    return Facts(
        case_id=uuid7(),
        report_id=uuid7(),
        text=text,
        title=title_of(text),
        kind=intake.kind,
        channel=channel,
        is_tip=is_tip,
        category=category,
        urgency=urgency,
        area_code=area_code,
        is_place_unknown=is_place_unknown,
        place=place,
        lon=lon,
        lat=lat,
        owner_id=owner_for(actor, area_code=area_code, kind=intake.kind),
        level="town" if len(area_code) >= 9 else "county",
        received_at=now,
        dispatch=deadline_of(actor, "dispatch", now, urgency=urgency, channel=channel),
        first_contact=deadline_of(actor, "first_contact", now, urgency=urgency),
        happened_at=intake.happened_at or (now - intake.said_ago if intake.said_ago else None),
        wish=wish,
        external_number=intake.external_number[:40],
        outside_due_at=intake.outside_due_at,
        name=name,
        phone=phone,
        client_key=intake.client_key,
        body_hash=intake.body_hash(),
        answers=answers,
        tracking_code=tracking_code(actor.county),
        query_code=query_code(),
    )


def give_numbers(actor: Actor, many: Sequence[Facts], *, now: datetime) -> None:
    """The case numbers of the county and the report numbers of each town, from blocks."""
    day = clock.local_day(now)
    county = actor.county
    serials = take(actor=actor, series=f"case:{county}:{day:%y%m%d}", count=len(many))
    by_town: dict[str, list[Facts]] = {}
    for facts, serial in zip(many, serials, strict=True):
        facts.case_number = f"{county}{day:%y%m%d}{serial:05d}"
        by_town.setdefault(facts.area_code[:9], []).append(facts)
    for town, group in by_town.items():
        # what is reported at the county's own door has no town: its numbers begin with the county's code
        letters = get_area(actor, code=town).letters if len(town) == 9 else county
        stem = f"{letters}{day:%Y%m%d}"
        serials = take(actor=actor, series=f"report:{town}:{day:%y%m%d}", count=len(group))
        for facts, serial in zip(group, serials, strict=True):
            facts.report_number = f"{stem}{serial:04d}"


def case_number(actor: Actor, now: datetime) -> str:
    """The next number of a case in the county, for one that no intake brings."""
    day = clock.local_day(now)
    (serial,) = take(actor=actor, series=f"case:{actor.county}:{day:%y%m%d}", count=1)
    return f"{actor.county}{day:%y%m%d}{serial:05d}"


def models_of(actor: Actor, facts: Facts) -> tuple[Case, Report, Reporter | None]:
    """The unsaved rows of the full path."""
    county = actor.county
    case = Case(
        id=facts.case_id,
        county=county,
        number=facts.case_number,
        title=facts.title,
        status="received",
        kind=facts.kind,
        channel=facts.channel,
        category=facts.category,
        is_confidential=facts.is_tip,
        urgency=facts.urgency,
        area_code=facts.area_code,
        occurred_area_code=facts.area_code,
        is_place_unknown=facts.is_place_unknown,
        place=facts.place,
        lon=facts.lon,
        lat=facts.lat,
        owner_id=facts.owner_id,
        level=facts.level,
        next_due_at=facts.dispatch.due_at,
        outside_due_at=facts.outside_due_at,
        received_at=facts.received_at,
    )
    report = Report(
        id=facts.report_id,
        county=county,
        case=case,
        number=facts.report_number,
        tracking_search=facts.tracking_code,
        tracking_sealed=facts.tracking_code,
        query_code_sealed=facts.query_code,
        channel=facts.channel,
        external_number=facts.external_number,
        kind=facts.kind,
        text=facts.text,
        wish=facts.wish,
        place=facts.place,
        lon=facts.lon,
        lat=facts.lat,
        area_code=facts.area_code,
        happened_at=facts.happened_at,
        received_at=facts.received_at,
        promised_at=facts.first_contact.due_at,
        is_confidential=facts.is_tip,
        entered_by_id=actor.post_id,
        client_key=facts.client_key,
        body_hash=facts.body_hash,
    )
    if not facts.has_reporter:
        return case, report, None
    reporter = Reporter(
        county=county,
        report=report,
        name_sealed=facts.name,
        phone_sealed=facts.phone,
        phone_search=facts.phone or None,
    )
    return case, report, reporter


def answer_rows(actor: Actor, facts: Facts) -> list[ReportAnswer]:
    """The unsaved rows of what was answered to the questions of the category."""
    return [
        ReportAnswer(
            id=uuid7(),
            county=actor.county,
            report_id=facts.report_id,
            question_id=answer.question.id,
            code=answer.question.code,
            wording=answer.question.wording,
            kind=answer.question.kind,
            rank=answer.question.rank,
            value=answer.value,
        )
        for answer in facts.answers
    ]


def answered_data(facts: Facts) -> dict[str, str]:
    """What the journal says of the answers: which questions were answered, never how."""
    return {"answered": " ".join(answer.question.code for answer in facts.answers)} if facts.answers else {}


def received_data(facts: Facts) -> dict[str, Any]:
    """What the journal keeps of a receipt: keys, codes and times, and the first values of what later entries change."""
    return {
        "report": str(facts.report_id),
        "channel": facts.channel,
        "kind": facts.kind,
        **answered_data(facts),
        "first": {
            "owner_id": str(facts.owner_id),
            "level": facts.level,
            "category_id": str(facts.category.id) if facts.category else "",
            "urgency": facts.urgency,
            "area_code": facts.area_code,
            "next_due_at": facts.dispatch.due_at.isoformat(),
        },
    }


def owner_for(actor: Actor, *, area_code: str, kind: str = "") -> UUID:
    """Who holds a new case: the centre of the place; a tip goes to the discipline unit, a clue to the procuratorate. RuleError
    door_not_open, tips_not_open, clues_not_open where nobody is in service."""
    if kind in SEALED_KINDS:
        offices = [
            unit
            for unit in all_units(actor).values()
            if unit.kind == SEALED_KINDS[kind] and area_code.startswith(unit.area_id)
        ]
        if not offices:  # a centre must not see it, so there it would lie unseen
            if kind == Kind.CLUE:
                raise RuleError("clues_not_open", "这里还没有登记检察院，线索送不出去，请系统管理员在“单位”里加上")
            raise RuleError("tips_not_open", "这个地方还没有开通举报受理，请拨打纪检监察举报电话 12388", "kind")
        return max(offices, key=lambda unit: len(unit.area_id)).id
    try:
        return get_centre(actor, area_code=area_code).id
    except NotFound as error:
        raise RuleError("door_not_open", "这个地方还没有开通受理，请拨打 12345") from error


def receipt_of(actor: Actor, facts: Facts) -> Receipt:
    """The receipt of a report just made."""
    return Receipt(
        report_id=facts.report_id,
        case_id=facts.case_id,
        case_number=facts.case_number,
        number=facts.report_number,
        tracking_code=facts.tracking_code,
        query_code=facts.query_code,
        status="received",
        grid=get_area(actor, code=facts.area_code).name,
        promised_at=facts.first_contact.due_at,
        is_new=True,
    )


def first_answer(actor: Actor, report: Report) -> Receipt:
    """The receipt as it was given the first time, from what the row keeps for good."""
    return Receipt(
        report_id=report.id,
        case_id=report.case_id,
        case_number=report.case.number,
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
        "answers",
    }
    for name in body:
        if name not in known:
            raise RuleError("unknown_field", f"不认识字段“{str(name)[:40]}”", str(name)[:40])
    if body.get("plate"):
        raise RuleError("unknown_plate", "没有这个门牌，请改用经纬度或写明地点", "plate")
    reporter = body.get("reporter") or {}
    if not isinstance(reporter, Mapping):
        raise RuleError("malformed", 'reporter 应是 {"name", "phone"}', "reporter")
    for name in reporter:
        if name not in {"name", "phone"}:
            raise RuleError("unknown_field", f"不认识字段“{str(name)[:40]}”", str(name)[:40])
    happened_at = body.get("happened_at")
    answers = body.get("answers") or {}
    if not isinstance(answers, Mapping):
        raise RuleError("malformed", "answers 里应是问题代码和答案", "answers")
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
        answers=answers,
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
    try:
        return float(value)
    except OverflowError as error:
        raise RuleError("malformed", f"{name} 太大，不是经纬度", name) from error


def _key(value: Any) -> UUID:
    try:
        return UUID(value)
    except (TypeError, ValueError, AttributeError) as error:
        raise RuleError("bad_client_key", "client_key 应是 UUID，由提交方生成，重发时不变", "client_key") from error


def _crs(value: Any) -> str:
    if value is None:
        return "cgcs2000"
    if not isinstance(value, str) or value not in CRS:
        raise RuleError("unknown_crs", "crs 只能是 wgs84、cgcs2000、gcj02、bd09", "crs")
    return value


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise RuleError(
            "malformed", "happened_at 应是带时区的时间，如 2026-11-23T09:42:00+08:00", "happened_at"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)
