from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0028_fill_what_answers_said")]

    operations = [
        AddIndexConcurrently(
            model_name="rating",
            index=models.Index(fields=["county", "rated_at"], name="rating_by_time"),
        ),
    ]
