"""The field table: for each kind of record its facts. Forms, pages, changes, completeness and imports derive from it.

aliases are the names that the ledgers of towns use for the same fact (实有人口、户籍人口、流动人口、实有单位、房屋、楼宇、部件 …).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from yijiaan.core.bigrams import normal
from yijiaan.registry.models import Building, Facility, Household, Organisation, Person, Place, Record, Room, Vehicle
from yijiaan.registry.models import codes as c


class FieldType(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    INTEGER = "integer"
    IDENTITY = "identity"
    PHONE = "phone"
    CREDIT_CODE = "credit_code"
    PLATE_NO = "plate_no"  # of a vehicle
    DOOR_PLATE = "door_plate"
    DEGREE = "degree"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class Field:
    """One fact. counts: it has a registered use, so it stands in the completeness; use says which."""

    key: str
    label: str
    type: FieldType = FieldType.TEXT
    aliases: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    most: int = 60
    is_sealed: bool = False
    is_named: bool = False  # a record without it is nothing: it must be given
    has_search: bool = False
    use: str = ""
    hint: str = ""

    @property
    def counts(self) -> bool:
        """Whether it stands in the completeness."""
        return bool(self.use)

    @property
    def attribute(self) -> str:
        """The attribute of the model."""
        return f"{self.key}_sealed" if self.is_sealed else self.key

    @property
    def empty(self) -> Any:
        """What stands for unknown."""
        return None if self.type in (FieldType.DATE, FieldType.INTEGER, FieldType.DEGREE) else ""


@dataclass(frozen=True)
class Kind:
    """One kind of record. parent: the attribute and kind of what it stands in; words: the facts it is found by."""

    code: str
    label: str
    icon: str
    model: type[Record]
    fields: tuple[Field, ...]
    title: tuple[str, ...]
    words: tuple[str, ...] = ()
    parent: tuple[str, str] | None = None

    def field(self, key: str) -> Field:
        """A fact by its key; KeyError for an unknown one."""
        return self._by_key[key]

    @cached_property
    def _by_key(self) -> dict[str, Field]:
        return {field.key: field for field in self.fields}

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of all facts."""
        return tuple(field.key for field in self.fields)

    @cached_property
    def counted(self) -> tuple[Field, ...]:
        """The facts that stand in the completeness."""
        return tuple(field for field in self.fields if field.counts)

    @cached_property
    def named(self) -> Field:
        """The fact without which a record is nothing."""
        return next(field for field in self.fields if field.is_named)


def _choice(key: str, label: str, codes: Any, aliases: tuple[str, ...] = (), **more: Any) -> Field:
    return Field(key, label, FieldType.CHOICE, aliases, tuple(codes.choices), **more)


def _point() -> tuple[Field, ...]:
    return (
        Field("lon", "经度", FieldType.DEGREE, ("X 坐标",), hint="例如 116.6012，和纬度一起填"),
        Field("lat", "纬度", FieldType.DEGREE, ("Y 坐标",)),
    )


def _area(label: str = "所在村或网格") -> Field:
    return Field("area_code", label, FieldType.AREA, ("所属网格", "社区/村", "网格"), use="归哪个网格管")


DATE, PHONE, COUNT = FieldType.DATE, FieldType.PHONE, FieldType.INTEGER
ADDRESS = ("地址", "住址", "现居住地址", "详细地址", "居住地址", "暂住处所", "临时居所")

HOUSEHOLD = Kind("household", "住户", "house", Household, (
    Field("address", "住址", aliases=ADDRESS, most=120, is_named=True, use="找到这一户"),
    Field("household_no", "户号", aliases=("户口本编号", "户口号"), most=20, use="和户口本对上"),
    _choice("kind", "户类别", c.HouseholdKind, ("户类型",), use="分清家庭户、集体户、租住户"),
    Field("phone", "户联系电话", PHONE, ("户主手机", "家庭电话", "住宅电话", "固定电话"), is_sealed=True, has_search=True, use="有事联系得上"),
    Field("since_on", "入住日期", DATE, ("居住时间", "流入时间")),
    Field("plate_code", "数字门牌码", FieldType.DOOR_PLATE, ("门牌码",), most=24, hint="门牌上的 20 位码"),
    _area(),
    Field("note", "备注", aliases=("备注",), most=200),
), title=("address",), words=("address", "household_no"), parent=("room", "room"))  # fmt: skip

