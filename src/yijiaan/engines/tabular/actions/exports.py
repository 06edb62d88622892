import json
from typing import Any
from uuid import UUID

from django.db import transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor
from yijiaan.engines.jobs.queue import defer
from yijiaan.engines.journal.actions import record
from yijiaan.engines.tabular import permissions
from yijiaan.engines.tabular.models import Export, ExportState
from yijiaan.engines.tabular.providers import exporter_of
from yijiaan.engines.tabular.queries import count_going, get_export
from yijiaan.engines.tabular.sheets import MOST_ROWS, Sheet

SUBJECT = "tabular.export"
MOST_GOING = 3
STEP = 2000  # rows between two notes of how far it is


@transaction.atomic
def request_export(
    *,
    actor: Actor,
    kind: str,
    title: str,
    parameters: dict[str, Any],
    total_count: int,
    client_key: UUID,
    purpose: str = "",
) -> Export:
    """Queue a list as a file for the actor's post. The caller has decided that the actor may, and counted the rows.

    The same client_key again gives the first wish (Conflict when it asked for something else). RuleError nothing_there,
    too_many_rows, too_many_going.
    """
    if actor.post_id is None:
        raise NotFound
    known = Export.objects.visible_to(actor).filter(client_key=client_key).first()
    if known is not None:
        if (known.kind, known.parameters, known.purpose) != (kind, parameters, purpose):
            raise Conflict("刚才那一份已经在写了", code="other_body")
        return known
    if not total_count:
        raise RuleError("nothing_there", "这样筛没有内容，不用导出")
    if total_count > MOST_ROWS:
        raise RuleError("too_many_rows", f"一个表最多放 {MOST_ROWS:,} 行，请分时间或分地方导出")
    if count_going(actor) >= MOST_GOING:
        raise RuleError("too_many_going", f"已经有 {MOST_GOING} 份在写，等写好再要下一份")
    now = clock.now()
    export = Export(
        id=uuid7(), county=actor.county, kind=kind, title=title[:200], purpose=purpose[:200], post_id=actor.post_id,
        parameters_sealed=json.dumps(parameters, ensure_ascii=False, sort_keys=True), client_key=client_key,
        total_count=total_count, requested_at=now,
    )  # fmt: skip
    export.save(force_insert=True)
    # which list, how long, and whether for a stated purpose; words searched for stand sealed in the row alone
    record(
        actor=actor,
        verb="tabular.export_requested",
        county=export.county,
        subject_type=SUBJECT,
        subject_id=export.id,
        area_code=actor.areas[0] if actor.areas else actor.county,
        at=now,
        data={"kind": kind, "rows": total_count, "has_purpose": bool(purpose)},
    )
    defer("tabular.write_wanted_export", county=export.county, export_id=str(export.id))
    return export


def write_export(*, actor: Actor, export_id: UUID) -> None:
    """Write the file of a wish, noting how far it is; not one transaction: the list is read in portions."""
    actor.require(permissions.WRITE)
    mine = Export.objects.filter(county=actor.county, id=export_id)
    export = mine.first()
    if export is None or export.state == ExportState.DONE:
        return
    exporter = exporter_of(export.kind)
    export.path.parent.mkdir(parents=True, exist_ok=True)
    half = export.path.with_suffix(".half")
    mine.update(state=ExportState.RUNNING, done_count=0)
    try:
        head = exporter.head(export.parameters) if exporter.head else None
        columns = exporter.columns(export.parameters)
        sheet = Sheet(half, columns, title=export.title, head=head, beside=exporter.beside)
        for row in exporter.rows(export):
            sheet.write(row)
            if sheet.count % STEP == 0:
                mine.update(done_count=sheet.count)
            if sheet.count >= MOST_ROWS:
                break
        sheet.close(exporter.note, _stamp(export))
        half.rename(export.path)
    except BaseException:
        half.unlink(missing_ok=True)
        mine.update(state=ExportState.FAILED)
        raise
    mine.update(
        state=ExportState.DONE,
        done_count=sheet.count,
        total_count=sheet.count,
        size=export.path.stat().st_size,
        finished_at=clock.now(),
    )


def _stamp(export: Export) -> str:
    """Who took the list away, when, and what for."""
    at = clock.local(export.requested_at)
    why = f"，用途：{export.purpose}" if export.purpose else ""
    return f"由 {export.post} 于 {at.year}年{at.month}月{at.day}日 {at:%H:%M} 导出{why}"


@transaction.atomic
def take_export(*, actor: Actor, export_id: UUID) -> Export:
    """Hand a finished file over to who asked for it, and note it. RuleError not_ready; NotFound when it is gone or somebody else's."""
    export = get_export(actor, export_id=export_id)
    if export.state != ExportState.DONE:
        raise RuleError("not_ready", "还没有写好，请等一会儿")
    if not export.path.is_file():
        raise NotFound
    record(
        actor=actor,
        verb="tabular.export_taken",
        county=export.county,
        subject_type=SUBJECT,
        subject_id=export.id,
        area_code=actor.areas[0] if actor.areas else actor.county,
        at=clock.now(),
        data={"rows": export.done_count},
    )
    return export
