from yijiaan.engines.todos.actions.alerts import follow_calendar, tell_due_todos
from yijiaan.engines.todos.actions.duties import close_todos, move_todos, open_todo

__all__ = ["close_todos", "follow_calendar", "move_todos", "open_todo", "tell_due_todos"]
