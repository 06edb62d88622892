"""The month in which each case came in, among the marks it is found by (`search.month_mark`). A million rows take half a minute:
their index is made anew afterwards."""

import django.contrib.postgres.indexes
from django.db import migrations, models

MONTH = """-(400000000 + to_char(
    to_timestamp(('x' || left(replace(case_id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) AT TIME ZONE 'Asia/Shanghai', 'YYYYMM'
)::int)"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0023_worklists_hold_what_is_counted")]

    operations = [
        migrations.RemoveIndex(model_name="casewords", name="case_words_marks"),
        migrations.RemoveIndex(model_name="casewords", name="case_words_open"),
        migrations.RunSQL(
            f"UPDATE case_words SET marks = marks || {MONTH} WHERE NOT marks @> ARRAY[{MONTH}]",  # noqa: S608 - names stand in this file
            migrations.RunSQL.noop,
            elidable=True,
        ),
        migrations.AddIndex(
            model_name="casewords",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["marks"], gin_pending_list_limit=1024, name="case_words_marks"
            ),
        ),
        migrations.AddIndex(
            model_name="casewords",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("is_open", True)),
                fields=["marks"],
                gin_pending_list_limit=256,
                name="case_words_open",
            ),
        ),
    ]
