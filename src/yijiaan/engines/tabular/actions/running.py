"""The long part of an import, by a job: every line judged, written in portions that are whole or not at all, and taken back."""

import json
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import Refusal
from yijiaan.core.identifiers import uuid7
from yijiaan.core.postgresql.raw import insert_many
from yijiaan.core.scope import Actor
from yijiaan.core.web import describe
from yijiaan.engines.journal.actions import record
from yijiaan.engines.tabular import permissions
from yijiaan.engines.tabular.models import Import, ImportedRow, ImportLine, ImportState
from yijiaan.engines.tabular.targets import (
    WRITTEN,
    ImportTarget,
    Judgement,
    Origin,
    Verdict,
    Written,
    acting_in,
    target_of,
)
from yijiaan.engines.tabular.vault import sealed_for
from yijiaan.engines.tabular.walking import Line, portions, walk

SUBJECT = "tabular.import"
SHOWN = 30  # lines of each kind that need nobody's eye are kept to be shown
STOPPED = "程序出错，已经停在这里；可以接着导，或把写进去的撤销"
LINE = ("id", "county", "table_import_id", "line", "verdict", "remark", "field", "values_sealed")
ROW = ("id", "county", "table_import_id", "line", "verdict", "subject_id", "former_sealed", "is_undone", "remark")
Outcome = tuple[Line, Judgement]


def check_import(*, actor: Actor, import_id: UUID) -> None:
    """Judge every line of a mapped import and keep the counts; writes no record. A second run judges anew."""
    actor.require(permissions.WRITE)
    mine = Import.objects.filter(county=actor.county, id=import_id)
    imported = mine.first()
    if imported is None or imported.state != ImportState.CHECKING:
        return
    asked_by = acting_in(imported.post_id)
    if asked_by is None:
        mine.update(state=ImportState.FAILED, failure="提交人的岗位已经结束")
        return
    ImportLine.objects.filter(county=actor.county, table_import=imported).delete()
    counts, shown, skipped, done = Counter[str](), Counter[str](), 0, 0
    try:
        target = _reading(asked_by, imported)
        for portion in portions(walk(imported, target)):
            records = [line for line in portion if line.is_record]
            judged = _judge(asked_by, target, records)
            counts.update(judgement.verdict.value for _, judgement in judged)
            skipped, done = skipped + len(portion) - len(records), done + len(portion)
            _keep_lines(imported, judged, shown)
            mine.update(done_count=done)
    except Refusal as error:
        mine.update(state=ImportState.FAILED, failure=describe(error)[2][:200])
        return
    except BaseException:
        mine.update(state=ImportState.FAILED, failure="检查时程序出错，请重新对列再试")
        raise
    mine.update(state=ImportState.PREVIEWED, skipped_count=skipped, done_count=done, **_columns_of(counts))


def _reading(actor: Actor, imported: Import) -> ImportTarget:
    target = target_of(imported.kind)
    # lines that cannot be read whole say all the same which household they are of
    lines = walk(imported, target, target.looks_at)
    return target.reading(actor=actor, rows=(line.row for line in lines if line.is_record))


def _judge(actor: Actor, target: ImportTarget, lines: Sequence[Line]) -> list[Outcome]:
    """A judgement for each line, in the order of the file."""
    asked = [line for line in lines if line.refusal is None]
    given = iter(target.prepare(actor=actor, rows=[line.row for line in asked]) if asked else ())
    return [(line, line.refusal if line.refusal is not None else next(given)) for line in lines]


def _keep_lines(imported: Import, judged: Sequence[Outcome], shown: Counter[str]) -> None:
    kept = []
    for line, judgement in judged:
        verdict = judgement.verdict
        shown[verdict] += 1
        if verdict in (Verdict.REFUSED, Verdict.CONFLICT) or shown[verdict] <= SHOWN:
            said = json.dumps(dict(line.row.values), ensure_ascii=False)
            kept.append(
                (
                    uuid7(),
                    imported.county,
                    imported.id,
                    line.row.line,
                    verdict.value,
                    judgement.remark[:500],
                    judgement.field[:40],
                    sealed_for(ImportLine, "values_sealed", said),
                )  # fmt: skip
            )
    insert_many(ImportLine, LINE, kept)


