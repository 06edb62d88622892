"""Forms and their columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.oneform.catalogue import BLANK
from yijiaan.oneform.matching import Meaning, label_key, propose
from yijiaan.oneform.models import ASKED, FormColumn, LabelMeaning, OneForm


@dataclass(frozen=True, slots=True)
class ColumnCounts:
    """How the columns of a form are filled."""

    all: int
    filled: int
    asked: int
    blank: int


def list_forms(actor: Actor) -> QuerySet[OneForm]:
    """The forms in and around the actor's areas, newest first, each with `column_count` and `asked_count`."""
    rows = OneForm.objects.visible_to(actor).annotate(
        column_count=Count("columns"), asked_count=Count("columns", filter=Q(columns__source=ASKED))
    )
    return rows.order_by("-id")


def list_asking(actor: Actor) -> list[OneForm]:
    """The forms for which something is asked today in or around the actor's areas, the first to end first; at most fifty."""
    rows = OneForm.objects.visible_to(actor).filter(state="open", ends_on__gte=clock.local_day())
    return list(rows.order_by("ends_on", "id")[:50])


def get_form(actor: Actor, *, form_id: UUID) -> OneForm:
    """One form; NotFound where none of its areas lies in or around the actor's, and for a draft but to who manages forms."""
    found: OneForm = OneForm.objects.get_visible(actor, county=actor.county, id=form_id)
    return found


def list_columns(actor: Actor, *, form: OneForm) -> list[FormColumn]:
    """The columns of a form in their order."""
    return list(FormColumn.objects.filter(county=form.county, form=form).order_by("place"))


def count_columns(actor: Actor, *, columns: Iterable[FormColumn]) -> ColumnCounts:
    """How many are filled from the base, asked, left blank."""
    found = [column.source for column in columns]
    asked, blank = found.count(ASKED), found.count(BLANK)
    return ColumnCounts(len(found), len(found) - asked - blank, asked, blank)


def propose_columns(actor: Actor, *, labels: Sequence[str], per: str) -> list[Meaning]:
    """What each label means: as it was explained for another form of the county, else by its words."""
    keys = [label_key(label) for label in labels]
    known = {
        row.label_key: Meaning(row.source, row.asked_kind, tuple(row.choices))
        for row in LabelMeaning.objects.filter(county=actor.county, per=per, label_key__in=keys)
    }
    return propose(labels, per=per, remembered=known)
