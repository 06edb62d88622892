"""What the machine proposes to a dispatcher, each with its reason: a category by keywords, handlers by the duty list and the open load."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from yijiaan.accounts.models import Unit
from yijiaan.accounts.queries import all_units, unit_name
from yijiaan.cases.flows import OPEN
from yijiaan.cases.models import Case, Category, Party, Return
from yijiaan.cases.queries.categories import category_table
from yijiaan.cases.queries.routing import lead_by_rule
from yijiaan.core.scope import Actor


@dataclass(frozen=True, slots=True)
class CategorySuggestion:
    category: Category
    reason: str


@dataclass(frozen=True, slots=True)
class UnitSuggestion:
    unit: Unit
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Any part may be missing: then the dispatcher decides without a proposal."""

    category: CategorySuggestion | None
    lead: UnitSuggestion | None
    assistants: tuple[UnitSuggestion, ...]


def suggest_category(actor: Actor, *, text: str) -> CategorySuggestion | None:
    """The small category whose keywords weigh most in a text (longer words weigh more); None when no keyword stands in it."""
    best: tuple[int, Category, list[str]] | None = None
    for category in category_table(actor).leaves:
        hits = [word for word in category.keywords if word in text]
        weight = sum(len(word) ** 2 for word in hits)
        if weight and (best is None or weight > best[0]):
            best = (weight, category, hits)
    if best is None:
        return None
    return CategorySuggestion(best[1], f"提到“{'”“'.join(best[2][:3])}”")


def words_of(actor: Actor, case: Case, *said: str) -> str:
    """What a category is guessed from: what was said. The place counts only when that says nothing, a school is a place too."""
    text = " ".join((case.title, *said))
    return text if suggest_category(actor, text=text) else f"{text} {case.place}"


def open_load(actor: Actor, *, county: str, unit_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many open cases each unit holds now."""
    counted = (
        Case.objects.filter(county=county, owner_id__in=list(unit_ids), status__in=OPEN)
        .values("owner_id")
        .annotate(n=Count("*"))
        .values_list("owner_id", "n")
    )
    return dict(counted)


def _kept_out(case: Case) -> set[UUID]:
    """Units that the report is about or that have an interest in it."""
    if not case.has_parties:
        return set()
    named = Party.objects.filter(county=case.county, case_id=case.id, unit__isnull=False)
    return set(named.values_list("unit_id", flat=True))


def suggest_dispatch(
    actor: Actor,
    *,
    case: Case,
    text: str,
    returns: Sequence[Return] | None = None,
    load: Mapping[UUID, int] | None = None,
) -> Suggestion:
    """Category (the case's own, or by keywords), lead and assistants for a case. Among units of a kind the nearest, then the least loaded.

    returns: those of the case, oldest first, and load: `open_load` of the units there, where the caller has read them.
    """
    table = category_table(actor)
    chosen: CategorySuggestion | None
    if case.category_id:
        chosen = CategorySuggestion(table.by_id[case.category_id], "登记时已选")
    else:
        chosen = suggest_category(actor, text=text)
    if returns is None:
        returns = list(Return.objects.filter(county=case.county, case_id=case.id).order_by("returned_at"))
    sent_back = returns[-1] if returns else None
    proposed = all_units(actor).get(sent_back.proposed_id) if sent_back and sent_back.proposed_id else None
    theirs = None
    if sent_back is not None and proposed is not None:
        theirs = UnitSuggestion(proposed, f"{unit_name(actor, unit_id=sent_back.unit_id)}退回时建议")
    if theirs is None and (ruled := lead_by_rule(actor, case=case, category_id=chosen.category.id if chosen else None)):
        theirs = UnitSuggestion(*ruled)
    out = _kept_out(case)
    if theirs is not None and theirs.unit.id in out:
        theirs = None
    if chosen is None:
        return Suggestion(None, theirs, ())
    duties = table.duties.get(chosen.category.id, ())
    units = [unit for unit in all_units(actor).values() if case.area_code.startswith(unit.area_id)]
    wanted = {duty.unit_kind for duty in duties}
    candidates = [unit for unit in units if unit.kind in wanted]
    if load is None:
        load = open_load(actor, county=case.county, unit_ids=[unit.id for unit in candidates]) if candidates else {}
    lead = theirs
    refused = sent_back.unit_id if sent_back else None
    assistants: list[UnitSuggestion] = []
    for duty in duties:
        fitting = [
            unit for unit in candidates if unit.kind == duty.unit_kind and unit.id != refused and unit.id not in out
        ]
        if not fitting:
            continue
        unit = min(fitting, key=lambda unit: (-len(unit.area_id), load.get(unit.id, 0), unit.name))
        held = load.get(unit.id, 0)
        reason = f"{duty.item}；手上 {held} 件在办" if held else f"{duty.item}；手上没有在办的"
        if duty.is_lead and lead is None:
            lead = UnitSuggestion(unit, reason)
        elif not duty.is_lead:
            assistants.append(UnitSuggestion(unit, duty.item))
    if lead is not None:
        assistants = [suggestion for suggestion in assistants if suggestion.unit.id != lead.unit.id]
    return Suggestion(chosen, lead, tuple(assistants))
