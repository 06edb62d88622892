"""Everything a case page and a progress page show, read in a fixed number of queries."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from yijiaan.accounts.queries import all_units, unit_name
from yijiaan.cases.flows import ENDED
from yijiaan.cases.models import Assignment, Case, Note, Outcome, Proposal, Rating, Report, Reporter, Return
from yijiaan.cases.queries.moves import WRITTEN, Facts, facts_of_moves
from yijiaan.core.checks import mask_name, mask_phone
from yijiaan.core.scope import Actor
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.files.queries import list_files_of
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.queries import list_entries_of
from yijiaan.engines.todos.models import Todo
from yijiaan.engines.todos.queries import list_todos_of


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a timeline. took is the time since the step before, in seconds."""

    verb: str
    label: str
    who: str
    at: datetime
    text: str = ""
    took: int | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    case: Case
    reports: list[Report]
    reporters: dict[UUID, dict[str, str]]  # report id -> masked name and phone
    assignments: list[Assignment]
    outcomes: list[Outcome]
    ratings: list[Rating]
    returns: list[Return]
    photos: list[StoredFile]
    todos: list[Todo]
    steps: list[Step] = field(default_factory=list)  # newest first
    first_contact: Todo | None = None
    facts: Facts = field(default_factory=Facts)


def masked_reporter(actor: Actor, *, reporter: Reporter) -> dict[str, str]:
    """How a reporter shows before anybody has given a purpose: 张** 138****2217."""
    return {"name": mask_name(reporter.name_sealed), "phone": mask_phone(reporter.phone_sealed)}


def case_page(actor: Actor, *, case: Case) -> CasePage:
    """The whole page of a case that the actor may see.

    Tables that no deed in its journal writes are not asked: most cases have no return, no remark and no picture.
    """
    county = case.county
    reports = list(Report.objects.filter(county=county, case=case).order_by("id"))
    reporters = {
        row.report_id: masked_reporter(actor, reporter=row)
        for row in Reporter.objects.filter(county=county, report_id__in=[report.id for report in reports])
    }
    entries = list(list_entries_of(actor, county=county, subject_id=case.id))
    written = set[Any]().union(*(WRITES.get(entry.verb, ANY) for entry in entries))

    def rows(model: Any, order: str) -> list[Any]:
        return list(model.objects.filter(county=county, case=case).order_by(order)) if model in written else []

    assignments = with_units(actor, rows(Assignment, "dispatched_at"))
    outcomes = with_units(actor, rows(Outcome, "finished_at"))
    ratings, returns = rows(Rating, "rated_at"), rows(Return, "returned_at")
    notes = {note.entry_id: note for note in rows(Note, "id")}
    subjects = [case.id, *(report.id for report in reports)]
    photos = list(list_files_of(actor, county=county, subject_ids=subjects)) if StoredFile in written else []
    todos = list(list_todos_of(actor, county=county, subject_id=case.id)) if case.is_open else []
    outcome_of = {str(outcome.id): outcome for outcome in outcomes}
    return_of = {str(row.id): row for row in returns}
    facts = facts_of_moves(case, {entry.verb for entry in entries})
    rating_of = {str(rating.id): rating for rating in ratings}
    steps = _with_durations([_step(actor, entry, notes, outcome_of, rating_of, return_of, facts) for entry in entries])
    contact = next((todo for todo in todos if todo.kind == "first_contact" and todo.done_at is None), None)
    return CasePage(
        case, reports, reporters, assignments, outcomes, ratings, returns, photos, todos, steps, contact, facts
    )


# which of the page's tables a deed writes; a deed not named here may write any
ANY = frozenset({Assignment, Outcome, Rating, Return, Note, StoredFile})
WRITES: dict[str, frozenset[Any]] = {
    "cases.received": frozenset(),
    "cases.classified": frozenset(),
    "cases.signed": frozenset(),
    "cases.dispatch_undone": frozenset(),
    "cases.closed": frozenset(),
    "cases.reporter_seen": frozenset(),
    "cases.dispatched": frozenset({Assignment}),
    "cases.taken": frozenset({Assignment}),
    "cases.reopened": frozenset({Assignment}),
    "cases.finished": frozenset({Outcome}),
    "cases.rated": frozenset({Rating}),
    "cases.returned": frozenset({Return}),
    "cases.noted": frozenset({Note}),
    "cases.contacted": frozenset({Note}),
    "cases.callback_tried": frozenset({Note}),
    "cases.reported_up": frozenset(),
    "cases.verified": frozenset(),
    "cases.verify_failed": frozenset({Assignment}),
    "cases.carded": frozenset(),
    "cases.deadline_moved": frozenset(),
    "cases.photo_added": frozenset({StoredFile}),
}


