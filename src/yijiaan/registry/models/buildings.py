from django.db import models

from yijiaan.core.county import CountyForeignKey
from yijiaan.core.sealed import SealedField
from yijiaan.registry.models.codes import BuildingUse, YesNo
from yijiaan.registry.models.records import FoundByWords, Record


class Building(FoundByWords, Record):
    """楼栋: a building with its floors, and who looks after it."""

    name = models.CharField("楼栋名称", max_length=60)
    address = models.CharField("地址", max_length=120, blank=True)
    use = models.CharField("用途", max_length=12, choices=BuildingUse.choices, blank=True)
    floors = models.PositiveSmallIntegerField("层数", null=True, help_text="空：不清楚")
    units_count = models.PositiveSmallIntegerField("单元数", null=True, help_text="空：不清楚")
    built_year = models.PositiveSmallIntegerField("建成年份", null=True, help_text="空：不清楚")
    head_sealed = SealedField("楼栋长", blank=True)
    head_phone_sealed = SealedField("楼栋长电话", blank=True)
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)

    class Meta:
        db_table = "building"
        verbose_name = verbose_name_plural = "楼栋"
        constraints = Record.Meta.constraints
        indexes = [*Record.Meta.indexes, *FoundByWords.Meta.indexes]


class Room(FoundByWords, Record):
    """房屋: one dwelling or shop, in a building or on its own."""

    building = CountyForeignKey(Building, models.PROTECT, verbose_name="楼栋", null=True, related_name="rooms")
    door_no = models.CharField("门牌号", max_length=30)
    address = models.CharField("地址", max_length=120, blank=True)
    floor_area = models.PositiveIntegerField("面积（平方米）", null=True, help_text="空：不清楚")
    use = models.CharField("用途", max_length=12, choices=BuildingUse.choices, blank=True)
    is_rented = models.CharField("是否出租", max_length=3, choices=YesNo.choices, blank=True)
    owner_sealed = SealedField("产权人", blank=True)
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)

    class Meta:
        db_table = "room"
        verbose_name = verbose_name_plural = "房屋"
        constraints = Record.Meta.constraints
        indexes = [
            *Record.Meta.indexes,
            *FoundByWords.Meta.indexes,
            models.Index(fields=["county", "building", "id"], name="room_of_building"),
        ]
