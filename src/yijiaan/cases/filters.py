from typing import Any

import django_filters
from django import forms
from django.db.models import Q

from yijiaan.cases.forms import place_choices
from yijiaan.cases.models import Case, CaseQuerySet, Channel
from yijiaan.cases.queries import Found, category_by_code, find_cases, list_categories
from yijiaan.cases.queries.found import MOST_ENDED, MOST_RECENT
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.todos.models import Card


class CaseFilter(django_filters.FilterSet):
    """How a list of cases is narrowed; the page, the API and an export use the same."""

    q = django_filters.CharFilter(
        method="by_words", widget=forms.TextInput(attrs={"placeholder": "原话、地点、编号、电话"})
    )
    channel = django_filters.ChoiceFilter(choices=Channel.choices, empty_label="所有渠道")
    category = django_filters.ChoiceFilter(method="by_category", empty_label=None)
    area = django_filters.ChoiceFilter(method="by_area", empty_label=None)
    only = django_filters.ChoiceFilter(
        method="by_state",
        choices=[
            ("late", "已超时"),
            ("yellow", "黄牌"),
            ("red", "红牌"),
            ("supervised", "催办督办"),
            ("nowhere", "地点待核"),
        ],
        empty_label="不论缓急",
    )

    class Meta:
        model = Case
        fields: list[str] = []

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.found: Found | None = None
        bigs = [(f"{big.name}", [(big.code, f"{big.name}（全部）"), *((leaf.code, leaf.name) for leaf in leaves)])
                for big, leaves in list_categories(actor)]  # fmt: skip
        self.filters["category"].extra["choices"] = [("", "任何类别"), *bigs]
        self.filters["area"].extra["choices"] = (
            place_choices(actor, actor.areas[0], "全部网格", with_grids=True) if actor.areas else [("", "全部网格")]
        )

    def by_words(self, cases: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        """Two characters of the title, the place or what was said; a number of ours or of 12345; a reporter's phone."""
        self.found = find_cases(self.actor, words=value, area_code=self.data.get("area") or "")
        return cases.filter(id__any=self.found.ids)  # type: ignore[return-value]

    @property
    def note(self) -> str:
        """What a reader must know about what was looked through; empty when it was everything."""
        if self.found is None:
            return ""
        if self.found.is_short:
            return f"只写一个字，只在最近 {MOST_RECENT:,} 件里找；写两个字以上找全部。"
        return f"已结案的只列最近 {MOST_ENDED} 件，请多写几个字再找更早的。" if self.found.is_cut else ""

    def by_category(self, cases: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        """A small category, or a big one with all below it."""
        chosen = category_by_code(self.actor, code=value)
        if chosen is None:
            return cases
        return cases.filter(Q(category_id=chosen.id) | Q(category__parent_id=chosen.id))  # type: ignore[return-value]

    def by_area(self, cases: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        """A grid, or a village with its grids."""
        return cases.filter(area_code__gte=value, area_code__lt=value + "~")  # type: ignore[return-value]

    def by_state(self, cases: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        """Past the next due time, with a card, hurried from above, or without a grid."""
        if value == "late":
            return cases.filter(next_due_at__lt=clock.now())  # type: ignore[return-value]
        if value in Card.values:
            return cases.filter(card=value)  # type: ignore[return-value]
        if value == "supervised":
            return cases.filter(~Q(supervision=""))  # type: ignore[return-value]
        return cases.filter(is_place_unknown=True)  # type: ignore[return-value]
