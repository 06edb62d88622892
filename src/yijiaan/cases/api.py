from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Query, Router, Status, UploadedFile
from ninja.security import APIKeyCookie

from yijiaan.accounts.access import current
from yijiaan.accounts.queries import unit_name
from yijiaan.areas.queries import get_area
from yijiaan.cases import actions
from yijiaan.cases.flows import FLOW
from yijiaan.cases.models import Case
from yijiaan.cases.queries import (
    category_of,
    get_case,
    get_report_by_tracking,
    list_cases,
    list_leaf_categories,
    moves_for,
    public_progress,
    questions_of,
    reporter_actor,
)
from yijiaan.cases.schemas import (
    AskExtensionIn,
    AskSuspensionIn,
    CallbackIn,
    CallMadeIn,
    CaseOut,
    CasePageOut,
    CategoryOut,
    ClassifyIn,
    DecideIn,
    DispatchIn,
    ExcludeIn,
    MergeIn,
    OwnWordsIn,
    PhotoOut,
    ProblemOut,
    ProgressOut,
    RateIn,
    RejectIn,
    ReportUpIn,
    ResultIn,
    ReturnIn,
    RevokeExclusionIn,
    RuleIn,
    SeenVersion,
    SplitIn,
    TextIn,
    VerifyIn,
    WhistleIn,
    WordsIn,
)
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.files.actions import note_refused

PAGE = 20
REFUSED = {403: ProblemOut, 404: ProblemOut, 409: ProblemOut, 422: ProblemOut}


class StaffSession(APIKeyCookie):
    """The session of a signed-in user in a post; deeds also need the CSRF token (header X-CSRFToken)."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """The actor, or nobody."""
        post, actor = current(request)
        return actor if post is not None and not post.user.must_change_password else None


staff = StaffSession()
public = Router(tags=["诉求"])
cases = Router(tags=["事件"], auth=staff)


@public.get("/categories", response=list[CategoryOut], summary="类别")
def categories(request: HttpRequest) -> list[dict[str, Any]]:
    """The small categories in force, with the big one each belongs to and what is asked of whoever reports it."""
    leaves = list_leaf_categories(request.actor)  # type: ignore[attr-defined]
    asked = questions_of(request.actor, category_codes=[row.code for row in leaves])  # type: ignore[attr-defined]
    return [
        {
            "code": row.code,
            "name": row.name,
            "group": row.parent.name,
            "group_code": row.parent.code,
            "questions": asked[row.code],
        }
        for row in leaves
        if row.parent is not None
    ]


@public.get("/reports/{tracking_code}", response={200: ProgressOut, 404: ProblemOut}, summary="查进度")
def progress(request: HttpRequest, tracking_code: str, response: HttpResponse) -> dict[str, Any]:
    """The course of one report in plain words, for whoever holds its tracking code."""
    report = get_report_by_tracking(request.actor, code=tracking_code)  # type: ignore[attr-defined]
    actor = reporter_actor(report)
    shown = public_progress(actor, report=report)
    response["Cache-Control"] = "private, no-store"
    return {
        "number": report.number,
        "status": shown.case.status,
        "headline": shown.headline,
        "text": report.text,
        "place": report.place,
        "grid": get_area(actor, code=report.area_code).name,
        "received_at": report.received_at,
        "promised_at": report.promised_at,
        "result": shown.outcome.text if shown.outcome else None,
        "can_rate": shown.can_rate,
        "stages": shown.stages,
    }


@public.post("/reports/{tracking_code}/photos", response={201: PhotoOut, **REFUSED}, summary="加照片")
def add_photo(request: HttpRequest, tracking_code: str, photo: File[UploadedFile]) -> Status[Any]:
    """Add a picture to a report (multipart field `photo`)."""
    report = get_report_by_tracking(request.actor, code=tracking_code)  # type: ignore[attr-defined]
    actor = reporter_actor(report)
    try:
        return Status(201, actions.add_photo(actor=actor, raw=photo.read()))
    except RuleError as error:
        note_refused(actor=actor, code=error.code, size=photo.size or 0)
        raise


@public.post("/reports/{tracking_code}/rating", response={200: ProgressOut, **REFUSED}, summary="评价")
def rate(request: HttpRequest, tracking_code: str, body: RateIn, response: HttpResponse) -> dict[str, Any]:
    """Say whether it was solved: satisfied, basically, dissatisfied (with a reason)."""
    report = get_report_by_tracking(request.actor, code=tracking_code)  # type: ignore[attr-defined]
    actions.rate_report(actor=reporter_actor(report), result=body.result, reasons=body.reasons, text=body.text)
    return progress(request, tracking_code, response)


def _own(
    request: HttpRequest, tracking_code: str, deed: Callable[..., Case], text: str, response: HttpResponse
) -> dict[str, Any]:
    report = get_report_by_tracking(request.actor, code=tracking_code)  # type: ignore[attr-defined]
    deed(actor=reporter_actor(report), text=text)
    return progress(request, tracking_code, response)


@public.post("/reports/{tracking_code}/withdraw", response={200: ProgressOut, **REFUSED}, summary="撤回诉求")
def withdraw(request: HttpRequest, tracking_code: str, body: OwnWordsIn, response: HttpResponse) -> dict[str, Any]:
    """Take one's own report back, as long as nobody has finished it."""
    return _own(request, tracking_code, actions.withdraw_report, body.text, response)


