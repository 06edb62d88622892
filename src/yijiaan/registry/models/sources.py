from django.db import models
from django.db.models import Q

from yijiaan.core.county import CountyModel
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.core.sealed import SealedField, SearchHashField


class SourceKind(models.TextChoices):
    CADRE = "retired_cadre", "退休干部"
    SECRETARY = "old_secretary", "老支书"
    PARTY = "old_party_member", "老党员"
    WORTHY = "worthy", "乡贤达人"
    TEACHER = "old_teacher", "老教师"


class ConsentWay(models.TextChoices):
    IN_PERSON = "in_person", "当面说的"
    PHONE = "phone", "电话里说的"
    WRITTEN = "written", "签了字的"


class TrustedReporterQuerySet(ScopedQuerySet):
    def visible_to(self, actor: Actor) -> "TrustedReporterQuerySet":
        """Those of the actor's villages, for who keeps the lists."""
        if not actor.may("registry.keep_sources"):
            return self.none()
        return self.filter(actor.area_filter(), county=actor.county)


class TrustedReporter(CountyModel):
    """报事源头: somebody whom a village asked to tell what he sees, and who agreed; his name and phone are sealed."""

    area_code = models.CharField("所在村", max_length=12, db_collation="C")
    kind = models.CharField("身份", max_length=20, choices=SourceKind.choices)
    name_sealed = SealedField("姓名", help_text="退出时删掉")
    phone_sealed = SealedField("电话", blank=True, help_text="退出时删掉")
    phone_search = SearchHashField("电话检索", purpose="phone", null=True, default=None)
    consented_on = models.DateField("同意日期")
    consent_way = models.CharField("怎么同意的", max_length=12, choices=ConsentWay.choices)
    ended_on = models.DateField("退出日期", null=True)
    link_search = SearchHashField("报事链接检索", purpose="source_link", null=True, default=None)
    link_issued_at = models.DateTimeField("链接发出时间", null=True)
    added_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="登记岗位", null=True, related_name="+"
    )
    added_at = models.DateTimeField("登记时间")
    client_key = models.UUIDField("提交标识")

    objects = TrustedReporterQuerySet.as_manager()

    class Meta:
        db_table = "trusted_reporter"
        verbose_name = verbose_name_plural = "报事源头"
        constraints = [
            models.UniqueConstraint(fields=["county", "client_key"], name="trusted_client_key"),
            models.UniqueConstraint(fields=["county", "link_search"], name="trusted_link_once"),
            models.UniqueConstraint(
                fields=["county", "area_code", "phone_search"],
                condition=Q(ended_on__isnull=True, phone_search__isnull=False),
                name="trusted_phone_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(link_search__isnull=True), name="trusted_ended_has_no_link"
            ),
        ]
        indexes = [models.Index(fields=["county", "area_code", "id"], name="trusted_of_area")]

    @property
    def is_active(self) -> bool:
        """Still willing to tell."""
        return self.ended_on is None
