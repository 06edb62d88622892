"""The SMS gateway of a county: set up, tried out, and fed."""

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import time, timedelta

from django.db import transaction

from yijiaan.areas.queries import get_area
from yijiaan.connectors import permissions
from yijiaan.connectors.line import check_url
from yijiaan.connectors.models import SmsBody, SmsGateway, SmsSigning
from yijiaan.connectors.sms import wire
from yijiaan.core import clock
from yijiaan.core.checks import is_mobile, normal_phone
from yijiaan.core.errors import RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.retries import growing_pause
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record
from yijiaan.engines.notices import actions as notices
from yijiaan.engines.notices.actions import Result
from yijiaan.engines.notices.queries import counties_with_waiting

SUBJECT = "connectors.smsgateway"
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
TEST_TEXT = "这是一条试发的短信，收到说明短信接好了。"
Send = Callable[..., Result]


@dataclass(frozen=True, slots=True)
class GatewayFacts:
    """What an administrator says of the gateway. secret: empty keeps the one there is."""

    name: str
    site: str
    url: str
    body: str
    body_kind: str = SmsBody.JSON.value
    headers: str = ""
    signing: str = SmsSigning.NONE.value
    sign_template: str = ""
    secret: str = ""
    success_path: str = ""
    success_values: str = ""
    temporary_values: str = ""
    reference_path: str = ""
    is_idempotent: bool = False
    takes_reports: bool = False
    report_list_path: str = ""
    report_reference_path: str = ""
    report_state_path: str = ""
    report_delivered_values: str = ""
    quiet_from: time = time(21, 0)
    quiet_to: time = time(7, 30)
    is_active: bool = True


@transaction.atomic
def set_gateway(*, actor: Actor, facts: GatewayFacts) -> SmsGateway:
    """Describe the gateway of the actor's county, for the first time or anew. RuleErrors at the field: no_name, bad_address,
    private_address, empty_body, bad_json, bad_fields, no_phone_gap, no_text_gap, bad_headers, no_sign_template, no_secret,
    no_success_values, no_report_paths."""
    actor.require(permissions.MANAGE)
    area = get_area(actor, code=actor.county)
    row = SmsGateway.objects.select_for_update(of=("self",)).visible_to(actor).filter(area_id=area.code).first()
    is_new = row is None
    if row is None:
        row = SmsGateway(id=uuid7(), area_id=area.code, report_token=secrets.token_urlsafe(24), made_at=clock.now())
    said = {name: value.strip() if isinstance(value, str) else value for name, value in asdict(facts).items()}
    secret = said.pop("secret")
    _check(said, has_secret=bool(secret or row.secret_sealed))
    said["url"] = check_url(said["url"], field="url")
    said["site"] = check_url(said["site"], field="site", guarded=False).rstrip("/")
    changed = {
        name: [_told(getattr(row, name, "")), _told(value)]
        for name, value in said.items()
        if getattr(row, name, None) != value
    }
    for name, value in said.items():
        setattr(row, name, value)
    if secret:
        row.secret_sealed = secret
        changed["secret"] = ["", "换了"]
    row.failures, row.down_until = 0, None
    if is_new:
        row.save(force_insert=True)
    elif changed:
        row.save()
    if is_new or changed:
        # templates may hold an account's password: the journal keeps that they changed, not how
        hidden = {"body", "headers", "sign_template"}
        told = {name: ["", "改了"] if name in hidden else pair for name, pair in changed.items()}
        _note(actor, row, "connectors.sms_set", {"changed": {} if is_new else told})
    return row


def _told(value: object) -> object:
    return value.isoformat(timespec="minutes") if isinstance(value, time) else value


