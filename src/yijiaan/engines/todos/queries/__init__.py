from yijiaan.engines.todos.queries.deadlines import (
    Deadline,
    get_deadline,
    get_deadline_at,
    get_deadline_in_days,
    get_deadline_on,
)
from yijiaan.engines.todos.queries.lists import list_open_todos, list_todos_of

__all__ = [
    "Deadline",
    "get_deadline",
    "get_deadline_at",
    "get_deadline_in_days",
    "get_deadline_on",
    "list_open_todos",
    "list_todos_of",
]
