"""剔除原因."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from yijiaan.cases import actions, permissions
from yijiaan.cases.models import ExclusionCode, ShippedExclusion
from yijiaan.cases.queries import exclusion_codes
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.portal.settings.pages import Line, SettingPage
from yijiaan.ui.tables import Cell


class ExclusionForm(forms.Form):
    code = forms.CharField(label="代码", required=False, max_length=60, help_text="小写字母，例如 third_party")
    name = forms.CharField(label="名称", required=False, max_length=60)
    is_active = forms.BooleanField(label="在用", required=False, initial=True)


class Exclusions(SettingPage):
    slug = "exclusions"
    label = "剔除原因"
    icon = "scale"
    permission = permissions.SET_CATEGORIES
    intro = "评价可以因为什么不算在解决率、满意率里。每一件都要有依据、两个人复核，率旁边写着剔除了几件。"
    add_label = "加原因"
    heads = ("原因", "代码", "平台叫法", "")
    subject_types = ("cases.exclusioncode",)
    form_class = ExclusionForm

    def state(self, actor: Actor) -> str:
        """How many are in use."""
        return f"在用 {len(exclusion_codes(actor))} 个"

    def lines(self, actor: Actor) -> Iterable[Line]:
        """All, those of one's own at the end."""
        in_use, shipped = exclusion_codes(actor), dict(ShippedExclusion.choices)
        for code, name in exclusion_codes(actor, with_stopped=True).items():
            told = str(shipped.get(code, "自己加的"))
            yield Line(
                code,
                [
                    Cell(name, "title"),
                    Cell(code, "num quiet"),
                    Cell(told if told != name else "", "quiet"),
                    "" if code in in_use else Cell("停用", "mark quiet"),
                ],
            )

    def form(self, actor: Actor, key: str, data: QueryDict | None = None) -> forms.Form:
        """See `SettingPage.form`."""
        if not key:
            return ExclusionForm(data)
        names = exclusion_codes(actor, with_stopped=True)
        if key not in names:
            raise NotFound
        form = ExclusionForm(data, initial={"name": names[key], "is_active": key in exclusion_codes(actor)})
        del form.fields["code"]
        return form

    def save(self, actor: Actor, key: str, said: dict[str, Any]) -> str:
        """See `SettingPage.save`."""
        code = key or said["code"].strip()
        row = actions.set_exclusion_code(actor=actor, code=code, name=said["name"], is_active=said["is_active"])
        return f"“{row.name}”{'改好了' if key else '加上了'}。"

    def subject(self, actor: Actor, key: str) -> UUID | None:
        """The row in the journal; none before anything was set."""
        return ExclusionCode.objects.filter(code=key).values_list("id", flat=True).first()
