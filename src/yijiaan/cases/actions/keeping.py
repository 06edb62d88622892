"""What a post keeps for itself in 事件中心: ways to narrow the list under names of its own."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import QueryDict

from yijiaan.cases.intake import clean_text
from yijiaan.cases.models import SavedView
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor

MOST = 12
LONGEST = 16


@transaction.atomic
def save_view(*, actor: Actor, name: str, query: str, is_shared: bool = False) -> SavedView:
    """Keep a way to narrow the list under a name; the same name again replaces it. RuleError no_name, too_long, too_many."""
    actor.require("cases.view")
    if actor.post_id is None or actor.unit_id is None:
        raise NotAllowed("cases.view")
    name = clean_text(name, most=200, field="name")
    if not name:
        raise RuleError("no_name", "请起个名字，例如“本周路灯”", "name")
    if len(name) > LONGEST:
        raise RuleError("too_long", f"名字最多 {LONGEST} 个字", "name")
    values = {"query_sealed": QueryDict(query).urlencode(), "is_shared": is_shared, "unit_id": actor.unit_id}
    mine = SavedView.objects.visible_to(actor).filter(post_id=actor.post_id)
    found = mine.filter(name=name).first()
    if found is not None:
        for column, value in values.items():
            setattr(found, column, value)
        found.save(update_fields=list(values))
        return found
    if mine.count() >= MOST:
        raise RuleError("too_many", f"最多保存 {MOST} 个，请先删掉不用的", "name")
    kept = SavedView(id=uuid7(), post_id=actor.post_id, name=name, created_at=clock.now(), **values)
    try:
        with transaction.atomic():
            kept.save(force_insert=True)
    except IntegrityError as error:  # pressed twice at once
        raise RuleError("saved_already", "这个名字刚刚保存过", "name") from error
    return kept


@transaction.atomic
def delete_view(*, actor: Actor, view_id: UUID) -> str:
    """Forget a kept view of the actor's own post, or one shared with it whose maker's post has ended; returns its name.

    NotFound for any other.
    """
    found = SavedView.objects.visible_to(actor).filter(id=view_id).select_related("post__user").first()
    if found is None or (found.post_id != actor.post_id and found.post.is_held_on(clock.local_day())):
        raise NotFound
    found.delete()
    return str(found.name)
