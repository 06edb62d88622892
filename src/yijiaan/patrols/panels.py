"""What the page of a household shows of visits: when it was visited, what was heard of moves, and when somebody goes again."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from yijiaan.core.scope import Actor
from yijiaan.patrols.permissions import PLAN_VISITS, VISIT
from yijiaan.patrols.queries import list_arrangements_of, list_visits
from yijiaan.registry.models import Household

MOST = 5


def visits_panel(actor: Actor, *, household: Household, is_field: bool) -> SafeString | str:
    """The last visits and the next day; nothing for who neither visits nor plans."""
    if not (actor.may(VISIT) or actor.may(PLAN_VISITS)):
        return ""
    context = {
        "household": household,
        "visits": list(list_visits(actor, household_id=household.id)[:MOST]),
        "arrangements": list_arrangements_of(actor, household_id=household.id),
        "may_visit": actor.may(VISIT) and household.is_active,
    }
    return render_to_string("patrols/visits/panel.html", context)
