"""上级下发的表 at the desk: the list, registering, columns, how far it is, ending, taking it away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import ask_again, staff_only
from yijiaan.areas.queries import area_names
from yijiaan.core.errors import Conflict, NotAllowed, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.tabular.reading import MOST_BYTES
from yijiaan.oneform import actions
from yijiaan.oneform import forms as shapes
from yijiaan.oneform.actions.exporting import MOST_OPEN, SEE_IDENTITY
from yijiaan.oneform.catalogue import sources
from yijiaan.oneform.deriving import Row
from yijiaan.oneform.models import FormColumn, OneForm
from yijiaan.oneform.permissions import ANSWER, EXPORT, MANAGE
from yijiaan.oneform.queries import (
    count_columns,
    count_units,
    get_form,
    list_columns,
    list_forms,
    list_progress,
    list_samples,
)
from yijiaan.ui.answers import lead_on
from yijiaan.ui.paging import page_of
from yijiaan.ui.tables import Cell
from yijiaan.ui.templatetags.kit import day, pill
from yijiaan.ui.words import place_title

FORM_HEADS = ("表名", "下发单位", "一行是什么", "截止", "状态", "列", "要问的")
PROGRESS_HEADS = ("地方", "行数", "补齐的", "还缺的行", "还缺的项")
PILLS = {"draft": "new", "open": "doing", "closed": "done"}


def reader(request: HttpRequest) -> Actor:
    """Who manages, answers or exports forms."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not (actor.may(MANAGE) or actor.may(ANSWER) or actor.may(EXPORT)):
        raise NotAllowed(MANAGE)
    return actor


