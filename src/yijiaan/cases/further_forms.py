"""What people fill in for the moves beside the straight way: hand up, verify, refuse, propose and agree, words from above."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from yijiaan.accounts.models import Unit
from yijiaan.cases.forms import MoveForm, offer
from yijiaan.cases.models import RejectReason


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


class OwnWordsForm(forms.Form):
    """What a reporter adds: why he takes it back, what is new, why it is urgent."""

    text = forms.CharField(label="说一句", required=False, strip=False, widget=forms.Textarea)
