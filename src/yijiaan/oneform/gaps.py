"""How much is missing of each household, counted in the database: the same rule as `deriving`, for any number of rows at once."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from yijiaan.core.scope import Actor
from yijiaan.oneform.catalogue import Source, sources
from yijiaan.oneform.deriving import fresh_since
from yijiaan.oneform.models import FormAnswer, FormColumn, OneForm
from yijiaan.registry.models import Change, ChangeState, Household, Membership, Person, Status

NEVER = ("constant", "blank", "count")  # what is always filled, or meant to be empty


def with_gaps(actor: Actor, households: QuerySet[Household], *, form: OneForm, columns: Sequence[FormColumn]) -> Any:
    """Households with `gap_count`: how many columns of the form somebody has to be asked for."""
    county = form.county
    members = Membership.objects.filter(
        county=county, household_id=OuterRef("id"), to_on__isnull=True, person__status=Status.ACTIVE
    )
    rows = households.annotate(
        head_id=Subquery(members.filter(relation="head").values("person_id")[:1]), has_members=Exists(members)
    )
    parts: list[Any] = []
    for column in {column.answer_key: column for column in columns}.values():
        unknown = _unknown(actor, column, form)
        if unknown is not None:
            parts.append(Case(When(unknown & ~_told(form, column), then=1), default=0, output_field=IntegerField()))
    return rows.annotate(gap_count=_sum(parts))


def _sum(parts: list[Any]) -> Any:
    """Their sum, added in pairs: forty brackets one in the other are more than some readers of SQL bear."""
    if len(parts) < 2:
        return parts[0] if parts else Value(0, output_field=IntegerField())
    middle = len(parts) // 2
    return _sum(parts[:middle]) + _sum(parts[middle:])


def _unknown(actor: Actor, column: FormColumn, form: OneForm) -> Any:
    """That the base does not hold it and nobody proposed it; None where that cannot be."""
    source = sources()[column.source]
    if source.family in NEVER or source.code == "home.checked_on":
        return None
    if source.needs_care and not actor.may("registry.see_care"):
        return None
    if source.fact is not None:
        return _unknown_fact(source, form)
    if source.family == "home":
        if source.code == "home.head_age":
            born = Person.objects.filter(
                county=form.county, id=OuterRef("head_id"), status=Status.ACTIVE, birth_on__isnull=False
            )
            return ~Exists(born)
        return Q(has_members=False)
    return Q()


def _empty(source: Source, before: str = "") -> Q:
    if source.fact is None:
        return Q()
    name = f"{before}{source.fact.attribute}"
    return Q(**{f"{name}__isnull": True}) if source.fact.empty is None else Q(**{name: ""})


def _unknown_fact(source: Source, form: OneForm) -> Any:
    if source.fact is None:
        return None
    open_change = Change.objects.filter(county=form.county, state=ChangeState.OPEN, field=source.fact.key).exclude(
        new_sealed=""
    )
    match source.family:
        case "head":
            told = Person.objects.filter(county=form.county, id=OuterRef("head_id")).exclude(_empty(source))
            return ~Exists(told) & ~Exists(open_change.filter(subject_id=OuterRef("head_id")))
        case "room":
            lacking = Q(room__isnull=True) | _empty(source, "room__")
            return lacking & ~Exists(open_change.filter(subject_id=OuterRef("room_id")))
    return _empty(source) & ~Exists(open_change.filter(subject_id=OuterRef("id")))


def _told(form: OneForm, column: FormColumn) -> Exists:
    return Exists(
        FormAnswer.objects.filter(
            county=form.county, household_id=OuterRef("id"), answer_key=column.answer_key, is_current=True,
            told_on__gte=fresh_since(form),
        )
    )  # fmt: skip