def manager(request: HttpRequest) -> Actor:
    """Who manages forms."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(MANAGE)
    return actor


def state_pill(form: OneForm) -> str:
    """The state as a pill."""
    is_over = form.state == "open" and not form.is_asking
    return pill(form.state_label, "hold" if is_over else PILLS[form.state])


@staff_only
@never_cache
@require_safe
def forms(request: HttpRequest) -> HttpResponse:
    """一表通: the forms from above, newest first."""
    actor = reader(request)
    page = page_of(request, list_forms(actor), keys=("-id",))
    rows = [
        [
            Cell(form.name, "title", reverse("oneform:form", args=[form.id])), form.issuer, form.get_per_display(),
            day(form.ends_on), state_pill(form), Cell(str(form.column_count), "num"), Cell(str(form.asked_count), "num"),
        ]
        for form in page.rows
    ]  # fmt: skip
    context = {"heads": FORM_HEADS, "rows": rows, "page": page, "may_manage": actor.may(MANAGE)}
    return render(request, "oneform/forms.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_form(request: HttpRequest) -> HttpResponse:
    """登记: the empty table with who wants it, on what basis and until when."""
    actor = manager(request)
    form = (
        shapes.RegisterForm(request.POST, request.FILES, actor=actor)
        if request.method == "POST"
        else shapes.RegisterForm(actor=actor)
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file is not None and (file.size or 0) > MOST_BYTES:
                raise RuleError(
                    "too_large", f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请检查是不是选错了，空表没有这么大", "file"
                )
            made = actions.register_form(
                actor=actor, facts=form.facts(), raw=file.read() if file is not None else b"",
                file_name=file.name or "表" if file is not None else "", client_key=form.cleaned_data["client_key"],
            )  # fmt: skip
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "登记好了。认得的列已经对上，请看一遍再发布。")
            return redirect("oneform:columns", made.id)
    return render(request, "oneform/new.html", {"form": form}, status=422 if form.errors else 200)


@staff_only
@never_cache
@require_safe
def form(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """One form: what it says of itself, how its columns are filled, how far each place is."""
    return _form(request, form_id)


def _form(request: HttpRequest, form_id: UUID, closing: shapes.CloseForm | None = None) -> HttpResponse:
    actor = reader(request)
    found = get_form(actor, form_id=form_id)
    shown = list_columns(actor, form=found)
    lines = list_progress(actor, form=found, columns=shown) if found.published_at else []
    names = area_names(actor, codes={line.area_code[:length] for line in lines for length in (9, 12, 16)})
    address = reverse("oneform:units", args=[found.id])
    rows = []
    for line in lines:
        url = f"{address}?area={line.area_code}"
        lacking = line.units - line.complete
        rows.append(
            [
                Cell(place_title(line.area_code, names), "title", url), Cell(str(line.units), "num", f"{url}&all=1"),
                Cell(str(line.complete), "num"), Cell(str(lacking or ""), "num", url if lacking else ""), Cell(str(line.gaps or ""), "num"),
            ]
        )  # fmt: skip
    is_own = actor.may(MANAGE) and actor.covers(found.area_code)
    context = {
        "one": found, "pill": state_pill(found), "counts": count_columns(actor, columns=shown), "heads": PROGRESS_HEADS, "rows": rows,
        "asked": [column for column in shown if column.is_asked], "closing": closing or shapes.CloseForm(),
        "is_refused": closing is not None, "may_map": is_own and found.state == "draft",
        "may_close": is_own and found.state != "closed", "may_export": actor.may(EXPORT) and found.published_at is not None,
        "total": {
            "units": sum(line.units for line in lines), "complete": sum(line.complete for line in lines),
            "gaps": sum(line.gaps for line in lines),
        },
    }  # fmt: skip
    return render(request, "oneform/form.html", context, status=422 if closing else 200)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """对列: what each column is filled from, with the first rows as they would be."""
    actor = manager(request)
    found = get_form(actor, form_id=form_id)
    shown = list_columns(actor, form=found)
    shape = shapes.ColumnsForm(request.POST if request.method == "POST" else None, form=found, columns=shown)
    if request.method == "POST" and shape.is_valid():
        try:
            actions.map_columns(actor=actor, form_id=form_id, meanings=shape.meanings())
        except RuleError as error:
            apply_rule_error(shape, error)
        else:
            messages.success(request, "存好了，下面是按现在的对法填出来的样子。")
            return redirect("oneform:columns", form_id)
    context = {
        "one": found, "form": shape, "counts": count_columns(actor, columns=shown), "is_draft": found.state == "draft" and actor.covers(found.area_code),
        "heads": [column.label or f"第 {column.place + 1} 列" for column in shown],
        "samples": [_sample(row) for row in list_samples(actor, form=found, columns=shown)],
    }  # fmt: skip
    return render(request, "oneform/columns.html", context, status=422 if shape.errors else 200)


WORDS = {"gap": "要问", "hidden": "看不到", "none": "没有", "told": "问到了"}


def _sample(row: Row) -> list[Cell | str]:
    """A row of the preview; what somebody told in his own words stays on the page of its row."""
    return [Cell(WORDS.get(cell.state, "") or cell.text, "mark" if cell.is_gap else "") for cell in row.cells]


@staff_only
@require_POST
def publish(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """发布: from now on what is missing is asked."""
    actor = manager(request)
    try:
        found = actions.publish_form(actor=actor, form_id=form_id)
    except RuleError as error:
        messages.warning(request, error.message)
        return redirect("oneform:columns", form_id)
    counts = count_columns(actor, columns=list_columns(actor, form=found))
    messages.success(request, f"发布了。{counts.filled} 列从基础数据来，只问 {counts.asked} 列和登记里缺的。")
    return redirect("oneform:form", form_id)


@staff_only
@require_POST
def close(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """结束: nothing more is asked."""
    actor, shape = manager(request), shapes.CloseForm(request.POST)
    if shape.is_valid():
        try:
            actions.close_form(actor=actor, form_id=form_id, reason=shape.cleaned_data["reason"])
        except RuleError as error:
            if error.field is None:
                messages.warning(request, error.message)
                return redirect("oneform:form", form_id)
            apply_rule_error(shape, error)
        else:
            messages.success(request, "结束了，不再问。填好的还能看、能导出。")
            return redirect("oneform:form", form_id)
    return _form(request, form_id, shape)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, form_id: UUID) -> HttpResponse:
    """导出: the form filled in, in the layout in which it came."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require(EXPORT)
    found = get_form(actor, form_id=form_id)
    area = request.GET.get("area", "")
    shape = shapes.ExportForm(request.POST if request.method == "POST" else None, initial={"area": area})
    if request.method == "POST" and shape.is_valid():
        said = shape.cleaned_data
        if said["with_identity"] and (asked_again := ask_again(request)) is not None:
            return asked_again
        try:
            wanted = actions.export_form(
                actor=actor, form_id=form_id, client_key=said["client_key"], purpose=said["purpose"],
                with_identity=said["with_identity"], area_code=said["area"],
            )  # fmt: skip
        except RuleError as error:
            apply_rule_error(shape, error)
        except Conflict as error:
            shape.add_error(None, error.message)
        else:
            return lead_on(request, wanted.page_url)
    area = area if area.isdigit() and actor.covers(area) else ""
    context = {
        "one": found, "form": shape, "count": count_units(actor, form=found, area_code=area),
        "area": area_names(actor, codes=[area]).get(area, "") if area else "", "most_open": MOST_OPEN,
        "may_open": actor.may(SEE_IDENTITY) and _has_persons(list_columns(actor, form=found)),
        "back": reverse("oneform:form", args=[form_id]),
    }  # fmt: skip
    return render(request, "oneform/export.html", context, status=422 if shape.errors else 200)


def _has_persons(shown: list[FormColumn]) -> bool:
    return any(sources()[column.source].is_personal for column in shown)
