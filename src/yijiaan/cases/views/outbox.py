"""A report that a phone kept and sends now, and what it is told; the rest is the same for every app (`ui.kept`)."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse

from yijiaan.cases.intake import Intake, Receipt
from yijiaan.core.scope import Actor
from yijiaan.ui import kept
from yijiaan.ui.kept import HEADER, conflicting, is_kept, is_watched, kept_form, refused

__all__ = ["HEADER", "aged", "conflicting", "is_kept", "is_watched", "kept_form", "refuse_owner", "refused", "took"]

PUBLIC_OWNER = "public"


def aged(request: HttpRequest, intake: Intake) -> Intake:
    """The intake with the time that it lay in the phone."""
    return replace(intake, said_ago=kept_form(request).said_ago())


def refuse_owner(request: HttpRequest, actor: Actor) -> HttpResponse | None:
    """What another account kept on this phone is not sent in this one's name."""
    return kept.refuse_owner(request, actor.user_id)


def took(
    request: HttpRequest, intake: Intake, receipt: Receipt, *, number: str, url: str, refused: list[str]
) -> HttpResponse:
    """201 for a new report, 200 with the first number for a repeat."""
    return kept.took(
        request, client_key=intake.client_key, number=number, url=url, refused=refused, is_new=receipt.is_new
    )
