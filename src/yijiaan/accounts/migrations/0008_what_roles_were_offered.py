from django.db import migrations

# what the apps declared before a role remembered it: taken from a role since, it must not come back
FIRST = (
    "accounts.manage", "accounts.reset_second_factor", "accounts.tokens", "areas.load", "cases.callback", "cases.classify",
    "cases.contact", "cases.dispatch", "cases.finish", "cases.note", "cases.register", "cases.sign", "cases.solve_on_spot",
    "cases.take", "cases.view", "cases.view_tips", "worktime.manage",
)  # fmt: skip


def remember(apps, schema_editor):
    """Whatever a role holds, and the first permissions, were offered."""
    for role in apps.get_model("accounts", "Role").objects.all():
        role.offered = sorted({*role.permissions, *FIRST})
        role.save(update_fields=["offered"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_permissions_offered")]

    operations = [migrations.RunPython(remember, migrations.RunPython.noop)]
