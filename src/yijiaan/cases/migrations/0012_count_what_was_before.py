from django.db import migrations

# the deeds of the past, counted as the deeds of today count themselves
FORWARD = """
INSERT INTO case_day_count (county, id, axis, key, day, received, finished, on_time, closed, solved_grid, solved_village, solved_town, solved_county, satisfied, basically, understanding, dissatisfied, returned, reopened)
SELECT county, gen_random_uuid(), p.axis, p.key, day,
       count(*) FILTER (WHERE verb = 'cases.received') AS received,
       count(*) FILTER (WHERE verb = 'cases.finished') AS finished,
       count(*) FILTER (WHERE verb = 'cases.finished' AND happened_at <= nullif(data #>> '{changed,next_due_at,0}', '')::timestamptz) AS on_time,
       count(*) FILTER (WHERE verb = 'cases.closed') AS closed,
       count(*) FILTER (WHERE verb = 'cases.closed' AND data ->> 'level' = 'grid') AS solved_grid,
       count(*) FILTER (WHERE verb = 'cases.closed' AND data ->> 'level' = 'village') AS solved_village,
       count(*) FILTER (WHERE verb = 'cases.closed' AND data ->> 'level' = 'town') AS solved_town,
       count(*) FILTER (WHERE verb = 'cases.closed' AND data ->> 'level' = 'county') AS solved_county,
       count(*) FILTER (WHERE verb = 'cases.rated' AND data ->> 'result' = 'satisfied') - count(*) FILTER (WHERE verb = 'cases.rated' AND data ->> 'instead_of' = 'satisfied') AS satisfied,
       count(*) FILTER (WHERE verb = 'cases.rated' AND data ->> 'result' = 'basically') - count(*) FILTER (WHERE verb = 'cases.rated' AND data ->> 'instead_of' = 'basically') AS basically,
       count(*) FILTER (WHERE verb = 'cases.rated' AND data ->> 'result' = 'understanding') - count(*) FILTER (WHERE verb = 'cases.rated' AND data ->> 'instead_of' = 'understanding') AS understanding,
       count(*) FILTER (WHERE verb = 'cases.rated' AND data ->> 'result' = 'dissatisfied') - count(*) FILTER (WHERE verb = 'cases.rated' AND data ->> 'instead_of' = 'dissatisfied') AS dissatisfied,
       count(*) FILTER (WHERE verb = 'cases.returned') AS returned,
       count(*) FILTER (WHERE verb = 'cases.reopened') AS reopened
FROM (
    SELECT e.county, e.verb, e.data, e.happened_at, (e.happened_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
           left(c.area_code, 12) AS village, left(c.area_code, 9) AS town, c.channel, k.code AS category
    FROM journal_entry e JOIN cases_case c ON c.county = e.county AND c.id = e.subject_id
    LEFT JOIN category k ON k.id = c.category_id
    WHERE e.subject_type = 'cases.case' AND NOT c.is_confidential
      AND e.verb IN ('cases.received', 'cases.finished', 'cases.closed', 'cases.rated', 'cases.returned', 'cases.reopened')
) AS deed CROSS JOIN LATERAL (VALUES
    ('village', village), ('category', town || '.' || category),
    ('channel', town || '.' || channel || '.' || mod(village::bigint, 8))
) AS p(axis, key)
WHERE p.key IS NOT NULL GROUP BY county, p.axis, p.key, day
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_day_counts"), ("journal", "0001_entries_and_deliveries")]
    operations = [migrations.RunSQL(FORWARD, "DELETE FROM case_day_count")]
