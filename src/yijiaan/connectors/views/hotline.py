"""对接: what came, what is owed, what is stuck and why; files of orders."""

import base64
from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.connectors import actions
from yijiaan.connectors.actions.connections import layout_key
from yijiaan.connectors.forms import ColumnsForm, ConnectionForm, DropForm
from yijiaan.connectors.hotline.filedrop import check_columns, guess_columns, lines_of
from yijiaan.connectors.models import Connection
from yijiaan.connectors.queries import get_connection, list_problems, list_standings, list_unsent
from yijiaan.connectors.views.access import actor_of
from yijiaan.core.errors import Conflict, Refusal, RuleError
from yijiaan.core.scope import Actor, system
from yijiaan.core.web import apply_rule_error, describe
from yijiaan.engines.notices.providers import standing_in
from yijiaan.engines.tabular.reading import read_table
from yijiaan.ui.paging import page_of

MOST_LINES = 2000
MOST_FILE = 1500 * 1024  # it travels once more with the choice of columns
SEALED = TimestampSigner(salt="connectors.drop")


@staff_only
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All connections, and how each stands."""
    actor = actor_of(request)
    context = {"standings": list_standings(actor), "may_manage": actor.may("connectors.manage")}
    context["has_sms"] = standing_in(actor.county).is_ready
    return render(request, "connectors/list.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, connection_id: UUID | None = None) -> HttpResponse:
    """One connection, or a new one."""
    actor = actor_of(request, "connectors.manage")
    row = get_connection(actor, connection_id=connection_id) if connection_id else None
    initial: dict[str, Any] = {
        "area": actor.areas[0] if actor.areas else "",
        "algorithm": "hmac-sm3",
        "channel": "hotline_12345",
    }
    if row is not None:
        initial = {
            name: getattr(row, name) for name in ("name", "channel", "algorithm", "push_url", "calls_back", "is_active")
        }
    form = ConnectionForm(
        request.POST if request.method == "POST" else None, actor=actor, is_new=row is None, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        shared = {name: said[name] for name in ("name", "channel", "algorithm", "push_url", "calls_back")}
        try:
            if row is not None:
                row = actions.change_connection(
                    actor=actor, connection_id=row.id, is_active=said["is_active"], **shared
                )
                messages.success(request, f"{row.name}改好了。")
                return redirect("connectors:connection", row.id)
            row, secret = actions.make_connection(actor=actor, code=said["code"], area_code=said["area"], **shared)
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return _show_secret(request, row, secret)
    context = {"form": form, "connection": row}
    return render(request, "connectors/edit.html", context, status=422 if form.errors else 200)


def _show_secret(request: HttpRequest, connection: Connection, secret: str) -> HttpResponse:
    return render(request, "connectors/secret.html", {"connection": connection, "secret": secret})


@staff_only
@require_POST
def renew(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """A new secret, shown this once."""
    actor = actor_of(request, "connectors.manage")
    secret = actions.renew_secret(actor=actor, connection_id=connection_id)
    return _show_secret(request, get_connection(actor, connection_id=connection_id), secret)


@staff_only
@never_cache
@require_safe
def connection(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """One connection: what is owed, what could not be used."""
    actor = actor_of(request)
    row = get_connection(actor, connection_id=connection_id)
    context = {
        "connection": row,
        "standing": next(line for line in list_standings(actor) if line.connection.id == row.id),
        "unsent": list(list_unsent(actor, connection=row)[:50]),
        "page": page_of(request, list_problems(actor, connection=row), keys=("-received_at", "-id")),
        "may_manage": actor.may("connectors.manage"),
        "may_drop": actor.may("connectors.view"),
        "drop": DropForm(),
    }
    return render(request, "connectors/connection.html", context)


@staff_only
@require_POST
def retry(request: HttpRequest, connection_id: UUID, message_id: UUID) -> HttpResponse:
    """Push it again."""
    actor = actor_of(request)
    try:
        actions.retry_message(actor=actor, message_id=message_id)
    except RuleError as error:
        messages.info(request, error.message)
    else:
        messages.success(request, "排上了，马上再推一次。")
    return redirect("connectors:connection", connection_id)


@staff_only
@never_cache
@require_POST
def drop(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """A file of orders: first which column is what, then every line as if it had come by the line."""
    actor = actor_of(request, "connectors.view")
    row = get_connection(actor, connection_id=connection_id)
    form = DropForm(request.POST, request.FILES)
    if "kept" not in request.POST:
        if not form.is_valid():
            messages.error(request, "请选一个 .xlsx 或 .xls 文件")
            return redirect("connectors:connection", row.id)
        upload = form.cleaned_data["file"]
        if upload.size > MOST_FILE:
            messages.error(request, f"文件超过 {MOST_FILE // 1024} KB，请按天分成几份")
            return redirect("connectors:connection", row.id)
        return _ask_columns(request, row, upload.read(), upload.name)
    try:
        kept = SEALED.unsign(request.POST["kept"], max_age=3600)
    except BadSignature:
        messages.error(request, "文件放得太久了，请重新传一次")
        return redirect("connectors:connection", row.id)
    name, _, packed = kept.partition("|")
    return _take_lines(request, row, base64.b64decode(packed), name)


def _ask_columns(
    request: HttpRequest, row: Connection, raw: bytes, name: str, form: ColumnsForm | None = None
) -> HttpResponse:
    try:
        table = read_table(raw, most_rows=MOST_LINES)
    except RuleError as error:
        messages.error(request, error.message)
        return redirect("connectors:connection", row.id)
    known = row.layouts.get(layout_key(table.heads)) or guess_columns(table.heads)
    initial = {f"column_{number}": field for number, field in known.items()}
    context = {
        "connection": row,
        "form": form or ColumnsForm(heads=table.heads, initial=initial),
        "name": name,
        "count": len(table.rows),
        "kept": SEALED.sign(f"{name[:60]}|{base64.b64encode(raw).decode()}"),
        "is_known": layout_key(table.heads) in row.layouts,
    }
    return render(request, "connectors/columns.html", context, status=422 if form and form.errors else 200)


def _take_lines(request: HttpRequest, row: Connection, raw: bytes, name: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    table = read_table(raw, most_rows=MOST_LINES)
    form = ColumnsForm(request.POST, heads=table.heads)
    if not form.is_valid():
        return _ask_columns(request, row, raw, name, form)
    columns = form.columns()
    try:
        check_columns(columns)
    except RuleError as error:
        apply_rule_error(form, error)
        return _ask_columns(request, row, raw, name, form)
    actions.remember_layout(actor=actor, connection_id=row.id, heads=table.heads, columns=columns)
    told: Counter[str] = Counter()
    lines = []
    here = system(f"connection {row.code}", row.area_id[:6])
    for line in lines_of(table, columns):
        problem = line.problem
        if line.body is not None:
            try:
                taken = actions.take_message(
                    actor=here, connection=row, body=line.body, source=f"{name[:40]} 第 {line.number} 行"
                )
            except (Refusal, Conflict) as error:
                problem = describe(error)[2]
            else:
                told["new" if taken.is_new else "known"] += 1
                if taken.problem:
                    lines.append({"number": line.number, "problem": taken.problem, "is_refused": False})
                continue
        told["refused"] += 1
        lines.append({"number": line.number, "problem": problem, "is_refused": True})
    context = {"connection": row, "name": name, "told": told, "lines": lines}
    return render(request, "connectors/dropped.html", context)
