from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_wide_roles_need_a_second_factor"), ("todos", "0001_todos")]

    operations = [
        migrations.AddField("todo", "alert_at", models.DateTimeField("红牌时间", null=True)),
        migrations.AddField(
            "todo", "tell_at", models.DateTimeField("下次提醒时间", null=True, help_text="空：没有再要提醒的")
        ),
        migrations.AddField(
            "todo",
            "card",
            models.CharField("牌", max_length=6, choices=[("", "无"), ("yellow", "黄牌"), ("red", "红牌")], blank=True),
        ),
        migrations.AddField("todo", "climbs", models.PositiveSmallIntegerField("提醒上升次数", default=0)),
        migrations.AddField(
            "todo",
            "terms",
            models.CharField("计时", max_length=40, default="", help_text="计时方式、时限、提前提醒"),
            preserve_default=False,
        ),
        migrations.AddField("todo", "calendar_version", models.PositiveIntegerField("工作日历版次", default=0)),
    ]
