"""采纳, 不采纳, 撤回 of single changes; back to where they were decided."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.core.errors import RuleError
from yijiaan.core.web import apply_rule_error
from yijiaan.registry import actions
from yijiaan.registry.beside import sides_of
from yijiaan.registry.drawing import lines_of, name_of
from yijiaan.registry.fields import KINDS
from yijiaan.registry.queries import get_change, list_my_changes, records_of
from yijiaan.registry.record_forms import ReasonForm
from yijiaan.registry.views.frame import draw, path_of, reader
from yijiaan.ui.paging import page_of


def _back(request: HttpRequest, change_id: UUID) -> str:
    back = request.POST.get("back", "")
    if back.startswith("/base/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    change = get_change(reader(request), change_id=change_id)
    return path_of(change.kind, change.subject_id)


@staff_only
@require_POST
def confirm(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """采纳; over: the decider saw both sides."""
    try:
        actions.confirm_change(actor=request.actor, change_id=change_id, over=request.POST.get("over") == "1")  # type: ignore[attr-defined]
    except RuleError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "采纳了，已经改进登记。")
    return redirect(_back(request, change_id))


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """不采纳, with a word to who proposed it."""
    actor = reader(request)
    actor.require("registry.confirm")
    change = get_change(actor, change_id=change_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.refuse_change(actor=actor, change_id=change_id, reason=form.cleaned_data["reason"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, "没有采纳，登记不变。提出的人看得到原因。")
            return redirect("registry:proposals")
    told = "登记保持不变，提出的人在历史里看得到原因。"
    if change.field == "added":
        told = "这一份记为“登记有误”，名单和搜索里不再出现；内容不删。"
    context = {"form": form, "kind": None, "button": "不采纳", "told": told, "draft": ""}
    back = path_of(change.kind, change.subject_id)
    return draw(
        request, "registry/form.html", context, heading="不采纳这一条", back=back, status=422 if form.errors else 200
    )


@staff_only
@require_POST
def undo(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """撤回 a confirmed change."""
    try:
        actions.undo_change(actor=request.actor, change_id=change_id)  # type: ignore[attr-defined]
    except RuleError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "撤回了，恢复成原来的。")
    return redirect(_back(request, change_id))


@staff_only
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """我提的变更: what became of each, and why it was not taken."""
    actor = reader(request)
    page = page_of(request, list_my_changes(actor), keys=("-id",))
    records = records_of(actor, changes=page.rows)
    lines = [
        {
            "line": line, "sides": [sides_of(line.change, records, line.now_by, viewer=actor.post_id)] if line.now else [], "url": path_of(line.change.kind, line.change.subject_id),
            "title": name_of(records[line.change.subject_id], KINDS[line.change.kind]),
        }
        for line in lines_of(page.rows, actor, records)
        if line.change.subject_id in records
    ]  # fmt: skip
    return draw(request, "registry/mine.html", {"page": page, "lines": lines}, heading="我提的变更")
