"""What posts write beside a case, and the filters they keep."""

from django.db import models
from django.db.models import Q, Subquery

from yijiaan.accounts.models import Post
from yijiaan.cases.models.case import Case
from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.identifiers import uuid7
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.core.sealed import SealedField


class NoteKind(models.TextChoices):
    NOTE = "note", "说明"
    ASKED = "asked", "请补充"
    ANSWERED = "answered", "补充内容"
    APPEAL = "appeal", "复核理由"
    CONTACT = "contact", "联系群众"
    URGE = "urge", "催办"
    SUPERVISE = "supervise", "督办"
    INSTRUCT = "instruct", "批示"
    WITHDRAW = "withdraw", "撤回原因"
    NEW_FACTS = "new_facts", "新情况"
    RELAYED = "relayed", "捎话"
    REPLIED = "replied", "报事人回话"


class Note(CountyModel):
    """A remark on a case for those who work on it, or the record of a talk with the reporter."""

    case = CountyForeignKey(Case, models.CASCADE, verbose_name="事件", related_name="notes")
    entry_id = models.UUIDField("日志", help_text="写下它的那条日志")
    kind = models.CharField("类别", max_length=10, choices=NoteKind.choices)
    text = models.CharField("内容", max_length=500)

    class Meta:
        db_table = "case_note"
        verbose_name = verbose_name_plural = "事件说明"
        indexes = [models.Index(fields=["county", "case"], name="note_of_case")]


class SavedViewQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "SavedViewQuerySet":
        """Those of the actor's post, and those shared among the posts of its kind in the unit."""
        if actor.post_id is None:
            return self.none()
        same_kind = Q(post__role_id=Subquery(Post.objects.filter(id=actor.post_id).values("role_id")))
        return self.filter(Q(post_id=actor.post_id) | Q(unit_id=actor.unit_id, is_shared=True) & same_kind)


class SavedView(models.Model):
    """A way to narrow 事件中心 that a post keeps under a name; whoever takes the post over finds it there."""

    distribution = "local"

    id = models.UUIDField("标识", primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey("accounts.Post", models.CASCADE, db_index=False, verbose_name="岗位", related_name="+")
    unit = models.ForeignKey("accounts.Unit", models.CASCADE, db_index=False, verbose_name="单位", related_name="+")
    name = models.CharField("名称", max_length=16)
    query_sealed = SealedField("条件", help_text="要找的话里可能有姓名或电话")
    is_shared = models.BooleanField("同单位同岗位的人也能用", default=False)
    created_at = models.DateTimeField("保存时间")

    is_editable = True  # for whoever lists it: his own, or shared by a post that nobody holds any more

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        db_table = "saved_view"
        verbose_name = verbose_name_plural = "常用筛选"
        constraints = [models.UniqueConstraint(fields=["post", "name"], name="saved_view_name_once")]
        indexes = [models.Index(fields=["unit", "is_shared"], name="saved_view_of_unit")]
