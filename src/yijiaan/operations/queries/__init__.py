from yijiaan.operations.queries.opinions import (
    count_waiting_opinions,
    get_opinion,
    get_opinion_by_code,
    list_opinions,
    list_own_opinions,
    list_turns,
)
from yijiaan.operations.queries.state import (
    Kept,
    Sign,
    State,
    list_backups,
    list_kept,
    list_purges,
    list_signs,
    measure,
)

__all__ = [
    "Kept",
    "Sign",
    "State",
    "count_waiting_opinions",
    "get_opinion",
    "get_opinion_by_code",
    "list_backups",
    "list_kept",
    "list_opinions",
    "list_own_opinions",
    "list_purges",
    "list_signs",
    "list_turns",
    "measure",
]