def _columns_of(counts: Counter[str]) -> dict[str, int]:
    return {f"{verdict.value}_count": counts[verdict.value] for verdict in Verdict}


def run_import(*, actor: Actor, import_id: UUID) -> None:
    """Write a checked import portion by portion; each portion with its counts is one transaction, so a job that was killed
    goes on where it stopped and no line is written twice."""
    actor.require(permissions.WRITE)
    mine = Import.objects.filter(county=actor.county, id=import_id)
    imported = mine.first()
    if (
        imported is None
        or imported.state not in (ImportState.RUNNING, ImportState.FAILED)
        or imported.started_at is None
    ):
        return
    asked_by = acting_in(imported.post_id)
    if asked_by is None:
        mine.update(state=ImportState.FAILED, failure="提交人的岗位已经结束")
        return
    shown = Counter[str](
        ImportLine.objects.filter(county=actor.county, table_import=imported).values_list("verdict", flat=True)
    )
    try:
        target = _reading(asked_by, imported)
        origin = Origin(imported.id, imported.file_name_sealed)
        reached = imported.reached_line
        for portion in portions(walk(imported, target), after=reached):
            if not _write_portion(asked_by, imported.id, target, origin, portion, shown, reached):
                return
            reached = portion[-1].row.line
    except Refusal as error:
        mine.update(state=ImportState.FAILED, failure=describe(error)[2][:200])
        return
    except BaseException:
        mine.update(state=ImportState.FAILED, failure=STOPPED)
        raise
    _finish(asked_by, import_id)


@transaction.atomic
def _write_portion(
    actor: Actor,
    import_id: UUID,
    target: ImportTarget,
    origin: Origin,
    portion: Sequence[Line],
    shown: Counter[str],
    reached: int,
) -> bool:
    """One portion; False when somebody else has gone on meanwhile."""
    imported = Import.objects.select_for_update().get(county=actor.county, id=import_id)
    if imported.reached_line != reached or imported.state not in (ImportState.RUNNING, ImportState.FAILED):
        return False
    records = [line for line in portion if line.is_record]
    judged = _judge(actor, target, records)
    wanted = [(line, judgement) for line, judgement in judged if judgement.verdict in WRITTEN]
    results = iter(
        target.apply(
            actor=actor, rows=[line.row for line, _ in wanted], judgements=[each for _, each in wanted], origin=origin
        )
        if wanted
        else ()
    )
    outcomes: list[Outcome] = []
    rows = []
    for line, judgement in judged:
        result = next(results) if judgement.verdict in WRITTEN else judgement
        if isinstance(result, Written):
            former = json.dumps(dict(result.former), ensure_ascii=False) if result.former else ""
            rows.append(
                (
                    uuid7(),
                    imported.county,
                    imported.id,
                    line.row.line,
                    result.verdict.value,
                    result.subject_id,
                    sealed_for(ImportedRow, "former_sealed", former),
                    False,
                    "",
                )  # fmt: skip
            )
            outcomes.append((line, Judgement(result.verdict, judgement.remark, judgement.field)))
        else:
            outcomes.append((line, result))
    insert_many(ImportedRow, ROW, rows)
    _keep_lines(imported, outcomes, shown)
    for name, count in _columns_of(Counter(each.verdict.value for _, each in outcomes)).items():
        setattr(imported, name, getattr(imported, name) + count)
    imported.skipped_count += len(portion) - len(records)
    imported.done_count += len(portion)
    imported.reached_line = portion[-1].row.line
    imported.state, imported.failure = ImportState.RUNNING, ""
    imported.save(
        update_fields=[*_columns_of(Counter()), "skipped_count", "done_count", "reached_line", "state", "failure"]
    )
    return True


