import tomllib
from importlib import resources
from typing import Any

from django.db import migrations

from yijiaan.core import clock
from yijiaan.core.identifiers import uuid7


def load(apps: Any, schema_editor: Any) -> None:
    """The checklists that come with the product, each in its first version; what is there already stays."""
    models = {name: apps.get_model("checklists", name) for name in ("Template", "Version", "Item")}
    told = resources.files("yijiaan.engines.checklists").joinpath("data", "templates.toml").read_text("utf-8")
    for shipped in tomllib.loads(told)["template"]:
        template, is_new = models["Template"].objects.get_or_create(
            county="", code=shipped["code"], defaults={"id": uuid7(), "name": shipped["name"]}
        )
        if not is_new:
            continue
        version = models["Version"].objects.create(id=uuid7(), template=template, number=1, written_at=clock.now())
        models["Item"].objects.bulk_create(
            models["Item"](
                id=uuid7(),
                version=version,
                place=place,
                code=f"{place:02d}",
                section=item["section"],
                text=item["text"],
                kind=item.get("kind", "yes_no"),
                unit=item.get("unit", ""),
                least=item.get("least"),
                most=item.get("most"),
                legal_basis=item.get("basis", shipped["basis"]),
                fail_grade=item.get("grade", "general"),
            )
            for place, item in enumerate(shipped["item"], 1)
        )


class Migration(migrations.Migration):
    dependencies = [("checklists", "0001_templates_and_runs")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