PERSON = Kind("person", "个人", "user", Person, (
    Field("name", "姓名", aliases=("姓名", "户主姓名"), most=40, is_sealed=True, is_named=True, has_search=True, use="认得是谁"),
    _choice("id_kind", "证件类别", c.IdKind, ("证件类型", "持证种类")),
    Field("id_no", "证件号码", FieldType.IDENTITY, ("身份证号", "身份证号码", "公民身份号码", "证件号"), most=30, is_sealed=True, has_search=True, use="不重复登记、办事核对"),
    _choice("sex", "性别", c.Sex, use="统计和服务"),
    Field("birth_on", "出生日期", DATE, ("出生年月", "生日"), use="算年龄：高龄津贴、入学、疫苗"),
    Field("nation", "民族", most=20),
    Field("phone", "手机号", PHONE, ("联系手机", "手机", "联系电话", "手机号码", "电话"), is_sealed=True, has_search=True, use="有事联系得上"),
    _choice("kind", "人口类别", c.PersonKind, ("人口类型", "实口类型"), use="分清户籍、流动、未落户"),
    _choice("residence", "人户状态", c.Residence, ("人户一致标识", "人户状态"), use="知道人在不在"),
    Field("registered_at", "户籍地址", aliases=("户籍详址", "户籍详细地址", "户籍地详址", "户籍地"), most=120, is_sealed=True),
    _choice("political", "政治面貌", c.Political),
    _choice("education", "文化程度", c.Education, ("学历",)),
    _choice("marital", "婚姻状况", c.Marital),
    Field("occupation", "职业", most=40),
    Field("workplace", "工作单位或学校", aliases=("工作单位", "工作单位或就读学校", "服务处所")),
    Field("note", "备注", most=200),
), title=("name",))  # fmt: skip

BUILDING = Kind("building", "楼栋", "building-2", Building, (
    Field("name", "楼栋名称", aliases=("建筑物名称", "楼宇名称", "楼栋"), is_named=True, use="找到这栋楼"),
    Field("address", "地址", aliases=ADDRESS, most=120, use="找到这栋楼"),
    _choice("use", "用途", c.BuildingUse, ("建筑物用途", "房屋用途")),
    Field("floors", "层数", COUNT, ("楼层数", "总层数"), use="消防和疏散"),
    Field("units_count", "单元数", COUNT),
    Field("built_year", "建成年份", COUNT, ("建造年份", "建成时间"), use="查老旧房屋"),
    Field("head", "楼栋长", most=40, is_sealed=True, use="有事找谁"),
    Field("head_phone", "楼栋长电话", PHONE, is_sealed=True),
    _area(), *_point(),
), title=("name",), words=("name", "address"))  # fmt: skip

ROOM = Kind("room", "房屋", "door-open", Room, (
    Field("door_no", "门牌号", aliases=("房号", "房屋编号", "门牌号码"), most=30, is_named=True, use="找到这一间"),
    Field("address", "地址", aliases=("房屋准确地址", *ADDRESS), most=120, use="找到这一间"),
    Field("floor_area", "面积（平方米）", COUNT, ("房屋面积", "面积（m2）", "建筑面积")),
    _choice("use", "用途", c.BuildingUse, ("房屋用途",), use="分清住人和营业"),
    _choice("is_rented", "是否出租", c.YesNo, ("出租房", "是否出租房"), use="出租房消防检查"),
    Field("owner", "产权人", aliases=("房主", "产权人姓名", "房东"), most=60, is_sealed=True, use="有事找谁"),
    _area(), *_point(),
), title=("address", "door_no"), words=("address", "door_no"), parent=("building", "building"))  # fmt: skip

