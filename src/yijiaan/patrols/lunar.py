"""Days of the lunar calendar, by which the country holds its markets (农历逢三逢八).

One line a lunar year from 2020 to 2050: the month and day on which it begins, the month that comes twice (0: none), and for each month
in turn whether it has 30 days (1) or 29 (0). The figures are those of GB/T 33661-2017; three independent computations agreed on them.
"""

from datetime import date, timedelta
from functools import lru_cache

FIRST_YEAR = 2020
YEARS = (
    (1, 25, 4, "0111010010101"),
    (2, 12, 0, "011010101010"),
    (2, 1, 0, "101011010101"),
    (1, 22, 2, "0100110110101"),
    (2, 10, 0, "010010110110"),
    (1, 29, 6, "1010010101110"),
    (2, 17, 0, "101001001110"),
    (2, 6, 0, "110100100110"),
    (1, 26, 5, "1110100100110"),
    (2, 13, 0, "110101010011"),
    (2, 3, 0, "010110101010"),
    (1, 23, 3, "0110101101010"),
    (2, 11, 0, "100101101101"),
    (1, 31, 11, "0100101011101"),
    (2, 19, 0, "010010101101"),
    (2, 8, 0, "101001001101"),
    (1, 28, 6, "1101001001011"),
    (2, 15, 0, "110100100101"),
    (2, 4, 0, "110101010010"),
    (1, 24, 5, "1101101010100"),
    (2, 12, 0, "101101011010"),
    (2, 1, 0, "010101101101"),
    (1, 22, 2, "0100101011011"),
    (2, 10, 0, "010010011011"),
    (1, 30, 7, "1010010010111"),
    (2, 17, 0, "101001001011"),
    (2, 6, 0, "101010100101"),
    (1, 26, 5, "1011010100101"),
    (2, 14, 0, "011011010010"),
    (2, 2, 0, "101011011010"),
    (1, 23, 3, "0101010110110"),
)


@lru_cache(maxsize=64)
def _months(year: int) -> tuple[tuple[date, int], ...]:
    """When each month of a lunar year begins, and its number."""
    month, day, leap, lengths = YEARS[year - FIRST_YEAR]
    begin, number, months = date(year, month, day), 0, []
    for place, is_long in enumerate(lengths):
        if not (leap and place == leap):  # the month after the one that comes twice has its number
            number += 1
        months.append((begin, number))
        begin += timedelta(days=30 if is_long == "1" else 29)
    months.append((begin, 13))
    return tuple(months)


def lunar_day(day: date) -> tuple[int, int] | None:
    """Month and day of the lunar calendar; None outside the years of the table."""
    for year in (day.year, day.year - 1):
        if not 0 <= year - FIRST_YEAR < len(YEARS):
            continue
        months = _months(year)
        if months[0][0] <= day < months[-1][0]:
            begin, number = max(month for month in months if month[0] <= day)
            return number, (day - begin).days + 1
    return None


def is_market_day(day: date, ends: list[int]) -> bool:
    """Whether the last figure of the day's lunar number is among these: 3 and 8 for 逢三逢八. Of a day outside the table nothing is
    known, so it is none."""
    found = lunar_day(day)
    return found is not None and found[1] % 10 in ends
