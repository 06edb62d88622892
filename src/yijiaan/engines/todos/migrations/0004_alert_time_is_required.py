from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("todos", "0003_fill_alert_times")]

    operations = [migrations.AlterField("todo", "alert_at", models.DateTimeField("红牌时间"))]