@public.post("/reports/{tracking_code}/urge", response={200: ProgressOut, **REFUSED}, summary="催一催")
def urge_own(request: HttpRequest, tracking_code: str, body: OwnWordsIn, response: HttpResponse) -> dict[str, Any]:
    """Ask the holder to hurry, once a day."""
    return _own(request, tracking_code, actions.urge_case, body.text, response)


@public.post("/reports/{tracking_code}/answer", response={200: ProgressOut, **REFUSED}, summary="补充")
def answer_own(request: HttpRequest, tracking_code: str, body: OwnWordsIn, response: HttpResponse) -> dict[str, Any]:
    """Answer what the unit asked for."""
    return _own(request, tracking_code, actions.answer_question, body.text, response)


@public.post("/reports/{tracking_code}/appeal", response={200: ProgressOut, **REFUSED}, summary="复核")
def appeal_own(request: HttpRequest, tracking_code: str, body: OwnWordsIn, response: HttpResponse) -> dict[str, Any]:
    """Say once why a rejected report should be taken up after all."""
    return _own(request, tracking_code, actions.appeal_rejection, body.text, response)


@public.post("/reports/{tracking_code}/reopen", response={200: ProgressOut, **REFUSED}, summary="再启动")
def reopen_own(request: HttpRequest, tracking_code: str, body: OwnWordsIn, response: HttpResponse) -> dict[str, Any]:
    """Tell new facts about a closed report, within 30 days."""
    return _own(request, tracking_code, actions.reopen_case, body.text, response)


def _out(actor: Actor, case: Case) -> dict[str, Any]:
    """One case for the API."""
    category = category_of(actor, case=case)
    return {
        **{
            name: getattr(case, name)
            for name in CaseOut.model_fields
            if name not in {"category", "owner"} and hasattr(case, name)
        },
        "category": category.code if category else None,
        "owner": unit_name(actor, unit_id=case.owner_id),
        "moves": sorted(moves_for(actor, case=case)),
    }


@cases.get("", response={200: CasePageOut, **REFUSED}, summary="事件列表")
def case_list(
    request: HttpRequest,
    status: str = Query("", max_length=20),
    after: str = Query("", description="上一页的 next"),
) -> dict[str, Any]:
    """Cases the actor sees, newest first, 20 at a time."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    actor.require("cases.view")
    rows = list_cases(actor)
    if status:
        if status not in dict(FLOW.choices()):
            raise RuleError("unknown_status", f"状态只能是 {'、'.join(dict(FLOW.choices()))}", "status")
        rows = rows.filter(status=status)
    if after:
        try:
            rows = rows.filter(id__lt=UUID(after))
        except ValueError as error:
            raise NotFound from error
    page = list(rows[: PAGE + 1])
    more = len(page) > PAGE
    page = page[:PAGE]
    return {"items": [_out(actor, case) for case in page], "next": str(page[-1].id) if more else None}


@cases.get("/{number}", response={200: CaseOut, **REFUSED}, summary="一件事件")
def case_detail(request: HttpRequest, number: str) -> dict[str, Any]:
    """One case by its number."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return _out(actor, get_case(actor, number=number))


