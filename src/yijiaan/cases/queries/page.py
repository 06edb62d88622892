"""Everything a case page and a progress page show, read in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from yijiaan.accounts.queries import all_units, unit_name
from yijiaan.cases.asking import answer_words
from yijiaan.cases.flows import ENDED
from yijiaan.cases.models import (
    Assignment,
    Case,
    HandlingRequest,
    Note,
    NoteKind,
    Outcome,
    Proposal,
    ProxyRelation,
    Rating,
    Report,
    ReportAnswer,
    Reporter,
    RequestKind,
    Return,
)
from yijiaan.cases.queries.moves import WRITTEN, Facts, facts_of_moves
from yijiaan.cases.queries.sources import proxies_of
from yijiaan.cases.tracked import hands_of
from yijiaan.cases.wordings import STATES, detail_code, headline_code
from yijiaan.core import clock
from yijiaan.core.checks import mask_name, mask_phone
from yijiaan.core.scope import Actor
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.files.queries import list_files_of
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.queries import list_entries_of
from yijiaan.engines.texts.queries import say
from yijiaan.engines.todos.models import Todo
from yijiaan.engines.todos.queries import list_todos_of
from yijiaan.ui.words import deadline_words


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
    voices: list[StoredFile]
    todos: list[Todo]
    steps: list[Step] = field(default_factory=list)  # newest first
    first_contact: Todo | None = None
    facts: Facts = field(default_factory=Facts)
    hands: list["Hand"] = field(default_factory=list)
    answered: dict[UUID, list[tuple[str, str]]] = field(default_factory=dict)  # report id -> question and answer
    proxies: dict[UUID, dict[str, Any]] = field(default_factory=dict)  # report id -> who told for its reporter, masked


@dataclass(frozen=True, slots=True)
class Hand:
    """A unit that held the case, and for how long."""

    unit: str
    held: timedelta
    is_now: bool


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
    files = list(list_files_of(actor, county=county, subject_ids=subjects)) if StoredFile in written else []
    photos, voices = [file for file in files if not file.is_sound], [file for file in files if file.is_sound]
    todos = list(list_todos_of(actor, county=county, subject_id=case.id)) if case.is_open else []
    outcome_of = {str(outcome.id): outcome for outcome in outcomes}
    return_of = {str(row.id): row for row in returns}
    facts = facts_of_moves(case, {entry.verb for entry in entries})
    rating_of = {str(rating.id): rating for rating in ratings}
    steps = _with_durations([_step(actor, entry, notes, outcome_of, rating_of, return_of, facts) for entry in entries])
    verbs = {entry.verb for entry in entries}
    proxies = proxies_of(actor, reports=reports) if verbs & {"cases.told_by_proxy", "cases.merge_received"} else {}
    contact = next((todo for todo in todos if todo.kind == "first_contact" and todo.done_at is None), None)
    hands = _hands(actor, case, entries)
    # a report that came from another case brought its answers along
    may_be_answered = any(entry.data.get("answered") or entry.verb in MOVED for entry in entries)
    answered = answers_of(actor, county=county, report_ids=subjects[1:]) if may_be_answered else {}
    return CasePage(
        case,
        reports,
        reporters,
        assignments,
        outcomes,
        ratings,
        returns,
        photos,
        voices,
        todos,
        steps,
        contact,
        facts,
        hands,
        answered,
        proxies,
    )


EVIDENCE = "evidence"
MOVED = frozenset(
    {"cases.merge_received", "cases.report_split", "cases.merged", "cases.unmerged", "cases.merge_undone"}
)


def answers_of(actor: Actor, *, county: str, report_ids: Iterable[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    """What was answered to the questions of the category, as it was asked then, by report; one query. The caller has made sure
    that the actor may see the cases."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    rows = ReportAnswer.objects.filter(county=county, report_id__in=list(report_ids)).order_by("rank", "id")
    for row in rows:
        found.setdefault(row.report_id, []).append((row.wording, answer_words(row.kind, row.value)))
    return found


def first_photos(actor: Actor, *, cases: Iterable[Case]) -> dict[UUID, StoredFile]:
    """The first photo of each case that has one, by case. The caller has made sure that the actor may see the cases."""
    county_of = {case.id: case.county for case in cases}
    if not county_of:
        return {}
    county = next(iter(county_of.values()))  # a list is of one county
    of_report = dict(Report.objects.filter(county=county, case_id__in=list(county_of)).values_list("id", "case_id"))
    found: dict[UUID, StoredFile] = {}
    for file in list_files_of(actor, county=county, subject_ids=[*county_of, *of_report]):
        if not file.is_sound:
            found.setdefault(of_report.get(file.subject_id, file.subject_id), file)
    return found


