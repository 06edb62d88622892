from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_limits_of_categories_in_working_days")]

    operations = [
        # calendar minutes become the working days that were meant; what was the general limit follows the preset from now on
        migrations.RunSQL(
            """
            UPDATE category SET
                handle_days = CASE handle_minutes
                    WHEN 7200 THEN 0 WHEN 10080 THEN 0 WHEN 14400 THEN 8 WHEN 21600 THEN 10
                    ELSE GREATEST(1, (handle_minutes + 1439) / 1440) END,
                is_verified = code LIKE '02__' OR code LIKE '08__'
            """,
            migrations.RunSQL.noop,
        ),
    ]
