"""Where weeks and months begin, in the time of Shandong."""

from datetime import date, datetime, time, timedelta

from yijiaan.core import clock


def start_of(day: date) -> datetime:
    """The moment at which a day begins."""
    return datetime.combine(day, time(), tzinfo=clock.SHANGHAI)


def monday_of(day: date) -> date:
    """The first day of the week."""
    return day - timedelta(days=day.weekday())


def month_span(month: date) -> tuple[datetime, datetime]:
    """The moments at which a month begins and the next one does."""
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return start_of(month.replace(day=1)), start_of(after)
