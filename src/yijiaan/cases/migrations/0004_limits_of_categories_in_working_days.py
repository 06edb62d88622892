from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_levels_and_cards")]

    operations = [
        migrations.AddField(
            model_name="category",
            name="handle_days",
            field=models.PositiveSmallIntegerField(default=0, help_text="0：按时限方案", verbose_name="办结工作日"),
        ),
        migrations.AddField(
            model_name="category",
            name="is_verified",
            field=models.BooleanField(default=False, verbose_name="办结后都核查"),
        ),
    ]
