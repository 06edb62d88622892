"""住在哪间房: chosen on a page of its own, from the rooms of the household's village."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from yijiaan.accounts.access import staff_only
from yijiaan.core.errors import Conflict, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.registry import actions
from yijiaan.registry.drawing import name_of
from yijiaan.registry.fields import HOUSEHOLD, ROOM
from yijiaan.registry.queries import get_record, list_rooms_near
from yijiaan.registry.record_forms import RoomForm
from yijiaan.registry.views.frame import draw, path_of, reader


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def in_room(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Choose the room in which a household lives."""
    actor: Actor = reader(request)
    actor.require("registry.change")
    home = get_record(actor, kind="household", record_id=household_id)
    rooms = list_rooms_near(actor, household=home)
    choices = [(str(room.id), name_of(room, ROOM)) for room in rooms]
    initial: dict[str, Any] = {"room": str(home.room_id) if home.room_id else ""}
    form = RoomForm(
        request.POST if request.method == "POST" else None, choices=choices, has_one=bool(home.room_id), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data["room"]
        try:
            if not said:
                raise RuleError("no_room", "请选一间", "room")
            actions.set_room(
                actor=actor,
                household_id=household_id,
                room_id=None if said == RoomForm.NONE else UUID(said),
                **form.how(),
            )
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            done = "记下了。" if actor.may("registry.confirm") else "提上去了，等网格长或镇里核实。"
            messages.success(request, done)
            return redirect(path_of("household", household_id))
    told = "列出的是本村登记过的房屋。没有要找的，先到“房屋”里登记。"
    context = {"form": form, "kind": HOUSEHOLD, "button": "存下", "told": told, "draft": ""}
    return draw(
        request, "registry/form.html", context, heading=f"{name_of(home, HOUSEHOLD)}住在哪间房",
        back=path_of("household", household_id), status=422 if form.errors else 200,
    )  # fmt: skip
