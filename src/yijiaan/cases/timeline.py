"""The course of a case as the kit's timeline shows it: for staff newest first, for a reporter from his report to his rating."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from yijiaan.accounts.queries import unit_name
from yijiaan.cases.models import Case
from yijiaan.cases.queries.moves import ASIDE
from yijiaan.cases.queries.page import CasePage, Progress
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.ui.words import deadline_words, left_words, span_words

WAITS = {
    "received": "等{owner}派单",
    "need_info": "等报事人补充",
    "dispatched": "等{owner}签收",
    "arbitration": "等{owner}裁定由谁办",
    "coordinating": "{owner}牵头，几家一起办",
    "suspended": "挂账，到日子再看",
    "in_progress": "{owner}在办",
    "verifying": "等{owner}核查",
    "callback": "等报事人评价或回访",
}
STATE = {"done": "done", "now": "now", "todo": "ahead"}


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a timeline."""

    title: str
    by: str = ""
    at: datetime | None = None
    text: str = ""
    took: str = ""
    state: str = "done"
    expected: str = ""


def staff_lines(actor: Actor, page: CasePage) -> list[Line]:
    """What happened, newest first, below what is waited for now."""
    since = next((step.at for step in page.steps if step.verb not in ASIDE), page.case.received_at)
    lines = [_waits(actor, page.case, since)] if page.case.is_open else []
    for step in page.steps:
        took = f"隔 {span_words(timedelta(seconds=step.took))}" if step.took is not None and step.took >= 60 else ""
        lines.append(Line(step.label, step.who, step.at, step.text, took))
    return lines


def _waits(actor: Actor, case: Case, since: datetime) -> Line:
    now = clock.now()
    title = WAITS[case.status].format(owner=unit_name(actor, unit_id=case.owner_id))
    left = f"，{left_words(case.next_due_at, now, case.due_label)}" if case.next_due_at else ""
    return Line(title, text=f"已等 {span_words(now - since)}{left}", state="now")


def public_lines(progress: Progress) -> list[Line]:
    """The five stages in the reporter's words; what is ahead says by when."""
    lines = []
    for stage in progress.stages:
        expected = ""
        if stage["at"] is None and stage["label"] == "办结" and progress.case.status == "in_progress":
            expected = f"最晚 {deadline_words(progress.case.next_due_at)}" if progress.case.next_due_at else ""
        elif stage["label"] == "评价" and stage["state"] != "done":
            expected = "等您说一声" if progress.can_rate else "办好后请您说"
        lines.append(
            Line(stage["label"], at=stage["at"], text=stage["text"], state=STATE[stage["state"]], expected=expected)
        )
    return lines
