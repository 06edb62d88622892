from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0018_more_states_are_open")]

    operations = [
        RemoveIndexConcurrently(
            model_name="case",
            name="case_worklist",
        ),
        RemoveIndexConcurrently(
            model_name="case",
            name="case_of_owner",
        ),
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
                fields=["county", "area_code", "next_due_at"],
                name="case_worklist",
            ),
        ),
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
                fields=["county", "owner", "next_due_at"],
                name="case_of_owner",
            ),
        ),
    ]
