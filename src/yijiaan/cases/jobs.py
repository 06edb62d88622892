from yijiaan.cases.actions import (
    archive_ended,
    close_unanswered,
    compare_day_counts,
    compare_due_times,
    resume_unanswered,
)
from yijiaan.core.scope import system
from yijiaan.engines.jobs.app import periodic


@periodic("7 * * * *")
def close_unanswered_callbacks() -> None:
    """Every hour: what nobody answered within a week is closed as unreachable."""
    close_unanswered(actor=system("close_unanswered_callbacks"))


@periodic("*/10 * * * *")
def resume_unanswered_questions() -> None:
    """Every ten minutes: what its reporter did not answer in time goes on as it stood."""
    resume_unanswered(actor=system("resume_unanswered_questions"))


@periodic("0 19 * * *")
def archive_what_ended() -> None:
    """Every night at 3:00 in Shandong: what ended half a year ago goes to the archive."""
    archive_ended(actor=system("archive_what_ended"))


@periodic("20 18 * * *")
def compare_due_times_of_cases() -> None:
    """Every night at 2:20 in Shandong: the due time that a case carries is compared with its duty."""
    compare_due_times(actor=system("compare_due_times_of_cases"))


@periodic("40 18 * * *")
def compare_day_counts_with_the_journal() -> None:
    """Every night at 2:40 in Shandong: the day counts of two months are counted again, put right, and reported."""
    compare_day_counts(actor=system("compare_day_counts_with_the_journal"))
