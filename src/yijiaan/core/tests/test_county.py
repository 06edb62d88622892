import uuid

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, connection, migrations, models, transaction
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import OperationWriter
from django.db.models import Count
from django.test.utils import CaptureQueriesContext, isolate_apps

from yijiaan.core.county import CompositeKey, CountyForeignKey, CountyModel

HERE, THERE = "370812", "370881"


def county_models():
    class Parent(CountyModel):
        """A big table."""

        name = models.CharField(max_length=20, default="")

        class Meta:
            app_label = "core"

    class Child(CountyModel):
        """A big table below it."""

        parent = CountyForeignKey(Parent, models.CASCADE, related_name="children")
        text = models.CharField(max_length=20, default="")

        class Meta:
            app_label = "core"

    return Parent, Child


@pytest.fixture
def tables(db):
    with isolate_apps("yijiaan.core"):
        parent, child = county_models()
        state = ProjectState()
        state.add_model(ModelState.from_model(parent))
        state.add_model(ModelState.from_model(child))
        operations = (
            CompositeKey("Parent"),
            CompositeKey("Child", foreign=(("parent_id", ("core", "Parent")),)),
        )
        with connection.schema_editor() as editor:
            for model in (parent, child):
                editor.create_model(model)
            for operation in operations:
                operation.database_forwards("core", editor, state, state)
        parent.operations, parent.project_state = operations, state
        yield parent, child
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS core_child, core_parent")


def primary_key(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'p' AND conrelid = %s::regclass",
            [table],
        )
        return cursor.fetchone()[0]


def test_key_is_id_then_county(tables):
    assert primary_key("core_parent") == "PRIMARY KEY (id, county)"


def test_key_operation_reverses(tables):
    parent, _ = tables
    with connection.schema_editor() as editor:
        for operation in reversed(parent.operations):
            operation.database_backwards("core", editor, parent.project_state, parent.project_state)
    assert primary_key("core_parent") == "PRIMARY KEY (id)"
    assert connection.introspection.get_relations(connection.cursor(), "core_child") == {}


def test_row_of_another_county_is_refused_as_target(tables):
    parent, child = tables
    target = parent.objects.create(county=HERE)
    with pytest.raises(IntegrityError), transaction.atomic():
        child.objects.create(county=THERE, parent=target)
    assert child.objects.count() == 0


def test_save_names_county_and_never_sets_it(tables):
    parent, _ = tables
    row = parent.objects.create(county=HERE, name="旧")
    row.name = "新"
    with CaptureQueriesContext(
        connection,
    ) as captured:
        row.save()
    (statement,) = [query["sql"] for query in captured]
    changed, found = statement.split(" WHERE ")
    assert '"county"' not in changed
    assert '"county"' in found
    assert parent.objects.get().name == "新"


def test_save_under_a_changed_county_changes_nothing(tables):
    parent, _ = tables
    row = parent.objects.create(county=HERE, name="旧")
    row.county, row.name = THERE, "新"
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()
    assert list(parent.objects.values_list("county", "name")) == [(HERE, "旧")]


def test_joins_carry_county(tables):
    parent, child = tables
    child.objects.create(county=HERE, parent=parent.objects.create(county=HERE, name="甲"))
    for rows in (
        child.objects.select_related("parent"),
        child.objects.filter(parent__name="甲"),
        parent.objects.filter(children__text=""),
    ):
        assert str(rows.query).count('"county" = ') == 1
        assert len(rows) == 1
    assert parent.objects.annotate(n=Count("children")).get().n == 1
    assert [row.parent.name for row in child.objects.prefetch_related("parent")] == ["甲"]
    assert parent.objects.exclude(children__text="x").count() == 1


def test_following_the_reference_names_county(tables):
    parent, child = tables
    child.objects.create(county=HERE, parent=parent.objects.create(county=HERE))
    row = child.objects.get()
    with CaptureQueriesContext(connection) as captured:
        assert row.parent.county == HERE
    assert f"\"county\" = '{HERE}'" in captured[0]["sql"]


def test_delete_names_county_down_the_cascade(tables):
    parent, child = tables
    row = parent.objects.create(county=HERE)
    child.objects.create(county=HERE, parent=row)
    keep = parent.objects.create(county=HERE)
    with CaptureQueriesContext(connection) as captured:
        assert row.delete() == (2, {"core.Child": 1, "core.Parent": 1})
    deletes = [query["sql"] for query in captured if query["sql"].startswith("DELETE")]
    assert len(deletes) == 2
    assert all(f"\"county\" = '{HERE}'" in statement for statement in deletes)
    assert list(parent.objects.all()) == [keep]
    assert child.objects.count() == 0


def test_reference_may_not_be_set_null():
    with pytest.raises(ImproperlyConfigured):
        CountyForeignKey("core.Parent", models.SET_NULL, null=True)


@isolate_apps("yijiaan.core")
def test_reference_deconstructs_without_the_constraint_flag():
    _, child = county_models()
    field = child._meta.get_field("parent")
    _, path, args, kwargs = field.deconstruct()
    assert path == "yijiaan.core.county.CountyForeignKey"
    assert "db_constraint" not in kwargs
    assert field.db_constraint is False
    assert CountyForeignKey(*args, **kwargs).db_constraint is False


def test_operation_is_written_into_migrations():
    text, imports = OperationWriter(CompositeKey("Child", foreign=(("parent_id", ("a", "Parent")),)), 0).serialize()
    assert "foreign=(('parent_id', ('a', 'Parent')),)" in text
    assert "import yijiaan.core.county" in imports
    assert isinstance(CompositeKey("Child"), migrations.operations.base.Operation)


def test_identifiers_are_uuid7(tables):
    parent, _ = tables
    assert isinstance(parent(county=HERE).pk, uuid.UUID)
    assert parent(county=HERE).pk.version == 7
