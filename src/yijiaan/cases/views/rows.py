"""The rows of 事件中心, as cells of the kit's table."""

from collections.abc import Mapping, Sequence

from yijiaan.accounts.queries import unit_name
from yijiaan.cases.models import Case, Channel
from yijiaan.cases.paths import case_path
from yijiaan.cases.queries import category_of, suggest_category
from yijiaan.cases.templatetags.case_words import case_status, place_name
from yijiaan.cases.views.show import words_of
from yijiaan.core.scope import Actor
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import due, when

CHANNELS = dict(Channel.choices)
Row = list[Cell | str]


def list_heads(*, ended: bool) -> list[str]:
    """The columns, eight at most."""
    return ["事件", "编号", "状态", "结束" if ended else "剩余", "现在在谁手里", "网格", "类别", "来源"]


def list_rows(actor: Actor, cases: Sequence[Case], names: Mapping[str, str]) -> list[Row]:
    """One row a case; names: of areas by code."""
    return [_row(actor, case, names) for case in cases]


def _row(actor: Actor, case: Case, names: Mapping[str, str]) -> Row:
    owner = unit_name(actor, unit_id=case.owner_id) or case.owner.name  # a unit no longer in use has its name still
    return [
        Cell(case.title, "title", case_path(case.number)),
        Cell(case.number, "num quiet"),
        case_status(case),
        due(case.next_due_at, case.due_label, True) if case.is_open else Cell(when(case.closed_at), "num quiet"),
        owner if case.is_open else Cell(owner, "quiet"),
        Cell("地点待核", "mark") if case.is_place_unknown else place_name(case, names),
        _category(actor, case),
        CHANNELS.get(case.channel, ""),
    ]


def _category(actor: Actor, case: Case) -> Cell | str:
    """The category, or the one that the words of the case speak for as long as it has none."""
    category = category_of(actor, case=case)
    if category is not None or not case.is_open:
        return category.name if category else ""
    found = suggest_category(actor, text=words_of(actor, case))
    return Cell(f"建议 {found.category.name}", "quiet") if found else ""
