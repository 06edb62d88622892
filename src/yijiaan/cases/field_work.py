"""八大员: which role a grid worker's reports belong to, by what they were about."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Case as Choose
from django.db.models import CharField, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from yijiaan.cases.models import Case
from yijiaan.cases.paths import case_path
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.providers import SEALED, EightRole, FieldWork, register_field_work

BY_CATEGORY = {
    "01": EightRole.DISPUTE,
    "02": EightRole.SAFETY,
    "07": EightRole.ERRAND,
    "0701": EightRole.CARE,
    "08": EightRole.SAFETY,
    "09": EightRole.SAFETY,
}


def _category() -> Coalesce:
    """The present category of the case that an entry is about; that of a tip or a clue is nobody's to count."""
    of_case = Case.objects.filter(county=OuterRef("county"), id=OuterRef("subject_id"))
    said = Choose(When(is_confidential=True, then=Value(SEALED)), default=F("category__code"), output_field=CharField())
    return Coalesce(Subquery(of_case.annotate(said=said).values("said")[:1]), Value(""), output_field=CharField())


def name_cases(actor: Actor, *, ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Titles of cases that the actor may see, with their pages."""
    seen = Case.objects.visible_to(actor).filter(county=actor.county, id__in=list(ids))
    return {
        row.id: (f"{row.title}（{row.number}）", case_path(row.number))
        for row in seen.only("number", "title", "county")
    }


def register() -> None:
    """Called once when the apps are ready."""
    register_field_work(
        (
            FieldWork("cases.received", EightRole.OPINION, "上报的事件，按类别分", name_cases, _category, BY_CATEGORY),
            FieldWork("cases.told_by_proxy", EightRole.ERRAND, "替群众代报", name_cases, _category),
            FieldWork("cases.finished", EightRole.ERRAND, "在村里办成的事", name_cases, _category),
        )
    )
