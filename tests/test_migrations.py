"""Migrations: none is missing, and each goes back to nothing and forward again."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

OURS = sorted(config.label for config in apps.get_app_configs() if config.name.startswith("yijiaan."))


def tables() -> dict[str, list[tuple[str, ...]]]:
    """Columns, constraints and indexes of every table, in plain words of the catalogue."""
    asked = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema = 'public' ORDER BY 1, 2",
        "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2, 3",
        "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
        "triggers": "SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal"
        " ORDER BY 1, 2",
    }
    with connection.cursor() as cursor:
        found = {}
        for what, sql in asked.items():
            cursor.execute(sql)
            found[what] = cursor.fetchall()
    return found


def test_models_and_migrations_agree(db):
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_each_app_has_one_line_of_history():
    loader = MigrationLoader(None)
    assert loader.detect_conflicts() == {}
    for label in OURS:
        assert len(loader.graph.leaf_nodes(label)) <= 1


def test_every_migration_can_be_undone():
    loader = MigrationLoader(None)
    for (label, name), migration in loader.disk_migrations.items():
        if label in OURS:
            for operation in migration.operations:
                assert operation.reversible, f"{label}.{name}: {operation.describe()}"


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.crosses_counties("tables are emptied by taking them away")
def test_back_to_nothing_and_forward_again():
    before = tables()
    labels = [label for label in OURS if any(key[0] == label for key in MigrationLoader(connection).disk_migrations)]
    MigrationExecutor(connection).migrate([(label, None) for label in labels])
    left = {row[0] for row in tables()["columns"]}
    models = {model._meta.db_table for label in labels for model in apps.get_app_config(label).get_models()}
    assert not left & models
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert tables() == before
