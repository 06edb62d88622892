"""Model fields for personal values: sealed in the table, a plain str in Python, and a search column beside it."""

from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from yijiaan.core import crypto, keys


class Sealed:
    """A sealed value as it left the table. It says nothing about itself; `open` gives the text."""

    __slots__ = ("context", "token")

    def __init__(self, token: bytes, context: str) -> None:
        self.token = token
        self.context = context

    def open(self) -> str:
        """The text."""
        return crypto.unseal(self.token, self.context) if self.token else ""

    def __bool__(self) -> bool:
        return bool(self.token)

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__


class _SealedAttribute(DeferredAttribute):
    """Opens at each access and seals at each assignment: the instance itself never holds the plain text."""

    field: "SealedField"

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        return value.open() if isinstance(value, Sealed) else value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.sealed(value)


class SealedField(models.BinaryField):
    """A text sealed with SM4-GCM. It cannot be searched or ordered by; an empty text is stored as no bytes."""

    descriptor_class = _SealedAttribute
    # what type checkers take the attribute for
    _pyi_private_set_type: str | Sealed
    _pyi_private_get_type: str  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", None if kwargs.get("null") else "")
        super().__init__(*args, **kwargs)

    def _check_str_default_value(self) -> list[Any]:
        return []  # Django wants bytes here; in Python this field is a text

    @property
    def context(self) -> str:
        """What is authenticated together with the text: table and column."""
        return f"{self.model._meta.db_table}.{self.column}"

    def sealed(self, value: Any) -> Sealed | None:
        """A text (or bytes from the table) as a Sealed. Statements written by hand use `.token` of it."""
        if value is None or isinstance(value, Sealed):
            return value
        if isinstance(value, str):
            return Sealed(crypto.seal(value, self.context) if value else b"", self.context)
        return Sealed(bytes(value), self.context)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        """Leave it sealed: a list that does not read it pays nothing."""
        return None if value is None else Sealed(bytes(value), self.context)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """The sealed value, without opening it."""
        return model_instance.__dict__[self.attname]

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """The bytes of the sealed value."""
        sealed = self.sealed(value)
        return None if sealed is None else connection.Database.Binary(sealed.token)

    def get_default(self) -> Any:
        """The default, sealed; migrations ask before there is a table to name, and an empty default needs none."""
        value = super().get_default()
        return Sealed(b"", "") if value in ("", b"") else value

    def get_lookup(self, lookup_name: str) -> Any:
        """isnull, and exact for a value as it stands in the table."""
        return super().get_lookup(lookup_name) if lookup_name in ("isnull", "exact") else None

    def get_prep_value(self, value: Any) -> Any:
        """What a comparison compares with: equal texts have different seals, so a text finds nothing."""
        if isinstance(value, str) and value:
            raise FieldError(f"{self.name} is sealed: search by its search column")
        return self.sealed(value)

    def value_from_object(self, obj: models.Model) -> Any:
        """The sealed value (forms, serializers)."""
        return obj.__dict__.get(self.attname)

    def to_python(self, value: Any) -> Any:
        """Texts and sealed values stay what they are."""
        return value


class SearchHashField(models.BinaryField):
    """The keyed hash of a sealed neighbour. Takes a hash; with a purpose also the text: `filter(phone_search="13…")`.

    A unique column is null=True, so that rows without a value do not collide.
    """

    _pyi_private_set_type: bytes | str
    _pyi_private_get_type: bytes

    def __init__(self, *args: Any, purpose: str = "", **kwargs: Any) -> None:
        self.purpose = purpose
        kwargs.setdefault("max_length", crypto.SEARCH_BYTES)
        kwargs.setdefault("default", None if kwargs.get("null") else b"")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """With the purpose."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """The hash; it replaces a text on the instance."""
        value = self.get_prep_value(getattr(model_instance, self.attname))
        setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Bytes stay, a text is hashed; an empty text is the default (no bytes, or null where the column allows it)."""
        if isinstance(value, str):
            if value and not self.purpose:
                raise FieldError(f"{self.name} has no purpose: give it the hash, not the text")
            value = crypto.search_hash(self.purpose, value) if value else self.get_default()
        return super().get_prep_value(value)


def reseal(rows: models.QuerySet[Any], batch: int = 500) -> int:
    """Seal anew what older keys sealed, one small statement per row; after `keys.rotate`. Returns the rows changed.

    May be interrupted and run again.
    """
    model = rows.model
    fields = [field for field in model._meta.concrete_fields if isinstance(field, SealedField)]
    current, changed = keys.ring().current, 0
    for row in rows.order_by("pk").iterator(batch):
        held = {field: row.__dict__[field.attname] for field in fields}
        stale = [field for field, value in held.items() if value and crypto.key_identifier(value.token) != current]
        if not stale:
            continue
        # as it was read: a row that somebody changes meanwhile is sealed with the current key anyway
        own = model._base_manager.filter(pk=row.pk, **{field.attname: held[field] for field in stale})
        if hasattr(row, "county"):
            own = own.filter(county=row.county)
        changed += own.update(**{field.attname: held[field].open() for field in stale})
    return changed
