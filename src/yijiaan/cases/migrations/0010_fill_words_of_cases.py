"""Words of the cases that were there before: in batches of their own transactions, so that it may be stopped and run again."""

from typing import Any

from django.db import migrations

from yijiaan.cases import search
from yijiaan.cases.flows import OPEN

BATCH = 1000


def fill(apps: Any, schema_editor: Any) -> None:
    """One row for every case that has none yet."""
    cases, reports, words = (apps.get_model("cases", name) for name in ("Case", "Report", "CaseWords"))
    columns = ("id", "county", "title", "place", "area_code", "is_confidential", "status")
    after = None
    while True:
        waiting = cases.objects.order_by("id").values(*columns)
        batch = list((waiting.filter(id__gt=after) if after else waiting)[:BATCH])
        if not batch:
            return
        after = batch[-1]["id"]
        texts: dict[Any, list[str]] = {}
        said = reports.objects.filter(case_id__in=[case["id"] for case in batch]).order_by("id")
        for case_id, text in said.values_list("case_id", "text"):
            texts.setdefault(case_id, []).append(text)
        rows = []
        for case in batch:
            found = search.words_of(title=case["title"], place=case["place"], texts=texts.get(case["id"], ()))
            marks = search.marks_of(
                words=found, area_code=case["area_code"], is_confidential=case["is_confidential"], case_id=case["id"]
            )
            rows.append(
                words(
                    id=case["id"], county=case["county"], case_id=case["id"], words=found, marks=marks,
                    is_open=case["status"] in OPEN,
                )
            )  # fmt: skip
        words.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0009_words_of_cases")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