@transaction.atomic
def _finish(actor: Actor, import_id: UUID) -> None:
    imported = Import.objects.select_for_update().get(county=actor.county, id=import_id)
    if imported.state not in (ImportState.RUNNING, ImportState.FAILED):
        return
    imported.state, imported.finished_at = ImportState.DONE, clock.now()
    imported.save(update_fields=["state", "finished_at"])
    counts = {name: getattr(imported, name) for name in _columns_of(Counter())}
    _note(actor, imported, "tabular.import_finished", {"kind": imported.kind, **counts})


def undo_import(*, actor: Actor, import_id: UUID, post_id: UUID) -> None:
    """Take back what an import wrote, the last line first, portion by portion; goes on where a killed job stopped."""
    actor.require(permissions.WRITE)
    mine = Import.objects.filter(county=actor.county, id=import_id)
    imported = mine.first()
    if imported is None or imported.state != ImportState.UNDOING:
        return
    asked_by = acting_in(post_id)
    if asked_by is None:
        # as one that is done, not as one that stopped: that would go on writing
        mine.update(state=ImportState.DONE, failure="要撤销的人岗位已经结束，撤销停下了")
        return
    try:
        target = target_of(imported.kind)
        while _undo_portion(asked_by, imported.id, target):
            pass
    except Refusal as error:
        mine.update(state=ImportState.DONE, failure=describe(error)[2][:200])
        return
    _finish_undo(asked_by, import_id)


@transaction.atomic
def _undo_portion(actor: Actor, import_id: UUID, target: ImportTarget, size: int = 500) -> bool:
    """One portion of undoing; False when nothing is left."""
    imported = Import.objects.select_for_update().get(county=actor.county, id=import_id)
    rows = list(
        ImportedRow.objects.filter(county=actor.county, table_import=imported, line__lt=imported.reached_line).order_by(
            "-line"
        )[:size]
    )
    if imported.state != ImportState.UNDOING or not rows:
        return False
    done = [row.done for row in rows]
    answers = target.undo(actor=actor, rows=done, origin=Origin(imported.id, imported.file_name_sealed))
    mine = ImportedRow.objects.filter(county=actor.county, table_import=imported)
    mine.filter(line__gte=rows[-1].line, line__lte=rows[0].line).update(is_undone=True)
    staying: dict[str, list[int]] = {}
    for row, remark in zip(rows, answers, strict=True):
        if remark:
            staying.setdefault(remark[:200], []).append(row.line)
    for remark, lines in staying.items():
        mine.filter(line__in=lines).update(is_undone=False, remark=remark)
    kept = sum(len(lines) for lines in staying.values())
    imported.kept_count += kept
    imported.undone_count += len(rows) - kept
    imported.done_count += len(rows)
    imported.reached_line = rows[-1].line
    imported.save(update_fields=["kept_count", "undone_count", "done_count", "reached_line"])
    return True


@transaction.atomic
def _finish_undo(actor: Actor, import_id: UUID) -> None:
    imported = Import.objects.select_for_update().get(county=actor.county, id=import_id)
    if imported.state != ImportState.UNDOING:
        return
    imported.state, imported.undone_at = ImportState.UNDONE, clock.now()
    imported.save(update_fields=["state", "undone_at"])
    data = {"kind": imported.kind, "undone": imported.undone_count, "kept": imported.kept_count}
    _note(actor, imported, "tabular.import_undone", data)


def _note(actor: Actor, imported: Import, verb: str, data: dict[str, str | int]) -> None:
    record(
        actor=actor, verb=verb, county=imported.county, subject_type=SUBJECT, subject_id=imported.id,
        area_code=imported.area_code, at=clock.now(), data=data,
    )  # fmt: skip
