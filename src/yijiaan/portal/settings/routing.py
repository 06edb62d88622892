"""派单规则."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from yijiaan.accounts.queries import list_units
from yijiaan.cases import actions, permissions
from yijiaan.cases.actions import RuleFacts
from yijiaan.cases.models import RoutingRule, RuleSource
from yijiaan.cases.queries import DryRun, channel_names, dry_run, list_categories, list_rules
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.portal.settings.pages import Deed, Line, SettingPage
from yijiaan.portal.settings.units import list_settable_places
from yijiaan.ui.tables import Cell

MOST_SHOWN = 5


class RuleForm(forms.Form):
    name = forms.CharField(label="名称", required=False, max_length=60, help_text="例如“集市占道归交警”")
    area = forms.ChoiceField(label="哪里", required=False)
    category = forms.ChoiceField(label="什么事", required=False)
    channel = forms.ChoiceField(label="从哪里来的", required=False)
    hour_from = forms.IntegerField(label="几点起", required=False, help_text="不分时候就空着；晚上到早上写 18 到 8")
    hour_to = forms.IntegerField(label="几点止", required=False)
    unit = forms.ChoiceField(label="派给谁主办", required=False)
    position = forms.IntegerField(label="次序", required=False, min_value=1, help_text="小的先看；空着排在最后")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [
            (big.name, [(big.code, f"{big.name}（全部）"), *((leaf.code, leaf.name) for leaf in leaves)])
            for big, leaves in list_categories(actor)
        ]
        self.fields["area"].choices = list_settable_places(actor)  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", "不论什么事"), *kinds]  # type: ignore[attr-defined]
        self.fields["channel"].choices = [("", "不论来源"), *channel_names(actor).items()]  # type: ignore[attr-defined]
        units = [(str(unit.id), f"{unit.name}（{unit.area.name}）") for unit in list_units(actor)]
        self.fields["unit"].choices = [("", "请选单位"), *units]  # type: ignore[attr-defined]


class Routing(SettingPage):
    slug = "routing"
    label = "派单规则"
    icon = "split"
    permission = permissions.SET_ROUTING
    intro = "什么事、在哪里、从哪来、几点钟，建议派给谁。新规则先不生效：打开它看上个月会有什么不同，再启用。裁定先例自动列在这里。"
    add_label = "加规则"
    heads = ("名称", "地方", "什么事", "来源", "钟点", "主办", "")
    subject_types = ("cases.routingrule",)
    form_class = RuleForm

    def state(self, actor: Actor) -> str:
        """How many are in force."""
        rules = list_rules(actor)
        return f"启用 {sum(rule.is_active for rule in rules)} 条" if rules else "还没有，按责任清单建议"

    def lines(self, actor: Actor) -> Iterable[Line]:
        """Those in force by order, then the others."""
        channels = channel_names(actor)
        for rule in list_rules(actor):
            hours = f"{rule.hour_from}–{rule.hour_to} 点" if rule.hour_from is not None else ""
            cells: list[Cell | str] = [
                Cell(rule.name, "title"),
                rule.area.name,
                rule.category.name if rule.category else "不论",
                channels.get(rule.channel, "") or "不论",
                Cell(hours or "全天", "num"),
                rule.unit.name,
                Cell("先例", "mark quiet") if rule.source == RuleSource.PRECEDENT else "",
            ]
            yield Line(str(rule.id), cells, "启用的" if rule.is_active else "没有启用的")

    def form(self, actor: Actor, key: str, data: QueryDict | None = None) -> forms.Form:
        """See `SettingPage.form`."""
        if not key:
            return RuleForm(data, actor=actor, initial={"area": actor.areas[0] if actor.areas else ""})
        rule = _rule(actor, key)
        initial = {
            "name": rule.name, "area": rule.area_id, "category": rule.category.code if rule.category else "",
            "channel": rule.channel, "hour_from": rule.hour_from, "hour_to": rule.hour_to, "unit": str(rule.unit_id),
            "position": rule.position,
        }  # fmt: skip
        return RuleForm(data, actor=actor, initial=initial)

    def save(self, actor: Actor, key: str, said: dict[str, Any]) -> str:
        """See `SettingPage.save`."""
        facts = RuleFacts(
            name=said["name"],
            area_code=said["area"],
            unit_id=UUID(said["unit"]) if said["unit"] else None,
            category=said["category"],
            channel=said["channel"],
            hour_from=said["hour_from"],
            hour_to=said["hour_to"],
            position=said["position"],
        )
        rule = actions.set_rule(actor=actor, facts=facts, rule_id=_rule(actor, key).id if key else None)
        if key:
            return f"“{rule.name}”改好了。"
        return f"加了“{rule.name}”，还没有启用：打开它，看看上个月会有什么不同。"

    def deeds(self, actor: Actor, key: str) -> Sequence[Deed]:
        """Try it, put it in force, or out of it."""
        rule = _rule(actor, key)
        tried = _tried(dry_run(actor, rule=rule), rule)
        if rule.is_active:
            return [Deed("stop", "停用", f"{tried} 停用后照责任清单建议。")]
        return [Deed("restart", "启用", tried, "pri"), Deed("delete", "删掉", "删掉这条规则，日志里留着它有过。")]

    def do(self, actor: Actor, key: str, name: str) -> str:
        """See `SettingPage.do`."""
        rule = _rule(actor, key)
        if name == "delete":
            return f"“{actions.delete_rule(actor=actor, rule_id=rule.id)}”删掉了。"
        if name not in ("stop", "restart"):
            raise NotFound
        actions.switch_rule(actor=actor, rule_id=rule.id, is_active=name == "restart")
        return f"“{rule.name}”{'启用了，半分钟内各处生效' if name == 'restart' else '停用了'}。"

    def subject(self, actor: Actor, key: str) -> UUID | None:
        """The row in the journal."""
        return _rule(actor, key).id


def _rule(actor: Actor, key: str) -> RoutingRule:
    found = next((rule for rule in list_rules(actor) if str(rule.id) == key), None)
    if found is None:
        raise NotFound
    return found


def _tried(run: DryRun, rule: RoutingRule) -> str:
    """The difference to last month in words."""
    if not run.compared:
        return "上个月没有这样的件。"
    if not run.differences:
        return f"上个月这样的 {run.compared} 件，本来就都派给{rule.unit.name}。"
    examples = "；".join(f"“{line.title}”原来派给{line.went_to}" for line in run.differences[:MOST_SHOWN])
    more = run.compared - run.same
    return f"上个月这样的 {run.compared} 件里，{run.same} 件一样，{more} 件会改派给{rule.unit.name}：{examples}。"
