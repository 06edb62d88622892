"""检查表: which there are, what stands in them, and their next version."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.checklists import actions
from yijiaan.engines.checklists.actions import ItemFacts
from yijiaan.engines.checklists.models import Grade, ItemKind, Template
from yijiaan.engines.checklists.queries import get_template, list_items, list_templates, list_versions, newest_version
from yijiaan.ui.inputs import OpenChoice

BLANK = 5  # lines to add below those that are there


class ChecklistForm(forms.Form):
    name = forms.CharField(label="名称", required=False, max_length=100)
    seen_number = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ItemForm(forms.Form):
    """One line; an empty one is left out."""

    section = forms.CharField(label="分组", required=False, max_length=60)
    text = forms.CharField(label="查什么", required=False, max_length=300)
    kind = OpenChoice(label="怎么查", required=False, choices=ItemKind.choices, initial=ItemKind.YES_NO)
    unit = forms.CharField(label="单位", required=False, max_length=30)
    least = forms.FloatField(label="最小", required=False)
    most = forms.FloatField(label="最大", required=False)
    legal_basis = forms.CharField(label="依据", required=False, max_length=100)
    fail_grade = OpenChoice(label="不合格算几级", required=False, choices=Grade.choices, initial=Grade.GENERAL)

    def facts(self) -> ItemFacts | None:
        """What was filled in; None for a line without words."""
        said = self.cleaned_data
        if not said["text"].strip():
            return None
        kind, grade = said["kind"] or ItemKind.YES_NO.value, said["fail_grade"] or Grade.GENERAL.value
        return ItemFacts(
            section=said["section"], text=said["text"], kind=kind, unit=said["unit"], least=said["least"],
            most=said["most"], legal_basis=said["legal_basis"], fail_grade=grade, field=self.prefix or "",
        )  # fmt: skip


ItemForms = forms.formset_factory(ItemForm, extra=BLANK, max_num=90, absolute_max=100)


@staff_only
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All checklists of the county."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("safety.view")
    context = {"templates": list(list_templates(actor)), "may_write": actor.may("checklists.write")}
    return render(request, "safety/checklists.html", context)


@staff_only
@never_cache
@require_safe
def checklist(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """One checklist in its newest wording."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("safety.view")
    template = get_template(actor, template_id=template_id)
    version = newest_version(actor, template=template)
    context = {
        "template": template, "version": version, "items": list_items(actor, version_id=version.id),
        "versions": list(list_versions(actor, template=template)), "may_write": actor.may("checklists.write"),
    }  # fmt: skip
    return render(request, "safety/checklist.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, template_id: UUID | None = None) -> HttpResponse:
    """Write a checklist, or its next version."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("checklists.write")
    template = get_template(actor, template_id=template_id) if template_id else None
    if request.method != "POST":
        form, items = _filled(actor, template)
        return _page(request, template, form, items)
    form = ChecklistForm(request.POST)
    items = ItemForms(request.POST, prefix="item")
    if not (form.is_valid() and items.is_valid()):
        return _page(request, template, form, items, is_refused=True)
    written = [facts for line in items.forms if (facts := line.facts()) is not None]
    try:
        version = actions.write_template(
            actor=actor, name=form.cleaned_data["name"], items=written, template_id=template.id if template else None,
            seen_number=form.cleaned_data["seen_number"] if template else None,
        )  # fmt: skip
    except RuleError as error:
        _refuse(form, items, error)
        return _page(request, template, form, items, is_refused=True)
    except Conflict as error:
        form.add_error(None, error.message)
        return _page(request, template, form, items, is_refused=True)
    messages.success(request, f"“{version.template.name}”第 {version.number} 版存好了，以后的检查用它。")
    return redirect("safety:checklist", version.template_id)


def _filled(actor: Actor, template: Template | None) -> tuple[ChecklistForm, Any]:
    if template is None:
        return ChecklistForm(), ItemForms(prefix="item")
    version = newest_version(actor, template=template)
    names = ("section", "text", "kind", "unit", "least", "most", "legal_basis", "fail_grade")
    lines = [{name: getattr(item, name) for name in names} for item in list_items(actor, version_id=version.id)]
    form = ChecklistForm(initial={"name": template.name, "seen_number": version.number})
    return form, ItemForms(prefix="item", initial=lines)


def _refuse(form: ChecklistForm, items: Any, error: RuleError) -> None:
    """At the line that is wrong, else at the top."""
    line = next((one for one in items.forms if one.prefix == error.field), None)
    if line is None:
        apply_rule_error(form, error)
    else:
        line.add_error("text" if error.code in ("empty_text", "text_too_long") else "kind", error.message)
        form.add_error(None, error.message)


def _page(
    request: HttpRequest, template: Template | None, form: ChecklistForm, items: Any, is_refused: bool = False
) -> HttpResponse:
    context = {"template": template, "form": form, "items": items, "is_refused": is_refused}
    return render(request, "safety/edit_checklist.html", context, status=422 if is_refused else 200)


@staff_only
@require_POST
def switch(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """停用 or 恢复."""
    is_active = request.POST.get("to") == "on"
    try:
        actions.switch_template(actor=request.actor, template_id=template_id, is_active=is_active)  # type: ignore[attr-defined]
    except RuleError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "恢复了。" if is_active else "停用了，以前的检查不受影响。")
    return redirect("safety:checklist", template_id)