ORGANISATION = Kind("organisation", "单位", "briefcase", Organisation, (
    Field("name", "单位名称", aliases=("名称", "企业名称", "组织名称", "学校名称"), most=80, is_named=True, use="找到这一家"),
    Field("credit_code", "统一社会信用代码", FieldType.CREDIT_CODE, ("组织机构代码", "营业执照号码", "营业执照号", "信用代码"), most=18, use="和登记对上"),
    _choice("kind", "单位类别", c.OrganisationKind, ("单位类型", "企业类型", "组织类别", "类别"), use="分类服务"),
    Field("address", "单位地址", aliases=("住所", "单位场所地址", "地址"), most=120, use="找到这一家"),
    Field("legal_person", "法定代表人", aliases=("法人代表", "法人", "代表人/业主", "负责人"), most=40, is_sealed=True, use="有事找谁"),
    Field("legal_phone", "法定代表人电话", PHONE, ("负责人手机号码", "负责人联系电话", "联系手机", "单位电话"), is_sealed=True, use="有事联系得上"),
    Field("safety_head", "安全负责人", aliases=("安全管理员", "安全员"), most=40, is_sealed=True),
    Field("safety_phone", "安全负责人电话", PHONE, is_sealed=True),
    Field("staff_count", "从业人数", COUNT, ("员工人数", "职工人数", "成员数")),
    Field("party_count", "党员人数", COUNT, ("党员数",)),
    _choice("risk_grade", "风险等级", c.RiskGrade, ("隐患程度", "风险级别"), use="安全检查的轻重"),
    Field("plate_code", "数字门牌码", FieldType.DOOR_PLATE, most=24, hint="门牌上的 20 位码"),
    _area(), *_point(),
), title=("name",), words=("name", "address"))  # fmt: skip

PLACE = Kind("place", "场所", "trees", Place, (
    Field("name", "场所名称", aliases=("场所名字", "名称"), most=80, is_named=True, use="找到这里"),
    _choice("kind", "场所类别", c.PlaceKind, ("公共场所场所类别", "场所类型", "单位场所类别"), use="分类检查"),
    Field("address", "场所地址", aliases=("地址", "位置"), most=120, use="找到这里"),
    Field("head", "负责人", aliases=("管理人",), most=40, is_sealed=True, use="有事找谁"),
    Field("head_phone", "负责人电话", PHONE, ("联系电话", "联系手机"), is_sealed=True, use="有事联系得上"),
    Field("capacity", "核定人数", COUNT, ("容纳人数",)),
    _choice("risk_grade", "风险等级", c.RiskGrade),
    _area(), *_point(),
), title=("name",), words=("name", "address"))  # fmt: skip

FACILITY = Kind("facility", "部件", "lamp", Facility, (
    Field("name", "部件名称", aliases=("名称", "设施名称"), is_named=True, use="是什么东西"),
    Field("component_code", "部件编码", aliases=("部件代码", "编号", "标识码"), most=20, use="和权属单位对上"),
    Field("owner_unit", "权属单位", aliases=("产权单位", "主管部门", "养护单位"), use="坏了找谁"),
    Field("address", "位置", aliases=("所在位置", "地址"), most=120, use="找得到"),
    _choice("state", "完好状况", c.FacilityState, ("状态",), use="该修的修"),
    _area(), *_point(),
), title=("name",), words=("name", "address", "component_code"))  # fmt: skip

VEHICLE = Kind("vehicle", "车辆", "bus", Vehicle, (
    Field("plate_no", "车牌号", FieldType.PLATE_NO, ("车牌号码", "号牌号码"), most=10, is_sealed=True, is_named=True, has_search=True, use="认得是哪辆"),
    _choice("kind", "车辆类别", c.VehicleKind, ("车辆类型",), use="校车和危化品车的检查"),
    Field("seats", "核载人数", COUNT, ("核定载客", "座位数")),
    Field("inspected_until", "年检有效期至", DATE, ("检验有效期", "年检到期"), use="年检在不在期"),
    _area(),
), title=("plate_no",), parent=("organisation", "organisation"))  # fmt: skip

KINDS: dict[str, Kind] = {
    kind.code: kind for kind in (HOUSEHOLD, PERSON, ORGANISATION, PLACE, FACILITY, BUILDING, ROOM, VEHICLE)
}


def field_named(kind: Kind, heading: str) -> Field | None:
    """The fact that a column of a ledger means, by label or alias; width, spaces, and the star of a required column do not matter."""
    wanted = normal(heading).strip("*")
    for field in kind.fields:
        if wanted in {normal(name) for name in (field.label, *field.aliases)}:
            return field
    return None
