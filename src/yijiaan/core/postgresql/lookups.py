"""Lookups that PostgreSQL answers better than Django's own."""

from typing import Any

from django.db.models import UUIDField
from django.db.models.lookups import Lookup


@UUIDField.register_lookup
class IsAny(Lookup):  # type: ignore[type-arg]
    """`filter(id__any=ids)`: one array instead of a list of parameters, so that the statement stays prepared however many they are.

    With an ArraySubquery the array is read once before the rows, and an index may serve it beside other conditions under OR.
    """

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """column = ANY(array)."""
        left, parameters = self.process_lhs(compiler, connection)
        if hasattr(self.rhs, "as_sql"):  # an ArraySubquery
            array, more = compiler.compile(self.rhs)
            return f"{left} = ANY({array})", [*parameters, *more]
        # as one text: psycopg would look at every identifier, a search finds hundreds
        return f"{left} = ANY(%s::uuid[])", [*parameters, "{" + ",".join(map(str, self.rhs)) + "}"]
