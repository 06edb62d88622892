"""Every migration on tables that hold rows: none may fail on them, lose them, or leave what today's code cannot read."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from tests.filled_tables import fill

OURS = sorted(config.label for config in apps.get_app_configs() if config.name.startswith("yijiaan."))
# a migration that takes rows away on purpose says so here: (app, name) → tables
TAKES_AWAY: dict[tuple[str, str], set[str]] = {}


def step(executor: MigrationExecutor, migration: Any, state: Any) -> Any:
    """Apply one migration."""
    return executor.migrate([(migration.app_label, migration.name)], plan=[(migration, False)], state=state.clone())


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.crosses_counties("tables are filled and changed as a whole")
def test_every_migration_keeps_the_rows_that_are_there() -> None:
    labels = [label for label in OURS if any(key[0] == label for key in MigrationLoader(connection).disk_migrations)]
    MigrationExecutor(connection).migrate([(label, None) for label in labels])
    executor = MigrationExecutor(connection)
    plan = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    assert len(plan) >= 20
    state = executor._create_project_state(with_applied_migrations=True)
    rows: dict[str, int] = {}
    for migration in plan:
        name = (migration.app_label, migration.name)
        try:
            state = step(executor, migration, state)
        except Exception as error:
            raise AssertionError(f"{'.'.join(name)} fails on tables that hold rows: {error}") from error
        now = fill(state.apps, labels, each=0)
        lost = {table for table, count in rows.items() if table in now and now[table] < count}
        assert lost <= TAKES_AWAY.get(name, set()), f"{'.'.join(name)} lost rows of {lost}"
        rows = fill(state.apps, labels)
        assert all(count >= 2 for count in rows.values())
    unreadable = []
    for label in labels:
        for model in apps.get_app_config(label).get_models():
            try:
                assert len(list(model._base_manager.all())) >= 2
            except Exception as error:
                unreadable.append(f"{model._meta.label}: {error}")
    assert unreadable == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert cursor.fetchall() == []
