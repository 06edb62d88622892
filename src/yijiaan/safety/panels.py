"""What the case page shows of safety: the hazard that a case came from."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from yijiaan.cases.models import Case
from yijiaan.core.scope import Actor
from yijiaan.safety.models import Hazard, Source


def hazard_panel(request: HttpRequest, actor: Actor, *, case: Case, said: str) -> SafeString | str:
    """A line that leads to the hazard; nothing for other cases."""
    if case.channel not in (Source.INSPECTION, Source.PATROL) or not actor.may("safety.view"):
        return ""
    hazard = Hazard.objects.visible_to(actor).filter(county=case.county, case_id=case.id).first()
    return render_to_string("safety/panel.html", {"hazard": hazard}) if hazard is not None else ""
