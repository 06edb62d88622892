from django.db import migrations

# every entry written before there were seals waits for one; those already waiting are left alone
FORWARD = """
INSERT INTO journal_delivery (county, id, entry_id, subscriber, attempts, next_at, last_error)
SELECT county, gen_random_uuid(), id, 'journal.seal', 0, happened_at, '' FROM journal_entry
ON CONFLICT DO NOTHING
"""
BACKWARD = "DELETE FROM journal_delivery WHERE subscriber = 'journal.seal'"


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_seals")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