def _check(said: dict[str, object], *, has_secret: bool) -> None:
    text = {name: str(value) for name, value in said.items()}
    if not text["name"] or len(text["name"]) > 30:  # noqa: PLR2004
        raise RuleError("no_name", "请填名称，最多 30 个字", "name")
    if text["body_kind"] not in SmsBody.values or text["signing"] not in SmsSigning.values:
        raise RuleError("unknown_kind", "请从列出的里面选", "body_kind")
    if not text["body"]:
        raise RuleError("empty_body", "请填发送内容，号码写 {phone}，短信写 {text}", "body")
    try:
        if text["body_kind"] == SmsBody.JSON:
            json.loads(text["body"])
        else:
            wire.fields_of(text["body"])
    except ValueError as error:
        if text["body_kind"] == SmsBody.JSON:
            raise RuleError("bad_json", "发送内容不是 JSON，请检查引号和逗号", "body") from error
        raise RuleError("bad_fields", "发送内容要写成 名称=值，用 & 连起来，或者一行一个", "body") from error
    everything = text["body"] + text["headers"]
    if "{phone}" not in everything:
        raise RuleError("no_phone_gap", "发送内容里没有 {phone}，不知道发给谁", "body")
    if "{text}" not in everything:
        raise RuleError("no_text_gap", "发送内容里没有 {text}，不知道发什么", "body")
    try:
        wire.headers_of(text["headers"])
    except ValueError as error:
        raise RuleError("bad_headers", "请求头一行一个，写成名称、冒号、值", "headers") from error
    if text["signing"] != SmsSigning.NONE:
        if not text["sign_template"]:
            raise RuleError("no_sign_template", "请填签名的内容，例如 {secret}{time}{nonce}", "sign_template")
        if text["signing"] == SmsSigning.SHA256 and not has_secret:
            raise RuleError("no_secret", "HMAC 签名要有密钥", "secret")
    if text["success_path"] and not wire.values_of(text["success_values"]):
        raise RuleError("no_success_values", "请填哪些值算成功，例如 0", "success_values")
    if said["takes_reports"] and not (
        text["report_reference_path"] and text["report_state_path"] and wire.values_of(text["report_delivered_values"])
    ):
        raise RuleError("no_report_paths", "要收回报，请填编号、结果在哪里，和哪些值表示送到", "report_reference_path")


def try_gateway(*, actor: Actor, phone: str, send: Send = wire.send) -> Result:
    """试发一条 to a number that an administrator types, at any hour; says what the gateway answered. The number is not kept.

    RuleErrors bad_phone, no_gateway."""
    actor.require(permissions.MANAGE)
    number = normal_phone(phone, field="phone")
    if not is_mobile(number):
        raise RuleError("bad_phone", "试发要填手机号", "phone")
    row = SmsGateway.objects.visible_to(actor).filter(area_id=actor.county).first()
    if row is None:
        raise RuleError("no_gateway", "请先把上面的设置存好，再试发")
    with transaction.atomic():
        _note(actor, row, "connectors.sms_tried", {})
    result = send(row, phone=number, text=TEST_TEXT, nonce=uuid7().hex)
    return result


def send_messages(*, actor: Actor, send: Send = wire.send) -> int:
    """Send what is due in every county, returns how many were tried. The worker's pump; no transaction is held meanwhile.

    Where no gateway is in use what waits is suppressed. A gateway that is down is asked again after a minute, then after
    growing pauses; meanwhile all wait untried."""
    actor.require(permissions.EXCHANGE)
    now = clock.now()
    gateways = {row.area_id: row for row in SmsGateway.objects.filter(is_active=True).order_by("area_id")}
    tried = 0
    for county in counties_with_waiting(actor):
        notices.give_up_unclear(actor=actor, county=county)
        gateway = gateways.get(county)
        if gateway is None:
            notices.suppress_waiting(actor=actor, county=county)
        elif gateway.down_until is None or gateway.down_until <= now:
            tried += _send_for(actor, gateway, send)
    return tried


def _send_for(actor: Actor, gateway: SmsGateway, send: Send) -> int:
    county = gateway.area_id
    claimed = notices.claim_messages(actor=actor, county=county, quiet=(gateway.quiet_from, gateway.quiet_to))
    for number, row in enumerate(claimed, 1):
        result = send(gateway, phone=row.phone_sealed, text=row.text_sealed, nonce=row.id.hex)
        notices.settle_message(actor=actor, county=county, message_id=row.id, result=result)
        if result.is_down:
            notices.release_messages(actor=actor, county=county, ids=[other.id for other in claimed[number:]])
            failures = gateway.failures + 1
            until = clock.now() + growing_pause(failures, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
            SmsGateway.objects.filter(id=gateway.id).update(failures=failures, down_until=until)
            return number
        if gateway.failures:
            gateway.failures = 0
            SmsGateway.objects.filter(id=gateway.id).update(failures=0, down_until=None)
    return len(claimed)


def take_reports(*, actor: Actor, gateway: SmsGateway, body: object) -> int:
    """A gateway's delivery reports; returns how many were of messages that we know. RuleError not_understood."""
    actor.require(permissions.EXCHANGE)
    return sum(
        notices.note_delivery(
            actor=actor,
            county=gateway.area_id,
            reference=reference,
            is_delivered=is_delivered,
            words=f"网关说：{words}",
        )
        for reference, is_delivered, words in wire.reports_in(gateway, body)
    )


def _note(actor: Actor, row: SmsGateway, verb: str, data: dict[str, object]) -> None:
    record(
        actor=actor,
        verb=verb,
        county=row.area_id[:6],
        subject_type=SUBJECT,
        subject_id=row.id,
        area_code=row.area_id,
        at=clock.now(),
        data=data,
    )
