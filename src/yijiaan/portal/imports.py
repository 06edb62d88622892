"""表格导入: bring a ledger, explain its columns, see what would change, let it run, fetch what was refused, take it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.tabular.actions import (
    choose_sheet,
    drop_import,
    map_columns,
    receive_table,
    start_import,
    start_undo,
    take_refused,
)
from yijiaan.engines.tabular.models import Import, ImportLine, ImportState
from yijiaan.engines.tabular.permissions import IMPORT
from yijiaan.engines.tabular.providers import ImportTarget, Verdict, masked_values, target_of, targets_for
from yijiaan.engines.tabular.queries import (
    get_import,
    is_known_layout,
    list_imports,
    list_kept,
    list_lines,
    preview_undo,
    suggest_mapping,
)
from yijiaan.portal.import_forms import LedgerForm, MappingForm, SheetForm
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import pill, when

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PILLS = {
    ImportState.READ: "new", ImportState.CHECKING: "doing", ImportState.PREVIEWED: "check", ImportState.RUNNING: "doing",
    ImportState.DONE: "done", ImportState.FAILED: "late", ImportState.UNDOING: "doing", ImportState.UNDONE: "hold",
    ImportState.DROPPED: "hold",
}  # fmt: skip
VERDICTS = {
    Verdict.NEW: "新增", Verdict.CHANGED: "更新", Verdict.SAME: "不变", Verdict.CONFLICT: "对不上",
    Verdict.REFUSED: "不能导入",
}  # fmt: skip
HEADS = ("文件", "导入到", "谁", "什么时候", "行数", "进度")
FIRST = 8  # lines shown as they would become


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """Somewhere to drop a ledger, and former imports."""
    actor = _actor(request)
    targets = targets_for(actor)
    form = LedgerForm(*((request.POST, request.FILES) if request.method == "POST" else ()), targets=targets)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            imported = receive_table(
                actor=actor, kind=form.cleaned_data["kind"], file_name=file.name, raw=file.read(),
                client_key=form.cleaned_data["client_key"],
            )  # fmt: skip
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, f"{error.message}，在下面的列表里；要放新的，请刷新这一页")
        else:
            return redirect("portal:import", imported.id)
    page = page_of(request, list_imports(actor), keys=("-received_at", "-id"))
    titles = {target.kind: target.title for target in targets}
    context = {"form": form, "page": page, "heads": HEADS, "has_targets": bool(targets)}
    context["rows"] = [
        [
            Cell(row.file_name_sealed, "title", f"/imports/{row.id}/" if row.kind in titles else ""),
            titles.get(row.kind, ""),
            row.post.user.name,
            when(row.received_at),
            Cell(str(row.total_count), "num"),
            _state(row),
        ]
        for row in page.rows
    ]
    return render(request, "portal/imports.html", context, status=422 if form.errors else 200)


@staff_only
@never_cache
@require_safe
def show(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """One import: its columns to explain, its course, its preview, or what came of it."""
    return _page(request, get_import(_actor(request), import_id=import_id))


@staff_only
@never_cache
@require_POST
def sheet(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Another sheet of the file."""
    actor = _actor(request)
    imported = get_import(actor, import_id=import_id)
    form = SheetForm(request.POST, imported=imported)
    if form.is_valid():
        try:
            choose_sheet(actor=actor, import_id=import_id, sheet=form.cleaned_data["sheet"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return redirect("portal:import", import_id)
    return _page(request, imported, sheet_form=form)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Which column is what; once more after a check that showed something wrong."""
    actor = _actor(request)
    imported = get_import(actor, import_id=import_id)
    if request.method != "POST":
        if imported.started_at is not None or imported.is_going or imported.state == ImportState.DROPPED:
            return redirect("portal:import", import_id)
        return _mapping_page(request, imported)
    mapping = suggest_mapping(actor, imported=imported)
    form = MappingForm(request.POST, imported=imported, target=target_of(imported.kind), mapping=mapping)
    if form.is_valid():
        try:
            map_columns(actor=actor, import_id=import_id, mapping=form.mapping(), fixed=form.fixed())
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            return redirect("portal:import", import_id)
    return _mapping_page(request, imported, form=form)


@staff_only
@never_cache
@require_safe
def lines(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The lines behind a count."""
    actor = _actor(request)
    imported = get_import(actor, import_id=import_id)
    verdict = request.GET.get("verdict", "")
    verdict = verdict if verdict in VERDICTS else ""
    page = page_of(request, list_lines(actor, imported=imported, verdict=verdict), keys=("line", "id"))
    target = target_of(imported.kind)
    heads, rows = _lines_shown(imported, target, page.rows)
    total = getattr(imported, f"{verdict}_count") if verdict else 0
    is_partial = (
        verdict in (Verdict.NEW, Verdict.CHANGED, Verdict.SAME)
        and total > list_lines(actor, imported=imported, verdict=verdict).count()
    )
    title = f"{VERDICTS[Verdict(verdict)]}的行" if verdict else "要看的行"
    context = {"imported": imported, "page": page, "heads": heads, "rows": rows, "title": title, "total": total}
    return render(request, "portal/import_lines.html", context | {"is_partial": is_partial})


@staff_only
@never_cache
@require_POST
def start(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Let it run."""
    try:
        start_import(actor=_actor(request), import_id=import_id)
    except RuleError as error:
        messages.warning(request, error.message)
    return redirect("portal:import", import_id)


@staff_only
@never_cache
@require_POST
def drop(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Give it up before anything is written."""
    try:
        drop_import(actor=_actor(request), import_id=import_id)
    except RuleError as error:
        messages.warning(request, error.message)
        return redirect("portal:import", import_id)
    messages.success(request, "没有导入，文件删掉了。")
    return redirect("portal:imports")


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What undoing would do, and the deed."""
    actor = _actor(request)
    imported = get_import(actor, import_id=import_id)
    if request.method == "POST":
        try:
            start_undo(actor=actor, import_id=import_id)
        except RuleError as error:
            messages.warning(request, error.message)
        return redirect("portal:import", import_id)
    if imported.state not in (ImportState.DONE, ImportState.FAILED) or imported.started_at is None:
        return redirect("portal:import", import_id)
    context = {
        "imported": imported,
        "preview": preview_undo(actor, imported=imported),
        "back": f"/imports/{import_id}/",
    }
    return render(request, "portal/import_undo.html", context)


@staff_only
@never_cache
@require_safe
def refused(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """The refused lines as a file."""
    try:
        imported, path = take_refused(actor=_actor(request), import_id=import_id)
    except RuleError as error:
        messages.warning(request, error.message)
        return redirect("portal:import", import_id)
    handle = path.open("rb")
    path.unlink()  # open until it is sent, and gone from the disk then
    name = imported.file_name_sealed.rpartition(".")[0] or imported.file_name_sealed
    return FileResponse(handle, as_attachment=True, filename=f"{name[:60]} 未导入的行.xlsx", content_type=XLSX)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(IMPORT)
    return actor


def _state(imported: Import) -> SafeString:
    return pill(imported.get_state_display(), PILLS[ImportState(imported.state)])


def _page(request: HttpRequest, imported: Import, *, sheet_form: SheetForm | None = None) -> HttpResponse:
    if sheet_form is not None or imported.state == ImportState.READ:
        return _mapping_page(request, imported, sheet_form=sheet_form)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.htmx and not imported.is_going:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Refresh": "true"})  # it has ended: the whole page looks different now
    target = target_of(imported.kind)
    context: dict[str, Any] = {"imported": imported, "target": target, "state_pill": _state(imported)}
    if not imported.is_going:
        context["counts"] = [
            {"label": label, "count": getattr(imported, f"{verdict}_count"), "verdict": verdict.value}
            for verdict, label in VERDICTS.items()
        ]
        is_previewed = imported.state == ImportState.PREVIEWED
        if is_previewed:
            wanted = list_lines(actor, imported=imported).filter(verdict__in=(Verdict.NEW, Verdict.CHANGED))[:FIRST]
            context["heads"], context["rows"] = _lines_shown(imported, target, list(wanted), with_remark=False)
        context["is_own"] = imported.post_id == actor.post_id
        context["kept"] = list(list_kept(actor, imported=imported)) if imported.kept_count else []
    template = "portal/import.html" + ("#course" if request.htmx else "")  # type: ignore[attr-defined]
    return render(request, template, context)


def _mapping_page(
    request: HttpRequest, imported: Import, *, form: MappingForm | None = None, sheet_form: SheetForm | None = None
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    target = target_of(imported.kind)
    mapping = suggest_mapping(actor, imported=imported)
    hidden = next((each["hidden_rows"] for each in imported.sheets if each["name"] == imported.sheet), 0)
    context = {
        "imported": imported,
        "target": target,
        "form": form or MappingForm(imported=imported, target=target, mapping=mapping),
        "sheet_form": sheet_form or SheetForm(imported=imported),
        "is_known": is_known_layout(actor, imported=imported),
        "hidden": hidden,
        "head_lines": f"第 {imported.head_first + 1} 行"
        if imported.head_first == imported.head_last
        else f"第 {imported.head_first + 1} 到 {imported.head_last + 1} 行",
    }
    has_errors = bool((form and form.errors) or (sheet_form and sheet_form.errors))
    return render(request, "portal/import_columns.html", context, status=422 if has_errors else 200)


def _lines_shown(
    imported: Import, target: ImportTarget, rows: list[ImportLine], *, with_remark: bool = True
) -> tuple[list[str], list[list[Cell | str]]]:
    """Lines as they would become, in the order of our fields; personal values covered."""
    by_key = {field.key: field for field in target.fields}
    keys = [field.key for field in target.fields if field.key in {*imported.mapping.values(), *imported.fixed}]
    heads = ["第几行", *(["原因"] if with_remark else ["怎么样"]), *(by_key[key].label for key in keys)]
    shown: list[list[Cell | str]] = []
    for row in rows:
        values = masked_values(by_key, row.values)
        said = row.remark or VERDICTS[Verdict(row.verdict)]  # of a changed line: which facts
        shown.append([Cell(str(row.line), "num"), Cell(said, "wrap"), *(values.get(key, "") for key in keys)])
    return heads, shown
