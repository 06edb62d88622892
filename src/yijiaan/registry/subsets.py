"""哪一些: parts of the records of a kind that are listed and counted under one name, by one rule."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from django.db.models import Q

from yijiaan.core import clock
from yijiaan.registry.fields import ORGANISATION

OLDEST = 200  # years; nobody is older


@dataclass(frozen=True, slots=True)
class Subset:
    """Some records of a kind. least and most: years of age between which they lie, both counted in, on the day of asking."""

    key: str
    kind: str
    label: str
    rule: Q = Q()
    ages: tuple[int, int] | None = None

    def where(self) -> Q:
        """The condition today."""
        if self.ages is None:
            return self.rule
        today, (least, most) = clock.local_day(), self.ages
        return Q(birth_on__lte=years_before(today, least), birth_on__gt=years_before(today, most + 1))


def years_before(day: date, years: int) -> date:
    """The same day some years ago; the 29th of February becomes the first of March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


@cache
def subsets() -> dict[str, Subset]:
    """All, by key, in the order in which people look for them."""
    homes = {"families": ("家庭户", "family"), "tenants": ("租住户", "tenant"), "collectives": ("集体户", "collective")}
    people = {
        "male": ("男", Q(sex="male")), "female": ("女", Q(sex="female")), "registered": ("户籍人口", Q(kind="registered")),
        "floating": ("流动人口", Q(kind="floating")), "overseas": ("境外人员", Q(kind="overseas")),
        "away": ("在外的", Q(residence="away")), "party": ("党员", Q(political__in=("party", "candidate"))),
    }  # fmt: skip
    ages = {
        "aged_0_6": ("0 到 6 岁", 0, 6), "aged_0_17": ("未成年人", 0, 17), "aged_16_59": ("16 到 59 岁", 16, 59),
        "aged_60": ("60 岁以上", 60, OLDEST), "aged_65": ("65 岁以上", 65, OLDEST), "aged_80": ("80 岁以上", 80, OLDEST),
    }  # fmt: skip
    found = [Subset(key, "household", label, Q(kind=code)) for key, (label, code) in homes.items()]
    found += [Subset(key, "person", label, rule) for key, (label, rule) in people.items()]
    found += [Subset(key, "person", label, ages=(least, most)) for key, (label, least, most) in ages.items()]
    found += [
        Subset(f"organisation_{code}", "organisation", label, Q(kind=code))
        for code, label in ORGANISATION.field("kind").choices
    ]
    found.append(Subset("rented", "room", "出租房", Q(is_rented="yes")))
    return {subset.key: subset for subset in found}


def subsets_of(kind: str) -> list[Subset]:
    """Those of one kind of record."""
    return [subset for subset in subsets().values() if subset.kind == kind]
