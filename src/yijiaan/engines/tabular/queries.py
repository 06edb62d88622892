from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from yijiaan.core.errors import NotAllowed
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.engines.tabular.matching import fingerprint, suggest
from yijiaan.engines.tabular.models import Export, ExportState, Import, ImportedRow, ImportLine, Layout
from yijiaan.engines.tabular.permissions import IMPORT
from yijiaan.engines.tabular.targets import target_of

MOST = 30


def list_exports(actor: Actor) -> QuerySet[Export]:
    """What the actor asked for in this post, newest first, the last thirty."""
    return Export.objects.visible_to(actor).order_by("-requested_at", "-id")[:MOST]


def get_export(actor: Actor, *, export_id: UUID) -> Export:
    """One export that the actor asked for; NotFound for anybody else's."""
    found: Export = Export.objects.get_visible(actor, county=actor.county, id=export_id)
    return found


def count_going(actor: Actor) -> int:
    """How many of the actor's exports are not ready yet."""
    return Export.objects.visible_to(actor).filter(state__in=(ExportState.WAITING, ExportState.RUNNING)).count()


def list_imports(actor: Actor) -> ScopedQuerySet:
    """Ledgers brought inside the actor's areas, newest first."""
    return Import.objects.visible_to(actor).select_related("post__user", "post__role").order_by("-received_at", "-id")


def get_import(actor: Actor, *, import_id: UUID) -> Import:
    """One of them. NotFound elsewhere; NotAllowed without the permission of what it goes into."""
    if not actor.may(IMPORT):
        raise NotAllowed(IMPORT)
    found: Import = (
        Import.objects.visible_to(actor)
        .select_related("post__user", "post__role")
        .get_visible(actor, county=actor.county, id=import_id)
    )
    actor.require(target_of(found.kind).permission)
    return found


def list_lines(actor: Actor, *, imported: Import, verdict: str = "") -> QuerySet[ImportLine]:
    """Lines of an import to look at, of one kind or all, by line. The caller holds the import."""
    lines = ImportLine.objects.filter(county=imported.county, table_import=imported)
    return (lines.filter(verdict=verdict) if verdict else lines).order_by("line", "id")


def is_known_layout(actor: Actor, *, imported: Import) -> bool:
    """Whether the columns of such a ledger were explained before."""
    return Layout.objects.filter(
        county=imported.county, kind=imported.kind, fingerprint=fingerprint(imported.heads)
    ).exists()


def suggest_mapping(actor: Actor, *, imported: Import) -> dict[int, str]:
    """Our field for each column that can be told: from this layout, from headings explained in others, by words and by content."""
    if imported.mapping:
        return imported.columns
    layouts = Layout.objects.filter(county=imported.county, kind=imported.kind).order_by("-used_at")[:50]
    own = fingerprint(imported.heads)
    learned: dict[str, str] = {}
    for layout in sorted(layouts, key=lambda each: each.fingerprint != own):
        for head, key in layout.fields_by_head.items():
            # a column passed over in another ledger says nothing about this one
            if head not in learned and (key or layout.fingerprint == own):
                learned[head] = key
    return suggest(imported.heads, target_of(imported.kind).fields, learned=learned, samples=imported.samples)


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What undoing would do: rows that go, rows that stay, and why, most frequent first."""

    going: int
    staying: int
    reasons: list[tuple[str, int]]


def preview_undo(actor: Actor, *, imported: Import) -> UndoPreview:
    """What undoing this import would do now; some statements for each thousand rows. The caller holds the import."""
    target = target_of(imported.kind)
    reasons: Counter[str] = Counter()
    count = last = 0
    while True:
        rows = list(
            ImportedRow.objects.filter(
                county=imported.county, table_import=imported, is_undone=False, remark="", line__gt=last
            ).order_by("line")[:1000]
        )
        if not rows:
            break
        last, count = rows[-1].line, count + len(rows)
        reasons.update(filter(None, target.hindrances(actor=actor, rows=[row.done for row in rows])))
    staying = sum(reasons.values())
    return UndoPreview(count - staying, staying, reasons.most_common(10))


def list_kept(actor: Actor, *, imported: Import) -> QuerySet[ImportedRow]:
    """Rows that undoing left where they are, the first two hundred. The caller holds the import."""
    rows = ImportedRow.objects.filter(county=imported.county, table_import=imported).exclude(remark="")
    return rows.order_by("line")[:200]
