from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0001_backups"),
    ]

    operations = [
        migrations.CreateModel(
            name="Purge",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False, verbose_name="序号")),
                ("kind", models.CharField(max_length=40, verbose_name="资料种类")),
                ("count", models.PositiveIntegerField(verbose_name="删除数")),
                ("before", models.DateTimeField(verbose_name="早于")),
                ("purged_at", models.DateTimeField(verbose_name="删除时间")),
            ],
            options={
                "verbose_name": "删除记录",
                "verbose_name_plural": "删除记录",
                "db_table": "operations_purge",
            },
        ),
        migrations.CreateModel(
            name="Retention",
            fields=[
                (
                    "kind",
                    models.CharField(
                        db_collation="C", max_length=40, primary_key=True, serialize=False, verbose_name="资料种类"
                    ),
                ),
                ("days", models.PositiveIntegerField(help_text="空：一直保存", null=True, verbose_name="保存天数")),
            ],
            options={
                "verbose_name": "保存期限",
                "verbose_name_plural": "保存期限",
                "db_table": "operations_retention",
            },
        ),
    ]
