from yijiaan.engines.todos.queries.deadlines import Deadline, get_deadline
from yijiaan.engines.todos.queries.lists import list_open_todos, list_todos_of

__all__ = ["Deadline", "get_deadline", "list_open_todos", "list_todos_of"]
