from yijiaan.insight.indicators import Drill, open_cases
from yijiaan.insight.periods import monday_of, month_span
from yijiaan.insight.queries.board import (
    EARLIEST,
    LATEST,
    Board,
    Place,
    Records,
    focus_of,
    get_board,
    get_live,
    get_records,
)
from yijiaan.insight.queries.burden import LEAST_POSTS, WEEKS, FormLine, FormUse, RoleUse, get_burden
from yijiaan.insight.queries.eight_roles import PlaceLine, list_roles_by_place, list_work_of_role

__all__ = [
    "EARLIEST", "LATEST", "LEAST_POSTS", "WEEKS", "Board", "Drill", "FormLine", "FormUse", "Place", "PlaceLine", "Records", "RoleUse",
    "focus_of", "get_board", "get_burden", "get_live", "get_records", "list_roles_by_place", "list_work_of_role",
    "monday_of", "month_span", "open_cases",
]  # fmt: skip
