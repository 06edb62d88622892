from django.db import transaction

from yijiaan.cases import permissions
from yijiaan.cases.models import Channel, ChannelSetting
from yijiaan.cases.queries.channels import CLOSABLE, forget_channels
from yijiaan.core import clock
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.engines.journal.actions import record

SUBJECT = "cases.channelsetting"


@transaction.atomic
def set_channel(*, actor: Actor, code: str, name: str, is_open: bool) -> ChannelSetting:
    """Name a channel and open or shut it. What has come in by it stays. NotFound for an unknown one; RuleErrors long_name,
    name_taken at name, not_closable at is_open."""
    actor.require(permissions.SET_CHANNELS)
    if code not in Channel.values:
        raise NotFound
    name = " ".join(name.split())
    shipped = str(Channel(code).label)
    if len(name) > 20:
        raise RuleError("long_name", "名称最多 20 个字", "name")
    others = dict(ChannelSetting.objects.exclude(code=code).values_list("code", "name"))
    taken = {others.get(other) or label for other, label in Channel.choices if other != code}
    if name and name in taken:
        raise RuleError("name_taken", "已有别的渠道叫这个名字，请换一个", "name")
    if not is_open and code not in CLOSABLE:
        raise RuleError("not_closable", "这个渠道不是对外的入口，不能关", "is_open")
    row, made = ChannelSetting.objects.select_for_update().get_or_create(code=code)
    before = {"name": row.name or shipped, "is_open": row.is_open}
    row.name, row.is_open = ("" if name == shipped else name), is_open
    after = {"name": row.name or shipped, "is_open": row.is_open}
    changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if not changed:
        return row
    row.save(update_fields=["name", "is_open"])
    forget_channels()
    record(
        actor=actor,
        verb="cases.channel_set",
        county=actor.county,
        subject_type=SUBJECT,
        subject_id=row.id,
        area_code=actor.county,
        at=clock.now(),
        data={"code": code, "changed": changed},
    )
    return row
