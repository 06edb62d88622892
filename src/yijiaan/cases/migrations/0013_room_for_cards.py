from django.db import migrations


class Migration(migrations.Migration):
    """A case's card, level and version change often and stand in no index: with room on the page a change touches no index."""

    dependencies = [("cases", "0012_count_what_was_before")]

    operations = [
        migrations.RunSQL("ALTER TABLE cases_case SET (fillfactor = 85)", "ALTER TABLE cases_case RESET (fillfactor)"),
    ]
