"""The integers by which records are found by their words."""

TOWN = 9  # digits


def town_mark(area_code: str) -> int:
    """The integer of a place's town, so that its search reads its own part of the index (as `cases.search` does)."""
    return -int(area_code[:TOWN])
