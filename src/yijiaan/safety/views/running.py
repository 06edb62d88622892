"""A checklist gone through on the phone, with a signal or without."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.checklists.actions import Given
from yijiaan.engines.checklists.models import Item
from yijiaan.engines.checklists.queries import answers_of, get_run_of, list_items, newest_version
from yijiaan.engines.files.actions import keep_pictures
from yijiaan.safety import actions
from yijiaan.safety.models import Inspection
from yijiaan.safety.queries import get_inspection, list_own_open
from yijiaan.ui import kept

CHOICES = (("yes", "合格"), ("no", "不合格"), ("na", "不涉及"))


@dataclass
class Sheet:
    """What the page of one inspection is drawn of."""

    found: Inspection
    version_id: UUID
    items: list[Item]
    answers: dict[UUID, Any] = field(default_factory=dict)


@staff_only
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """我要查的: what my team has to inspect. The phone keeps this page and those behind it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("safety.inspect")
    return render(request, "safety/field/inspections.html", {"inspections": list(list_own_open(actor)[:50])})


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, inspection_id: UUID) -> HttpResponse:
    """The checklist in thumb size: keep what is filled in, or hand it in; what is refused is shown at its item, nothing is lost."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("safety.inspect")
    found = get_inspection(actor, inspection_id=inspection_id)
    if kept.is_kept(request):
        return kept.refuse_owner(request, actor.user_id) or _file(request, actor, found)
    if found.status not in ("planned", "in_progress"):
        messages.info(request, "这次检查已经交了。" if found.submitted_at else "这次检查已经取消了。")
        return redirect("safety:inspection", found.id)
    sheet = _sheet(actor, found)
    if request.method != "POST":
        return _draw(request, sheet)
    given = _given(request, sheet.items)
    remark = request.POST.get("remark", "")[:2000]
    here: dict[str, Any] = {
        "actor": actor, "inspection_id": found.id, "version_id": sheet.version_id, "given": given, "remark": remark,
    }  # fmt: skip
    try:
        if "keep" in request.POST:
            actions.answer_inspection(**here)
            said = "存好了，可以接着查。"
        else:
            hazards = actions.submit_inspection(**here)
            said = f"交上了，{len(hazards)} 项不合格，都登记成隐患了。" if hazards else "交上了，全部合格。"
    except RuleError as error:
        return _draw(request, sheet, {error.field or "": error.message})
    for sentence in _keep(request, actor, found, sheet.items):
        messages.warning(request, sentence)
    messages.success(request, said)
    return redirect("safety:field_run" if "keep" in request.POST else "safety:inspection", found.id)


def _file(request: HttpRequest, actor: Actor, found: Inspection) -> HttpResponse:
    """What a phone kept. Where a colleague filled in something meanwhile, what the phone left empty does not take it back."""
    try:
        version_id, client_key = UUID(request.POST.get("version", "")), UUID(request.POST.get("client_key", ""))
    except ValueError:
        return _refused(RuleError("unknown_version", "请有信号时打开这次检查，再交一次"), [])
    items = list_items(actor, version_id=version_id)
    given = {key: said for key, said in _given(request, items).items() if said.value}
    try:
        is_new = actions.file_inspection(
            actor=actor, inspection_id=found.id, version_id=version_id, given=given,
            remark=request.POST.get("remark", "")[:2000], client_key=client_key,
        )  # fmt: skip
    except RuleError as error:
        return _refused(error, items)
    refused = _keep(request, actor, found, items)
    if is_new and kept.is_watched(request):
        messages.success(request, "交上了，不合格的项都登记成隐患了。")
    url = reverse("safety:inspection", args=[found.id])
    return kept.took(request, client_key=client_key, number=found.target, url=url, refused=refused, is_new=is_new)


def _refused(error: RuleError, items: list[Item]) -> HttpResponse:
    place = next((f"第 {item.place} 项：" for item in items if str(item.id) == error.field), "")
    return JsonResponse({"code": "invalid", "errors": [{"field": "", "message": place + error.message}]}, status=422)


def _sheet(actor: Actor, found: Inspection) -> Sheet:
    going = get_run_of(actor, county=found.county, subject_id=found.id)
    version_id = going.version_id if going else newest_version(actor, template=found.template).id
    answers = answers_of(actor, run=going) if going else {}
    return Sheet(found, version_id, list_items(actor, version_id=version_id), answers)


def _given(request: HttpRequest, items: list[Item]) -> dict[UUID, Given]:
    sent = request.POST
    return {
        item.id: Given(sent.get(f"value_{item.id}", "")[:40], sent.get(f"note_{item.id}", "")[:400]) for item in items
    }


def _draw(request: HttpRequest, sheet: Sheet, problems: dict[str, str] | None = None) -> HttpResponse:
    """problems: by the id of an item, of a POST that was refused."""
    is_sent = problems is not None
    lines = []
    for item in sheet.items:
        known = sheet.answers.get(item.id)
        lines.append(
            {
                "item": item,
                "value": request.POST.get(f"value_{item.id}", "") if is_sent else known.value if known else "",
                "note": request.POST.get(f"note_{item.id}", "") if is_sent else known.note if known else "",
                "error": (problems or {}).get(str(item.id), ""),
            }
        )
    context = {
        "inspection": sheet.found, "lines": lines, "problems": problems, "is_refused": is_sent, "version": sheet.version_id,
        "remark": request.POST.get("remark", "") if is_sent else sheet.found.remark,
        "done_count": len(sheet.answers), "choices": CHOICES, "client_key": uuid4(),
    }  # fmt: skip
    return render(request, "safety/field/run.html", context, status=422 if is_sent else 200)


def _keep(request: HttpRequest, actor: Actor, found: Inspection, items: list[Item]) -> list[str]:
    """The pictures of each item; each refused one in a sentence."""
    refused = []
    for item in items:
        refused += keep_pictures(
            actor=actor, files=request.FILES.getlist(f"photos_{item.code}"),
            keep=lambda raw, code=item.code: actions.add_inspection_photo(  # type: ignore[misc]
                actor=actor, inspection_id=found.id, raw=raw, item=code
            ),
        )[1]  # fmt: skip
    return refused
