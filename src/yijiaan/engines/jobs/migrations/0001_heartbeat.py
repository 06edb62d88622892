from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "name",
                    models.CharField(
                        db_collation="C", max_length=40, primary_key=True, serialize=False, verbose_name="进程"
                    ),
                ),
                ("beaten_at", models.DateTimeField(verbose_name="最近心跳")),
            ],
            options={
                "verbose_name": "后台进程心跳",
                "verbose_name_plural": "后台进程心跳",
                "db_table": "jobs_heartbeat",
            },
        ),
    ]
