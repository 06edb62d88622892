from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0019_worklists_hold_more_states")]

    operations = [
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                condition=models.Q(
                    (
                        "status__in",
                        (
                            "received",
                            "need_info",
                            "dispatched",
                            "arbitration",
                            "in_progress",
                            "coordinating",
                            "suspended",
                            "verifying",
                            "callback",
                        ),
                    )
                ),
                fields=["county", "next_due_at", "id"],
                include=[
                    "area_code",
                    "owner",
                    "status",
                    "category",
                    "urgency",
                    "is_confidential",
                    "reopened_count",
                    "has_request",
                    "version",
                ],
                name="case_due",
            ),
        ),
    ]
