from typing import Any

from django import forms

from yijiaan.areas.queries import get_area, list_children
from yijiaan.cases.queries import channel_names
from yijiaan.connectors.hotline.filedrop import FIELDS
from yijiaan.connectors.models import Algorithm, SmsBody, SmsSigning
from yijiaan.connectors.webhooks.payload import EVENTS
from yijiaan.core.scope import Actor


class ConnectionForm(forms.Form):
    code = forms.CharField(
        label="代码", required=False, max_length=60, help_text="签名时带上它，定了不改，例如 hotline_12345"
    )
    name = forms.CharField(label="名称", required=False, max_length=60, help_text="例如 12345 热线、甬速办")
    area = forms.ChoiceField(label="送到哪里", required=False, help_text="地点认不出时交给它的中心")
    channel = forms.ChoiceField(label="渠道", required=False)
    algorithm = forms.ChoiceField(label="签名", choices=Algorithm.choices, required=False)
    push_url = forms.CharField(
        label="回推地址", required=False, max_length=600, help_text="办理情况推到这里；空着就等对方来取"
    )
    calls_back = forms.BooleanField(label="对方自己回访", required=False, help_text="勾上我们就不再打电话")
    is_active = forms.BooleanField(label="启用", required=False)

    def __init__(self, *args: Any, actor: Actor, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = _places(actor)  # type: ignore[attr-defined]
        self.fields["channel"].choices = list(channel_names(actor).items())  # type: ignore[attr-defined]
        if is_new:
            del self.fields["is_active"]
        else:
            del self.fields["code"], self.fields["area"]


class DropForm(forms.Form):
    file = forms.FileField(label="文件", error_messages={"required": "请选一个 .xlsx 或 .xls 文件"})


class ColumnsForm(forms.Form):
    """One choice for each column of the file."""

    def __init__(self, *args: Any, heads: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "不用"), *((field, label) for field, (label, _) in FIELDS.items())]
        for number, head in enumerate(heads):
            if head:
                self.fields[f"column_{number}"] = forms.ChoiceField(label=head, choices=choices, required=False)

    def columns(self) -> dict[str, str]:
        """Our field by the number of the column."""
        return {name.removeprefix("column_"): field for name, field in self.cleaned_data.items() if field}


def _places(actor: Actor) -> list[tuple[str, str]]:
    """The actor's county and its towns."""
    places: list[tuple[str, str]] = []
    for code in actor.areas:
        area = get_area(actor, code=code)
        places.append((area.code, area.name))
        if area.level == "county":
            places += [(child.code, child.name) for child in list_children(actor, code=code)]
    return places


