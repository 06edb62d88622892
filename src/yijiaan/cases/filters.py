from typing import Any

import django_filters
from django import forms
from django.db.models import Q

from yijiaan.cases.forms import place_choices
from yijiaan.cases.models import Case, CaseQuerySet, Channel
from yijiaan.cases.queries import category_by_code, list_categories, said_under
from yijiaan.cases.queries.tracking import normal_number
from yijiaan.core import clock
from yijiaan.core.scope import Actor


class CaseFilter(django_filters.FilterSet):
    """How a list of cases is narrowed; the page, the API and an export use the same."""

    q = django_filters.CharFilter(method="by_words", widget=forms.TextInput(attrs={"placeholder": "标题、编号、地点"}))
    channel = django_filters.ChoiceFilter(choices=Channel.choices, empty_label="所有渠道")
    category = django_filters.ChoiceFilter(method="by_category", empty_label=None)
    area = django_filters.ChoiceFilter(method="by_area", empty_label=None)
    only = django_filters.ChoiceFilter(
        method="by_state", choices=[("late", "已超时"), ("nowhere", "地点待核")], empty_label="不论缓急"
    )

    class Meta:
        model = Case
        fields: list[str] = []

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        bigs = [(f"{big.name}", [(big.code, f"{big.name}（全部）"), *((leaf.code, leaf.name) for leaf in leaves)])
                for big, leaves in list_categories(actor)]  # fmt: skip
        self.filters["category"].extra["choices"] = [("", "任何类别"), *bigs]
        self.filters["area"].extra["choices"] = (
            place_choices(actor, actor.areas[0], "全部网格", with_grids=True) if actor.areas else [("", "全部网格")]
        )

    def by_words(self, cases: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        """Words of the title or the place, the case's number, a report's number, or the number of 12345."""
        words = value.strip()[:60]
        number = normal_number(words)
        wanted = Q(title__contains=words) | Q(place__contains=words)
        if any(letter.isdigit() for letter in number):
            wanted |= Q(number__startswith=number) | Q(said_under(self.actor, number=words))
        return cases.filter(wanted)  # type: ignore[return-value]

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
        """Past the next due time, or without a grid."""
        if value == "late":
            return cases.filter(next_due_at__lt=clock.now())  # type: ignore[return-value]
        return cases.filter(is_place_unknown=True)  # type: ignore[return-value]
