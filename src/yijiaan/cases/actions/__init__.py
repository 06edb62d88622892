from yijiaan.cases.actions.alerts import compare_due_times
from yijiaan.cases.actions.answering import (
    close_unanswered,
    rate_report,
    record_callback,
    record_outside_answer,
    redo_case,
)
from yijiaan.cases.actions.arbitrating import rule_case
from yijiaan.cases.actions.at_once import disown_order, finish_order, hand_up_order
from yijiaan.cases.actions.batch import BatchLine, Chosen, dispatch_cases, urge_cases
from yijiaan.cases.actions.calling import claim_callback
from yijiaan.cases.actions.categories import (
    CategoryFacts,
    add_category,
    change_category,
    load_default_categories,
    restart_category,
    stop_category,
)
from yijiaan.cases.actions.channels import set_channel
from yijiaan.cases.actions.counting import compare_day_counts
from yijiaan.cases.actions.dispatching import classify_case, dispatch_case
from yijiaan.cases.actions.ending import (
    appeal_rejection,
    archive_ended,
    close_explained,
    decide_proposal,
    reject_case,
    reopen_case,
    withdraw_report,
)
from yijiaan.cases.actions.erasing import erase_reporter
from yijiaan.cases.actions.excluding import exclude_rating, revoke_exclusion, set_exclusion_code
from yijiaan.cases.actions.exporting import export_cases
from yijiaan.cases.actions.handling import answer_enquiry, finish_case, sign_case, solve_case, take_case
from yijiaan.cases.actions.intake import set_outside_terms, submit_report, submit_solved
from yijiaan.cases.actions.interests import declare_interest, end_interest
from yijiaan.cases.actions.keeping import delete_view, save_view
from yijiaan.cases.actions.merging import follow_case, merge_cases, split_report, unmerge_case
from yijiaan.cases.actions.notes import add_note, add_photo, add_voice, record_contact, see_reporter
from yijiaan.cases.actions.parties import declare_party
from yijiaan.cases.actions.pausing import answer_question, ask_reporter, resume_case, resume_unanswered
from yijiaan.cases.actions.printing import print_case
from yijiaan.cases.actions.questions import QuestionFacts, add_question, change_question, switch_question
from yijiaan.cases.actions.raising import report_up
from yijiaan.cases.actions.redrawn import follow_redraw
from yijiaan.cases.actions.relaying import ask_call, record_call, relay_message, reply_to_relay
from yijiaan.cases.actions.requesting import ask_extension, ask_suspension, decide_request
from yijiaan.cases.actions.returning import return_case, undo_dispatch
from yijiaan.cases.actions.routing import RuleFacts, delete_rule, set_rule, switch_rule
from yijiaan.cases.actions.steering import instruct_case, supervise_case, urge_case
from yijiaan.cases.actions.telling_for import ProxyFacts, submit_by_proxy, submit_from_source
from yijiaan.cases.actions.verifying import verify_case
from yijiaan.cases.actions.whistling import end_whistle, report_in, whistle
from yijiaan.cases.intake import Intake, Receipt

__all__ = [
    "follow_redraw",
    "exclude_rating",
    "revoke_exclusion",
    "set_exclusion_code",
    "claim_callback",
    "declare_interest",
    "end_interest",
    "QuestionFacts",
    "add_question",
    "change_question",
    "switch_question",
    "answer_enquiry",
    "record_outside_answer",
    "set_outside_terms",
    "RuleFacts",
    "delete_rule",
    "set_rule",
    "switch_rule",
    "answer_question",
    "appeal_rejection",
    "archive_ended",
    "ask_extension",
    "ask_call",
    "ask_reporter",
    "ask_suspension",
    "decide_request",
    "declare_party",
    "end_whistle",
    "follow_case",
    "merge_cases",
    "print_case",
    "ProxyFacts",
    "submit_by_proxy",
    "submit_from_source",
    "BatchLine",
    "Chosen",
    "dispatch_cases",
    "urge_cases",
    "report_in",
    "resume_case",
    "resume_unanswered",
    "rule_case",
    "split_report",
    "unmerge_case",
    "whistle",
    "CategoryFacts",
    "add_category",
    "change_category",
    "restart_category",
    "set_channel",
    "stop_category",
    "hand_up_order",
    "finish_order",
    "delete_view",
    "disown_order",
    "Intake",
    "Receipt",
    "add_note",
    "add_photo",
    "add_voice",
    "classify_case",
    "close_explained",
    "close_unanswered",
    "compare_day_counts",
    "compare_due_times",
    "decide_proposal",
    "dispatch_case",
    "erase_reporter",
    "export_cases",
    "finish_case",
    "instruct_case",
    "load_default_categories",
    "rate_report",
    "record_call",
    "record_callback",
    "relay_message",
    "reply_to_relay",
    "record_contact",
    "redo_case",
    "reject_case",
    "reopen_case",
    "report_up",
    "return_case",
    "save_view",
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
