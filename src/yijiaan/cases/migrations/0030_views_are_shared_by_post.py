from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0029_ratings_by_time")]

    operations = [
        migrations.AlterField(
            model_name="savedview",
            name="is_shared",
            field=models.BooleanField(default=False, verbose_name="同单位同岗位的人也能用"),
        ),
    ]
