from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.db.models.functions import Length
from django.http import QueryDict

from yijiaan.areas.queries import area_names
from yijiaan.cases.flows import ENDED, FLOW, OPEN
from yijiaan.cases.forms import offer, place_choices
from yijiaan.cases.models import Case, CaseQuerySet, Channel
from yijiaan.cases.queries import SOON, Found, category_by_code, find_cases, list_cases, list_categories
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
            ("soon", "24 小时内到期"),
            ("yellow", "黄牌"),
            ("red", "红牌"),
            ("supervised", "催办督办"),
            ("nowhere", "地点待核"),
            ("gridless", "没有定到网格"),
            ("redone", "重办的"),
            ("asked", "延期挂账待批"),
            ("many", "几个人报的"),
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
        offer(self.form, "category", [("", "任何类别"), *bigs])
        everywhere = "全部网格"
        places = place_choices(actor, actor.areas[0], everywhere, with_grids=True) if actor.areas else []
        offer(self.form, "area", self._with_asked_area(places or [("", everywhere)]))

    def _with_asked_area(self, places: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        """A figure opens to a town or to a village of one grid too, which the list of places does not name."""
        code = (self.data or {}).get("area") or ""
        if not (code.isascii() and code.isdigit() and len(code) < 16 and self.actor.covers(code)):
            return places
        known = {inner for value, words in places for inner, _ in (words if isinstance(words, list) else [(value, "")])}
        name = area_names(self.actor, codes=[code]).get(code)
        return [*places, (code, name)] if name and code not in known else places

    def by_words(self, cases: CaseQuerySet, name: str, value: str) -> CaseQuerySet:
        """Two characters of the title, the place or what was said; a number of ours or of 12345; a reporter's phone."""
        self.found = find_cases(self.actor, words=value, area_code=self.data.get("area") or "")
        return cases.filter(id__any=self.found.ids)  # type: ignore[return-value]

    @property
    def words(self) -> str:
        """How the list is narrowed, as one would say it: 12345 · 新驿一村 · 路灯照明 · 已超时 · “路灯”. Empty: not at all."""
        looked_for = ((self.data or {}).get("q") or "").strip()
        return " · ".join(part for part in (self.plain_words, f"“{looked_for}”" if looked_for else "") if part)

    @property
    def plain_words(self) -> str:
        """The same without what was looked for, which may be somebody's name or phone."""
        said = []
        for name in ("channel", "area", "category", "only"):
            value = (self.data or {}).get(name) or ""
            if value:
                said.append(_label_of(self.form.fields[name].choices, value))
        return " · ".join(part for part in said if part)

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
        if value == "soon":
            now = clock.now()
            return cases.filter(next_due_at__gte=now, next_due_at__lt=now + SOON)  # type: ignore[return-value]
        if value == "gridless":
            return cases.alias(digits=Length("area_code")).filter(digits__lt=16)  # type: ignore[return-value]
        if value == "asked":
            return cases.filter(has_request=True)  # type: ignore[return-value]
        if value == "many":
            return cases.filter(report_count__gt=1)  # type: ignore[return-value]
        if value == "redone":
            return cases.filter(reopened_count__gt=0)  # type: ignore[return-value]
        if value in Card.values:
            return cases.filter(card=value)  # type: ignore[return-value]
        if value == "supervised":
            return cases.filter(~Q(supervision=""))  # type: ignore[return-value]
        return cases.filter(is_place_unknown=True)  # type: ignore[return-value]


ALL = "all"
ENDED_TAB = "closed"  # the tab of all that have ended, whichever way
QUERY_NAMES = ("tab", *CaseFilter.base_filters)


def tab_of(actor: Actor, asked: str) -> str:
    """The tab of 事件中心 that an address names; without one what the viewer works on."""
    if asked in ENDED:
        return ENDED_TAB
    if asked in (*OPEN, ALL):
        return asked
    return "received" if actor.may("cases.dispatch") else ALL


def tab_states(tab: str) -> tuple[str, ...]:
    """The states that a tab shows."""
    if tab == ENDED_TAB:
        return ENDED
    return OPEN if tab == ALL else (tab,)


def tab_label(tab: str) -> str:
    """What a tab is called."""
    return {ALL: "全部在办", ENDED_TAB: "已结束"}.get(tab) or FLOW.state(tab).label


def narrowed(actor: Actor, query: QueryDict) -> CaseQuerySet:
    """The cases of a tab under the filters of an address, as the page lists them."""
    filters = CaseFilter(query, queryset=list_cases(actor), actor=actor)
    return filters.qs.filter(status__in=tab_states(tab_of(actor, query.get("tab", ""))))  # type: ignore[no-any-return]


def plain_query(actor: Actor, query: QueryDict) -> str:
    """An address's tab and filters alone, without place in the list: what a kept view or an export remembers."""
    kept = QueryDict(mutable=True)
    kept["tab"] = tab_of(actor, query.get("tab", ""))
    for name in CaseFilter.base_filters:
        if value := query.get(name, "").strip():
            kept[name] = value
    return kept.urlencode()


def _label_of(choices: Iterable[Any], value: str) -> str:
    for key, label in choices:
        if isinstance(label, list | tuple):
            if found := _label_of(label, value):
                return found
        elif str(key) == value:
            return str(label)
    return ""
