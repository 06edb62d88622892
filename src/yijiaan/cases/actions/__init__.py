from yijiaan.cases.actions.alerts import compare_due_times
from yijiaan.cases.actions.answering import close_unanswered, rate_report, record_callback, redo_case
from yijiaan.cases.actions.categories import load_default_categories
from yijiaan.cases.actions.counting import compare_day_counts
from yijiaan.cases.actions.dispatching import classify_case, dispatch_case
from yijiaan.cases.actions.ending import (
    close_explained,
    decide_proposal,
    reject_case,
    reopen_case,
    withdraw_report,
)
from yijiaan.cases.actions.erasing import erase_reporter
from yijiaan.cases.actions.handling import finish_case, sign_case, solve_case, take_case
from yijiaan.cases.actions.intake import submit_report, submit_solved
from yijiaan.cases.actions.notes import add_note, add_photo, record_contact, see_reporter
from yijiaan.cases.actions.raising import report_up
from yijiaan.cases.actions.returning import return_case, undo_dispatch
from yijiaan.cases.actions.steering import instruct_case, supervise_case, urge_case
from yijiaan.cases.actions.verifying import verify_case
from yijiaan.cases.intake import Intake, Receipt

__all__ = [
    "Intake",
    "Receipt",
    "add_note",
    "add_photo",
    "classify_case",
    "close_explained",
    "close_unanswered",
    "compare_day_counts",
    "compare_due_times",
    "decide_proposal",
    "dispatch_case",
    "erase_reporter",
    "finish_case",
    "instruct_case",
    "load_default_categories",
    "rate_report",
    "record_callback",
    "record_contact",
    "redo_case",
    "reject_case",
    "reopen_case",
    "report_up",
    "return_case",
    "see_reporter",
    "sign_case",
    "solve_case",
    "submit_report",
    "submit_solved",
    "supervise_case",
    "take_case",
    "undo_dispatch",
    "urge_case",
    "verify_case",
    "withdraw_report",
]
