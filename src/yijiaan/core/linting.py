"""Two lints that keep the schema and the statements fit for a cluster, on plain PostgreSQL and in the test suite alone.

The catalog lint reads what stands in the database; the query lint reads one statement. Both know three kinds of tables,
declared by the models: distributed (by county), reference (a copy everywhere), local.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

import sqlglot
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from sqlglot import exp
from sqlglot.errors import SqlglotError

from yijiaan.core.county import CountyForeignKey

KEY = "county"
DISTRIBUTIONS = ("distributed", "reference", "local")
PACKAGE = "yijiaan."


def declared_models() -> Iterator[type[models.Model]]:
    """The product's own models that have a table, those of many-to-many relations included."""
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith(PACKAGE) and model._meta.managed and not model._meta.proxy:
            yield model


def tables_of(distribution: str) -> list[str]:
    """The tables whose models declare this distribution."""
    found = (model for model in declared_models() if getattr(model, "distribution", "") == distribution)
    return sorted(model._meta.db_table for model in found)


def undeclared_models() -> list[str]:
    """Models without `distribution = "distributed" | "reference" | "local"`."""
    return [
        f"{model._meta.label} declares no distribution"
        for model in declared_models()
        if getattr(model, "distribution", None) not in DISTRIBUTIONS
    ]


def model_problems() -> list[str]:
    """What the models alone show: relations that a cluster cannot keep."""
    found = []
    for model in declared_models():
        if getattr(model, "distribution", None) == "distributed":
            found += [f"{model._meta.label}: no ManyToMany on a big model" for _ in model._meta.local_many_to_many]
            found += [
                f"{model._meta.label}.{field.name}: no generic foreign key on a big model"
                for field in model._meta.private_fields
                if hasattr(field, "ct_field")
            ]
            found += [
                f"{model._meta.label}.{field.name} points at a big table and must be a CountyForeignKey"
                for field in model._meta.local_fields
                if isinstance(field, models.ForeignKey)
                and getattr(field.remote_field.model, "distribution", None) == "distributed"
                and not isinstance(field, CountyForeignKey)
            ]
            try:
                model._meta.get_field(KEY)
            except FieldDoesNotExist:
                found.append(f"{model._meta.label} is distributed but has no {KEY}")
    return found


def catalog_problems(connection: BaseDatabaseWrapper) -> list[str]:
    """What stands in the database against the rules of scale-out, one line each; empty when all is well."""
    big = tables_of("distributed")
    wanted = [
        (model._meta.db_table, field.column)
        for model in declared_models()
        for field in model._meta.local_fields
        if isinstance(field, CountyForeignKey)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CATALOG, {"big": big, "reference": tables_of("reference")})
        found = [f"{table}: {what} ({name})" for table, name, what in cursor.fetchall()]
        cursor.execute(_COMPOSITE)
        made = set(cursor.fetchall())
    missing = [f"{table}: {column} has no constraint (county, {column})" for table, column in wanted]
    return sorted(found + [line for line, pair in zip(missing, wanted, strict=True) if pair not in made])


