from django.db import migrations

# where roles are loaded already; later ones come from the declarations
RIGHTS = "ARRAY['jobs.retry', 'operations.set_retention', 'operations.view']::varchar[]"
FORWARD = f"""
UPDATE role SET permissions = (SELECT array_agg(DISTINCT name ORDER BY name) FROM unnest(permissions || {RIGHTS}) AS name)
WHERE code = 'county_admin'
"""  # noqa: S608 - the list stands above
BACKWARD = f"""
UPDATE role SET permissions = coalesce((SELECT array_agg(name ORDER BY name) FROM unnest(permissions) AS name
WHERE NOT name = ANY({RIGHTS})), '{{}}')
WHERE code = 'county_admin'
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [("operations", "0002_retention_and_deletion_log"), ("accounts", "0001_units_users_posts")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
