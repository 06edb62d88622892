"""The page of one hazard, the same facts for desk and field, with the forms of what its viewer may do next."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yijiaan.areas.queries import area_names
from yijiaan.cases.models import Case
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.checklists.models import Grade
from yijiaan.engines.files.queries import list_files_of
from yijiaan.safety import forms
from yijiaan.safety.flows import DUTY_LABEL, DUTY_OF, FLOW
from yijiaan.safety.models import Hazard, HazardStep
from yijiaan.safety.queries import get_hazard, list_relatives, list_steps, moves_for
from yijiaan.safety.views.photos import shown

FORMS: dict[str, type[forms.StepForm]] = {
    "grade": forms.GradeForm, "dismiss": forms.TextForm, "notify": forms.NotifyForm, "hand_to_case": forms.TextForm,
    "begin": forms.StepForm, "protect": forms.ProtectForm, "resume": forms.StepForm, "submit": forms.SubmitForm,
    "extend": forms.DayForm, "supervise": forms.TextForm, "verify": forms.VerifyForm, "reject": forms.VerifyForm,
    "write_off": forms.TextForm,
}  # fmt: skip
FIRST = {
    "found": ("grade",), "graded": ("notify",), "notified": ("begin",), "rectifying": ("submit",), "protected": ("resume",),
    "submitted": ("verify", "reject"), "verified": ("write_off",),
}  # fmt: skip
HINTS = {
    "begin": "开始以后，期限不变。",
    "resume": "接着改，期限还是原来的。",
    "dismiss": "会编上销号，留在台账里。",
    "hand_to_case": "事件办结以后，隐患回到“等复查”。",
    "supervise": "排在台账最前，镇里天天看得到。",
    "protect": "到日子再去看，看过接着改。",
    "write_off": "编上今年的销号，从此了结。",
}
TEXT_LABELS = {
    "dismiss": "去看了什么，为什么不是隐患", "hand_to_case": "补充一句（可以不填）", "supervise": "督办什么",
    "write_off": "备注（可以不填）", "reject": "哪里还不合格",
}  # fmt: skip
PHOTO_LABELS = {"before": "发现时", "after": "改好后", "protection": "防护", "verify": "复查时"}
WAITS = {
    "found": "等中心定级", "graded": "等中心交办", "notified": "等{unit}开始整改", "rectifying": "等{unit}整改",
    "protected": "{unit}防护着，到日子再看", "submitted": "等人复查", "verified": "等中心主任销号", "in_case": "事件办着",
}  # fmt: skip


class Line:
    """One line of the timeline."""

    def __init__(self, step: HazardStep | None, *, title: str = "", text: str = "", state: str = "done") -> None:
        self.title, self.text, self.state = title, text, state
        self.at = step.at if step is not None else None
        self.expected = self.took = ""
        self.by = ""
        if step is not None and step.post is not None:
            self.by = f"{step.post.unit.name} {step.post.user.name}"
        elif step is not None:
            self.by = "系统"


def lines_of(hazard: Hazard, steps: list[HazardStep]) -> list[Line]:
    """The course, newest first, with what is waited for on top."""
    lines = []
    if hazard.is_open:
        waits = WAITS[hazard.status].format(unit=hazard.unit.name if hazard.unit else "责任单位")
        if hazard.status == "submitted" and hazard.grade == Grade.MAJOR:
            waits = "等另一个人再复查一次" if _is_verified_once(steps) else "等人复查，重大隐患要两个人"
        lines.append(Line(None, title=waits, state="now"))
    for step in steps:
        title = "登记" if step.move == "register" else FLOW.named(step.move).label
        said = [step.text] if step.text else []
        if step.unit is not None:
            said.insert(0, f"交给{step.unit.name}")
        if step.due_on is not None:
            said.append(f"{'复看' if step.move == 'protect' else '期限'} {step.due_on.month}月{step.due_on.day}日")
        if step.cost is not None:
            said.append(f"花了 {step.cost:,.2f} 元")
        lines.append(Line(step, title=title, text="，".join(said)))
    return lines


def _is_verified_once(steps: list[HazardStep]) -> bool:
    """Whether one person has found it right since it was put right the last time; the newest step stands first."""
    moves = [step.move for step in steps]
    last = next((place for place, move in enumerate(moves) if move in ("submit", "case_done")), 0)
    return "verify" in moves[:last]


def move_form(actor: Actor, hazard: Hazard, name: str, *args: Any) -> forms.StepForm:
    """The form of a move; its words are asked for by what they are."""
    form = FORMS[name](*args, actor=actor, hazard=hazard, auto_id=f"id_{name}_%s")
    if name in TEXT_LABELS and "text" in form.fields:
        form.fields["text"].label = TEXT_LABELS[name]
        form.fields["text"].help_text = ""
    return form


def show_hazard(
    request: HttpRequest,
    hazard_id: UUID,
    *,
    face: str,
    form: tuple[str, forms.StepForm] | None = None,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page; form: one that was refused, as it was filled in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    hazard = get_hazard(actor, hazard_id=hazard_id)
    steps = list_steps(actor, hazard=hazard)
    names = moves_for(actor, hazard=hazard)
    if form is not None and form[0] not in names and form[0] in FORMS:
        names.append(form[0])
    first = FIRST.get(hazard.status, ())
    moves = [
        {
            "name": name,
            "label": FLOW.named(name).label,
            "form": form[1] if form is not None and form[0] == name else move_form(actor, hazard, name),
            "hint": HINTS.get(name, ""),
            "is_first": name in first and name != "reject",
            "is_open": form is not None and form[0] == name,
        }
        for name in names
        if name in FORMS
    ]
    areas = area_names(actor, codes=[hazard.area_code, hazard.area_code[:12], hazard.area_code[:9]])
    context = {
        "hazard": hazard,
        "lines": lines_of(hazard, steps),
        "moves": moves,
        "has_first": any(move["is_first"] for move in moves),
        "conflict": conflict,
        "area": areas.get(hazard.area_code, ""),
        "duty": DUTY_LABEL.get(DUTY_OF.get(hazard.status, ""), ""),
        "photos": shown(list_files_of(actor, county=hazard.county, subject_ids=[hazard.id]), PHOTO_LABELS),
        "relatives": list_relatives(actor, hazard=hazard),
        "may_register": actor.may("safety.register"),
        "case": Case.objects.visible_to(actor).filter(id=hazard.case_id).first() if hazard.case_id else None,
        "face": face,
        "today": clock.local_day(),
    }
    return render(
        request, "safety/field/hazard.html" if face == "field" else "safety/hazard.html", context, status=status
    )
