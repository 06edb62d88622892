"""How long to wait before something that failed is tried again."""

from datetime import timedelta


def growing_pause(tries: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """The pause after so many tries (1 after the first): it doubles each time, up to the longest."""
    return min(first * 2 ** min(max(tries - 1, 0), 20), longest)
