"""How much is missing of each household, counted in the database: the same rule as `deriving`, for any number of rows at once.

Whole sets are asked for (`id IN (…)`), which the database reads once, not a question for each row and column.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from yijiaan.core.scope import Actor
from yijiaan.oneform.catalogue import Source, sources
from yijiaan.oneform.deriving import fresh_since
from yijiaan.oneform.models import FormAnswer, FormColumn, OneForm
from yijiaan.registry.models import Change, ChangeState, Household, Membership, Status

AGE = "home.head_age"
NEVER = ("constant", "blank", "count")  # what is always filled, or meant to be empty
NOTHING = Value(0, output_field=IntegerField())


def with_gaps(actor: Actor, households: QuerySet[Household], *, form: OneForm, columns: Sequence[FormColumn]) -> Any:
    """Households with `gap_count`: how many columns of the form somebody has to be asked for."""
    found = {column.answer_key: sources()[column.source] for column in columns}
    asked = {key: source for key, source in found.items() if _may_lack(actor, source)}
    facts = {key: source for key, source in asked.items() if source.fact is not None or source.code == AGE}
    figures = [key for key, source in asked.items() if source.family == "home" and key not in facts]
    answers = [key for key in asked if key not in facts and key not in figures]
    parts: list[Any] = []
    if answers:
        parts.append(Value(len(answers), output_field=IntegerField()) - _told_count(form, answers))
    if figures:
        lacking = Value(len(figures), output_field=IntegerField()) - _told_count(form, figures)
        parts.append(Case(When(~Exists(_living(form)), then=lacking), default=NOTHING))
    parts += [
        Case(When(_unknown(source, form) & ~_told(form, key), then=1), default=0, output_field=IntegerField())
        for key, source in facts.items()
    ]
    return _with_heads(households, facts.values()).annotate(gap_count=_sum(parts))


def _living(form: OneForm) -> QuerySet[Membership]:
    """Who lives in a household now."""
    return Membership.objects.filter(
        county=form.county, household_id=OuterRef("id"), to_on__isnull=True, person__status=Status.ACTIVE
    )


def _with_heads(households: Any, asked: Iterable[Source]) -> Any:
    """Households joined with their heads, where something of them is asked."""
    if not any(source.family == "head" or source.code == AGE for source in asked):
        return households
    is_head = Q(memberships__to_on__isnull=True, memberships__relation="head")
    return households.annotate(head=FilteredRelation("memberships", condition=is_head))


def list_lacking(
    actor: Actor, households: QuerySet[Household], *, form: OneForm, columns: Sequence[FormColumn]
) -> dict[UUID, list[FormColumn]]:
    """Of each household that lacks something the columns that somebody has to be asked for, of several that mean the same the first,
    in their order; households in theirs. One statement."""
    firsts = {column.answer_key: column for column in reversed(columns)}
    wanted = [
        column
        for column in columns
        if firsts[column.answer_key] is column and _may_lack(actor, sources()[column.source])
    ]
    living = Exists(_living(form))
    flags: dict[str, Any] = {}
    for column in wanted:
        source, told = sources()[column.source], _told(form, column.answer_key)
        if source.fact is not None or source.code == AGE:
            lacks = _unknown(source, form) & ~told
        else:
            lacks = ~living & ~told if source.family == "home" else ~told
        flags[f"lacks_{column.place}"] = ExpressionWrapper(lacks, BooleanField())
    rows = _with_heads(households, [sources()[column.source] for column in wanted]).annotate(**flags)
    found = {}
    for home, *lacking in rows.values_list("id", *flags):
        if any(lacking):
            found[home] = [column for column, is_lacking in zip(wanted, lacking, strict=True) if is_lacking]
    return found


def _may_lack(actor: Actor, source: Source) -> bool:
    """Whether a column with this source can be empty, so that somebody is asked."""
    if source.family in NEVER or source.code == "home.checked_on":
        return False
    return not source.needs_care or actor.may("registry.see_care")


def _sum(parts: list[Any]) -> Any:
    """Their sum, added in pairs: forty brackets one in the other are more than some readers of SQL bear."""
    if len(parts) < 2:
        return parts[0] if parts else NOTHING
    middle = len(parts) // 2
    return _sum(parts[:middle]) + _sum(parts[middle:])


def _answers(form: OneForm) -> QuerySet[FormAnswer]:
    return FormAnswer.objects.filter(
        county=form.county, household__isnull=False, is_current=True, told_on__gte=fresh_since(form)
    )


def _told(form: OneForm, key: str) -> Q:
    return Q(id__in=_answers(form).filter(answer_key=key).values("household_id"))


def _told_count(form: OneForm, keys: list[str]) -> Any:
    """How many of some keys were told of a household."""
    mine = _answers(form).filter(household_id=OuterRef("id"), answer_key__in=keys).order_by()
    return Coalesce(Subquery(mine.values("household_id").annotate(told=Count("id")).values("told")), NOTHING)


def _unknown(source: Source, form: OneForm) -> Q:
    """That the base does not hold a fact and nobody has proposed it."""
    no_head = Q(head__isnull=True) | ~Q(head__person__status=Status.ACTIVE)
    if source.fact is None:  # the age of the head
        return no_head | Q(head__person__birth_on__isnull=True)
    name = source.fact.attribute
    waiting = (
        Change.objects.filter(county=form.county, state=ChangeState.OPEN, field=source.fact.key)
        .exclude(new_sealed="")
        .values("subject_id")
    )
    match source.family:
        case "head":
            return no_head | (_empty(source, f"head__person__{name}") & ~Q(head__person_id__in=waiting))
        case "room":
            return Q(room__isnull=True) | (_empty(source, f"room__{name}") & ~Q(room_id__in=waiting))
    return _empty(source, name) & ~Q(id__in=waiting)


def _empty(source: Source, name: str) -> Q:
    is_null = source.fact is not None and source.fact.empty is None
    return Q(**{f"{name}__isnull": True}) if is_null else Q(**{name: ""})
