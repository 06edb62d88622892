from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("todos", "0002_terms_and_cards")]

    operations = [
        # duties that began before keep the promise they were given, in calendar minutes; their red card comes with the due time
        migrations.RunSQL(
            """
            UPDATE todo SET
                alert_at = due_at,
                tell_at = CASE WHEN done_at IS NULL THEN due_at END,
                terms = 'calendar_minutes ' || (extract(epoch FROM due_at - opened_at) / 60)::bigint || ' 0'
            """,
            migrations.RunSQL.noop,
        ),
    ]