# relations by name within the schema in use: regclass::text would quote names such as "case"
_CATALOG = """
WITH rel AS (
    SELECT oid, relname::text AS name, relname = ANY(%(big)s::text[]) AS big,
           relname = ANY(%(reference)s::text[]) AS reference
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
), keyed AS (
    SELECT c.oid, c.contype, c.conname::text AS conname, t.name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
    FROM pg_constraint c JOIN rel t ON t.oid = c.conrelid AND t.big
    LEFT JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
    WHERE c.contype IN ('p', 'u', 'x') GROUP BY c.oid, c.contype, c.conname, t.name
)
SELECT name, conname, 'unique or exclusion constraint without county' FROM keyed
WHERE contype IN ('u', 'x') AND NOT 'county' = ANY(columns)
UNION ALL
SELECT name, conname, 'the primary key is not (id, county)' FROM keyed
WHERE contype = 'p' AND NOT (columns @> '{id,county}' AND columns <@ '{id,county}')
UNION ALL
SELECT name, name, 'no primary key' FROM rel
WHERE big AND NOT EXISTS (SELECT FROM keyed WHERE keyed.name = rel.name AND contype = 'p')
UNION ALL
SELECT t.name, i.indexrelid::regclass::text, 'unique index without county'
FROM pg_index i JOIN rel t ON t.oid = i.indrelid AND t.big
WHERE i.indisunique AND NOT EXISTS (
    SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')
) AND NOT EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) AND a.attname = 'county'
)
UNION ALL
SELECT near.name, c.conname, 'a foreign key between big tables carries county on both sides'
FROM pg_constraint c
JOIN rel near ON near.oid = c.conrelid AND near.big
JOIN rel far ON far.oid = c.confrelid AND far.big
WHERE c.contype = 'f' AND NOT EXISTS (
    SELECT FROM generate_subscripts(c.conkey, 1) n
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[n]
    JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[n]
    WHERE a.attname = 'county' AND b.attname = 'county'
)
UNION ALL
SELECT near.name, c.conname, 'a foreign key of a big table deletes by CASCADE or NO ACTION only'
FROM pg_constraint c JOIN rel near ON near.oid = c.conrelid AND near.big
WHERE c.contype = 'f' AND c.confdeltype NOT IN ('a', 'c')
UNION ALL
SELECT near.name, c.conname, 'a foreign key from a big table to a local one'
FROM pg_constraint c JOIN rel near ON near.oid = c.conrelid AND near.big JOIN rel far ON far.oid = c.confrelid
WHERE c.contype = 'f' AND NOT far.big AND NOT far.reference
UNION ALL
SELECT near.name, c.conname, 'a foreign key from a small table to a big one'
FROM pg_constraint c
JOIN rel near ON near.oid = c.conrelid AND NOT near.big
JOIN rel far ON far.oid = c.confrelid AND far.big
WHERE c.contype = 'f'
UNION ALL
SELECT near.name, c.conname, 'a foreign key from a reference table to a local one'
FROM pg_constraint c JOIN rel near ON near.oid = c.conrelid AND near.reference JOIN rel far ON far.oid = c.confrelid
WHERE c.contype = 'f' AND NOT far.reference AND NOT far.big
UNION ALL
SELECT t.name, g.tgname, 'a trigger on a big table' FROM pg_trigger g JOIN rel t ON t.oid = g.tgrelid AND t.big
WHERE NOT g.tgisinternal
UNION ALL
SELECT t.name, a.attname, 'county is varchar(6) and never null'
FROM pg_attribute a JOIN rel t ON t.oid = a.attrelid AND t.big
WHERE a.attname = 'county' AND NOT (a.attnotnull AND format_type(a.atttypid, a.atttypmod) = 'character varying(6)')
UNION ALL
SELECT missing, missing, 'the table is not in the database'
FROM unnest(%(big)s::text[] || %(reference)s::text[]) AS missing
WHERE NOT EXISTS (SELECT FROM rel WHERE rel.name = missing)
"""
_COMPOSITE = """
SELECT t.relname::text, a.attname::text FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid AND t.relnamespace = current_schema()::regnamespace
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) AND a.attname <> 'county'
WHERE c.contype = 'f' AND cardinality(c.conkey) = 2 AND EXISTS (
    SELECT FROM pg_attribute k WHERE k.attrelid = c.conrelid AND k.attnum = ANY(c.conkey) AND k.attname = 'county'
)
"""

