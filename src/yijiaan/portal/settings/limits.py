"""时限: what holds under the chosen preset, its own lines and those of the presets it stands on."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from yijiaan.cases.queries import list_categories
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.worktime import permissions
from yijiaan.engines.worktime.models import Clock, DutyKind, Limit, LimitPreset
from yijiaan.engines.worktime.queries import list_limits, list_presets
from yijiaan.portal.actions import SUBJECT, change_limit
from yijiaan.portal.settings.pages import Line, SettingPage
from yijiaan.ui.tables import Cell

WIDE = (("general", "一般"), ("urgent", "加急"), ("emergency", "紧急"), ("letter_visit", "信访"))
NOTES = {"calendar_minutes": "", "always": "，不分昼夜", "working_minutes": "，只算办公时间", "working_days": ""}
DAY, HOUR = 24 * 60, 60


class LimitForm(forms.Form):
    duty = forms.ChoiceField(label="事项", choices=DutyKind.choices)
    scope = forms.ChoiceField(label="适用")
    clock = forms.ChoiceField(label="怎么计时", choices=Clock.choices)
    amount = forms.IntegerField(
        label="时限", help_text="按上面的计时方式：分钟，或者工作日", min_value=1,
        error_messages={"required": "请填时限", "invalid": "请填整数", "min_value": "时限要大于零"},
    )  # fmt: skip
    warn_before = forms.IntegerField(
        label="提前多少给黄牌", help_text="0 表示不提醒", required=False, min_value=0,
        error_messages={"invalid": "请填整数", "min_value": "请填 0 或更大的数"},
    )  # fmt: skip
    source = forms.CharField(label="依据", required=False, max_length=200)

    def __init__(self, *args: Any, scopes: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if scopes:
            self.fields["scope"].choices = scopes  # type: ignore[attr-defined]
        else:
            del self.fields["duty"], self.fields["scope"]


class Limits(SettingPage):
    slug = "limits"
    label = "时限"
    icon = "timer"
    permission = permissions.MANAGE
    intro = "每一步该多久。改了只管从现在起开始计时的，已经给出的时限不变。"
    add_label = "加一条时限"
    heads = ("适用", "时限", "黄牌", "出自", "依据")
    subject_types = (SUBJECT,)
    form_class = LimitForm

    def state(self, actor: Actor) -> str:
        """Which preset holds."""
        preset = _chosen(actor)
        return f"用的是{preset.name}" if preset else ""

    def lacks(self, actor: Actor) -> str:
        """Without a preset nothing is due."""
        return "" if _chosen(actor) else "还没有选时限方案"

    def lines(self, actor: Actor) -> Iterable[Line]:
        """By duty, in the order of a case's life."""
        order = {value: number for number, value in enumerate(DutyKind.values)}
        wide = {value: number for number, (value, _) in enumerate(WIDE)}
        held = limits_held(actor)
        for limit in sorted(held, key=lambda row: (order[row.duty], wide.get(row.scope, 9), row.scope)):
            yield Line(
                f"{limit.duty}.{limit.scope}",
                [
                    Cell(limit.label, "title"),
                    Cell(amount_words(limit.amount, limit.clock), "num"),
                    Cell(
                        f"提前 {amount_words(limit.warn_before, limit.clock)}" if limit.warn_before else "不提醒",
                        "num quiet",
                    ),
                    Cell(limit.preset.name, "quiet"),
                    Cell(limit.source, "wrap quiet"),
                ],
                limit.get_duty_display(),
            )

    def title(self, actor: Actor, key: str) -> str:
        """See `SettingPage.title`."""
        limit = _held(actor, key)
        return f"{limit.get_duty_display()}时限（{limit.label}）"

    def form(self, actor: Actor, key: str, data: QueryDict | None = None) -> forms.Form:
        """See `SettingPage.form`."""
        if not key:
            groups = [(big.name, [(leaf.code, leaf.name) for leaf in leaves]) for big, leaves in list_categories(actor)]
            return LimitForm(
                data, initial={"clock": "working_days", "warn_before": 1, "duty": "handle"}, scopes=[*WIDE, *groups]
            )
        limit = _held(actor, key)
        initial = {
            "clock": limit.clock, "amount": limit.amount, "warn_before": limit.warn_before, "source": limit.source,
        }  # fmt: skip
        return LimitForm(data, initial=initial, scopes=())

    def save(self, actor: Actor, key: str, said: dict[str, Any]) -> str:
        """See `SettingPage.save`."""
        if key:
            limit = _held(actor, key)
            duty, scope, label = limit.duty, limit.scope, limit.label
        else:
            duty, scope = said["duty"], said["scope"]
            names = dict(WIDE) | {leaf.code: leaf.name for _, leaves in list_categories(actor) for leaf in leaves}
            label = names[scope]
        preset = _chosen(actor)
        if preset is None:
            raise NotFound
        change_limit(
            actor=actor,
            preset=preset.code,
            duty=duty,
            scope=scope,
            label=label,
            clock_kind=said["clock"],
            amount=said["amount"],
            warn_before=said["warn_before"] or 0,
            source=said["source"],
        )
        return f"{DutyKind(duty).label}时限（{label}）改成 {amount_words(said['amount'], said['clock'])}，从现在起开始计时的按它算。"

    def words_of(self, entry: Entry) -> Iterable[str]:
        """Limits as they were and are; days of a table of holidays by number."""
        data = entry.data
        if entry.verb == "worktime.limit_set":
            before, after = data.get("before"), data["after"]
            what = f"{DutyKind(data['duty']).label}（{after['label']}）"
            old = amount_words(before["amount"], before["clock"]) if before else "没有单独定"
            yield f"{what}：{old} → {amount_words(after['amount'], after['clock'])}"
        elif entry.verb == "worktime.preset_chosen":
            names = dict(LimitPreset.objects.values_list("code", "name"))
            yield f"{names.get(data.get('before'), '没有')} → {names.get(data['after'], data['after'])}"
        elif entry.verb == "worktime.preset_added":
            yield str(data["name"])
        else:
            counts = [
                (len(data.get(key, ())), label)
                for key, label in (("added", "加"), ("changed", "改"), ("removed", "去"))
            ]
            yield "，".join(f"{label} {number} 天" for number, label in counts if number)


def amount_words(amount: int, clock: str) -> str:
    """3 个工作日; 2 小时，只算办公时间; 90 分钟."""
    if clock == Clock.WORKING_DAYS:
        return f"{amount} 个工作日"
    for unit, name in ((DAY, "天"), (HOUR, "小时")):
        if amount % unit == 0 and (unit == HOUR or clock != Clock.WORKING_MINUTES):
            return f"{amount // unit} {name}{NOTES[clock]}"
    return f"{amount} 分钟{NOTES[clock]}"


def limits_held(actor: Actor) -> list[Limit]:
    """What holds: the chosen preset's own lines, and where it says nothing those of the presets below it."""
    presets = {preset.code: preset for preset in list_presets(actor)}
    found: dict[tuple[str, str], Limit] = {}
    preset = _chosen(actor)
    while preset is not None:
        for limit in list_limits(actor, preset=preset.code):
            limit.preset = preset
            found.setdefault((limit.duty, limit.scope), limit)
        preset = presets.get(preset.base_id or "")
    return list(found.values())


def _chosen(actor: Actor) -> LimitPreset | None:
    first = list_presets(actor).first()
    return first if first is not None and first.is_default else None


def _held(actor: Actor, key: str) -> Limit:
    found = next((limit for limit in limits_held(actor) if f"{limit.duty}.{limit.scope}" == key), None)
    if found is None:
        raise NotFound
    return found