def why_returned(actor: Actor, *, case: Case) -> str:
    """What the reporter said when the case was last sent back, or "". Needs cases.view; the case comes from get_case."""
    actor.require("cases.view")
    if not case.reopened_count:
        return ""
    unhappy = Rating.objects.filter(county=case.county, case_id=case.id, result="dissatisfied")
    rating = unhappy.order_by("-rated_at").first()
    return "；".join(part for part in ("、".join(rating.reasons), rating.text) if part) if rating else ""


def _hands(actor: Actor, case: Case, newest_first: list[Entry]) -> list[Hand]:
    until = clock.now() if case.is_open else case.closed_at or newest_first[0].happened_at
    spans = hands_of(case, ((entry.happened_at, entry.data) for entry in reversed(newest_first)), until)
    return [
        Hand(
            unit_name(actor, unit_id=UUID(span.value)) or "已撤销的单位",
            max(span.ended_at - span.begun_at, timedelta()),
            case.is_open and span is spans[-1],
        )
        for span in spans
    ]


# which of the page's tables a deed writes; a deed not named here may write any
ANY = frozenset({Assignment, Outcome, Rating, Return, Note, StoredFile})
WRITES: dict[str, frozenset[Any]] = {
    "cases.received": frozenset(),
    "cases.told_by_proxy": frozenset(),
    "cases.classified": frozenset(),
    "cases.signed": frozenset(),
    "cases.dispatch_undone": frozenset(),
    "cases.closed": frozenset(),
    "cases.reporter_seen": frozenset(),
    "cases.printed": frozenset(),
    "cases.contact_exported": frozenset(),
    "cases.dispatched": frozenset({Assignment}),
    "cases.taken": frozenset({Assignment}),
    "cases.reopened": frozenset({Assignment}),
    "cases.finished": frozenset({Outcome}),
    "cases.rated": frozenset({Rating}),
    "cases.returned": frozenset({Return}),
    "cases.noted": frozenset({Note}),
    "cases.contacted": frozenset({Note}),
    "cases.callback_tried": frozenset({Note}),
    "cases.callback_refused": frozenset({Note}),
    "cases.reported_up": frozenset(),
    "cases.verified": frozenset(),
    "cases.verify_failed": frozenset({Assignment}),
    "cases.returned_again": frozenset({Return}),
    "cases.ruled": frozenset({Assignment}),
    "cases.asked": frozenset({Note}),
    "cases.answered": frozenset({Note}),
    "cases.unanswered": frozenset(),
    "cases.relayed": frozenset({Note}),
    "cases.replied": frozenset({Note}),
    "cases.call_asked": frozenset(),
    "cases.call_made": frozenset(),
    "cases.requested": frozenset(),
    "cases.request_refused": frozenset(),
    "cases.extended": frozenset(),
    "cases.suspended": frozenset(),
    "cases.resumed": frozenset({Note}),
    "cases.whistled": frozenset({Assignment}),
    "cases.reported_in": frozenset(),
    "cases.whistle_ended": frozenset(),
    "cases.party_declared": frozenset(),
    "cases.merged": frozenset(),
    "cases.merge_undone": frozenset(),
    "cases.followed": frozenset({StoredFile}),
    "cases.archived": frozenset(),
    "cases.carded": frozenset(),
    "cases.deadline_moved": frozenset(),
    "cases.photo_added": frozenset({StoredFile}),
    "cases.voice_added": frozenset({StoredFile}),
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
    "cases.voice_added": "加录音",
    "cases.reporter_seen": "查看报事人",
    "cases.printed": "打印",
    "cases.told_by_proxy": "代报",
    "cases.contact_exported": "导出报事人联系方式",
    "cases.reporter_erased": "依法删除报事人信息",
    "cases.callback_tried": "回访没打通",
    "cases.callback_refused": "报事人不愿回访",
    "cases.callback_raised": "再次不满意，转中心回访",
    "cases.reported_up": "提级上报",
    "cases.verified": "核查通过",
    "cases.verify_failed": "核查不过",
    "cases.rejected": "不予受理",
    "cases.proposed": "提请复核",
    "cases.excluded": "评价剔除，双人复核",
    "cases.exclusion_revoked": "撤销剔除",
    "cases.proposal_refused": "复核不同意",
    "cases.withdrawn": "报事人撤回",
    "cases.restarted": "再启动",
    "cases.urged": "催办",
    "cases.supervised": "督办",
    "cases.instructed": "批示",
    "cases.carded": "提醒",
    "cases.returned_again": "再退，交裁定",
    "cases.ruled": "裁定",
    "cases.asked": "请报事人补充",
    "cases.answered": "报事人补充",
    "cases.unanswered": "报事人没有补充，接着办",
    "cases.relayed": "给报事人捎话",
    "cases.replied": "报事人回话",
    "cases.call_asked": "请中心代打电话",
    "cases.call_made": "代打电话",
    "cases.requested": "提出申请",
    "cases.request_refused": "申请没有批",
    "cases.extended": "批准延期",
    "cases.suspended": "批准挂账",
    "cases.resumed": "恢复办理",
    "cases.whistled": "吹哨",
    "cases.reported_in": "报到",
    "cases.whistle_ended": "会商结束",
    "cases.party_declared": "登记回避",
    "cases.merged": "并案",
    "cases.merge_received": "并进来",
    "cases.unmerged": "撤销并案",
    "cases.merge_undone": "并案撤销",
    "cases.report_split": "拆出一个诉求",
    "cases.followed": "又有人报同一件",
    "cases.report_withdrawn": "一位报事人撤回",
    "cases.appealed": "报事人要求复核",
    "cases.archived": "归档",
    "cases.outside_terms_set": "按交办系统的时限和回访",
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
    elif entry.verb in {"cases.returned", "cases.returned_again"} and data.get("return") in returns:
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
    elif entry.verb in ("cases.reporter_seen", "cases.contact_exported"):
        text = f"用途：{PURPOSES.get(data.get('purpose', ''), '')}"
    elif entry.verb == "cases.told_by_proxy":
        text = f"由{ProxyRelation(data['relation']).label}代报"
    elif entry.verb == "cases.printed" and data.get("report"):
        text = f"连同报事人的联系方式，用途：{PURPOSES.get(data.get('purpose', ''), '')}"
    return Step(entry.verb, LABELS.get(entry.verb, entry.verb), _who(entry), entry.happened_at, text)


CLOSE_LABELS = {
    "solved": "已解决",
    "understood": "未解决，报事人理解",
    "unreachable": "七天没有回音，按联系不上结案",
    "not_reached": "三次没打通，按联系不上结案",
    "not_asked": "报事人不愿回访",
    "no_reporter": "网格员发现并解决",
    "merged": "并案",
    "explained": "解释结案，双人复核",
}
PURPOSES = {"contact": "联系核实", "callback": "回访", "handling": "上门办理", "other": "其他"}


HOW_SEEN = {"cases.reporter_seen": "", "cases.printed": "印在纸上", "cases.contact_exported": "导出在表里"}


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
class Said:
    """A message to the reporter, or his own words (by is empty)."""

    at: datetime
    by: str
    text: str


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
    voices: list[StoredFile]
    looks: list[dict[str, Any]]  # who looked at the contact: unit, post, purpose, at
    question: str = ""  # what is asked of the reporter now
    talk: tuple["Said", ...] = ()  # what was said to him and what he answered, oldest first


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
    # what an exclusion rests on is for the second person, not for who gave the answer
    files = [
        file
        for file in list_files_of(actor, county=county, subject_ids=[report.id, case.id])
        if file.purpose != EVIDENCE
    ]
    photos, voices = [file for file in files if not file.is_sound], [file for file in files if file.is_sound]
    entries = list(list_entries_of(actor, county=county, subject_id=case.id))
    rating = ratings[-1] if ratings else None
    rated_this_round = rating is not None and rating.round == case.reopened_count + 1
    state = shown_state(case)
    if state not in {"verifying", "callback", "closed"}:
        outcome = None
    unit = lead.unit.name if lead else unit_name(actor, unit_id=case.owner_id)
    headline, detail = _headline(actor, case, unit, rated_this_round)
    if state == "suspended":
        wish = (
            HandlingRequest.objects.filter(county=county, case_id=case.id, kind=RequestKind.SUSPEND, is_agreed=True)
            .order_by("-decided_at")
            .first()
        )
        if wish is not None:
            again = f"{deadline_words(case.next_due_at)}再看一次。" if case.next_due_at else ""
            detail = f"{wish.public_text.rstrip('。')}。{again}"
    if state == "rejected":
        refused = (
            Proposal.objects.filter(county=county, case_id=case.id, kind="reject", is_agreed=True)
            .order_by("-decided_at")
            .first()
        )
        detail = f"{refused.reason_label}。{refused.text}" if refused else ""
    stages = _stages(case, report, unit, lead, outcome, rating if rated_this_round else None)
    looks = _looks([entry for entry in entries if entry.data.get("report") == str(report.id)])
    can_rate = case.status == "callback" and not rated_this_round and report.withdrawn_at is None
    question = _question(case) if state == "need_info" else ""
    talk = _talk(case, report, entries)
    return Progress(
        report, case, headline, detail, stages, outcome, can_rate, rating, photos, voices, looks, question, talk
    )


def _looks(entries: list[Entry]) -> list[dict[str, Any]]:
    """Who opened the contact, or took it away on paper, and what for; the words beside 其他 may name people: the auditor reads them."""
    return [
        {
            "unit": entry.post.unit.name,
            "post": entry.post.title or entry.post.role.name,
            "purpose": PURPOSES.get(entry.data.get("purpose", ""), ""),
            "how": HOW_SEEN[entry.verb],
            "at": entry.happened_at,
        }
        for entry in entries
        if entry.verb in HOW_SEEN and entry.post is not None
    ]


def _talk(case: Case, report: Report, entries: list[Entry]) -> tuple[Said, ...]:
    """What the handling unit said to the reporters of a case, and what this one answered: the others' answers are theirs."""
    of = {
        entry.id: entry
        for entry in entries
        if entry.verb == "cases.relayed"
        or (entry.verb == "cases.replied" and entry.data.get("report") == str(report.id))
    }
    if not of:
        return ()
    notes = Note.objects.filter(county=case.county, case_id=case.id, kind__in=(NoteKind.RELAYED, NoteKind.REPLIED))
    found = []
    for note in notes.order_by("id"):
        entry = of.get(note.entry_id)
        if entry is not None:
            unit = entry.post.unit.name if entry.post is not None else ""
            found.append(Said(entry.happened_at, unit if note.kind == NoteKind.RELAYED else "", note.text))
    return tuple(found)


def _question(case: Case) -> str:
    """What the reporter is asked for now."""
    asked = Note.objects.filter(county=case.county, case_id=case.id, kind=NoteKind.ASKED).order_by("-id")
    return asked.values_list("text", flat=True).first() or ""


def shown_state(case: Case) -> str:
    """The state as a reporter reads it: the archive is our matter."""
    if case.status != "archived":
        return case.status
    if case.close_reason in {"withdrawn", "merged"}:
        return case.close_reason
    return "closed" if case.close_reason in CLOSE_LABELS else "rejected"


def _headline(actor: Actor, case: Case, unit: str, rated: bool) -> tuple[str, str]:
    state = shown_state(case)
    if state == "received" and case.reopened_count:
        state = "received_again"
    elif state == "in_progress" and case.rework_count:
        state = "reworked"
    elif state == "in_progress" and case.reopened_count:
        state = "redone"
    elif state == "callback" and rated:
        state = "rated"
    detail = say(actor, detail_code(state)) if STATES[state][2] else ""
    return say(actor, headline_code(state), 单位=unit), detail


def told_words(actor: Actor, *, report: Report) -> dict[str, Any]:
    """How far one report is, in a line: its headline, and how it ended. Reads nothing: the report comes with its case, and the
    caller may see it."""
    case = report.case
    headline, _ = _headline(actor, case, unit_name(actor, unit_id=case.owner_id), rated=False)
    is_solved = case.status == "callback" or case.close_reason in ("solved", "no_reporter")
    return {"headline": headline, "is_over": case.status in ENDED, "is_solved": is_solved, "ended_at": case.closed_at}


REACHED = {
    "received": 1, "need_info": 1, "dispatched": 2, "arbitration": 2, "in_progress": 3, "coordinating": 3, "suspended": 3,
    "verifying": 4, "callback": 5, "closed": 5, "rejected": 1, "withdrawn": 1, "merged": 1,
}  # fmt: skip


def _stages(
    case: Case, report: Report, unit: str, lead: Assignment | None, outcome: Outcome | None, rating: Rating | None
) -> list[dict[str, Any]]:
    status = shown_state(case)
    reached = max(REACHED[status], 3 if lead and lead.signed_at and status == "need_info" else 1)
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
            state = "done" if rating or status == "closed" else ("now" if status == "callback" else "todo")
        elif number < reached or status == "closed":
            state = "done"
        else:
            state = "now" if number == reached else "todo"
        if status == "closed" and number == 5 and not rating:
            text = "没有等到评价" if case.close_reason == "unreachable" else ""
        if status in ENDED and status != "closed" and (number > 1 and at is None or number == 5):
            continue  # it ended before
        if at is None and state == "done" and number in {2, 3} and not lead:
            continue  # solved without being handed on: those stages never were
        stages.append({"label": label, "at": at, "state": state, "text": text})
    return stages
