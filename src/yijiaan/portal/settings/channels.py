"""渠道."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from yijiaan.cases import actions, permissions
from yijiaan.cases.models import Channel
from yijiaan.cases.queries import CLOSABLE, channel_names, channel_settings, is_channel_open
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.portal.settings.pages import Line, SettingPage
from yijiaan.ui.tables import Cell


class ChannelForm(forms.Form):
    name = forms.CharField(label="名称", required=False, max_length=60, help_text="空着就按平台的叫法")
    is_open = forms.BooleanField(label="收诉求", required=False)


class Channels(SettingPage):
    slug = "channels"
    label = "渠道"
    icon = "git-merge"
    permission = permissions.SET_CHANNELS
    intro = "诉求从哪些门进来、叫什么名字。对外的门可以临时关上，关上时页面会说清楚该找谁。"
    heads = ("渠道", "平台叫法", "")
    subject_types = ("cases.channelsetting",)
    form_class = ChannelForm

    def state(self, actor: Actor) -> str:
        """Which are shut."""
        names = channel_names(actor)
        shut = [names[code] for code in CLOSABLE if not is_channel_open(actor, channel=code)]
        return f"关着：{'、'.join(shut)}" if shut else "对外的门都开着"

    def lines(self, actor: Actor) -> Iterable[Line]:
        """All, as shipped order."""
        names = channel_names(actor)
        for code, label in Channel.choices:
            yield Line(
                code,
                [
                    Cell(names[code], "title"),
                    Cell(label if label != names[code] else "", "quiet"),
                    "" if is_channel_open(actor, channel=code) else Cell("关着", "mark"),
                ],
            )

    def form(self, actor: Actor, key: str, data: QueryDict | None = None) -> forms.Form:
        """See `SettingPage.form`."""
        if key not in Channel.values:
            raise NotFound
        initial = {"name": channel_names(actor)[key], "is_open": is_channel_open(actor, channel=key)}
        form = ChannelForm(data, initial=initial)
        if key not in CLOSABLE:
            del form.fields["is_open"]
        return form

    def save(self, actor: Actor, key: str, said: dict[str, Any]) -> str:
        """See `SettingPage.save`."""
        row = actions.set_channel(actor=actor, code=key, name=said["name"], is_open=said.get("is_open", True))
        return f"“{row.name or row.get_code_display()}”改好了，半分钟内各处生效。"

    def subject(self, actor: Actor, key: str) -> UUID | None:
        """The row in the journal; none before anything was set."""
        row = channel_settings(actor).get(key)
        return row.id if row else None
