"""What people fill in for the moves beside the straight way: hand up, verify, refuse, propose and agree, words from above."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from yijiaan.accounts.models import Unit
from yijiaan.cases.forms import MoveForm, VoiceField, category_choices, offer
from yijiaan.cases.models import ExtensionReason, PartyKind, RejectReason, SuspensionReason
from yijiaan.core.scope import Actor


def _words(label: str, hint: str = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, required=False, strip=False, widget=forms.Textarea)


class ReportUpForm(MoveForm):
    tried = _words("做过什么，卡在哪里", "上面据此定由谁办")
    proposed = forms.ChoiceField(label="建议由谁办", required=False)

    def __init__(self, *args: Any, units: Sequence[Unit] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "proposed", [("", "说不准，请中心定"), *((str(unit.id), unit.name) for unit in units)])

    def proposed_id(self) -> UUID | None:
        """The unit proposed."""
        return UUID(self.cleaned_data["proposed"]) if self.cleaned_data["proposed"] else None


class SpokenUpForm(ReportUpForm):
    """The same on the phone: what was tried may be spoken."""

    voice = VoiceField()

    def __init__(self, *args: Any, units: Sequence[Unit] = (), **kwargs: Any) -> None:
        super().__init__(*args, units=units, **kwargs)
        self.fields["tried"].label, self.fields["tried"].help_text = "村里试过什么", "写一句、说一段都行"
        self.fields["proposed"].label, self.fields["proposed"].help_text = "该归哪家管", "镇里点一下确认"


class DisownForm(MoveForm):
    """不归我村: whose it is, or why, one of the two; written or spoken."""

    text = _words("为什么不归村里", "写一句、说一段都行")
    voice = VoiceField()
    proposed = forms.ChoiceField(label="该归哪家管", help_text="镇里点一下确认", required=False)

    def __init__(self, *args: Any, units: Sequence[Unit] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "proposed", [("", "说不准，请镇里定"), *((str(unit.id), unit.name) for unit in units)])

    def proposed_id(self) -> UUID | None:
        """The unit proposed."""
        return UUID(self.cleaned_data["proposed"]) if self.cleaned_data["proposed"] else None


class VerifyForm(MoveForm):
    passed = forms.ChoiceField(
        label="去看了，办到了吗",
        choices=[("yes", "办到了"), ("no", "没办到")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选办到了还是没办到"},
    )
    text = _words("看到的情况", "没办到要写明差在哪里")


class RejectForm(MoveForm):
    reason = forms.ChoiceField(
        label="为什么不受理",
        choices=RejectReason.choices,
        error_messages={"required": "请选一个原因"},
    )
    text = _words("告诉报事人该找谁办", "报事人会看到")


class DecideForm(MoveForm):
    agreed = forms.ChoiceField(
        label="复核意见",
        choices=[("yes", "同意"), ("no", "不同意")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选同意还是不同意"},
    )
    answer = _words("理由", "不同意要写")


class ExplainForm(MoveForm):
    text = _words("做了什么，怎么解释的，有什么依据")


class RedoForm(MoveForm):
    text = _words("还要办什么")


class ReopenForm(MoveForm):
    text = _words("又出了什么情况")


class UrgeForm(MoveForm):
    text = _words("说一句（可不写）")


class SuperviseForm(MoveForm):
    text = _words("督办要求")


class InstructForm(MoveForm):
    text = _words("批示")


class AskForm(MoveForm):
    text = _words("请报事人补充什么", "报事人在进度页看到，答了才接着走钟")


class RelayForm(MoveForm):
    text = _words("捎什么话", "报事人在进度页看到，也能回话；不用知道他的号码")


class AskCallForm(MoveForm):
    text = _words("要说什么、问什么", "中心的人打，打过告诉您")


class CallMadeForm(MoveForm):
    reached = forms.ChoiceField(
        label="打通了吗",
        choices=[("yes", "打通了"), ("no", "没打通")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选打通了还是没打通"},
    )
    text = _words("怎么说的", "打通了要写一句")


class AnswerForm(MoveForm):
    text = _words("怎么答复", "问的人看到这一句")


class AskExtensionForm(MoveForm):
    days = forms.IntegerField(
        label="延长几个工作日",
        error_messages={"required": "请填延长几个工作日", "invalid": "请填数字"},
        widget=forms.NumberInput(attrs={"min": 1, "max": 30}),
    )
    reason = forms.ChoiceField(
        label="为什么",
        choices=ExtensionReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选一个延期原因"},
    )
    text = _words("具体情况", "批的人看；批了会告诉报事人新的日子")


class AskSuspensionForm(MoveForm):
    reason = forms.ChoiceField(
        label="为什么现在办不了",
        choices=SuspensionReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选一个挂账原因"},
    )
    text = _words("具体情况", "批的人看")
    public_text = _words("告诉报事人的实话", "为什么现在办不了，什么时候再办")
    review_on = forms.DateField(
        label="哪天再看",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请选哪一天再看", "invalid": "请选一个日子"},
    )


class DecideRequestForm(DecideForm):
    pass


class WhistleForm(MoveForm):
    units = forms.MultipleChoiceField(
        label="叫哪几家",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选要来的单位"},
    )
    task = _words("叫来做什么", "到场时限按时限方案，预设 30 分钟")

    def __init__(self, *args: Any, units: Sequence[Unit] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "units", [(str(unit.id), unit.name) for unit in units])

    def unit_ids(self) -> list[UUID]:
        """The units chosen."""
        return [UUID(value) for value in self.cleaned_data["units"]]


class ReportInForm(MoveForm):
    reply = _words("说一句（可不写）")


class EndWhistleForm(MoveForm):
    """会商结束 needs no words."""


class ResumeForm(MoveForm):
    text = _words("说一句（可不写）")


class RuleForm(MoveForm):
    lead = forms.ChoiceField(label="裁定由谁办", required=False)
    category = forms.ChoiceField(label="类别", required=False)
    text = _words("理由", "两家单位都会看到，裁定后不能再退")
    is_precedent = forms.BooleanField(
        label="作为先例", help_text="本镇以后同类的直接派给它", required=False, initial=True
    )

    def __init__(self, *args: Any, actor: Actor, units: Sequence[Unit] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "lead", [("", "请选单位"), *((str(unit.id), unit.name) for unit in units)])
        offer(self, "category", category_choices(actor, "还没有定"))

    def lead_id(self) -> UUID | None:
        """The unit chosen."""
        return UUID(self.cleaned_data["lead"]) if self.cleaned_data["lead"] else None


class PartyForm(MoveForm):
    unit = forms.ChoiceField(label="被反映的单位", required=False)
    kind = forms.ChoiceField(
        label="关系", choices=PartyKind.choices, widget=forms.RadioSelect, initial=PartyKind.NAMED.value
    )

    def __init__(
        self, *args: Any, units: Sequence[Unit] = (), people: Sequence[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "unit", [("", "请选"), ("单位", [(f"unit:{unit.id}", unit.name) for unit in units]),
                             ("人", [(f"user:{key}", name) for key, name in people])])  # fmt: skip

    def who(self) -> dict[str, UUID]:
        """The unit or the person chosen; nothing where none was."""
        kind, _, key = self.cleaned_data["unit"].partition(":")
        return {f"{kind}_id": UUID(key)} if key else {}


class OwnWordsForm(forms.Form):
    """What a reporter adds: why he takes it back, what is new, why it is urgent."""

    text = forms.CharField(label="说一句", required=False, strip=False, widget=forms.Textarea)