def with_units(actor: Actor, rows: list[Any]) -> list[Any]:
    """Give rows their unit from what the process remembers; one no longer in use is read when it is asked for."""
    units = all_units(actor)
    for row in rows:
        if row.unit_id in units:
            row.unit = units[row.unit_id]
    return rows


LABELS = {
    "cases.received": "受理",
    "cases.dispatched": "派单",
    "cases.dispatch_undone": "撤回派单",
    "cases.returned": "退回",
    "cases.taken": "自办",
    "cases.signed": "签收",
    "cases.finished": "办结",
    "cases.closed": "结案",
    "cases.reopened": "退回重办",
    "cases.rated": "评价",
    "cases.contacted": "联系报事人",
    "cases.noted": "说明",
    "cases.classified": "改类别或网格",
    "cases.photo_added": "加照片",
    "cases.reporter_seen": "查看报事人",
    "cases.reporter_erased": "依法删除报事人信息",
    "cases.callback_tried": "回访没打通",
    "cases.callback_raised": "再次不满意，转中心回访",
    "cases.reported_up": "提级上报",
    "cases.verified": "核查通过",
    "cases.verify_failed": "核查不过",
    "cases.rejected": "不予受理",
    "cases.proposed": "提请复核",
    "cases.proposal_refused": "复核不同意",
    "cases.withdrawn": "报事人撤回",
    "cases.restarted": "再启动",
    "cases.urged": "催办",
    "cases.supervised": "督办",
    "cases.instructed": "批示",
    "cases.carded": "提醒",
    "cases.deadline_moved": "时限随节假日表更正",
    "cases.due_time_mended": "时限核对",
}


def _step(
    actor: Actor,
    entry: Entry,
    notes: dict[UUID, Note],
    outcomes: dict[str, Outcome],
    ratings: dict[str, Rating],
    returns: dict[str, Return],
    facts: Facts,
) -> Step:
    data = entry.data
    text = ""
    if entry.id in notes:
        text = notes[entry.id].text
    elif entry.verb == "cases.dispatched":
        text = f"主办 {unit_name(actor, unit_id=UUID(data['lead']))}"
        assistants = [unit_name(actor, unit_id=UUID(unit)) for unit in data.get("assistants", [])]
        text += f"，协办 {'、'.join(assistants)}" if assistants else ""
    elif entry.verb == "cases.returned" and data.get("return") in returns:
        sent_back = returns[data["return"]]
        text = sent_back.get_reason_display()
        if sent_back.proposed_id:
            text += f"，建议{unit_name(actor, unit_id=sent_back.proposed_id)}主办"
        text += f"：{sent_back.text}" if sent_back.text else ""
    elif entry.verb in {"cases.finished"} and data.get("outcome") in outcomes:
        text = outcomes[data["outcome"]].text
    elif entry.verb == "cases.rated" and data.get("rating") in ratings:
        rating = ratings[data["rating"]]
        text = "；".join(part for part in (rating.get_result_display(), "、".join(rating.reasons), rating.text) if part)
    elif entry.verb in WRITTEN:
        text = WRITTEN[entry.verb](actor, data, facts)
    elif entry.verb == "cases.closed":
        text = CLOSE_LABELS.get(data.get("reason", ""), "")
    elif entry.verb == "cases.reporter_seen":
        text = f"用途：{PURPOSES.get(data.get('purpose', ''), '')}"
    return Step(entry.verb, LABELS.get(entry.verb, entry.verb), _who(entry), entry.happened_at, text)


CLOSE_LABELS = {
    "solved": "已解决",
    "understood": "未解决，报事人理解",
    "unreachable": "七天没有回音，按联系不上结案",
    "no_reporter": "网格员发现并解决",
    "explained": "解释结案，双人复核",
}
PURPOSES = {"contact": "联系核实", "callback": "回访", "handling": "上门办理", "other": "其他"}


def _who(entry: Entry) -> str:
    if entry.post is not None:
        title = entry.post.title or entry.post.role.name
        return f"{entry.post.unit.name} {title} {entry.post.user.name}"
    return {"reporter": "报事人", "public": "群众", "partner": "外部系统", "system": "系统"}.get(entry.actor_kind, "")


def _with_durations(newest_first: list[Step]) -> list[Step]:
    timed = []
    for number, step in enumerate(newest_first):
        before = newest_first[number + 1] if number + 1 < len(newest_first) else None
        took = int((step.at - before.at).total_seconds()) if before else None
        timed.append(Step(step.verb, step.label, step.who, step.at, step.text, took))
    return timed


@dataclass(frozen=True, slots=True)
class Progress:
    """What a reporter sees: plain words, units and times, no names, no internal terms."""

    report: Report
    case: Case
    headline: str
    detail: str
    stages: list[dict[str, Any]]  # label, at, state: done | now | todo, text
    outcome: Outcome | None
    can_rate: bool
    rating: Rating | None
    photos: list[StoredFile]
    looks: list[dict[str, Any]]  # who looked at the contact: unit, post, purpose, at


