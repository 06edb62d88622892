from yijiaan.cases.actions.answering import close_unanswered, rate_report, record_callback
from yijiaan.cases.actions.categories import load_default_categories
from yijiaan.cases.actions.dispatching import classify_case, dispatch_case
from yijiaan.cases.actions.erasing import erase_reporter
from yijiaan.cases.actions.handling import finish_case, sign_case, solve_case, take_case
from yijiaan.cases.actions.intake import submit_report, submit_solved
from yijiaan.cases.actions.notes import add_note, add_photo, record_contact, see_reporter
from yijiaan.cases.actions.returning import return_case, undo_dispatch
from yijiaan.cases.intake import Intake, Receipt

__all__ = [
    "Intake",
    "Receipt",
    "add_note",
    "add_photo",
    "classify_case",
    "close_unanswered",
    "dispatch_case",
    "erase_reporter",
    "finish_case",
    "load_default_categories",
    "rate_report",
    "record_callback",
    "record_contact",
    "return_case",
    "see_reporter",
    "sign_case",
    "solve_case",
    "submit_report",
    "submit_solved",
    "take_case",
    "undo_dispatch",
]
