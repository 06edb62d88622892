from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_fill_working_days")]

    operations = [
        # with a default, so that the columns can come back over rows that never had a value
        migrations.AlterField(
            "category", "handle_minutes", models.PositiveIntegerField("办结时限（分）", default=10080)
        ),
        migrations.AlterField("category", "sign_minutes", models.PositiveIntegerField("签收时限（分）", default=240)),
        migrations.RemoveField(
            model_name="category",
            name="handle_minutes",
        ),
        migrations.RemoveField(
            model_name="category",
            name="sign_minutes",
        ),
    ]
