from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False, verbose_name="序号")),
                ("began_at", models.DateTimeField(verbose_name="开始时间")),
                (
                    "ended_at",
                    models.DateTimeField(help_text="空：还在做，或者中途断了", null=True, verbose_name="结束时间"),
                ),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("size", models.BigIntegerField(default=0, verbose_name="字节数")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="内容哈希")),
                ("is_sealed", models.BooleanField(default=False, verbose_name="加了口令")),
                ("is_nightly", models.BooleanField(default=False, verbose_name="每夜自动")),
                ("problem", models.CharField(blank=True, max_length=200, verbose_name="没有做成的原因")),
            ],
            options={
                "verbose_name": "备份",
                "verbose_name_plural": "备份",
                "db_table": "operations_backup",
                "indexes": [models.Index(fields=["-began_at"], name="operations_backup_newest")],
            },
        ),
    ]
