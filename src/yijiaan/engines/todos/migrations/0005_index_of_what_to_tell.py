from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("todos", "0004_alert_time_is_required")]

    operations = [
        AddIndexConcurrently(
            "todo",
            models.Index(
                fields=["county", "tell_at"],
                condition=models.Q(done_at__isnull=True, tell_at__isnull=False),
                name="todo_to_tell",
            ),
        )
    ]
