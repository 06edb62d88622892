"""The moves beside the straight way, one sub-resource each: a table of forms, deeds and what is said afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yijiaan.accounts.queries import list_units_for
from yijiaan.cases import actions
from yijiaan.cases.forms import MoveForm
from yijiaan.cases.further_forms import (
    DecideForm,
    ExplainForm,
    InstructForm,
    RedoForm,
    RejectForm,
    ReopenForm,
    ReportUpForm,
    SuperviseForm,
    UrgeForm,
    VerifyForm,
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


MOVES = {
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
        lambda case: "记下了，这件事照原来的办。" if case.is_open else "复核同意，这件事到此结束。",
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
    proposal = page.facts.open_proposal
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


def form_of(actor: Actor, case: Case, name: str, data: Any = None, initial: dict[str, Any] | None = None) -> MoveForm:
    """The form of a move, for the units that can act in the place where it asks for one."""
    more: dict[str, Any] = {}
    if name == "report_up":
        more["units"] = [unit for unit in list_units_for(actor, area_code=case.area_code) if unit.id != actor.unit_id]
    return MOVES[name].form(data, initial=initial, auto_id=f"id_{name}_%s", **more)
