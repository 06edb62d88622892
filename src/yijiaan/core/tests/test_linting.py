import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from yijiaan.core import linting
from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.linting import query_problems, same_shape

BIG = ("case", "report", "assignment")

SAFE = [
    'SELECT * FROM "case" WHERE id = %s',
    'SELECT * FROM "case" WHERE id IN (%s, %s, %s)',
    "SELECT * FROM area WHERE code = %s FOR UPDATE",
    "UPDATE area SET name = %s WHERE code = %s",
    'SELECT * FROM "case" WHERE county = %s AND id = %s FOR UPDATE SKIP LOCKED',
    'SELECT * FROM "case" WHERE county = %s AND id = %s FOR NO KEY UPDATE OF "case" NOWAIT',
    'UPDATE "case" SET status = %s WHERE ("case"."county" = %s AND "case"."id" = %s)',
    'DELETE FROM "report" WHERE "report"."id" IN (%s) AND "report"."county" = %s',
    'SELECT 1 FROM "report" INNER JOIN "case" '
    'ON ("report"."case_id" = "case"."id" AND ("report"."county" = "case"."county"))',
    'SELECT 1 FROM "case" LEFT OUTER JOIN "report" '
    'ON ("case"."id" = "report"."case_id" AND ("case"."county" = "report"."county"))',
    'SELECT 1 FROM "case" '
    'WHERE EXISTS(SELECT 1 FROM "report" U0 WHERE U0.county = "case".county AND U0.case_id = "case".id)',
    'SELECT 1 FROM "case" c WHERE c.county = %s AND EXISTS(SELECT 1 FROM "report" U0 WHERE U0.county = %s)',
    'SELECT 1 FROM "case" c WHERE c.county = %s AND c.id IN (SELECT U0.case_id FROM "report" U0 WHERE U0.county = %s)',
    'INSERT INTO "case" (id, county, status) VALUES (%s, %s, %s)',
    'INSERT INTO "case" (id, county) SELECT * FROM UNNEST((%s)::uuid[], (%s)::varchar[])',
    'INSERT INTO "case" (id, county) VALUES (%s, %s) ON CONFLICT (county, id) DO UPDATE SET status = excluded.status',
    'UPDATE "case" SET status = r.status FROM unnest(%s::text[], %s::text[]) AS r(county, status) '
    'WHERE "case".county = r.county',
    'UPDATE "case" SET status = %s WHERE county IN (%s, %s) AND status = %s',
    'WITH due AS (SELECT id, county FROM "case" WHERE county = %s FOR UPDATE) '
    'UPDATE "case" c SET status = %s FROM due WHERE c.county = due.county AND c.id = due.id',
    'WITH made AS (INSERT INTO "case" (id, county) VALUES (%s, %s) RETURNING id, county) '
    'INSERT INTO "report" (id, county, case_id) SELECT %s, made.county, made.id FROM made',
    "CREATE TABLE report (id int)",
    "SAVEPOINT a",
]
UNSAFE = [
    ('UPDATE "case" SET status = %s WHERE "case"."id" = %s', "update of case without county"),
    ('DELETE FROM "case" WHERE "case"."id" IN (%s)', "delete from case without county"),
    ('SELECT * FROM "case" WHERE id = %s FOR UPDATE', "lock on case without county"),
    ('SELECT * FROM "case" WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED', "lock on case without county"),
    ('UPDATE "case" SET county = %s WHERE county = %s AND id = %s', "update of case sets county"),
    ('SELECT 1 FROM "report" r JOIN "case" c ON r.case_id = c.id', "big tables not joined on county: case, report"),
    ('SELECT 1 FROM "case" c WHERE EXISTS(SELECT 1 FROM "report" U0 WHERE U0.case_id = c.id)', "not joined on county"),
    ('UPDATE "case" SET status = %s WHERE county = %s OR id = %s', "update of case without county"),
    ('UPDATE "case" SET status = %s WHERE NOT (county = %s)', "update of case without county"),
    ('INSERT INTO "case" (id) VALUES (%s)', "insert into case without county"),
    ('INSERT INTO "case" VALUES (%s, %s)', "insert into case without county"),
    ('INSERT INTO "case" (id, county) VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET county = %s', "sets county"),
    (
        "WITH RECURSIVE up AS (SELECT id FROM report WHERE id = %s UNION ALL SELECT id FROM up) SELECT 1 FROM up",
        "recursive SQL over a big table",
    ),
    (
        'SELECT 1 FROM "case" c WHERE c.county = %s AND (EXISTS(SELECT 1 FROM "report" U0 WHERE U0.county = %s) '
        'OR EXISTS(SELECT 1 FROM "report" U0 WHERE U0.case_id = c.id))',
        "not joined on county",
    ),
    (
        'WITH due AS (SELECT id FROM "case" WHERE county = %s) UPDATE "case" c SET a = %s FROM due WHERE c.id = due.id',
        "update of case",
    ),
    ('SELECT FROM WHERE "case" ((', "cannot read"),
]


@pytest.mark.parametrize("sql", SAFE)
def test_safe_statements_pass(sql):
    assert query_problems(sql, BIG) == []


@pytest.mark.parametrize(("sql", "said"), UNSAFE)
def test_unsafe_statements_are_named(sql, said):
    assert said in "; ".join(query_problems(sql, BIG))


