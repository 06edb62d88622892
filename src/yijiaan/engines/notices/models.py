from django.db import models

from yijiaan.core.county import CountyModel
from yijiaan.core.scope import Actor, ScopedQuerySet


class NoticeQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "NoticeQuerySet":
        """What was sent to my unit, or to my post in it."""
        mine = models.Q(post_id=actor.post_id) | models.Q(post__isnull=True)
        return self.filter(mine, county=actor.county, unit_id=actor.unit_id)


class Notice(CountyModel):
    """One message to a unit, or to one post in it."""

    unit = models.ForeignKey("accounts.Unit", models.CASCADE, db_index=False, verbose_name="接收单位", related_name="+")
    post = models.ForeignKey(
        "accounts.Post", models.CASCADE, db_index=False, verbose_name="接收岗位", null=True, related_name="+"
    )
    title = models.CharField("标题", max_length=80)
    link = models.CharField("链接", max_length=200, blank=True)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True)
    dedup_key = models.CharField("去重键", max_length=100)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        db_table = "notice"
        verbose_name = verbose_name_plural = "通知"
        constraints = [models.UniqueConstraint(fields=["county", "dedup_key"], name="notice_once")]
        indexes = [
            models.Index(fields=["county", "unit", "-created_at"], name="notice_of_unit"),
        ]