def _done(request: HttpRequest, number: str) -> dict[str, Any]:
    return case_detail(request, number)


@cases.post("/{number}/dispatch", response={200: CaseOut, **REFUSED}, summary="派单")
def dispatch(request: HttpRequest, number: str, body: DispatchIn) -> dict[str, Any]:
    """Name lead and assistants."""
    actions.dispatch_case(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        lead_id=body.lead,
        assistant_ids=body.assistants,
        category=body.category,
        urgency=body.urgency,
        note=body.note,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/take", response={200: CaseOut, **REFUSED}, summary="自办")
def take(request: HttpRequest, number: str, body: SeenVersion) -> dict[str, Any]:
    """Take a received case on oneself."""
    actions.take_case(actor=request.auth, number=number, seen_version=body.version)  # type: ignore[attr-defined]
    return _done(request, number)


@cases.post("/{number}/solve", response={200: CaseOut, **REFUSED}, summary="当场办结")
def solve(request: HttpRequest, number: str, body: ResultIn) -> dict[str, Any]:
    """Solve a received case on the spot."""
    actions.solve_case(actor=request.auth, number=number, result=body.result, seen_version=body.version)  # type: ignore[attr-defined]
    return _done(request, number)


@cases.post("/{number}/sign", response={200: CaseOut, **REFUSED}, summary="签收")
def sign(request: HttpRequest, number: str, body: SeenVersion) -> dict[str, Any]:
    """Accept the order as lead unit."""
    actions.sign_case(actor=request.auth, number=number, seen_version=body.version)  # type: ignore[attr-defined]
    return _done(request, number)


@cases.delete("/{number}/dispatch", response={200: CaseOut, **REFUSED}, summary="撤回派单")
def undo_dispatch(request: HttpRequest, number: str) -> dict[str, Any]:
    """Take one's own dispatch back within half a minute."""
    actions.undo_dispatch(actor=request.auth, number=number)  # type: ignore[attr-defined]
    return _done(request, number)


@cases.post("/{number}/return", response={200: CaseOut, **REFUSED}, summary="退回")
def send_back(request: HttpRequest, number: str, body: ReturnIn) -> dict[str, Any]:
    """Say that the order is not one's own, why, and whose it is."""
    actions.return_case(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        reason=body.reason,
        proposed_id=body.proposed,
        text=body.text,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/finish", response={200: CaseOut, **REFUSED}, summary="办结")
def finish(request: HttpRequest, number: str, body: ResultIn) -> dict[str, Any]:
    """Say what was done."""
    actions.finish_case(actor=request.auth, number=number, result=body.result, seen_version=body.version)  # type: ignore[attr-defined]
    return _done(request, number)


@cases.post("/{number}/report-up", response={200: CaseOut, **REFUSED}, summary="提级上报")
def report_up(request: HttpRequest, number: str, body: ReportUpIn) -> dict[str, Any]:
    """Hand up what cannot be solved here: what was tried, and whom one proposes."""
    actions.report_up(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        tried=body.tried,
        proposed_id=body.proposed,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/verify", response={200: CaseOut, **REFUSED}, summary="核查")
def verify(request: HttpRequest, number: str, body: VerifyIn) -> dict[str, Any]:
    """Say whether it was done, as somebody other than the handler."""
    actions.verify_case(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        is_passed=body.passed,
        text=body.text,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/reject", response={200: CaseOut, **REFUSED}, summary="不予受理")
def reject(request: HttpRequest, number: str, body: RejectIn) -> dict[str, Any]:
    """Refuse with a coded reason; of complaints and tips it is a proposal."""
    actions.reject_case(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        reason=body.reason,
        text=body.text,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/decide", response={200: CaseOut, **REFUSED}, summary="复核")
def decide(request: HttpRequest, number: str, body: DecideIn) -> dict[str, Any]:
    """Agree to what another person proposed, or say why not."""
    actions.decide_proposal(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        is_agreed=body.agreed,
        answer=body.answer,
        seen_version=body.version,
    )
    return _done(request, number)


def _words(path: str, summary: str, deed: Callable[..., Case], meaning: str) -> None:
    """An endpoint for a move that takes only words."""

    def move(request: HttpRequest, number: str, body: WordsIn) -> dict[str, Any]:
        deed(actor=request.auth, number=number, text=body.text, seen_version=body.version)  # type: ignore[attr-defined]
        return _done(request, number)

    move.__name__ = path.replace("-", "_")
    move.__doc__ = meaning
    cases.post(f"/{{number}}/{path}", response={200: CaseOut, **REFUSED}, summary=summary)(move)


_words(
    "close-explained", "解释结案", actions.close_explained, "Propose to close what cannot be solved, with the grounds."
)
_words("redo", "再退回重办", actions.redo_case, "Send it back once more after a second dissatisfied answer.")
_words("reopen", "再启动", actions.reopen_case, "Begin a closed case again, with new facts.")
_words("urge", "催办", actions.urge_case, "Ask the holder to hurry.")
_words("supervise", "督办", actions.supervise_case, "Mark the case, and say what is expected.")
_words("instruct", "批示", actions.instruct_case, "A leader's words on a case.")


_words("answer-enquiry", "当即答复", actions.answer_enquiry, "Answer a question at once.")
_words("ask", "请补充", actions.ask_reporter, "Ask the reporter for what is missing; the clock stands still.")
_words(
    "relay", "给报事人捎话", actions.relay_message, "Words on the progress page of each reporter; he may answer there."
)
_words(
    "ask-call", "请中心代打电话", actions.ask_call, "Ask the centre to ring the reporter, whose number it alone has."
)
_words("resume", "恢复办理", actions.resume_case, "Go on with what stood on the ledger.")


@cases.post("/{number}/ask-extension", response={200: CaseOut, **REFUSED}, summary="申请延期")
def ask_extension(request: HttpRequest, number: str, body: AskExtensionIn) -> dict[str, Any]:
    """Ask for more working days before the limit."""
    actions.ask_extension(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        reason=body.reason,
        days=body.days,
        text=body.text,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/call-made", response={200: CaseOut, **REFUSED}, summary="代打电话的结果")
def call_made(request: HttpRequest, number: str, body: CallMadeIn) -> dict[str, Any]:
    """Say what the reporter answered, or that he did not."""
    actions.record_call(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        is_reached=body.reached,
        text=body.text,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/ask-suspension", response={200: CaseOut, **REFUSED}, summary="申请挂账")
def ask_suspension(request: HttpRequest, number: str, body: AskSuspensionIn) -> dict[str, Any]:
    """Ask that what cannot be done now be put on the ledger."""
    actions.ask_suspension(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        reason=body.reason,
        text=body.text,
        public_text=body.public_text,
        review_on=body.review_on,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/decide-request", response={200: CaseOut, **REFUSED}, summary="批复延期或挂账")
def decide_request(request: HttpRequest, number: str, body: DecideIn) -> dict[str, Any]:
    """Agree to what the unit asks for, or say why not."""
    actions.decide_request(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        is_agreed=body.agreed,
        answer=body.answer,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/whistle", response={200: CaseOut, **REFUSED}, summary="吹哨")
def whistle(request: HttpRequest, number: str, body: WhistleIn) -> dict[str, Any]:
    """Call units together over one case."""
    actions.whistle(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        unit_ids=body.units,
        task=body.task,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.delete("/{number}/whistle", response={200: CaseOut, **REFUSED}, summary="会商结束")
def end_whistle(request: HttpRequest, number: str) -> dict[str, Any]:
    """Release the units that were called."""
    actions.end_whistle(actor=request.auth, number=number)  # type: ignore[attr-defined]
    return _done(request, number)


@cases.post("/{number}/report-in", response={200: CaseOut, **REFUSED}, summary="报到")
def report_in(request: HttpRequest, number: str, body: WordsIn) -> dict[str, Any]:
    """A unit that was called is there."""
    actions.report_in(actor=request.auth, number=number, reply=body.text, seen_version=body.version)  # type: ignore[attr-defined]
    return _done(request, number)


@cases.post("/{number}/rule", response={200: CaseOut, **REFUSED}, summary="裁定")
def rule(request: HttpRequest, number: str, body: RuleIn) -> dict[str, Any]:
    """Rule whose a case is that two units sent back."""
    actions.rule_case(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        lead_id=body.lead,
        text=body.text,
        category=body.category,
        is_precedent=body.is_precedent,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/merge", response={200: CaseOut, **REFUSED}, summary="并案")
def merge(request: HttpRequest, number: str, body: MergeIn) -> dict[str, Any]:
    """Put other cases into this one, with all their reports."""
    actions.merge_cases(actor=request.auth, number=number, parts=body.parts, seen_version=body.version)  # type: ignore[attr-defined]
    return _done(request, number)


@cases.delete("/{number}/merge", response={200: CaseOut, **REFUSED}, summary="撤销并案")
def unmerge(request: HttpRequest, number: str) -> dict[str, Any]:
    """Take this merged case out again, with the reports it brought."""
    actions.unmerge_case(actor=request.auth, number=number)  # type: ignore[attr-defined]
    return _done(request, number)


@cases.post("/{number}/split", response={200: CaseOut, **REFUSED}, summary="拆出一个诉求")
def split(request: HttpRequest, number: str, body: SplitIn) -> dict[str, Any]:
    """Give one of several reports a case of its own; answers that case."""
    own = actions.split_report(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        report_number=body.report,
        seen_version=body.version,
    )
    return _done(request, own.number)


@cases.post("/{number}/callback", response={200: CaseOut, **REFUSED}, summary="回访")
def callback(request: HttpRequest, number: str, body: CallbackIn) -> dict[str, Any]:
    """Write down what the reporter said when called."""
    actions.record_callback(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        result=body.result,
        text=body.text,
        report_number=body.report,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/exclude", response={200: CaseOut, **REFUSED}, summary="提请剔除评价")
def exclude(request: HttpRequest, number: str, body: ExcludeIn) -> dict[str, Any]:
    """Propose to take an answer out of the rates; another person decides (`decide`)."""
    actions.exclude_rating(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        report_number=body.report,
        code=body.code,
        text=body.text,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.delete("/{number}/exclude", response={200: CaseOut, **REFUSED}, summary="撤销剔除")
def revoke_exclusion(request: HttpRequest, number: str, body: RevokeExclusionIn) -> dict[str, Any]:
    """Let an answer count again."""
    actions.revoke_exclusion(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        report_number=body.report,
        text=body.text,
    )
    return _done(request, number)


@cases.post("/{number}/classify", response={200: CaseOut, **REFUSED}, summary="改类别和网格")
def classify(request: HttpRequest, number: str, body: ClassifyIn) -> dict[str, Any]:
    """Correct category or grid."""
    actions.classify_case(
        actor=request.auth,  # type: ignore[attr-defined]
        number=number,
        category=body.category,
        area_code=body.area_code,
        seen_version=body.version,
    )
    return _done(request, number)


@cases.post("/{number}/note", response={200: CaseOut, **REFUSED}, summary="加说明")
def note(request: HttpRequest, number: str, body: TextIn) -> dict[str, Any]:
    """A remark for those who work on the case."""
    actions.add_note(actor=request.auth, number=number, text=body.text)  # type: ignore[attr-defined]
    return _done(request, number)


@cases.post("/{number}/contact", response={200: CaseOut, **REFUSED}, summary="记录联系")
def contact(request: HttpRequest, number: str, body: TextIn) -> dict[str, Any]:
    """Write down a talk with the reporter."""
    actions.record_contact(actor=request.auth, number=number, text=body.text)  # type: ignore[attr-defined]
    return _done(request, number)
