"""How long a duty may take, in minutes of calendar time, where a category does not say otherwise."""

from datetime import datetime, timedelta

DISPATCH = 2 * 60
SIGN = 2 * 60
FIRST_CONTACT = 24 * 60
HANDLE = 7 * 24 * 60  # Shandong: five working days to handle, answer and feed back
UNDO_SECONDS = 30  # a dispatch can be taken back, as long as nobody signed it
RETURN = 2 * 24 * 60  # Shandong: what is not one's duty goes back within two working days, with a reason
CALLBACK = 7 * 24 * 60  # without an answer the system closes the case as unreachable
URGENT_DISPATCH = 30
URGENT_SIGN = 30


def due(at: datetime, minutes: int) -> datetime:
    """The moment a duty that begins `at` is due."""
    return at + timedelta(minutes=minutes)
