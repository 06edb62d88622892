from django.db import models
from django.db.models import Q

from yijiaan.core.county import CountyForeignKey
from yijiaan.core.sealed import SealedField, SearchHashField
from yijiaan.registry.models.codes import FacilityState, OrganisationKind, PlaceKind, RiskGrade, Status, VehicleKind
from yijiaan.registry.models.records import FoundByWords, Record


class Organisation(FoundByWords, Record):
    """单位: a company, shop, farm, school or office; the people it names are sealed."""

    name = models.CharField("单位名称", max_length=80)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True, db_collation="C")
    kind = models.CharField("单位类别", max_length=10, choices=OrganisationKind.choices, blank=True)
    address = models.CharField("单位地址", max_length=120, blank=True)
    legal_person_sealed = SealedField("法定代表人", blank=True)
    legal_phone_sealed = SealedField("法定代表人电话", blank=True)
    safety_head_sealed = SealedField("安全负责人", blank=True)
    safety_phone_sealed = SealedField("安全负责人电话", blank=True)
    staff_count = models.PositiveIntegerField("从业人数", null=True, help_text="空：不清楚")
    party_count = models.PositiveIntegerField("党员人数", null=True, help_text="空：不清楚")
    risk_grade = models.CharField("风险等级", max_length=8, choices=RiskGrade.choices, blank=True)
    plate_code = models.CharField("数字门牌码", max_length=24, blank=True, db_collation="C")
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)

    class Meta:
        db_table = "organisation"
        verbose_name = verbose_name_plural = "单位"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["county", "credit_code"],
                condition=Q(status=Status.ACTIVE) & Q(credit_code__gt=""),
                name="organisation_credit_code_once",
            ),
        ]
        indexes = [
            *Record.Meta.indexes,
            *FoundByWords.Meta.indexes,
            models.Index(fields=["county", "plate_code"], condition=Q(plate_code__gt=""), name="organisation_of_plate"),
        ]


class Place(FoundByWords, Record):
    """场所: a public place that somebody looks after."""

    name = models.CharField("场所名称", max_length=80)
    kind = models.CharField("场所类别", max_length=10, choices=PlaceKind.choices, blank=True)
    address = models.CharField("场所地址", max_length=120, blank=True)
    head_sealed = SealedField("负责人", blank=True)
    head_phone_sealed = SealedField("负责人电话", blank=True)
    capacity = models.PositiveIntegerField("核定人数", null=True, help_text="空：不清楚")
    risk_grade = models.CharField("风险等级", max_length=8, choices=RiskGrade.choices, blank=True)
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)

    class Meta:
        db_table = "place"
        verbose_name = verbose_name_plural = "场所"
        constraints = Record.Meta.constraints
        indexes = [*Record.Meta.indexes, *FoundByWords.Meta.indexes]


class Facility(FoundByWords, Record):
    """部件: a thing in the street that somebody owns and mends."""

    name = models.CharField("部件名称", max_length=60)
    component_code = models.CharField("部件编码", max_length=20, blank=True, db_collation="C")
    owner_unit = models.CharField("权属单位", max_length=60, blank=True)
    address = models.CharField("位置", max_length=120, blank=True)
    state = models.CharField("完好状况", max_length=6, choices=FacilityState.choices, blank=True)
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)

    class Meta:
        db_table = "facility"
        verbose_name = verbose_name_plural = "部件"
        constraints = Record.Meta.constraints
        indexes = [*Record.Meta.indexes, *FoundByWords.Meta.indexes]


class Vehicle(Record):
    """车辆: a vehicle that matters for safety or service; its plate is sealed."""

    plate_no_sealed = SealedField("车牌号")
    plate_no_search = SearchHashField("车牌号检索", purpose="plate_no", null=True, default=None)
    kind = models.CharField("车辆类别", max_length=12, choices=VehicleKind.choices, blank=True)
    seats = models.PositiveSmallIntegerField("核载人数", null=True, help_text="空：不清楚")
    inspected_until = models.DateField("年检有效期至", null=True, help_text="空：不清楚")
    organisation = CountyForeignKey(
        Organisation, models.PROTECT, verbose_name="所属单位", null=True, related_name="vehicles"
    )

    class Meta:
        db_table = "vehicle"
        verbose_name = verbose_name_plural = "车辆"
        constraints = Record.Meta.constraints
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["county", "plate_no_search"], name="vehicle_plate_no"),
            models.Index(fields=["county", "organisation"], name="vehicle_of_organisation"),
        ]
