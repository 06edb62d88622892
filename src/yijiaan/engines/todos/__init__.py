"""Who owes what by when. One open row per duty; "my todo", overdue lists and late-report detection are queries on it.

Table: `Todo`. Deeds: `open_todo`, `move_todos`, `close_todos`. The truth about deadlines; a case carries one copy of its next due time.
"""
