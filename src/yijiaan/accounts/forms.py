from collections.abc import Iterable
from typing import Any

from django import forms

from yijiaan.accounts.models import Role, Unit
from yijiaan.areas.models import Area
from yijiaan.core import clock


class SignInForm(forms.Form):
    login = forms.CharField(
        label="账号或手机号",
        max_length=60,
        error_messages={"required": "请填登录名或手机号"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="验证码",
        max_length=20,
        error_messages={"required": "请填手机上的 6 位验证码"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class ProofForm(forms.Form):
    proof = forms.CharField(
        label="密码，或手机验证码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填密码或手机验证码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class PasswordForm(forms.Form):
    old = forms.CharField(
        label="原密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填原密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="新密码",
        max_length=128,
        strip=False,
        help_text="至少 10 位，不能只用数字，不能含登录名",
        error_messages={"required": "请填新密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再写一遍新密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请再写一遍新密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> None:
        """The two new ones must be the same."""
        super().clean()
        new, again = self.cleaned_data.get("new"), self.cleaned_data.get("again")
        if new and again and new != again:
            self.add_error("again", "两遍写得不一样，请再写一遍")


class PersonForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=30, error_messages={"required": "请填姓名"})
    phone = forms.CharField(label="手机号", max_length=20, required=False, help_text="可以用它登录")


class NewPersonForm(PersonForm):
    username = forms.CharField(
        label="登录名", max_length=30, help_text="小写字母和数字，定了不改", error_messages={"required": "请填登录名"}
    )


class AppointForm(forms.Form):
    role = forms.ChoiceField(label="角色", error_messages={"required": "请选角色", "invalid_choice": "请选角色"})
    title = forms.CharField(label="职务", max_length=30, required=False, help_text="不填就用角色名")
    areas = forms.MultipleChoiceField(
        label="辖区",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一处辖区", "invalid_choice": "请重选辖区"},
    )
    starts_on = forms.DateField(
        label="从哪天起",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请选开始日", "invalid": "请选开始日"},
    )
    ends_on = forms.DateField(
        label="到哪天止",
        help_text="含当天；不填：一直到另行结束",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "请选结束日"},
    )

    def __init__(self, *args: Any, roles: Iterable[Role], areas: Iterable[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", "请选")] + [(role.code, role.name) for role in roles]  # type: ignore[attr-defined]
        self.fields["areas"].choices = [(area.code, area.name) for area in areas]  # type: ignore[attr-defined]
        self.fields["starts_on"].initial = clock.local_day()


class EndPostForm(forms.Form):
    on = forms.DateField(
        label="最后一天",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请选最后一天", "invalid": "请选最后一天"},
    )


class RoleForm(forms.Form):
    permissions = forms.MultipleChoiceField(
        label="权限",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "这个权限不能给这个角色"},
    )
    needs_second_factor = forms.BooleanField(label="登录须手机验证码", required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["permissions"].choices = choices  # type: ignore[attr-defined]


class AuditForm(forms.Form):
    since = forms.DateField(label="从", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    until = forms.DateField(label="到", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    who = forms.CharField(label="谁", max_length=60, required=False)
    verb = forms.ChoiceField(label="做了什么", required=False)
    number = forms.CharField(label="编号", max_length=40, required=False)

    def __init__(self, *args: Any, verbs: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = [("", "什么都看"), *verbs]  # type: ignore[attr-defined]


def unit_choices(units: Iterable[Unit]) -> list[tuple[str, str]]:
    """Units with the place they belong to."""
    return [(str(unit.id), f"{unit.name}（{unit.area.name}）") for unit in units]
