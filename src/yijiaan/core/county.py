"""The base model of big tables: one UUIDv7 in Python, the key (id, county) in the database, on one server or many.

Reads by id alone use the key's first column; on a cluster they visit every shard. So hot reads name the county, and
every lock, update and delete must. `CompositeKey` follows CreateModel directly in the migration of every CountyModel.
"""

from collections.abc import Sequence
from typing import Any

from django.apps.registry import Apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, models, router, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import truncate_name
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.deletion import CASCADE, DO_NOTHING, PROTECT, RESTRICT, Collector
from django.db.models.lookups import Exact
from django.db.models.sql.where import WhereNode

from yijiaan.core import identifiers


class CountyForeignKey(models.ForeignKey):
    """A reference between two big tables: county joins every JOIN; the constraint is composite, see `CompositeKey`."""

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        if on_delete not in (CASCADE, DO_NOTHING, PROTECT, RESTRICT):
            raise ImproperlyConfigured("between big tables on_delete is CASCADE, PROTECT, RESTRICT or DO_NOTHING")
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)  # the useful index begins with county: the model names it
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        """What a migration writes: the constraint is always off, so it is not repeated there."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        if kwargs.get("db_index") is False:
            kwargs.pop("db_index")
        return name, path, args, kwargs

    def get_extra_restriction(self, alias: str | None, related_alias: str | None) -> WhereNode | None:
        """The county half of the JOIN: alias is the target's table, related_alias the one that holds this field."""
        if alias is None or related_alias is None:  # Django trims the join away; the id alone is exact
            return None
        near: Any = self.model._meta.get_field("county")
        far: Any = self.remote_field.model._meta.get_field("county")
        joined: Any = Exact(near.get_col(related_alias), far.get_col(alias))
        return WhereNode([joined])

    def get_extra_descriptor_filter(self, instance: models.Model) -> dict[str, Any]:
        """Following the reference from a row names the row's county."""
        return {"county": instance.county}  # type: ignore[attr-defined]


class _CountyCollector(Collector):
    """Deletes rows of one county and what hangs on them, naming the county in every statement."""

    def __init__(self, county: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.county = county

    def related_objects(self, related_model: Any, related_fields: Any, objs: Any) -> Any:
        rows = super().related_objects(related_model, related_fields, objs)
        return rows.filter(county=self.county) if issubclass(related_model, CountyModel) else rows

    def delete(self) -> tuple[int, dict[str, int]]:
        counts: dict[str, int] = {}
        self.sort()
        with transaction.atomic(using=self.using, savepoint=False):
            gone: list[Any] = [*self.fast_deletes]
            for model, rows in self.data.items():
                keys = sorted(row.pk for row in rows)
                gone.append(model._base_manager.using(self.using).filter(county=self.county, pk__in=keys))
            for rows in gone:
                count = rows._raw_delete(self.using)
                counts[rows.model._meta.label] = counts.get(rows.model._meta.label, 0) + count
        return sum(counts.values()), counts


class CountyModel(models.Model):
    """A big table: it lives with the rows of its county."""

    distribution = "distributed"

    id = models.UUIDField("编号", primary_key=True, default=identifiers.uuid7, editable=False)
    county = models.CharField("县区编码", max_length=6, editable=False)

    class Meta:
        abstract = True

    def _do_update(  # type: ignore[override]  # the stubs describe Django 6
        self, base_qs: Any, using: Any, pk_val: Any, values: Any, update_fields: Any, forced_update: bool
    ) -> bool:
        values = [value for value in values if value[0].name != "county"]
        found = super()._do_update(  # type: ignore[call-arg]
            base_qs.filter(county=self.county), using, pk_val, values, update_fields, forced_update
        )
        if not found and not self._state.adding:
            # Django would go on to INSERT: a second row with the same id under another county
            raise DatabaseError(f"{self._meta.label} {pk_val} is not in county {self.county} (any more)")
        return bool(found)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Delete this row and what cascades from it; each statement names the county."""
        collector = _CountyCollector(
            county=self.county, using=using or router.db_for_write(self.__class__, instance=self), origin=self
        )
        collector.collect([self], keep_parents=keep_parents)
        return collector.delete()


class CompositeKey(Operation):
    """Right after CreateModel of a CountyModel: primary key (id, county), and constraints for its CountyForeignKeys.

    foreign: ((column, (app label, model name)), …), for example (("case_id", ("cases", "Case")),).
    """

    reversible = True

    def __init__(self, model: str, foreign: Sequence[tuple[str, tuple[str, str]]] = ()) -> None:
        self.model = model
        self.foreign = tuple((column, tuple(target)) for column, target in foreign)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The key is the database's; Django's picture of the model stays."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Swap the primary key, then add the references."""
        table, quoted = self._table(to_state.apps, app_label, self.model), schema_editor.quote_name
        schema_editor.execute(
            f"ALTER TABLE {quoted(table)} DROP CONSTRAINT {quoted(table + '_pkey')}, ADD PRIMARY KEY (id, county)"
        )
        for column, target in self.foreign:
            other = self._table(to_state.apps, *target)
            schema_editor.execute(
                f"ALTER TABLE {quoted(table)} ADD CONSTRAINT {quoted(self._name(table, column))} "
                f"FOREIGN KEY (county, {quoted(column)}) REFERENCES {quoted(other)} (county, id)"
            )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """References away, then the key that Django made."""
        table, quoted = self._table(from_state.apps, app_label, self.model), schema_editor.quote_name
        for column, _ in reversed(self.foreign):
            schema_editor.execute(f"ALTER TABLE {quoted(table)} DROP CONSTRAINT {quoted(self._name(table, column))}")
        schema_editor.execute(
            f"ALTER TABLE {quoted(table)} DROP CONSTRAINT {quoted(table + '_pkey')}, ADD PRIMARY KEY (id)"
        )

    def describe(self) -> str:
        """For `migrate --plan`."""
        return f"Key (id, county) of {self.model}"

    @property
    def migration_name_fragment(self) -> str:
        """For names of migrations."""
        return f"{self.model.lower()}_county_key"

    @staticmethod
    def _table(apps: Apps, app_label: str, model: str) -> str:
        return apps.get_model(app_label, model)._meta.db_table

    @staticmethod
    def _name(table: str, column: str) -> str:
        return truncate_name(f"{table}_{column}_fk", 63)


def delete_rows(rows: "Sequence[CountyModel]") -> None:
    """Delete rows of one model and one county, and what cascades from them, in few statements; each names the county.
    ProtectedError when something that must stay holds on to one: then all of them stay."""
    if not rows:
        return
    first = rows[0]
    collector = _CountyCollector(
        county=first.county, using=router.db_for_write(type(first), instance=first), origin=first
    )
    collector.collect(list(rows))
    collector.delete()
