"""类别和责任清单."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.urls import reverse

from yijiaan.accounts.models import UnitKind
from yijiaan.cases import actions, permissions
from yijiaan.cases.models import Category, CategoryQuestion, Duty, SolvedLevel, Urgency
from yijiaan.core.errors import NotFound
from yijiaan.core.scope import Actor
from yijiaan.portal.settings.pages import Deed, Line, SettingPage
from yijiaan.ui.tables import Cell

BETWEEN = re.compile(r"[\s、，,;；]+")


class CategoryForm(forms.Form):
    parent = forms.ChoiceField(label="大类", required=False)
    name = forms.CharField(label="名称", required=False, max_length=200)
    leads = forms.ChoiceField(label="主办单位", required=False)
    second = forms.ChoiceField(label="主办的第二人选", required=False)
    assists = forms.MultipleChoiceField(
        label="协办单位", choices=UnitKind.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    item = forms.CharField(
        label="清单条目", help_text="派单建议旁边会写出来，例如 责任清单第 12 项", required=False, max_length=60
    )
    lowest_level = forms.ChoiceField(label="最低在哪一级办", choices=SolvedLevel.choices)
    urgency = forms.ChoiceField(label="默认轻重", choices=Urgency.choices)
    handle_days = forms.IntegerField(
        label="办结工作日", help_text="0 表示按时限方案", required=False, min_value=0, max_value=366,
        error_messages={"invalid": "请填整数", "min_value": "填 0 到 366", "max_value": "填 0 到 366"},
    )  # fmt: skip
    is_verified = forms.BooleanField(label="办结后件件核查", required=False)
    keywords = forms.CharField(
        label="关键词",
        help_text="群众的话里有这些词，就建议这一类；用空格或顿号隔开",
        required=False,
        strip=False,
        widget=forms.Textarea,
    )

    def __init__(self, *args: Any, bigs: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if bigs:
            self.fields["parent"].choices = [("", "新的大类"), *bigs]  # type: ignore[attr-defined]
        else:
            del self.fields["parent"]
        for name, empty in (("leads", "没有定"), ("second", "没有")):
            self.fields[name].choices = [("", empty), *UnitKind.choices]  # type: ignore[attr-defined]


class Categories(SettingPage):
    slug = "categories"
    label = "类别和责任清单"
    icon = "tags"
    permission = permissions.SET_CATEGORIES
    intro = "派单建议、办结时限和核查都按类别来。改了只管以后的，已经给出的时限不变。"
    add_label = "加类别"
    heads = ("类别", "代码", "主办", "协办", "最低层级", "办结工作日", "关键词")
    subject_types = ("cases.category",)
    form_class = CategoryForm

    def state(self, actor: Actor) -> str:
        """How many are in use."""
        return f"{Category.objects.filter(valid_to__isnull=True, parent__isnull=False).count()} 个小类在用"

    def lines(self, actor: Actor) -> Iterable[Line]:
        """Small ones under their big one; stopped ones at the end of theirs."""
        labels = dict(UnitKind.choices)
        duties: dict[UUID, list[Duty]] = {}
        for duty in Duty.objects.order_by("-is_lead", "rank"):
            duties.setdefault(duty.category_id, []).append(duty)
        rows = list(_newest())
        groups = {row.id: f"{row.code} {row.name}" for row in rows if row.parent_id is None}
        rows.sort(key=lambda row: (row.code[:2], row.parent_id is not None, row.valid_to is not None, row.code))
        for row in rows:
            mine = duties.get(row.id, [])
            yield Line(
                row.code,
                [
                    Cell(row.name, "title"),
                    Cell(row.code, "num quiet"),
                    "、".join(labels[duty.unit_kind] for duty in mine if duty.is_lead),
                    "、".join(labels[duty.unit_kind] for duty in mine if not duty.is_lead),
                    row.get_lowest_level_display() if row.parent_id else "",
                    Cell(str(row.handle_days) if row.handle_days else "", "num"),
                    Cell("停用" if row.valid_to else _short(row.keywords), "mark" if row.valid_to else "quiet"),
                ],
                groups.get(row.parent_id or row.id, ""),
            )

    def form(self, actor: Actor, key: str, data: QueryDict | None = None) -> forms.Form:
        """See `SettingPage.form`."""
        if not key:
            bigs = Category.objects.filter(parent__isnull=True, valid_to__isnull=True).order_by("code")
            return CategoryForm(
                data,
                initial={"lowest_level": "village", "urgency": "normal", "handle_days": 0},
                bigs=[(big.code, big.name) for big in bigs],
            )
        category = _category(key)
        duties = list(Duty.objects.filter(category=category).order_by("-is_lead", "rank"))
        leads = [duty.unit_kind for duty in duties if duty.is_lead]
        initial = {
            "name": category.name,
            "leads": leads[0] if leads else "",
            "second": leads[1] if len(leads) > 1 else "",
            "assists": [duty.unit_kind for duty in duties if not duty.is_lead],
            "item": duties[0].item if duties else "",
            "lowest_level": category.lowest_level,
            "urgency": category.urgency,
            "handle_days": category.handle_days,
            "is_verified": category.is_verified,
            "keywords": " ".join(category.keywords),
        }
        return CategoryForm(data, initial=initial, bigs=())

    def save(self, actor: Actor, key: str, said: dict[str, Any]) -> str:
        """See `SettingPage.save`."""
        leads = [kind for kind in dict.fromkeys((said["leads"], said["second"])) if kind]
        item = said["item"] or "责任清单"
        facts = actions.CategoryFacts(
            name=said["name"],
            keywords=[word for word in BETWEEN.split(said["keywords"]) if word],
            lowest_level=said["lowest_level"],
            urgency=said["urgency"],
            handle_days=said["handle_days"] or 0,
            is_verified=said["is_verified"],
            duties=[
                *((kind, True, item) for kind in leads),
                *((kind, False, item) for kind in said["assists"] if kind not in leads),
            ],
        )
        if key:
            return f"“{actions.change_category(actor=actor, code=key, facts=facts).name}”改好了，从下一件起按新的来。"
        added = actions.add_category(actor=actor, parent=said.get("parent", ""), facts=facts)
        return f"加了“{added.name}”，代码 {added.code}。"

    def deeds(self, actor: Actor, key: str) -> Sequence[Deed]:
        """Out of use, or into use again."""
        if _category(key).valid_to is None:
            return [Deed("stop", "停用", "以后登记和派单选不到它；已经是这一类的事件不变。")]
        return [Deed("restart", "重新启用", "以后又能选到它。")]

    def do(self, actor: Actor, key: str, name: str) -> str:
        """See `SettingPage.do`."""
        if name == "stop":
            return f"“{actions.stop_category(actor=actor, code=key).name}”停用了。"
        if name == "restart":
            return f"“{actions.restart_category(actor=actor, code=key).name}”又能用了。"
        raise NotFound

    def links(self, actor: Actor, key: str) -> Sequence[tuple[str, str]]:
        """What is asked of whoever reports a case of the category."""
        asked = CategoryQuestion.objects.filter(category=_category(key), is_active=True).order_by("rank", "code")
        wordings = [row.wording for row in asked]
        words = f"报这一类时要问的：{'、'.join(wordings)}" if wordings else "报这一类时什么都不多问；要问的在这里登记"
        return [(words, reverse("portal:settings", args=["questions"]))]

    def subject(self, actor: Actor, key: str) -> UUID | None:
        """The row in the journal."""
        return _category(key).id


def _newest() -> Iterable[Category]:
    newest: dict[str, Category] = {}
    for row in Category.objects.select_related("parent").order_by("code", "version"):
        newest[row.code] = row
    return newest.values()


def _category(code: str) -> Category:
    found = Category.objects.select_related("parent").filter(code=code).order_by("-version").first()
    if found is None:
        raise NotFound
    return found


def _short(words: Sequence[str]) -> str:
    return "、".join(words[:4]) + (f" 等 {len(words)} 个" if len(words) > 4 else "")
