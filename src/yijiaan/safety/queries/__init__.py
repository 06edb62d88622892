from yijiaan.safety.queries.books import Books, list_ledgers, list_left, list_years, read_books
from yijiaan.safety.queries.hazards import (
    Counts,
    count_hazards,
    get_hazard,
    list_hazards,
    list_of_source,
    list_relatives,
    list_steps,
    moves_for,
    stands_of_hazards,
)
from yijiaan.safety.queries.inspections import (
    get_inspection,
    list_inspections,
    list_own_open,
    list_team,
    moves_of_inspection,
    team_choices,
)

__all__ = [
    "Books",
    "Counts",
    "count_hazards",
    "get_hazard",
    "get_inspection",
    "list_hazards",
    "list_inspections",
    "list_ledgers",
    "list_left",
    "list_of_source",
    "list_own_open",
    "list_relatives",
    "list_steps",
    "list_team",
    "list_years",
    "moves_for",
    "moves_of_inspection",
    "read_books",
    "stands_of_hazards",
    "team_choices",
]