def public_progress(actor: Actor, *, report: Report) -> Progress:
    """The course of one report in plain words."""
    case = report.case
    county = report.county
    lead = (
        Assignment.objects.filter(county=county, case_id=case.id, is_lead=True)
        .select_related("unit")
        .order_by("-dispatched_at")
        .first()
    )
    if case.status == "received":
        lead = None  # taken back or sent back: nobody has it now
    outcome = (
        Outcome.objects.filter(county=county, case_id=case.id).select_related("unit").order_by("-finished_at").first()
    )
    ratings = list(Rating.objects.filter(county=county, report=report).order_by("round"))
    photos = list(list_files_of(actor, county=county, subject_ids=[report.id, case.id]))
    entries = list(list_entries_of(actor, county=county, subject_id=case.id))
    rating = ratings[-1] if ratings else None
    rated_this_round = rating is not None and rating.round == case.reopened_count + 1
    if case.status not in {"verifying", "callback", "closed"}:
        outcome = None
    unit = lead.unit.name if lead else unit_name(actor, unit_id=case.owner_id)
    headline, detail = _headline(case, unit, rated_this_round)
    if case.status == "rejected":
        refused = (
            Proposal.objects.filter(county=county, case_id=case.id, is_agreed=True).order_by("-decided_at").first()
        )
        detail = f"{refused.get_reason_display()}。{refused.text}" if refused else ""
    stages = _stages(case, report, unit, lead, outcome, rating if rated_this_round else None)
    looks = [
        {
            "unit": entry.post.unit.name,
            "post": entry.post.title or entry.post.role.name,
            "purpose": PURPOSES.get(entry.data.get("purpose", ""), ""),
            "at": entry.happened_at,
        }
        for entry in entries
        if entry.verb == "cases.reporter_seen" and entry.post is not None and entry.data.get("report") == str(report.id)
    ]
    can_rate = case.status == "callback" and not rated_this_round
    return Progress(report, case, headline, detail, stages, outcome, can_rate, rating, photos, looks)


def _headline(case: Case, unit: str, rated: bool) -> tuple[str, str]:
    match case.status:
        case "received" if case.reopened_count:
            return "收到了新情况", "正在重新安排人来办"
        case "received":
            return "收到了", "正在安排人来办"
        case "dispatched":
            return f"交给了{unit}", "等他们接手"
        case "in_progress" if case.rework_count:
            return f"{unit}正在再办", "核查的人说还没办到，退回去再办"
        case "in_progress" if case.reopened_count:
            return f"{unit}正在重新办", "您说没办好，退回去重办了"
        case "in_progress":
            return f"{unit}正在办", ""
        case "verifying":
            return "办好了，正在核查", "另外的人去看看是不是真办好了，看过再请您评价"
        case "rejected":
            return "这件事不归这里受理", ""
        case "withdrawn":
            return "您撤回了这件事", "要是又需要办，请重新报一件"
        case "callback" if rated:
            return "收到您的评价", "镇里会再联系您"
        case "callback":
            return "办好了，请您看看", "说一声满不满意，没办好可以退回去重办"
    return "这件事办完了", ""


REACHED = {
    "received": 1, "dispatched": 2, "in_progress": 3, "verifying": 4, "callback": 5, "closed": 5, "rejected": 1,
    "withdrawn": 1,
}  # fmt: skip


def _stages(
    case: Case, report: Report, unit: str, lead: Assignment | None, outcome: Outcome | None, rating: Rating | None
) -> list[dict[str, Any]]:
    reached = REACHED[case.status]
    rows = [
        ("收到", report.received_at, "您报的事收到了"),
        ("交办", lead.dispatched_at if lead else None, f"交给{unit}" if lead else ""),
        ("办理", lead.signed_at if lead else None, f"{unit}接手了" if lead and lead.signed_at else ""),
        ("办结", outcome.finished_at if outcome else None, outcome.text if outcome else ""),
        ("评价", rating.rated_at if rating else None, rating.get_result_display() if rating else ""),
    ]
    stages = []
    for number, (label, at, text) in enumerate(rows, 1):
        if number == 5:
            state = "done" if rating or case.status == "closed" else ("now" if case.status == "callback" else "todo")
        elif number < reached or case.status == "closed":
            state = "done"
        else:
            state = "now" if number == reached else "todo"
        if case.status == "closed" and number == 5 and not rating:
            text = "没有等到评价" if case.close_reason == "unreachable" else ""
        if case.status in ENDED and case.status != "closed" and (number > 1 and at is None or number == 5):
            continue  # it ended before
        if at is None and state == "done" and number in {2, 3} and not lead:
            continue  # solved without being handed on: those stages never were
        stages.append({"label": label, "at": at, "state": state, "text": text})
    return stages
