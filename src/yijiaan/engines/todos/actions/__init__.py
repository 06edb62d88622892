from yijiaan.engines.todos.actions.alerts import follow_calendar, tell_due_todos
from yijiaan.engines.todos.actions.duties import (
    close_all_todos,
    close_todos,
    lengthen_todo,
    move_todos,
    open_todo,
    pause_todo,
    resume_todo,
)

__all__ = [
    "close_all_todos",
    "close_todos",
    "follow_calendar",
    "lengthen_todo",
    "move_todos",
    "open_todo",
    "pause_todo",
    "resume_todo",
    "tell_due_todos",
]
