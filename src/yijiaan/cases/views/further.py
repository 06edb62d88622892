"""The moves beside the straight way, one sub-resource each, made from the table in `cases.further`."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST

from yijiaan.accounts.access import staff_only
from yijiaan.cases.further import MOVES, form_of
from yijiaan.cases.models import Case
from yijiaan.cases.queries import get_case
from yijiaan.cases.views.moves import try_move
from yijiaan.core.scope import Actor


def view_of(name: str) -> Callable[..., HttpResponseBase]:
    """The view that makes a move of the table."""
    further = MOVES[name]

    def move(request: HttpRequest, number: str) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        form = form_of(actor, get_case(actor, number=number), name, data=request.POST)

        def deed() -> Case:
            return further.deed(
                actor=actor, number=number, seen_version=form.cleaned_data["seen_version"], **further.values(form)
            )

        return try_move(request, number, name, form, deed, further.say)

    move.__name__ = name
    move.__doc__ = f"{further.label}."
    return staff_only(require_POST(move))
