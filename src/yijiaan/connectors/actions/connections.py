import re
import secrets
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction

from yijiaan.areas.queries import get_area
from yijiaan.cases.models import Channel
from yijiaan.connectors import permissions
from yijiaan.connectors.models import Algorithm, Connection
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record

SUBJECT = "connectors.connection"
CODE = re.compile(r"[a-z][a-z0-9_]{2,29}")
COLUMNS = ("name", "channel", "algorithm", "push_url", "calls_back", "is_active")


@transaction.atomic
def make_connection(
    *,
    actor: Actor,
    code: str,
    name: str,
    area_code: str,
    channel: str,
    algorithm: str = Algorithm.SM3.value,
    push_url: str = "",
    calls_back: bool = False,
) -> tuple[Connection, str]:
    """Add an outside system; returns it with its secret, which is shown this once. RuleErrors bad_code, code_taken, no_name,
    unknown_area, unknown_channel, bad_address at their fields."""
    actor.require(permissions.MANAGE)
    code = code.strip()
    if not CODE.fullmatch(code):
        raise RuleError("bad_code", "代码用小写字母开头，3 到 30 个字母、数字或下划线", "code")
    if Connection.objects.filter(code=code).exists():
        raise RuleError("code_taken", "这个代码已经用了", "code")
    try:
        area = get_area(actor, code=area_code)
    except NotFound as error:
        raise RuleError("unknown_area", "请选送到哪里", "area") from error
    if not actor.covers(area.code) or len(area.code) > 9:  # noqa: PLR2004
        raise RuleError("unknown_area", "请选本区或一个镇街", "area")
    secret = secrets.token_urlsafe(32)
    row = Connection(id=uuid7(), code=code, area_id=area.code, secret_sealed=secret, made_at=clock.now())
    _fill(row, name, channel, algorithm, push_url, calls_back, is_active=True)
    row.save(force_insert=True)
    _note(actor, row, "connectors.connection_made", {"code": code})
    return row, secret


@transaction.atomic
def change_connection(
    *,
    actor: Actor,
    connection_id: UUID,
    name: str,
    channel: str,
    algorithm: str,
    push_url: str,
    calls_back: bool,
    is_active: bool,
) -> Connection:
    """Change how an outside system is called and spoken with. RuleErrors as `make_connection`."""
    actor.require(permissions.MANAGE)
    row = _locked(actor, connection_id)
    before = {column: getattr(row, column) for column in COLUMNS}
    _fill(row, name, channel, algorithm, push_url, calls_back, is_active)
    changed = {
        column: [before[column], getattr(row, column)] for column in COLUMNS if before[column] != getattr(row, column)
    }
    if changed:
        row.save(update_fields=list(COLUMNS))
        _note(actor, row, "connectors.connection_changed", {"code": row.code, "changed": changed})
    return row


@transaction.atomic
def renew_secret(*, actor: Actor, connection_id: UUID) -> str:
    """A new secret; the old one is refused from now on. Returned this once."""
    actor.require(permissions.MANAGE)
    row = _locked(actor, connection_id)
    secret = secrets.token_urlsafe(32)
    row.secret_sealed = secret
    row.save(update_fields=["secret_sealed"])
    _note(actor, row, "connectors.secret_renewed", {"code": row.code})
    return secret


@transaction.atomic
def remember_layout(*, actor: Actor, connection_id: UUID, heads: list[str], columns: dict[str, str]) -> Connection:
    """Keep which column of a file means what, for files with the same headings."""
    actor.require(permissions.VIEW)
    row = _locked(actor, connection_id)
    row.layouts = {**row.layouts, layout_key(heads): columns}
    row.save(update_fields=["layouts"])
    return row


def layout_key(heads: list[str]) -> str:
    """A file's headings in one text."""
    return "|".join(head.strip() for head in heads)


def _fill(
    row: Connection, name: str, channel: str, algorithm: str, push_url: str, calls_back: bool, is_active: bool
) -> None:
    name = " ".join(name.split())
    if not name or len(name) > 30:  # noqa: PLR2004
        raise RuleError("no_name", "请填名称，最多 30 个字", "name")
    if channel not in Channel.values:
        raise RuleError("unknown_channel", "请选一个渠道", "channel")
    if algorithm not in Algorithm.values:
        raise RuleError("unknown_algorithm", "请选一种签名", "algorithm")
    push_url = push_url.strip()
    parts = urlsplit(push_url)
    if push_url and (parts.scheme not in ("http", "https") or not parts.hostname or len(push_url) > 300):  # noqa: PLR2004
        raise RuleError("bad_address", "回推地址要以 http:// 或 https:// 开头", "push_url")
    row.name, row.channel, row.algorithm, row.push_url = name, channel, algorithm, push_url
    row.calls_back, row.is_active = calls_back, is_active


def _locked(actor: Actor, connection_id: UUID) -> Connection:
    row: Connection = Connection.objects.select_for_update(of=("self",)).get_visible(actor, id=connection_id)
    return row


def _note(actor: Actor, row: Connection, verb: str, data: dict[str, object]) -> None:
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


SIMULATED = "simulated_"  # and the code of its place


@transaction.atomic
def play_hotline(*, actor: Actor, area_code: str, push_url: str) -> tuple[Connection, str]:
    """The connection of the simulated hotline of a place, made at first use and pointed at where it listens now, with a fresh secret.
    For the simulator's command only. RuleErrors of `make_connection`."""
    actor.require(permissions.EXCHANGE)
    code = f"{SIMULATED}{area_code}"[:30]
    row = Connection.objects.filter(code=code).first()
    channel, name = Channel.HOTLINE.value, "模拟热线"
    if row is None:
        return make_connection(
            actor=actor, code=code, name=name, area_code=area_code, channel=channel, push_url=push_url, calls_back=True
        )  # fmt: skip
    row = change_connection(
        actor=actor, connection_id=row.id, name=name, channel=channel, algorithm=row.algorithm, push_url=push_url,
        calls_back=True, is_active=True,
    )  # fmt: skip
    return row, renew_secret(actor=actor, connection_id=row.id)
