from typing import Any

from django.db import migrations
from django.db.models import F


def fill(apps: Any, schema_editor: Any) -> None:
    """Who was content said that it was solved; the same in the day counts."""
    rating, count = apps.get_model("cases", "Rating"), apps.get_model("cases", "CaseDayCount")
    counties = rating.objects.order_by("county").values_list("county", flat=True).distinct()
    for county in list(counties):
        rating.objects.filter(county=county, result__in=("satisfied", "basically")).update(is_solved=True)
        count.objects.filter(county=county).update(said_solved=F("satisfied") + F("basically"))


class Migration(migrations.Migration):
    dependencies = [("cases", "0027_callbacks_exclusions_interests")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
