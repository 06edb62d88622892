"""How the ledger is narrowed; the page and an export use the same."""

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from django.http import QueryDict

from yijiaan.accounts.queries import all_units
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.checklists.models import Grade
from yijiaan.safety.flows import FLOW
from yijiaan.safety.forms import area_choices
from yijiaan.safety.models import Hazard, HazardKind
from yijiaan.safety.queries import list_hazards

OPEN_TAB, ENDED_TAB = "open", "written_off"
TABS = (OPEN_TAB, *(state.value for state in FLOW.states))


class HazardFilter(django_filters.FilterSet):
    """Grade, kind, unit, place, what is late, and words."""

    grade = django_filters.ChoiceFilter(choices=Grade.choices, empty_label="任何等级")
    kind = django_filters.ChoiceFilter(choices=HazardKind.choices, empty_label="任何类别")
    unit = django_filters.ChoiceFilter(method="by_unit", empty_label=None)
    area = django_filters.ChoiceFilter(method="by_area", empty_label=None)
    only = django_filters.ChoiceFilter(
        method="by_state",
        choices=[("late", "已超期"), ("listed", "挂牌督办"), ("relapse", "复发的")],
        empty_label="不论缓急",
    )
    q = django_filters.CharFilter(method="by_words")

    class Meta:
        model = Hazard
        fields: list[str] = []

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        units = sorted(
            (unit.name, str(unit.id)) for unit in all_units(actor).values() if unit.area_id.startswith(actor.county)
        )
        mine = [(key, name) for name, key in units if self._is_near(UUID(key))]
        self.form.fields["unit"].choices = [("", "任何单位"), *mine]  # type: ignore[attr-defined]
        places = area_choices(actor, "全部村和网格") if actor.areas else [("", "全部村和网格")]
        self.form.fields["area"].choices = places  # type: ignore[attr-defined]

    def _is_near(self, unit_id: UUID) -> bool:
        unit = all_units(self.actor)[unit_id]
        return any(unit.area_id.startswith(area[:9]) or area.startswith(unit.area_id) for area in self.actor.areas)

    @property
    def words(self) -> str:
        """How the list is narrowed, as one would say it; empty: not at all."""
        said = []
        for name in ("grade", "kind", "unit", "area", "only"):
            value = (self.data or {}).get(name) or ""
            said.append(_label_of(self.form.fields[name].choices, value) if value else "")  # type: ignore[attr-defined]
        looked_for = ((self.data or {}).get("q") or "").strip()
        return " · ".join([part for part in said if part] + ([f"“{looked_for}”"] if looked_for else []))

    def by_unit(self, hazards: QuerySet[Hazard], name: str, value: str) -> QuerySet[Hazard]:
        """Given to one unit."""
        return hazards.filter(unit_id=value)

    def by_area(self, hazards: QuerySet[Hazard], name: str, value: str) -> QuerySet[Hazard]:
        """In a grid, or in a village with its grids."""
        return hazards.filter(area_code__gte=value, area_code__lt=value + "~")

    def by_state(self, hazards: QuerySet[Hazard], name: str, value: str) -> QuerySet[Hazard]:
        """Past its day, on the town's list, or there again."""
        if value == "late":
            return hazards.filter(next_due_at__lt=clock.now())
        return hazards.filter(is_listed=True) if value == "listed" else hazards.filter(relapse_of__isnull=False)

    def by_words(self, hazards: QuerySet[Hazard], name: str, value: str) -> QuerySet[Hazard]:
        """Words of it or of its place, or its number."""
        words = value.replace("\0", "").strip()[:40]
        if words.isascii() and words.isdigit() and len(words) <= 6:
            number = int(words)
            return hazards.filter(Q(serial=number) | Q(write_off_serial=number))
        return hazards.filter(Q(text__contains=words) | Q(place__contains=words)) if words else hazards


def tab_of(asked: str) -> str:
    """The tab that an address names; without one what is open."""
    return asked if asked in TABS else OPEN_TAB


def tab_label(tab: str) -> str:
    """What a tab is called."""
    return "在办" if tab == OPEN_TAB else FLOW.state(tab).label


def in_tab(hazards: QuerySet[Hazard], tab: str) -> QuerySet[Hazard]:
    """The hazards of a tab."""
    return hazards.filter(status__in=FLOW.values_in("open") if tab == OPEN_TAB else (tab,))


def narrowed(actor: Actor, query: QueryDict) -> QuerySet[Hazard]:
    """The hazards of a tab under the filters of an address, as the page lists them."""
    filters = HazardFilter(query, queryset=list_hazards(actor), actor=actor)
    return in_tab(filters.qs, tab_of(query.get("tab", "")))


def plain_query(query: QueryDict) -> str:
    """An address's tab and filters alone, without place in the list: what an export remembers."""
    kept = QueryDict(mutable=True)
    kept["tab"] = tab_of(query.get("tab", ""))
    for name in HazardFilter.base_filters:
        if value := query.get(name, "").strip():
            kept[name] = value
    return kept.urlencode()


def _label_of(choices: Any, value: str) -> str:
    for key, label in choices:
        if isinstance(label, list | tuple):
            if found := _label_of(label, value):
                return found
        elif str(key) == value:
            return str(label)
    return ""
