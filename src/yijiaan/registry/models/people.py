from django.db import models
from django.db.models import F, Q

from yijiaan.core.county import CountyForeignKey, CountyModel
from yijiaan.core.scope import Actor, ScopedQuerySet
from yijiaan.core.sealed import SealedField, SearchHashField
from yijiaan.registry.models.buildings import Room
from yijiaan.registry.models.codes import (
    Education,
    HouseholdKind,
    IdKind,
    Marital,
    PersonKind,
    Political,
    Relation,
    Residence,
    Sex,
    Status,
)
from yijiaan.registry.models.records import FoundByWords, Record


class Household(FoundByWords, Record):
    """住户: who lives behind one door."""

    household_no = models.CharField("户号", max_length=20, blank=True, db_collation="C")
    kind = models.CharField("户类别", max_length=12, choices=HouseholdKind.choices, blank=True)
    address = models.CharField("住址", max_length=120, blank=True)
    phone_sealed = SealedField("户联系电话", blank=True)
    phone_search = SearchHashField("户电话检索", purpose="phone", null=True, default=None)
    since_on = models.DateField("入住日期", null=True, help_text="空：不清楚")
    plate_code = models.CharField("数字门牌码", max_length=24, blank=True, db_collation="C")
    note = models.CharField("备注", max_length=200, blank=True)
    room = CountyForeignKey(Room, models.PROTECT, verbose_name="房屋", null=True, related_name="households")

    class Meta:
        db_table = "household"
        verbose_name = verbose_name_plural = "住户"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["county", "household_no"],
                condition=Q(status=Status.ACTIVE) & Q(household_no__gt=""),
                name="household_no_once",
            ),
        ]
        indexes = [
            *Record.Meta.indexes,
            *FoundByWords.Meta.indexes,
            models.Index(fields=["county", "phone_search"], name="household_phone"),
            models.Index(fields=["county", "room"], name="household_of_room"),
            models.Index(fields=["county", "plate_code"], condition=Q(plate_code__gt=""), name="household_of_plate"),
            models.Index(
                fields=["county", "checked_on", "area_code", "id"], condition=Q(status="active"), name="household_due"
            ),
            models.Index(
                fields=["county", "area_code", "checked_on", "id"], condition=Q(status="active"), name="household_area_due"
            ),
        ]  # fmt: skip


class Person(Record):
    """个人: one human being, once in a county; name, numbers and registered address are sealed."""

    name_sealed = SealedField("姓名")
    name_search = SearchHashField("姓名检索", purpose="name", null=True, default=None)
    sort_key = models.CharField("姓名首字母", max_length=12, db_collation="C", blank=True, help_text="如 wxm，认不出人")
    id_kind = models.CharField("证件类别", max_length=14, choices=IdKind.choices, blank=True)
    id_no_sealed = SealedField("证件号码", blank=True)
    id_no_search = SearchHashField("证件号码检索", purpose="id_no", null=True, default=None)
    sex = models.CharField("性别", max_length=6, choices=Sex.choices, blank=True)
    birth_on = models.DateField("出生日期", null=True, help_text="空：不清楚")
    nation = models.CharField("民族", max_length=20, blank=True)
    phone_sealed = SealedField("手机号", blank=True)
    phone_search = SearchHashField("手机号检索", purpose="phone", null=True, default=None)
    kind = models.CharField("人口类别", max_length=12, choices=PersonKind.choices, blank=True)
    residence = models.CharField("人户状态", max_length=6, choices=Residence.choices, blank=True)
    registered_at_sealed = SealedField("户籍地址", blank=True)
    political = models.CharField("政治面貌", max_length=12, choices=Political.choices, blank=True)
    education = models.CharField("文化程度", max_length=12, choices=Education.choices, blank=True)
    marital = models.CharField("婚姻状况", max_length=10, choices=Marital.choices, blank=True)
    occupation = models.CharField("职业", max_length=40, blank=True)
    workplace = models.CharField("工作单位或学校", max_length=60, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    merged_into = CountyForeignKey(
        "self", models.CASCADE, verbose_name="并到哪一份", null=True, related_name="merged_from"
    )

    class Meta:
        db_table = "person"
        verbose_name = verbose_name_plural = "个人"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["county", "id_no_search"],
                condition=Q(id_no_search__isnull=False) & Q(status__in=["active", "moved_out", "dead"]),
                name="person_id_no_once",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.MERGED, merged_into__isnull=False)
                | (~Q(status=Status.MERGED) & Q(merged_into__isnull=True)),
                name="person_merged_into_one",
            ),
        ]
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["county", "name_search", "area_code"], name="person_name"),
            models.Index(fields=["county", "phone_search"], name="person_phone"),
            models.Index(fields=["county", "sort_key", "area_code", "id"], name="person_initials"),
            models.Index(
                fields=["county", "merged_into"], condition=Q(merged_into__isnull=False), name="person_merged"
            ),
        ]


class AlongPersonQuerySet(ScopedQuerySet):
    """Rows that hang on a person and are seen with him."""

    def visible_to(self, actor: Actor) -> "AlongPersonQuerySet":
        """Those of persons in the actor's areas, for who may read base data."""
        if not actor.may("registry.see_people"):
            return self.none()
        return self.filter(actor.area_filter("person__area_code"), county=actor.county)


class Membership(CountyModel):
    """户成员: that a person lives (or lived) in a household, and what he is to its head."""

    person = CountyForeignKey(Person, models.CASCADE, verbose_name="个人", related_name="memberships")
    household = CountyForeignKey(Household, models.PROTECT, verbose_name="住户", related_name="memberships")
    relation = models.CharField("与户主关系", max_length=14, choices=Relation.choices)
    from_on = models.DateField("从哪天", null=True, help_text="空：登记前就在")
    to_on = models.DateField("到哪天", null=True, help_text="空：还在")
    source = models.CharField("来源", max_length=60)
    added_at = models.DateTimeField("登记时间")

    objects = AlongPersonQuerySet.as_manager()

    class Meta:
        db_table = "membership"
        verbose_name = verbose_name_plural = "户成员"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "person"], condition=Q(to_on__isnull=True), name="membership_one_home"
            ),
            models.UniqueConstraint(
                fields=["county", "household"],
                condition=Q(to_on__isnull=True, relation=Relation.HEAD),
                name="membership_one_head",
            ),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(from_on__isnull=True) | Q(to_on__gte=F("from_on")),
                name="membership_period",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "household", "id"], name="membership_of_household"),
            models.Index(fields=["county", "person", "id"], name="membership_of_person"),
        ]


class PersonMerge(CountyModel):
    """并档: two records that were one human being; it holds what is needed to take them apart exactly."""

    kept = CountyForeignKey(Person, models.CASCADE, verbose_name="留下的", related_name="+")
    merged = CountyForeignKey(Person, models.CASCADE, verbose_name="并进来的", related_name="+")
    moved = models.JSONField("带过来的", default=dict, help_text="行的标识和原来的值，没有个人信息")
    reason = models.CharField("依据", max_length=200)
    merged_by = models.ForeignKey(
        "accounts.Post", models.PROTECT, db_index=False, verbose_name="并档岗位", null=True, related_name="+"
    )
    merged_at = models.DateTimeField("并档时间")
    undone_at = models.DateTimeField("拆开时间", null=True, help_text="空：没有拆开")

    class Meta:
        db_table = "person_merge"
        verbose_name = verbose_name_plural = "并档"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "merged"], condition=Q(undone_at__isnull=True), name="person_merge_once"
            )
        ]
        indexes = [models.Index(fields=["county", "kept", "id"], name="person_merge_kept")]
