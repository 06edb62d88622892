"""What a person does with a ledger: bring it, explain its columns, let it run, fetch what was refused, take it back."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.jobs.queue import defer
from yijiaan.engines.journal.actions import record
from yijiaan.engines.tabular.cells import text_of
from yijiaan.engines.tabular.headings import find_heading, records_below
from yijiaan.engines.tabular.matching import check_fixed, check_mapping, fingerprint, known_heads
from yijiaan.engines.tabular.models import GOING, Import, ImportedRow, ImportLine, ImportState, Layout
from yijiaan.engines.tabular.opening import MOST_BYTES, Book, open_book
from yijiaan.engines.tabular.permissions import IMPORT
from yijiaan.engines.tabular.returning import write_refused
from yijiaan.engines.tabular.targets import ImportTarget, target_of
from yijiaan.engines.tabular.vault import lock_away
from yijiaan.engines.tabular.walking import book_of, raw_of

SUBJECT = "tabular.import"
MOST_GOING = 2  # of one post at a time
SAMPLES = 3
SAMPLED = 200  # rows among which examples are looked for
LONGEST_SAMPLE = 40
LAST_LINE = 2**31 - 1


@transaction.atomic
def receive_table(
    *, actor: Actor, kind: str, file_name: str, raw: bytes, client_key: UUID, size: int | None = None
) -> Import:
    """Take a ledger in: open it, find its sheet and headings, lay it away sealed. Nothing is imported yet.

    The same client_key again gives the first one (Conflict when it brought another file). RuleErrors at the fields: unknown_kind,
    those of `open_book`, `find_heading` and `records_below`.
    """
    actor.require(IMPORT)
    if actor.post_id is None or not actor.areas:
        raise NotFound
    digest = hashlib.sha256(raw).hexdigest()
    known = Import.objects.visible_to(actor).filter(post_id=actor.post_id, client_key=client_key).first()
    if known is not None:
        if (known.digest, known.kind) != (digest, kind):
            raise Conflict("刚才那个文件已经收下了", code="other_body")
        return known
    target = _target(actor, kind)
    if (size or len(raw)) > MOST_BYTES:
        raise RuleError("too_large", f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请分成几份", "file")
    book = open_book(raw, name=file_name)
    sheets = book.sheets()
    if not sheets:
        raise RuleError("empty_table", "表里没有内容，请检查是不是选错了文件", "file")
    chosen = next((sheet for sheet in sheets if not sheet.is_hidden and sheet.rows > 1), sheets[0])
    imported = Import(
        id=uuid7(), county=actor.county, kind=kind, file_name_sealed=file_name[-120:], digest=digest, size=len(raw),
        area_code=actor.areas[0], post_id=actor.post_id, client_key=client_key,
        received_at=clock.now(),
        sheets=[
            {"name": sheet.name, "is_hidden": sheet.is_hidden, "hidden_rows": sheet.hidden_rows, "rows": sheet.rows}
            for sheet in sheets
        ],
    )  # fmt: skip
    _look_at(imported, book, chosen.name, target, "file")
    imported.save(force_insert=True)
    lock_away(imported.path, raw, str(imported.id))
    _note(actor, imported, "tabular.import_received", {"kind": kind, "rows": imported.total_count})
    return imported


@transaction.atomic
def choose_sheet(*, actor: Actor, import_id: UUID, sheet: str) -> Import:
    """Take another sheet of the file. RuleErrors unknown_sheet, too_late, and those of `find_heading`."""
    imported, target = _held(actor, import_id)
    _require_open(imported)
    if sheet not in {each["name"] for each in imported.sheets}:
        raise RuleError("unknown_sheet", "文件里没有这张表，请重新选", "sheet")
    _look_at(imported, book_of(imported), sheet, target, "sheet")
    imported.state, imported.mapping = ImportState.READ, {}
    imported.save(
        update_fields=["sheet", "head_first", "head_last", "heads", "samples_sealed", "total_count", "state", "mapping"]
    )
    return imported


@transaction.atomic
def map_columns(
    *, actor: Actor, import_id: UUID, mapping: Mapping[int, str], fixed: Mapping[str, str] | None = None
) -> Import:
    """Say which column is what, remember it for this layout, and have every line checked in the background.

    fixed: what holds for every line that does not say otherwise, by field key (the village of a ledger of one village).
    RuleErrors too_late, too_many_going, and those of `check_fixed` and `check_mapping`.
    """
    imported, target = _held(actor, import_id)
    _require_open(imported)
    imported.fixed = check_fixed(target.fields, fixed or {})
    check_mapping(imported.heads, target.fields, mapping, imported.fixed)
    _require_room(actor)
    imported.mapping = {str(column): key for column, key in sorted(mapping.items())}
    imported.state, imported.done_count, imported.failure = ImportState.CHECKING, 0, ""
    imported.save(update_fields=["mapping", "fixed", "state", "done_count", "failure"])
    Layout.objects.update_or_create(
        county=imported.county,
        kind=imported.kind,
        fingerprint=fingerprint(imported.heads),
        defaults={
            "fields_by_head": {head: mapping.get(column, "") for column, head in enumerate(imported.heads) if head},
            "used_at": clock.now(),
        },
    )
    defer("tabular.check_wanted_import", county=imported.county, import_id=str(imported.id))
    return imported


@transaction.atomic
def start_import(*, actor: Actor, import_id: UUID) -> Import:
    """Let a checked import run. Once more changes nothing. RuleErrors not_checked, nothing_to_do, too_many_going."""
    imported, _ = _held(actor, import_id)
    if imported.state in (ImportState.RUNNING, ImportState.DONE):
        return imported
    is_stopped = imported.state == ImportState.FAILED and imported.started_at is not None
    if imported.state != ImportState.PREVIEWED and not is_stopped:
        raise RuleError("not_checked", "还没有检查完，请等检查完再导入")
    if imported.state == ImportState.PREVIEWED and not imported.written_count:
        raise RuleError("nothing_to_do", "没有一行要新增或更新，不用导入")
    _require_room(actor)
    if imported.started_at is None:
        _begin_anew(imported)
        _note(actor, imported, "tabular.import_started", {"rows": imported.total_count})
    imported.state, imported.failure = ImportState.RUNNING, ""
    imported.save(update_fields=["state", "failure"])
    defer("tabular.run_wanted_import", county=imported.county, import_id=str(imported.id))
    return imported


def _begin_anew(imported: Import) -> None:
    """What was previewed is counted again while it is done: between the two somebody may have changed a record."""
    ImportLine.objects.filter(county=imported.county, table_import=imported).delete()
    imported.started_at = clock.now()
    imported.done_count = imported.reached_line = imported.skipped_count = 0
    imported.new_count = imported.changed_count = imported.same_count = 0
    imported.conflict_count = imported.refused_count = 0
    imported.save(
        update_fields=[
            "started_at", "done_count", "reached_line", "skipped_count", "new_count", "changed_count", "same_count",
            "conflict_count", "refused_count",
        ]
    )  # fmt: skip


@transaction.atomic
def drop_import(*, actor: Actor, import_id: UUID) -> Import:
    """Give up an import that has written nothing; its file is deleted at once. RuleError too_late."""
    imported, _ = _held(actor, import_id)
    if imported.state == ImportState.DROPPED:
        return imported
    if imported.started_at is not None or imported.is_going:
        raise RuleError("too_late", "已经开始导入，不能放弃；导入完可以整批撤销")
    imported.state, imported.samples_sealed = ImportState.DROPPED, ""
    imported.save(update_fields=["state", "samples_sealed"])
    ImportLine.objects.filter(county=imported.county, table_import=imported).delete()
    path = imported.path
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    _note(actor, imported, "tabular.import_dropped")
    return imported


@transaction.atomic
def start_undo(*, actor: Actor, import_id: UUID) -> Import:
    """Take back everything that an import wrote, as one deed. Once more changes nothing. RuleErrors nothing_to_undo, too_many_going."""
    imported, _ = _held(actor, import_id)
    if imported.state in (ImportState.UNDOING, ImportState.UNDONE):
        return imported
    written = ImportedRow.objects.filter(county=imported.county, table_import=imported)
    if imported.state not in (ImportState.DONE, ImportState.FAILED) or not written.exists():
        raise RuleError("nothing_to_undo", "这次导入没有写进东西，不用撤销")
    _require_room(actor)
    imported.state, imported.failure = ImportState.UNDOING, ""
    imported.done_count = imported.undone_count + imported.kept_count
    if not imported.done_count:
        imported.reached_line = LAST_LINE  # from here backwards
    imported.save(update_fields=["state", "failure", "done_count", "reached_line"])
    _note(actor, imported, "tabular.import_undo_started", {"rows": imported.written_count})
    defer("tabular.undo_wanted_import", county=imported.county, import_id=str(imported.id), post_id=str(actor.post_id))
    return imported


@transaction.atomic
def take_refused(*, actor: Actor, import_id: UUID) -> tuple[Import, Path]:
    """The refused lines as the same file with a column of remarks, for who brought it; the caller deletes the file.

    NotFound for anybody else; RuleErrors nothing_refused, file_gone.
    """
    imported, _ = _held(actor, import_id)
    if imported.post_id != actor.post_id:
        raise NotFound
    lines = ImportLine.objects.filter(
        county=imported.county, table_import=imported, verdict__in=("refused", "conflict")
    )
    remarks = dict(lines.values_list("line", "remark"))
    if not remarks:
        raise RuleError("nothing_refused", "没有要改的行")
    raw = raw_of(imported)
    with NamedTemporaryFile(suffix=".xlsx", delete=False) as out:
        path = Path(out.name)
    write_refused(path, imported, open_book(raw), remarks)
    _note(actor, imported, "tabular.refused_taken", {"rows": len(remarks)})
    return imported, path


def _look_at(imported: Import, book: Book, sheet: str, target: ImportTarget, field: str) -> None:
    """Where the headings of a sheet stand, how many lines lie below, and three examples of each column."""
    try:
        heading = find_heading(book, sheet, known=known_heads(target.fields))
        samples: list[list[str]] = [[] for _ in heading.heads]
        count = 0
        for _, cells, reason in records_below(book, sheet, heading):
            count += 1
            if count > SAMPLED or reason:
                continue
            for column, held in enumerate(samples):
                text = text_of(cells[column])[:LONGEST_SAMPLE] if column < len(cells) else ""
                if text and len(held) < SAMPLES and text not in held:
                    held.append(text)
    except RuleError as error:
        raise RuleError(error.code, error.message, field) from error
    if not count:
        raise RuleError("empty_table", "表头下面没有内容，请检查", field)
    imported.sheet, imported.total_count = sheet, count
    imported.head_first, imported.head_last, imported.heads = heading.first, heading.last, list(heading.heads)
    imported.samples_sealed = json.dumps(samples, ensure_ascii=False)


def _target(actor: Actor, kind: str) -> ImportTarget:
    try:
        target = target_of(kind)
    except NotFound as error:
        raise RuleError("unknown_kind", "请选导入到哪里", "kind") from error
    actor.require(target.permission)
    return target


def _held(actor: Actor, import_id: UUID) -> tuple[Import, ImportTarget]:
    actor.require(IMPORT)
    imported: Import = Import.objects.select_for_update().get_visible(actor, county=actor.county, id=import_id)
    target = target_of(imported.kind)
    actor.require(target.permission)
    return imported, target


def _require_open(imported: Import) -> None:
    if imported.started_at is not None or imported.state not in (
        ImportState.READ,
        ImportState.PREVIEWED,
        ImportState.FAILED,
    ):
        raise RuleError("too_late", "这次导入已经往下走了，不能再改列")


def _require_room(actor: Actor) -> None:
    if Import.objects.visible_to(actor).filter(post_id=actor.post_id, state__in=GOING).count() >= MOST_GOING:
        raise RuleError("too_many_going", f"已经有 {MOST_GOING} 份在跑，等跑完再来")


def _note(actor: Actor, imported: Import, verb: str, data: dict[str, Any] | None = None) -> None:
    record(
        actor=actor, verb=verb, county=imported.county, subject_type=SUBJECT, subject_id=imported.id,
        area_code=imported.area_code, at=clock.now(), data=data,
    )  # fmt: skip
