from yijiaan.engines.worktime.queries.current import (
    get_calendar,
    get_calendar_version,
    get_limit,
    list_missing_years,
    plan_times,
)
from yijiaan.engines.worktime.queries.lists import (
    get_version,
    list_holidays,
    list_limits,
    list_office_hours,
    list_presets,
    list_versions,
)

__all__ = [
    "get_calendar",
    "get_calendar_version",
    "get_limit",
    "get_version",
    "list_holidays",
    "list_limits",
    "list_missing_years",
    "list_office_hours",
    "list_presets",
    "list_versions",
    "plan_times",
]
