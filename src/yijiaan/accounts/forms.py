from django import forms


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
