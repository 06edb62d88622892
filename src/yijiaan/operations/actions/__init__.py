from yijiaan.operations.actions.backups import back_up, keep_newest_nightly
from yijiaan.operations.actions.jobs import retry_job
from yijiaan.operations.actions.opinions import (
    answer_opinion,
    close_unsaid,
    say_unsettled,
    settle_opinion,
    submit_opinion,
)
from yijiaan.operations.actions.restoring import restore
from yijiaan.operations.actions.retention import purge_expired, set_retention

__all__ = [
    "answer_opinion",
    "back_up",
    "close_unsaid",
    "keep_newest_nightly",
    "purge_expired",
    "restore",
    "retry_job",
    "say_unsettled",
    "set_retention",
    "settle_opinion",
    "submit_opinion",
]
