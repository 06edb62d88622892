from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

OPEN = (
    "received", "need_info", "dispatched", "arbitration", "in_progress", "coordinating", "suspended", "verifying", "callback",
)  # fmt: skip


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0022_cards_by_deadline")]

    operations = [
        RemoveIndexConcurrently(model_name="case", name="case_worklist"),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status__in", OPEN)),
                fields=["county", "area_code", "next_due_at"],
                include=[
                    "id",
                    "owner",
                    "status",
                    "category",
                    "urgency",
                    "is_confidential",
                    "reopened_count",
                    "has_request",
                    "version",
                ],  # fmt: skip
                name="case_worklist",
            ),
        ),
    ]
