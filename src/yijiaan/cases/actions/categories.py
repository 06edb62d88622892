import csv
from datetime import date
from importlib.resources import files

from django.db import transaction

from yijiaan.cases.models import Category, CategoryMapping, Duty
from yijiaan.cases.queries.categories import forget_categories
from yijiaan.core.errors import NotAllowed
from yijiaan.core.scope import Actor, ActorKind

SINCE = date(2025, 1, 1)


@transaction.atomic
def load_default_categories(*, actor: Actor) -> int:
    """Make the shipped categories, duties and mappings that are missing; returns how many categories were made. What was edited stays."""
    if actor.kind is not ActorKind.SYSTEM:
        raise NotAllowed("cases.load_categories")
    rows = list(csv.DictReader((files("yijiaan.cases") / "data" / "categories.csv").read_text("utf-8").splitlines()))
    known = {category.code: category for category in Category.objects.filter(valid_to__isnull=True)}
    made = 0
    for row in rows:
        if row["code"] in known:
            continue
        category = Category.objects.create(
            code=row["code"],
            parent=known.get(row["parent"]),
            name=row["name"],
            keywords=row["keywords"].split(),
            lowest_level=row["lowest_level"],
            urgency=row["urgency"],
            handle_days=int(row["handle_days"] or 0),
            is_verified=row["is_verified"] == "yes",
            valid_from=SINCE,
        )
        known[row["code"]] = category
        made += 1
        for rank, duty in enumerate(row["duties"].split(), 1):
            kind, part, item = duty.split(":")
            Duty.objects.create(category=category, unit_kind=kind, is_lead=part == "lead", rank=rank, item=item)
        for mapping in row["mappings"].split():
            system, code = mapping.split(":")
            CategoryMapping.objects.create(category=category, system=system, code=code, valid_from=SINCE)
    forget_categories()
    return made
