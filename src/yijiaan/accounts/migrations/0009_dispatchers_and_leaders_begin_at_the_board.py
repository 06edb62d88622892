from django.db import migrations

BOARD = ["dispatcher", "centre_head", "town_leader", "county_dispatcher"]


def to_the_board(apps, schema_editor):
    """Those who still land on the list of cases."""
    roles = apps.get_model("accounts", "Role").objects
    roles.filter(code__in=BOARD, landing="cases:list").update(landing="portal:board")


def to_the_list(apps, schema_editor):
    """Back to the list of cases."""
    apps.get_model("accounts", "Role").objects.filter(landing="portal:board").update(landing="cases:list")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_what_roles_were_offered")]

    operations = [migrations.RunPython(to_the_board, to_the_list)]
