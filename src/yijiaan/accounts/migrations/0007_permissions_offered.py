import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_three_administrators")]

    operations = [
        migrations.AddField(
            "role",
            "offered",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60, verbose_name="权限"),
                default=list,
                help_text="更新只添这里没有的，改掉的不再添回",
                size=None,
                verbose_name="提供过的权限",
            ),
        ),
    ]
