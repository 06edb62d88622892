"""单位."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from yijiaan.accounts import actions, permissions
from yijiaan.accounts.models import Unit, UnitKind
from yijiaan.areas.queries import get_area, list_children
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.portal.settings.pages import Deed, Line, SettingPage
from yijiaan.ui.tables import Cell


class UnitForm(forms.Form):
    area = forms.ChoiceField(label="所在")
    name = forms.CharField(label="名称", max_length=60, error_messages={"required": "请填名称"})
    kind = forms.ChoiceField(label="类别", choices=UnitKind.choices)
    phone = forms.CharField(label="对外电话", max_length=20, required=False, help_text="群众和别的单位看得到")

    def __init__(self, *args: Any, areas: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if areas:
            self.fields["area"].choices = areas  # type: ignore[attr-defined]
        else:
            del self.fields["area"]


class Units(SettingPage):
    slug = "units"
    label = "单位"
    icon = "building-2"
    permission = permissions.MANAGE
    intro = "能接单的中心、站所、村和部门。改名、换电话马上生效；停用前手上的事要先转走。"
    add_label = "加单位"
    heads = ("名称", "类别", "对外电话", "")
    subject_types = ("accounts.unit",)
    form_class = UnitForm
    has_list_history = False  # a unit's deeds stand at its own place

    def state(self, actor: Actor) -> str:
        """How many are in use."""
        return f"{_units(actor).filter(is_active=True).count()} 个在用"

    def lines(self, actor: Actor) -> Iterable[Line]:
        """By place; stopped ones last."""
        for unit in _units(actor).order_by("area_id", "-is_active", "name"):
            cells = [Cell(unit.name, "title"), unit.get_kind_display(), Cell(unit.phone, "num"), _off(unit)]
            yield Line(str(unit.id), cells, unit.area.name)

    def title(self, actor: Actor, key: str) -> str:
        """See `SettingPage.title`."""
        return _unit(actor, key).name

    def form(self, actor: Actor, key: str, data: QueryDict | None = None) -> forms.Form:
        """See `SettingPage.form`."""
        if not key:
            return UnitForm(data, areas=list_settable_places(actor))
        unit = _unit(actor, key)
        return UnitForm(data, initial={"name": unit.name, "kind": unit.kind, "phone": unit.phone}, areas=())

    def save(self, actor: Actor, key: str, said: dict[str, Any]) -> str:
        """See `SettingPage.save`."""
        named = {"name": said["name"], "kind": said["kind"], "phone": said["phone"]}
        if key:
            return f"{actions.change_unit(actor=actor, unit_id=_unit(actor, key).id, **named).name}改好了。"
        return f"加了{actions.create_unit(actor=actor, area_code=said['area'], **named).name}。"

    def deeds(self, actor: Actor, key: str) -> Sequence[Deed]:
        """Out of use, or into use again."""
        if _unit(actor, key).is_active:
            return [Deed("stop", "停用", "它的人不能再以这个单位办事，派单选不到它；办过的事都留着。")]
        return [Deed("restart", "重新启用", "派单又能选到它。")]

    def do(self, actor: Actor, key: str, name: str) -> str:
        """See `SettingPage.do`."""
        if name not in ("stop", "restart"):
            raise NotFound
        unit = actions.set_unit_active(actor=actor, unit_id=_unit(actor, key).id, is_active=name == "restart")
        return f"{unit.name}{'又启用了' if unit.is_active else '停用了'}。"

    def subject(self, actor: Actor, key: str) -> UUID | None:
        """The row in the journal."""
        return _unit(actor, key).id


def _units(actor: Actor) -> Any:
    return Unit.objects.visible_to(actor).select_related("area")


def _unit(actor: Actor, key: str) -> Unit:
    try:
        found: Unit | None = _units(actor).filter(id=UUID(key)).first()
    except ValueError as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    return found


def _off(unit: Unit) -> Cell | str:
    return "" if unit.is_active else Cell("停用", "mark")


def list_settable_places(actor: Actor) -> list[tuple[str, Any]]:
    """The actor's areas, the towns in them, and their villages."""
    places: list[tuple[str, Any]] = []
    for code in actor.areas:
        area = get_area(actor, code=code)
        places.append((area.code, area.name))
        for child in list_children(actor, code=code):
            below = [] if area.level != "county" else list_children(actor, code=child.code)
            inside = [(child.code, child.name), *((village.code, village.name) for village in below)]
            places += [(child.name, inside)] if len(inside) > 1 else inside
    return places
