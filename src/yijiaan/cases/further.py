"""The moves beside the straight way, one sub-resource each: a table of forms, deeds and what is said afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yijiaan.accounts.queries import list_people_of, list_units_for
from yijiaan.cases import actions
from yijiaan.cases.forms import MoveForm
from yijiaan.cases.further_forms import (
    AnswerForm,
    AskCallForm,
    AskExtensionForm,
    AskForm,
    AskSuspensionForm,
    CallMadeForm,
    DecideForm,
    DecideRequestForm,
    EndWhistleForm,
    ExplainForm,
    InstructForm,
    PartyForm,
    RedoForm,
    RejectForm,
    RelayForm,
    ReopenForm,
    ReportInForm,
    ReportUpForm,
    ResumeForm,
    RuleForm,
    SuperviseForm,
    UrgeForm,
    VerifyForm,
    WhistleForm,
)
from yijiaan.cases.models import Case
from yijiaan.cases.queries.page import CasePage
from yijiaan.core.scope import Actor
from yijiaan.ui.words import deadline_words

Deed = Callable[..., Case]


@dataclass(frozen=True, slots=True)
class Further:
    """One of these moves: slug in the address, its form, what of the form the deed takes, and the words afterwards."""

    slug: str
    label: str
    form: type[MoveForm]
    deed: Deed
    values: Callable[[Any], dict[str, Any]]
    say: Callable[[Case], str]
    hint: str = ""


def _text(form: Any) -> dict[str, Any]:
    return {"text": form.cleaned_data["text"]}


def _until(case: Case) -> str:
    return deadline_words(case.next_due_at) if case.next_due_at else ""


def _after_verifying(case: Case) -> str:
    if case.status == "in_progress":
        return f"记下了，退回{case.owner.name}再办。"
    return "核查通过，等报事人评价。" if case.is_open else "核查通过，这件事结案。"


def _after_rejecting(case: Case) -> str:
    return "提上去了，等另一个人复核。" if case.is_open else "不予受理，已告诉报事人该找谁。"


def _after_request(case: Case) -> str:
    if case.status == "suspended":
        return f"批了，挂账，{_until(case)}再看；报事人会看到原因。"
    return f"记下了。{case.owner.name}办结期限 {_until(case)}。"


MOVES = {
    "rule": Further(
        "rule",
        "裁定",
        RuleForm,
        actions.rule_case,
        lambda form: {
            "lead_id": form.lead_id(),
            "category": form.cleaned_data["category"],
            "text": form.cleaned_data["text"],
            "is_precedent": form.cleaned_data["is_precedent"],
        },
        lambda case: f"裁定了，由{case.owner.name}办，请 {_until(case)}签收。",
        "裁定有约束力，不能再退；作为先例的，以后同类的直接派给它。",
    ),
    "decide_request": Further(
        "decide-request",
        "批复",
        DecideRequestForm,
        actions.decide_request,
        lambda form: {"is_agreed": form.cleaned_data["agreed"] == "yes", "answer": form.cleaned_data["answer"]},
        _after_request,
    ),
    "report_in": Further(
        "report-in",
        "报到",
        ReportInForm,
        actions.report_in,
        lambda form: {"reply": form.cleaned_data["reply"]},
        lambda case: "报到了，镇里看得到。",
        "到了现场点一下。",
    ),
    "end_whistle": Further(
        "end-whistle", "会商结束", EndWhistleForm, actions.end_whistle, lambda form: {},
        lambda case: f"会商结束，{case.owner.name}接着办。", "叫来的单位就此解散，主办单位接着办。",
    ),
    "resume": Further(
        "resume", "恢复办理", ResumeForm, actions.resume_case, _text,
        lambda case: f"恢复办理了，{_until(case)}办结。", "挂账的日子不算在办结时限里。",
    ),
    "report_up": Further(
        "report-up",
        "提级上报",
        ReportUpForm,
        actions.report_up,
        lambda form: {"tried": form.cleaned_data["tried"], "proposed_id": form.proposed_id()},
        lambda case: f"报上去了，{case.owner.name} {_until(case)}定由谁办。",
        "村里解决不了的报上一级。写明做过什么，由中心确认派给哪个部门。",
    ),
    "verify": Further(
        "verify",
        "核查",
        VerifyForm,
        actions.verify_case,
        lambda form: {"is_passed": form.cleaned_data["passed"] == "yes", "text": form.cleaned_data["text"]},
        _after_verifying,
    ),
    "decide": Further(
        "decide",
        "复核",
        DecideForm,
        actions.decide_proposal,
        lambda form: {"is_agreed": form.cleaned_data["agreed"] == "yes", "answer": form.cleaned_data["answer"]},
        lambda case: "记下了，这件事照原来的办。" if case.is_open else "复核记下了。",
    ),
    "redo": Further(
        "redo", "再退回重办", RedoForm, actions.redo_case, _text, lambda case: f"退回{case.owner.name}重办了。",
        "报事人再次不满意、确实还有要办的。",
    ),
    "close_explained": Further(
        "close-explained", "解释结案", ExplainForm, actions.close_explained, _text, lambda case: "提上去了，等另一个人复核。",
        "报事人再次不满意、确实办不了的，写明依据，由另一个人复核。",
    ),
    "reject": Further(
        "reject",
        "不予受理",
        RejectForm,
        actions.reject_case,
        lambda form: {"reason": form.cleaned_data["reason"], "text": form.cleaned_data["text"]},
        _after_rejecting,
        "投诉和举报要由另一个人复核。",
    ),
    "answer_enquiry": Further(
        "answer-enquiry",
        "当即答复",
        AnswerForm,
        actions.answer_enquiry,
        _text,
        lambda case: "答复了，问的人在进度页上看得到。",
        "咨询不用派单，知道的当时就答。",
    ),
    "ask_reporter": Further(
        "ask",
        "请报事人补充",
        AskForm,
        actions.ask_reporter,
        _text,
        lambda case: f"问了，等报事人到 {_until(case)}；这段时间不算在时限里。",
        "报事人在进度页上答。三个工作日没答，照原样接着办。",
    ),
    "record_call": Further(
        "call-made",
        "电话打过了",
        CallMadeForm,
        actions.record_call,
        lambda form: {"is_reached": form.cleaned_data["reached"] == "yes", "text": form.cleaned_data["text"]},
        lambda case: "记下了，请打的单位会知道。",
        "号码在左边“报事人”里，看的时候选“联系核实”。",
    ),
    "relay": Further(
        "relay", "给报事人捎话", RelayForm, actions.relay_message, _text, lambda case: "捎到了，他在进度页上看得到，也能回话。",
        "不停钟。要等他答了才能接着办的，用“请报事人补充”。",
    ),
    "ask_call": Further(
        "ask-call", "请中心代打电话", AskCallForm, actions.ask_call, _text, lambda case: "请了，中心打过会告诉您。",
        "报事人不上网的，由中心替您打。",
    ),
    "ask_extension": Further(
        "ask-extension",
        "申请延期",
        AskExtensionForm,
        actions.ask_extension,
        lambda form: {name: form.cleaned_data[name] for name in ("reason", "days", "text")},
        lambda case: "申请提上去了，批之前原来的时限不变。",
        "到期以前申请。批了会告诉报事人新的日子。",
    ),
    "ask_suspension": Further(
        "ask-suspension",
        "申请挂账",
        AskSuspensionForm,
        actions.ask_suspension,
        lambda form: {name: form.cleaned_data[name] for name in ("reason", "text", "public_text", "review_on")},
        lambda case: "申请提上去了，等镇领导批。",
        "今年确实办不了的。镇领导批了才算，到日子再看。",
    ),
    "whistle": Further(
        "whistle",
        "吹哨",
        WhistleForm,
        actions.whistle,
        lambda form: {"unit_ids": form.unit_ids(), "task": form.cleaned_data["task"]},
        lambda case: "哨吹了，叫到的单位马上收到。",
        "一家办不了、要几家到现场的。",
    ),
    "declare_party": Further(
        "party",
        "登记回避",
        PartyForm,
        actions.declare_party,
        lambda form: form.who() | {"kind": form.cleaned_data["kind"]},
        lambda case: "登记了，办理、核查、回访都会避开。",
        "诉求里反映到的单位或人，不能自己办自己的件。",
    ),
    "unmerge": Further(
        "unmerge", "撤销并案", EndWhistleForm, actions.unmerge_case, lambda form: {},
        lambda case: f"拆开了，请 {_until(case)}派单。", "带来的诉求跟着回来，各自的编号和评价都还在。",
    ),
    "reopen": Further(
        "reopen", "再启动", ReopenForm, actions.reopen_case, _text, lambda case: f"重新启动了，请 {_until(case)}派单。",
        "结案 30 天内有新情况的。",
    ),
    "urge": Further(
        "urge", "催办", UrgeForm, actions.urge_case, _text, lambda case: f"催了，{case.owner.name}会收到提醒。"
    ),
    "supervise": Further(
        "supervise", "督办", SuperviseForm, actions.supervise_case, _text, lambda case: f"督办了，{case.owner.name}会收到提醒。"
    ),
    "instruct": Further(
        "instruct", "批示", InstructForm, actions.instruct_case, _text, lambda case: f"批示记下了，{case.owner.name}会收到提醒。"
    ),
}  # fmt: skip


def offered_further(actor: Actor, page: CasePage, moves: set[str]) -> dict[str, MoveForm]:
    """An empty form for each of these moves that the viewer can make now."""
    case, version = page.case, {"seen_version": page.case.version}
    names = [name for name in MOVES if name in moves]
    if "unmerge" in names and page.facts.merged_into is None:
        names.remove("unmerge")
    proposal = page.facts.open_proposal
    wish = page.facts.open_request
    if wish is not None:
        names = [name for name in names if name not in {"ask_extension", "ask_suspension"}]
        if wish.kind in moves and wish.asked_by_id != actor.post_id:
            names.append("decide_request")
    if case.kind != "enquiry":
        names = [name for name in names if name != "answer_enquiry"]
    if all(report.entered_by_id for report in page.reports):  # nobody follows it on the net
        names = [name for name in names if name != "ask_reporter"]
    if "report_in" in names and not any(
        row.unit_id == actor.unit_id and row.arrived_at is None for row in page.facts.called
    ):
        names.remove("report_in")
    if case.is_open and actor.may("cases.declare_party"):
        names.append("declare_party")
    names += _of_talk(actor, page)
    if {"verify_pass", "verify_fail"} & moves:
        names.append("verify")
    if proposal is not None:
        names = [name for name in names if name not in {"reject", "close_explained", "redo"}]
        if proposal.kind in moves and proposal.proposed_by_id != actor.post_id:
            names.append("decide")
    said_no = any(
        rating.result == "dissatisfied" and rating.round == case.reopened_count + 1 for rating in page.ratings
    )
    if not (said_no and case.reopened_count):
        names = [name for name in names if name != "close_explained"]
    elif "callback_redo" in moves and proposal is None:
        names.append("redo")
    return {name: form_of(actor, case, name, initial=version) for name in names}


def _of_talk(actor: Actor, page: CasePage) -> list[str]:
    """Words to the reporter without his number, for who handles the case; the call for who has the numbers."""
    case, call = page.case, page.facts.open_call
    names = ["record_call"] if call is not None and actor.may("cases.callback") else []
    handles = case.owner_id == actor.unit_id or any(
        part.unit_id == actor.unit_id and part.ended_at is None for part in page.assignments
    )
    if not case.is_open or not actor.may("cases.relay") or not (handles or actor.may("cases.dispatch")):
        return names
    if any(report.entered_by_id is None for report in page.reports):
        names.append("relay")
    has_phone = any(reporter["phone"] for reporter in page.reporters.values())
    if call is None and not case.is_confidential and has_phone and not actor.may("cases.callback"):
        names.append("ask_call")
    return names


def form_of(actor: Actor, case: Case, name: str, data: Any = None, initial: dict[str, Any] | None = None) -> MoveForm:
    """The form of a move, for the units that can act in the place where it asks for one."""
    more: dict[str, Any] = {}
    if name in ("rule", "declare_party"):
        more["units"] = list_units_for(actor, area_code=case.area_code)
    if name == "rule":
        more["actor"] = actor
        initial = (initial or {}) | {"category": case.category.code if case.category_id and case.category else ""}
    if name == "declare_party":
        posts = list_people_of(actor, area_code=case.area_code, roles=("grid_worker", "grid_head"))
        more["people"] = [(str(post.user_id), f"{post.unit.name} {post.user.name}") for post in posts]
    if name == "whistle":
        others = list_units_for(actor, area_code=case.area_code)
        more["units"] = [unit for unit in others if unit.id not in (case.owner_id, actor.unit_id)]
    if name == "report_up":
        more["units"] = [unit for unit in list_units_for(actor, area_code=case.area_code) if unit.id != actor.unit_id]
    return MOVES[name].form(data, initial=initial, auto_id=f"id_{name}_%s", **more)
