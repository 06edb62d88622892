from collections.abc import Sequence

from django.db import transaction

from yijiaan.accounts import permissions
from yijiaan.accounts.models import Post, PostArea
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record


@transaction.atomic
def follow_redraw(*, actor: Actor, county: str, before: Sequence[str], after: Sequence[str]) -> int:
    """Posts over a grid that ended get the grids that came of it as well; the old one stays, for what lies under it from then.

    A redraw that kept the codes changes nothing, and neither does the same news again. Returns how many posts changed.
    """
    actor.require(permissions.APPOINT)
    new = [code for code in after if code not in before]
    if not new:
        return 0
    posts = Post.objects.filter(areas__area__in=before).distinct().select_related("unit").order_by("id")
    held = {post.id: set(post.areas.values_list("area_id", flat=True)) for post in posts}
    changed = 0
    for post in posts:
        missing = [code for code in new if code not in held[post.id]]
        if not missing:
            continue
        PostArea.objects.bulk_create(PostArea(post=post, area_id=code) for code in missing)
        changed += 1
        record(
            actor=actor,
            verb="accounts.areas_followed",
            county=county,
            subject_type="accounts.post",
            subject_id=post.id,
            area_code=post.unit.area_id,
            at=clock.now(),
            data={"areas": missing},
        )
    return changed
