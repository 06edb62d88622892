"""The hazard ledger as a table to take away: the same filter as the page, newest first. It holds no names of persons."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import QueryDict

from yijiaan.accounts.queries import actor_of_post
from yijiaan.areas.queries import area_names
from yijiaan.core.errors import NotFound
from yijiaan.engines.tabular.models import Export
from yijiaan.engines.tabular.providers import Column, Exporter, Value, register_export
from yijiaan.safety.actions.exporting import KIND
from yijiaan.safety.filters import narrowed

PORTION = 2000
COLUMNS = (
    Column("登记号", 16), Column("标题", 36), Column("类别", 12), Column("等级", 8), Column("状态", 10), Column("镇街", 12),
    Column("村", 12), Column("网格", 16), Column("地点", 24), Column("怎么发现的", 10), Column("发现时间", 17),
    Column("责任单位", 20), Column("整改期限", 12), Column("下一到期", 17), Column("牌", 8), Column("挂牌督办", 10),
    Column("第几次整改", 10), Column("临时防护", 30), Column("在哪年的账上", 12), Column("销号", 16), Column("销号时间", 17),
    Column("怎么销的", 14),
)  # fmt: skip


def columns(parameters: Mapping[str, Any]) -> Sequence[Column]:
    """What is written."""
    return COLUMNS


def rows(export: Export) -> Iterator[Sequence[Value]]:
    """All hazards that the post which asked sees today under its filter. NotFound when nobody holds that post any more."""
    actor = actor_of_post(post_id=export.post_id)
    if actor is None or not actor.may("safety.export"):
        raise NotFound
    wanted = narrowed(actor, QueryDict(export.parameters["query"])).order_by("-id")
    last: UUID | None = None
    while portion := list((wanted.filter(id__lt=last) if last else wanted)[:PORTION]):
        names = area_names(actor, codes={h.area_code[:length] for h in portion for length in (9, 12, 16)})
        for hazard in portion:
            code = hazard.area_code
            yield [
                hazard.number, hazard.title, hazard.get_kind_display(), hazard.get_grade_display(), hazard.status_label,
                names.get(code[:9], ""), names.get(code[:12], "") if len(code) >= 12 else "",
                names.get(code, "") if len(code) == 16 else "", hazard.place, hazard.get_source_display(),
                hazard.found_at, hazard.unit.name if hazard.unit else "",
                hazard.due_on.isoformat() if hazard.due_on else "", hazard.next_due_at, hazard.get_card_display() if hazard.card else "",
                "是" if hazard.is_listed else "", hazard.round, hazard.protection, hazard.books_year,
                hazard.write_off_number, hazard.written_off_at, hazard.get_end_kind_display() if hazard.end_kind else "",
            ]  # fmt: skip
        last = portion[-1].id


def register() -> None:
    """Called once when the apps are ready."""
    register_export(KIND, Exporter(columns, rows, "时间为北京时间。由驿家安按导出人当时能看到的范围写出。"))
