from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_hard_turns")]

    operations = [
        migrations.RemoveConstraint(
            model_name="case",
            name="case_open_has_due",
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("next_due_at__isnull", False),
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
                        ),
                    ),
                    models.Q(
                        models.Q(
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
                            ),
                            _negated=True,
                        ),
                        ("next_due_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="case_open_has_due",
            ),
        ),
    ]