def test_lists_of_any_length_are_one_statement():
    assert same_shape("SELECT 1 WHERE id IN (%s, %s, %s)") == same_shape("SELECT 1 WHERE id IN (%s, %s)")
    assert same_shape("INSERT INTO t (a, b) VALUES (%s, %s), (%s, DEFAULT), (%s, %s)") == (
        "INSERT INTO t (a, b) VALUES (%s, %s)"
    )
    assert same_shape("SELECT f(%s, %s)") == "SELECT f(%s, %s)"


def test_every_model_declares_its_distribution():
    assert linting.undeclared_models() == []


def test_models_keep_the_rules_of_scale_out():
    assert linting.model_problems() == []


@pytest.mark.django_db
def test_the_database_keeps_the_rules_of_scale_out():
    assert linting.catalog_problems(connection) == []


CATALOG_FAULTS = [
    ("CREATE TABLE lint_big (id uuid PRIMARY KEY, county varchar(6) NOT NULL)", "the primary key is not (id, county)"),
    ("CREATE TABLE lint_big (id uuid, county varchar(6) NOT NULL)", "no primary key"),
    ("{big}; ALTER TABLE lint_big ADD UNIQUE (number)", "unique or exclusion constraint without county"),
    ("{big}; CREATE UNIQUE INDEX ON lint_big (number)", "unique index without county"),
    (
        "{big}; CREATE TABLE lint_child (id uuid, county varchar(6) NOT NULL, big_id uuid, PRIMARY KEY (id, county)); "
        "ALTER TABLE lint_big ADD UNIQUE (id); "
        "ALTER TABLE lint_child ADD FOREIGN KEY (big_id) REFERENCES lint_big (id)",
        "carries county on both sides",
    ),
    (
        "{big}; CREATE TABLE lint_child (id uuid, county varchar(6) NOT NULL, big_id uuid, PRIMARY KEY (id, county), "
        "FOREIGN KEY (county, big_id) REFERENCES lint_big (county, id) ON DELETE SET NULL)",
        "CASCADE or NO ACTION only",
    ),
    (
        "{big}; CREATE TABLE lint_local (id int PRIMARY KEY); "
        "ALTER TABLE lint_big ADD local_id int REFERENCES lint_local",
        "from a big table to a local one",
    ),
    (
        "{big}; CREATE TABLE lint_local (id int PRIMARY KEY, county varchar(6), big_id uuid, "
        "FOREIGN KEY (county, big_id) REFERENCES lint_big (county, id))",
        "from a small table to a big one",
    ),
    (
        "{big}; CREATE TABLE lint_local (id int PRIMARY KEY); CREATE TABLE lint_shared (id int REFERENCES lint_local)",
        "from a reference table to a local one",
    ),
    (
        "{big}; CREATE FUNCTION lint_nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
        "CREATE TRIGGER t BEFORE INSERT ON lint_big FOR EACH ROW EXECUTE FUNCTION lint_nothing()",
        "a trigger on a big table",
    ),
    ("CREATE TABLE lint_big (id uuid, county text, PRIMARY KEY (id, county))", "county is varchar(6) and never null"),
    ("SELECT 1", "the table is not in the database"),
]
BIG_TABLE = "CREATE TABLE lint_big (id uuid, county varchar(6) NOT NULL, number text, PRIMARY KEY (id, county))"


@pytest.mark.django_db
@pytest.mark.parametrize(("sql", "said"), CATALOG_FAULTS)
def test_a_fault_in_the_catalog_is_named(sql, said, monkeypatch):
    seeded = {"distributed": ["lint_big", "lint_child"], "reference": ["lint_shared"]}
    monkeypatch.setattr(linting, "tables_of", lambda kind: seeded[kind])
    monkeypatch.setattr(linting, "declared_models", lambda: iter(()))
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{big}", BIG_TABLE))
    assert said in "; ".join(linting.catalog_problems(connection))


@isolate_apps("yijiaan.core")
def test_a_fault_in_the_models_is_named(monkeypatch):
    class Undeclared(models.Model):  # noqa: DJ008
        class Meta:
            app_label = "core"

    class Big(models.Model):  # noqa: DJ008
        distribution = "distributed"
        others = models.ManyToManyField(Undeclared)

        class Meta:
            app_label = "core"

    class Below(models.Model):  # noqa: DJ008
        distribution = "distributed"
        county = models.CharField(max_length=6)
        big = models.ForeignKey(Big, models.CASCADE)

        class Meta:
            app_label = "core"

    monkeypatch.setattr(linting, "declared_models", lambda: iter((Undeclared, Big, Below)))
    assert linting.undeclared_models() == ["core.Undeclared declares no distribution"]
    found = "; ".join(linting.model_problems())
    for said in ("core.Big: no ManyToMany", "core.Big is distributed but has no county", "core.Below.big points at"):
        assert said in found


@pytest.mark.django_db
@isolate_apps("yijiaan.core")
def test_a_missing_composite_constraint_is_named(monkeypatch):
    class Big(CountyModel):
        class Meta:
            app_label = "core"

    class Below(CountyModel):
        big = CountyForeignKey(Big, models.CASCADE)

        class Meta:
            app_label = "core"

    with connection.schema_editor() as editor:
        editor.create_model(Big)
        editor.create_model(Below)
    monkeypatch.setattr(linting, "declared_models", lambda: iter((Big, Below)))
    assert "core_below: big_id has no constraint (county, big_id)" in linting.catalog_problems(connection)
