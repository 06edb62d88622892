from django.db import migrations
from django.db.models import Q

WIDE = ["accounts.manage", "accounts.tokens", "cases.view_tips"]


def demand(apps, schema_editor):
    """Roles that see tips, a whole county, or hold the accounts; known roles keep everything else as edited."""
    roles = apps.get_model("accounts", "Role").objects
    roles.filter(Q(permissions__overlap=WIDE) | Q(code="county_dispatcher")).update(needs_second_factor=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_second_factor")]

    operations = [migrations.RunPython(demand, migrations.RunPython.noop)]