class WebhookForm(forms.Form):
    name = forms.CharField(label="名称", required=False, max_length=60, help_text="例如 数据局共享平台")
    url = forms.CharField(
        label="地址", required=False, max_length=400, help_text="以 https:// 开头；内网地址要运维先允许"
    )
    area = forms.ChoiceField(label="哪里的事", required=False)
    events = forms.MultipleChoiceField(
        label="推哪些", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(event, label) for event, (label, _) in EVENTS.items()],
    )  # fmt: skip
    is_active = forms.BooleanField(label="启用", required=False, help_text="不勾就暂停：这期间的事以后也不补推")

    def __init__(self, *args: Any, actor: Actor, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = _places(actor)  # type: ignore[attr-defined]
        del self.fields["is_active" if is_new else "area"]


class KeyForm(forms.Form):
    name = forms.CharField(label="谁用", required=False, max_length=60, help_text="例如 某某城市应用")
    area = forms.ChoiceField(label="哪里的事", required=False)
    hourly_limit = forms.IntegerField(label="每小时最多报几件", required=False, min_value=6, max_value=100_000)
    is_active = forms.BooleanField(label="启用", required=False, help_text="不勾就作废，马上不能再报")

    def __init__(self, *args: Any, actor: Actor, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = _places(actor)  # type: ignore[attr-defined]
        del self.fields["is_active" if is_new else "area"]


class GatewayForm(forms.Form):
    """How the gateway is spoken with; lengths are those of the columns, the rules stand in `actions.set_gateway`."""

    name = forms.CharField(label="名称", required=False, max_length=60, help_text="例如 县政务短信平台")
    site = forms.CharField(
        label="群众打开的网址",
        required=False,
        max_length=100,
        help_text="短信里的链接从它开始，例如 https://yja.example.cn",
    )
    url = forms.CharField(label="网关地址", required=False, max_length=400)
    body_kind = forms.ChoiceField(label="发送方式", choices=SmsBody.choices, required=False)
    body = forms.CharField(
        label="发送内容", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="照网关的说明写，这些会换成实际的内容：{phone} 号码、{text} 短信、{time} 秒、{time_ms} 毫秒、{stamp} 年月日时分秒、"
        "{nonce} 每条不同的编号、{secret} 密钥、{sign} 签名",
    )  # fmt: skip
    headers = forms.CharField(
        label="请求头",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="一行一个，名称、冒号、值；没有就空着",
    )
    signing = forms.ChoiceField(label="签名", choices=SmsSigning.choices, required=False)
    sign_template = forms.CharField(
        label="签名的内容", required=False, max_length=500, help_text="例如 {secret}{time}{nonce}；结果是小写十六进制"
    )
    secret = forms.CharField(
        label="密钥",
        required=False,
        max_length=200,
        widget=forms.PasswordInput,
        help_text="空着就不改；存好以后不再显示",
    )
    success_path = forms.CharField(
        label="结果在哪里", required=False, max_length=100,
        help_text="回答是 JSON 时写名称，一层层用点连起来，例如 data.0.code；空着就看 HTTP 状态",
    )  # fmt: skip
    success_values = forms.CharField(
        label="成功的值", required=False, max_length=200, help_text="几个用逗号分开，例如 0,OK"
    )
    temporary_values = forms.CharField(
        label="稍后再发的值", required=False, max_length=200, help_text="例如 太快了、余额不足；别的值都算送不到"
    )
    reference_path = forms.CharField(
        label="网关编号在哪里", required=False, max_length=100, help_text="回报时用；没有就空着"
    )
    is_idempotent = forms.BooleanField(
        label="网关按 {nonce} 去重", required=False, help_text="勾上：没有等到回答就再发；不勾：留给人看，免得发两遍"
    )
    takes_reports = forms.BooleanField(label="网关回报送到没有", required=False, help_text="不勾：网关收下就算送到")
    report_list_path = forms.CharField(
        label="回报的列表在哪里", required=False, max_length=100, help_text="一次只报一条就空着"
    )
    report_reference_path = forms.CharField(label="回报里的编号", required=False, max_length=100)
    report_state_path = forms.CharField(label="回报里的结果", required=False, max_length=100)
    report_delivered_values = forms.CharField(label="表示送到的值", required=False, max_length=200)
    quiet_from = forms.TimeField(label="几点以后不发", required=False, help_text="默认 21:00；到早上再发")
    quiet_to = forms.TimeField(label="几点以后再发", required=False, help_text="默认 7:30")
    is_active = forms.BooleanField(label="启用", required=False, initial=True)

    GROUPS = (
        ("", ("name", "site", "is_active")),
        ("怎么发", ("url", "body_kind", "body", "headers")),
        ("签名", ("signing", "sign_template", "secret")),
        ("网关怎么回答", ("success_path", "success_values", "temporary_values", "is_idempotent")),
        ("什么时候不发", ("quiet_from", "quiet_to")),
        (
            "回报送到没有",
            (
                "takes_reports", "reference_path", "report_list_path", "report_reference_path", "report_state_path",
                "report_delivered_values",
            ),
        ),
    )  # fmt: skip

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(heading, [self[name] for name in names]) for heading, names in self.GROUPS]

    def facts(self) -> dict[str, Any]:
        """What was said; hours left out are the usual ones."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


class TryForm(forms.Form):
    phone = forms.CharField(
        label="试发到", required=False, max_length=30, help_text="填您自己的手机号，只发这一次，不保存"
    )
