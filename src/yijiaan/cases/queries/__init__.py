from yijiaan.cases.queries.categories import category_by_code, list_categories, list_leaf_categories
from yijiaan.cases.queries.lists import (
    MOST_ENDED,
    WaitingCount,
    count_by_status,
    count_ended,
    count_waiting,
    get_case,
    get_next_like,
    list_cases,
    list_leads_of,
    list_my_orders,
    list_reported_by,
    list_waiting,
    list_worklist,
    moves_for,
)
from yijiaan.cases.queries.page import case_page, masked_reporter, public_progress
from yijiaan.cases.queries.suggest import Suggestion, suggest_category, suggest_dispatch
from yijiaan.cases.queries.tracking import find_report, get_report_by_tracking, reporter_actor

__all__ = [
    "MOST_ENDED",
    "Suggestion",
    "WaitingCount",
    "case_page",
    "category_by_code",
    "count_by_status",
    "count_ended",
    "count_waiting",
    "find_report",
    "get_case",
    "get_next_like",
    "get_report_by_tracking",
    "list_cases",
    "list_categories",
    "list_leads_of",
    "list_leaf_categories",
    "list_my_orders",
    "list_reported_by",
    "list_waiting",
    "list_worklist",
    "masked_reporter",
    "moves_for",
    "public_progress",
    "reporter_actor",
    "suggest_category",
    "suggest_dispatch",
]
