"""值班表: who answers for one's own unit, day by day."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from yijiaan.accounts import actions, permissions
from yijiaan.accounts.models import DutyDay
from yijiaan.accounts.queries import list_duties
from yijiaan.core import clock
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.models import Entry
from yijiaan.portal.settings.pages import Deed, Line, SettingPage
from yijiaan.ui.tables import Cell
from yijiaan.ui.words import weekday_words

SHOWN_BACK = 1  # until the morning the one of the day before still answers


class DutyForm(forms.Form):
    on = forms.DateField(
        label="哪一天",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请选日子", "invalid": "日期要写成 2026-11-28 这样"},
        help_text="从这天早上 8 点到第二天早上 8 点",
    )
    name = forms.CharField(label="值班人", max_length=30, error_messages={"required": "请填值班人"})
    phone = forms.CharField(
        label="值班电话", max_length=20, required=False, help_text="指挥台上点一下就拨这个号；空着就拨单位的对外电话"
    )


class Duties(SettingPage):
    slug = "duties"
    label = "值班表"
    icon = "moon"
    permission = permissions.SET_DUTY
    intro = "本单位哪天谁值班，指挥台顶上写着今天的人，点一下就能打给他。"
    add_label = "排一天"
    none_words = "今天起还没有排值班。指挥台先写值班员和单位电话。"
    heads = ("日期", "值班人", "电话", "")
    subject_types = ("accounts.dutyday",)
    form_class = DutyForm

    def state(self, actor: Actor) -> str:
        """How far it is filled."""
        days = list(_days(actor).values_list("on", flat=True))
        return f"排到{_words(days[-1])}" if days and days[-1] >= clock.local_day() else ""

    def lacks(self, actor: Actor) -> str:
        """Nobody for today."""
        return "" if _days(actor).filter(on=clock.local_day()).exists() else "今天没有排值班"

    def lines(self, actor: Actor) -> Iterable[Line]:
        """From yesterday on."""
        today = clock.local_day()
        for duty in _days(actor):
            mark = Cell("今天", "mark") if duty.on == today else ""
            words = f"{_words(duty.on)} {weekday_words(duty.on)}"
            cells = [Cell(words, "title"), duty.name, Cell(_phone(duty), "num"), mark]
            yield Line(duty.on.isoformat(), cells)

    def form(self, actor: Actor, key: str, data: QueryDict | None = None) -> forms.Form:
        """See `SettingPage.form`."""
        if not key:
            last = _days(actor).order_by("-on").first()
            following = last.on + timedelta(days=1) if last else clock.local_day()
            return DutyForm(data, initial={"on": max(following, clock.local_day())})
        duty = _duty(actor, key)
        return DutyForm(data, initial={"on": duty.on, "name": duty.name, "phone": _phone(duty)})

    def save(self, actor: Actor, key: str, said: dict[str, Any]) -> str:
        """See `SettingPage.save`. A row that is given another day moves there."""
        unit_id = _unit(actor)
        duty = actions.set_duty(actor=actor, unit_id=unit_id, on=said["on"], name=said["name"], phone=said["phone"])
        if key and (before := _duty(actor, key)).on != duty.on:
            actions.clear_duty(actor=actor, unit_id=unit_id, on=before.on)
        return f"{_words(duty.on)}由{duty.name}值班。"

    def deeds(self, actor: Actor, key: str) -> Sequence[Deed]:
        """Taken out again."""
        return [Deed("clear", "去掉这一天", "这一天没有人值班，指挥台改显示值班员和单位电话。")]

    def do(self, actor: Actor, key: str, name: str) -> str:
        """See `SettingPage.do`."""
        if name != "clear":
            raise NotFound
        duty = _duty(actor, key)
        actions.clear_duty(actor=actor, unit_id=_unit(actor), on=duty.on)
        return f"{_words(duty.on)}的值班去掉了。"

    def subject(self, actor: Actor, key: str) -> UUID | None:
        """The row in the journal."""
        return _duty(actor, key).id

    def words_of(self, entry: Entry) -> Iterable[str]:
        """Which day."""
        yield _words(date.fromisoformat(entry.data["on"]))


def _unit(actor: Actor) -> UUID:
    if actor.unit_id is None:
        raise NotFound
    return actor.unit_id


def _days(actor: Actor) -> Any:
    return list_duties(actor, unit_id=actor.unit_id, since=clock.local_day() - timedelta(days=SHOWN_BACK))


def _duty(actor: Actor, key: str) -> DutyDay:
    try:
        found: DutyDay | None = _days(actor).filter(on=date.fromisoformat(key)).first()
    except ValueError as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    return found


def _phone(duty: DutyDay) -> str:
    return str(duty.phone_sealed)


def _words(day: date) -> str:
    return f"{day.month}月{day.day}日"
