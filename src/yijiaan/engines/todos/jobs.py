from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import periodic
from yijiaan.engines.todos.actions import follow_calendar, tell_due_todos


@periodic("* * * * *")
def give_cards() -> None:
    """Every minute: yellow cards before a limit, red ones after it, and the climbing of what stays undone."""
    tell_due_todos(actor=system("give_cards"))


@periodic("*/5 * * * *")
def follow_corrected_calendar() -> None:
    """Every five minutes: deadlines counted by tables that have been corrected since are counted again."""
    follow_calendar(actor=system("follow_corrected_calendar"))
