from django.db import migrations, models


class Migration(migrations.Migration):
    """Days counted before get theirs from the nightly comparison."""

    dependencies = [("cases", "0014_channel_settings")]

    operations = [
        migrations.AddField(
            "casedaycount", "refused", models.IntegerField(db_default=0, verbose_name="不予受理或撤回")
        ),
        migrations.AddField("casedaycount", "restarted", models.IntegerField(db_default=0, verbose_name="再启动")),
    ]
