"""The rows of 事件中心, as cells of the kit's table."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.html import format_html

from yijiaan.accounts.queries import unit_name
from yijiaan.cases.models import Case
from yijiaan.cases.paths import case_path
from yijiaan.cases.queries import category_of, channel_names, returned_among, suggest_category
from yijiaan.cases.queries.suggest import words_of
from yijiaan.cases.templatetags.case_words import case_status, place_name
from yijiaan.core.scope import Actor
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import due, when

Row = list[Cell | str]


COLUMNS_COOKIE = "yj_case_columns"
MOST_COLUMNS = 8  # beside the title
SHIPPED = ("number", "status", "left", "owner", "grid", "category", "channel")
COLUMN_LABELS = {
    "number": "编号",
    "status": "状态",
    "left": "剩余或结束",
    "owner": "现在在谁手里",
    "grid": "网格",
    "category": "类别",
    "channel": "来源",
    "place": "地点",
    "kind": "诉求类型",
    "received": "受理时间",
    "level": "层级",
    "hops": "转手",
}


def chosen_columns(asked: str) -> tuple[str, ...]:
    """The columns that a device chose, as its cookie names them, beside the title; nothing readable: those shipped."""
    names = tuple(name for name in COLUMN_LABELS if name in asked.split("."))
    return names[: MOST_COLUMNS - 1] or SHIPPED


def list_heads(names: Sequence[str], *, ended: bool) -> list[str]:
    """The headings, eight at most."""
    return ["事件", *(("结束" if ended else "剩余") if name == "left" else COLUMN_LABELS[name] for name in names)]


def list_rows(
    actor: Actor, cases: Sequence[Case], names: Mapping[str, str], columns: Sequence[str] = SHIPPED
) -> list[Row]:
    """One row a case; names: of areas by code."""
    returned = returned_among(actor, cases=cases) if "status" in columns else set()
    return [
        [
            Cell(case.title, "title", case_path(case.number)),
            *(_CELLS[column](actor, case, names, case.id in returned) for column in columns),
        ]
        for case in cases
    ]


def with_ticks(cases: Sequence[Case], rows: Sequence[Row]) -> list[Row]:
    """The same rows, each with a box before it that belongs to the form `batch` below the list."""
    return [
        [
            format_html(
                '<input type="checkbox" form="batch" name="case" value="{}" aria-label="选“{}”">',
                case.number,
                case.title,
            ),
            *row,
        ]
        for case, row in zip(cases, rows, strict=True)
    ]


def _left(actor: Actor, case: Case, names: Mapping[str, str], was_returned: bool) -> Cell | str:
    if case.is_open:
        return due(case.next_due_at, case.due_label, True)
    return Cell(when(case.closed_at), "num quiet")


def _owner(actor: Actor, case: Case, names: Mapping[str, str], was_returned: bool) -> Cell | str:
    owner = unit_name(actor, unit_id=case.owner_id) or case.owner.name  # a unit no longer in use has its name still
    return owner if case.is_open else Cell(owner, "quiet")


def _category(actor: Actor, case: Case, names: Mapping[str, str], was_returned: bool) -> Cell | str:
    """The category, or the one that the words of the case speak for as long as it has none."""
    category = category_of(actor, case=case)
    if category is not None or not case.is_open:
        return category.name if category else ""
    found = suggest_category(actor, text=words_of(actor, case))
    return Cell(f"建议 {found.category.name}", "quiet") if found else ""


_CELLS: dict[str, Callable[[Actor, Case, Mapping[str, str], bool], Cell | str]] = {
    "number": lambda actor, case, names, was_returned: Cell(case.number, "num quiet"),
    "status": lambda actor, case, names, was_returned: case_status(case, was_returned),
    "left": _left,
    "owner": _owner,
    "grid": lambda actor, case, names, was_returned: (
        Cell("地点待核", "mark") if case.is_place_unknown else place_name(case, names)
    ),
    "category": _category,
    "channel": lambda actor, case, names, was_returned: channel_names(actor).get(case.channel, ""),
    "place": lambda actor, case, names, was_returned: Cell(case.place, "wrap"),
    "kind": lambda actor, case, names, was_returned: case.get_kind_display(),
    "received": lambda actor, case, names, was_returned: Cell(when(case.received_at), "num quiet"),
    "level": lambda actor, case, names, was_returned: case.get_level_display(),
    "hops": lambda actor, case, names, was_returned: Cell(str(case.hop_count), "num right"),
}