_READABLE = re.compile(r"\s*(?:\(|SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
_LIST = re.compile(r"\(%s(?:,\s*%s)+\)")
_ROWS = re.compile(r"(\((?:%s|DEFAULT)(?:,\s*(?:%s|DEFAULT))*\))(?:,\s*\((?:%s|DEFAULT)(?:,\s*(?:%s|DEFAULT))*\))+")


def same_shape(sql: str) -> str:
    """The statement with lists of parameters and rows of values shortened, so that its twins are read once."""
    return re.sub(r"\bIN " + _LIST.pattern, "IN (%s)", _ROWS.sub(r"\1", sql))


def query_problems(sql: str, distributed: Collection[str]) -> list[str]:
    """What a cluster would refuse in this statement: [] for a safe one, and for one that touches no big table."""
    if not _READABLE.match(sql) or not any(table in sql for table in distributed):
        return []
    try:
        tree = sqlglot.parse_one(sql.replace("%s", "'p'").replace("%%", "%"), read="postgres")
    except SqlglotError as error:
        return [f"the query lint cannot read this statement: {str(error).splitlines()[0]}"]
    return _Statement(tree, distributed).problems()


_QUERIES = (exp.Select, exp.Update, exp.Delete, exp.Insert)
_CONSTANT = "constant"
Node = tuple[int, str] | str  # a big table in one scope, or the constant


class _Statement:
    """Which big tables stand in a statement, and which of their counties are known to be equal, or given."""

    def __init__(self, tree: exp.Expr, distributed: Collection[str]) -> None:
        self.tree = tree
        self.distributed = distributed
        self.common = {one.alias_or_name: one.this for one in tree.find_all(exp.CTE)}
        self.sources: dict[int, dict[str, Any]] = {}
        self.names: dict[Node, str] = {}
        self.parent: dict[Node, Node] = {_CONSTANT: _CONSTANT}
        self._find_sources()
        for comparison in tree.find_all(exp.EQ, exp.In):
            self._join(comparison)

    def problems(self) -> list[str]:
        """In words, each once."""
        found = []
        tables = [node for node in self.names if not self._is_inserted(node)]
        if len({self._root(node) for node in tables}) > 1:
            names = ", ".join(sorted({self.names[node] for node in tables}))
            found.append(f"big tables not joined on county: {names}")
        for query in self.tree.find_all(*_QUERIES):
            found += list(self._of_query(query))
        if any(part.args.get("recursive") for part in self.tree.find_all(exp.With)) and not all(
            map(self._given, tables)
        ):
            found.append("recursive SQL over a big table without county")
        return list(dict.fromkeys(found))

    def _of_query(self, query: exp.Expr) -> Iterator[str]:
        mine = {alias: node for alias, node in self.sources.get(id(query), {}).items() if node in self.names}
        if isinstance(query, exp.Insert):
            target = query.this
            table = target.this if isinstance(target, exp.Schema) else target
            if isinstance(table, exp.Table) and table.name in self.distributed:
                columns = [column.name for column in target.expressions] if isinstance(target, exp.Schema) else []
                if KEY not in columns:
                    yield f"insert into {table.name} without county"
                conflict = query.args.get("conflict")
                if conflict is not None and _sets_key(conflict.expressions):
                    yield f"update of {table.name} sets county"
        elif isinstance(query, exp.Update | exp.Delete):
            node = mine.get(query.this.alias_or_name) if query.this is not None else None
            if node is not None and not self._given(node):
                deed = "update of" if isinstance(query, exp.Update) else "delete from"
                yield f"{deed} {self.names[node]} without county"
            if node is not None and isinstance(query, exp.Update) and _sets_key(query.expressions):
                yield f"update of {self.names[node]} sets county"
        for lock in query.args.get("locks") or ():
            only = {table.name for table in lock.expressions or ()}
            for alias, node in mine.items():
                if (not only or alias in only) and not self._given(node):
                    yield f"lock on {self.names[node]} without county"

    def _find_sources(self) -> None:
        for part in self.tree.find_all(exp.Table, exp.Subquery, exp.Unnest, exp.Values):
            if isinstance(part.parent, exp.Lock):
                continue
            scope = _scope(part)
            if scope is None:
                continue
            held = self.sources.setdefault(id(scope), {})
            alias = part.alias_or_name
            if isinstance(part, exp.Table):
                if part.name in self.common:
                    held[alias] = self.common[part.name]
                elif part.name in self.distributed:
                    node: Node = (id(part), alias)
                    held[alias], self.names[node], self.parent[node] = node, part.name, node
                elif isinstance(part.this, exp.Func):
                    held[alias] = _CONSTANT
                else:
                    held[alias] = None
            elif isinstance(part, exp.Subquery) and isinstance(part.parent, exp.From | exp.Join | exp.Lateral):
                held[alias] = part.this
            elif isinstance(part, exp.Unnest | exp.Values) and alias:
                held[alias] = _CONSTANT

    def _join(self, comparison: exp.Expr) -> None:
        if not _holds_always(comparison):
            return
        if isinstance(comparison, exp.EQ):
            sides = [self._county(comparison.left), self._county(comparison.right)]
        else:
            values = comparison.expressions
            if not values or any(self._county(value) != _CONSTANT for value in values):
                return
            sides = [self._county(comparison.this), _CONSTANT]
        if sides[0] is not None and sides[1] is not None:
            self.parent[self._root(sides[0])] = self._root(sides[1])

    def _county(self, side: exp.Expr, scope: exp.Expr | None = None) -> Node | None:
        """Whose county an expression is; the constant for parameters; None for anything else."""
        while isinstance(side, exp.Paren | exp.Cast | exp.Any):
            side = side.this
        if isinstance(side, exp.Literal | exp.Placeholder | exp.Parameter):
            return _CONSTANT
        if not isinstance(side, exp.Column):
            return None
        scope = scope or _scope(side)
        while scope is not None:
            held = self.sources.get(id(scope), {})
            if side.table in held:
                return self._column_of(held[side.table], side.name)
            if not side.table and held:
                found = [self._column_of(source, side.name) for source in held.values()]
                known = [one for one in found if one is not None]
                if len(known) == 1:
                    return known[0]
            scope = _outside(scope)
        return None

    def _column_of(self, source: Any, name: str) -> Node | None:
        if source is None or source == _CONSTANT:
            return source
        if isinstance(source, tuple):
            return source if name == KEY else None
        if isinstance(source, exp.Subquery | exp.Paren | exp.SetOperation):
            return self._column_of(source.this, name)
        returned = source.args.get("returning")
        for column in returned.expressions if returned is not None else source.expressions:
            if column.alias_or_name == name:
                return self._county(column.this if isinstance(column, exp.Alias) else column, source)
        return None

    def _is_inserted(self, node: Node) -> bool:
        return any(
            isinstance(part, exp.Insert) and node in self.sources.get(id(part), {}).values()
            for part in self.tree.find_all(exp.Insert)
        )

    def _given(self, node: Node) -> bool:
        return self._root(node) == self._root(_CONSTANT)

    def _root(self, node: Node) -> Node:
        while self.parent[node] != node:
            node = self.parent[node]
        return node


def _scope(part: exp.Expr) -> exp.Expr | None:
    """The query around a part."""
    around = part.parent
    while around is not None and not isinstance(around, _QUERIES):
        around = around.parent
    return around


def _outside(query: exp.Expr) -> exp.Expr | None:
    """The query whose columns a subquery may also name; a CTE or a table made of a query sees none."""
    around = query.parent
    while isinstance(around, exp.SetOperation | exp.Paren):
        around = around.parent
    if isinstance(around, exp.CTE):
        return None
    if isinstance(around, exp.Subquery) and isinstance(around.parent, exp.From | exp.Join):
        return None
    return _scope(query)


def _sets_key(assignments: list[exp.Expr]) -> bool:
    return any(isinstance(one, exp.EQ) and one.left.name == KEY for one in assignments)


def _holds_always(comparison: exp.Expr) -> bool:
    """Whether a comparison must be true for a row to count: it stands in a WHERE or ON, under nothing but AND."""
    around = comparison.parent
    while isinstance(around, exp.And | exp.Paren):
        around = around.parent
    return isinstance(around, exp.Where | exp.Join)
