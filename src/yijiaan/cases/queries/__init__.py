from yijiaan.cases.queries.categories import category_by_code, list_categories, list_leaf_categories
from yijiaan.cases.queries.lists import (
    count_by_status,
    get_case,
    list_cases,
    list_my_orders,
    list_worklist,
)
from yijiaan.cases.queries.page import case_page, masked_reporter, public_progress
from yijiaan.cases.queries.suggest import Suggestion, suggest_category, suggest_dispatch
from yijiaan.cases.queries.tracking import find_report, get_report_by_tracking, reporter_actor

__all__ = [
    "Suggestion",
    "case_page",
    "category_by_code",
    "count_by_status",
    "find_report",
    "get_case",
    "get_report_by_tracking",
    "list_cases",
    "list_categories",
    "list_leaf_categories",
    "list_my_orders",
    "list_worklist",
    "masked_reporter",
    "public_progress",
    "reporter_actor",
    "suggest_category",
    "suggest_dispatch",
]
