"""The codes of base data. Proposals where no national table is quoted; a county may add aliases in `registry.fields`."""

from django.db import models


class Status(models.TextChoices):
    """Whether a record stands for something that is there."""

    ACTIVE = "active", "在册"
    MOVED_OUT = "moved_out", "已迁出"
    DEAD = "dead", "已去世"
    MERGED = "merged", "已并档"
    ENDED = "ended", "已注销"
    MISTAKEN = "mistaken", "登记有误"


class IdKind(models.TextChoices):
    IDENTITY_CARD = "identity_card", "居民身份证"
    PASSPORT = "passport", "护照"
    PERMIT = "permit", "港澳台居民证件"
    BIRTH = "birth", "出生医学证明"
    OTHER = "other", "其他证件"


class Sex(models.TextChoices):
    """GB/T 2261.1 in words."""

    MALE = "male", "男"
    FEMALE = "female", "女"


class Political(models.TextChoices):
    """The usual short list of GB/T 4762."""

    PARTY = "party", "中共党员"
    CANDIDATE = "candidate", "中共预备党员"
    YOUTH = "youth", "共青团员"
    OTHER_PARTY = "other_party", "民主党派"
    MASSES = "masses", "群众"


class Education(models.TextChoices):
    """The groups of GB/T 4658."""

    NONE = "none", "未上学"
    PRIMARY = "primary", "小学"
    MIDDLE = "middle", "初中"
    HIGH = "high", "高中"
    VOCATIONAL = "vocational", "中专中技"
    COLLEGE = "college", "大专"
    BACHELOR = "bachelor", "本科"
    MASTER = "master", "研究生"


class Marital(models.TextChoices):
    """GB/T 2261.2 in words."""

    SINGLE = "single", "未婚"
    MARRIED = "married", "已婚"
    WIDOWED = "widowed", "丧偶"
    DIVORCED = "divorced", "离婚"


class PersonKind(models.TextChoices):
    REGISTERED = "registered", "户籍人口"
    FLOATING = "floating", "流动人口"
    UNREGISTERED = "unregistered", "未落户人口"
    OVERSEAS = "overseas", "境外人员"


class Residence(models.TextChoices):
    """人户一致: whether somebody lives where he is registered."""

    SAME = "same", "人户一致"
    AWAY = "away", "户在人不在"
    HERE = "here", "人在户不在"


class Relation(models.TextChoices):
    """To the head of the household (GB/T 4761, the groups)."""

    HEAD = "head", "户主"
    SPOUSE = "spouse", "配偶"
    CHILD = "child", "子女"
    CHILD_IN_LAW = "child_in_law", "儿媳女婿"
    PARENT = "parent", "父母"
    GRANDPARENT = "grandparent", "祖父母"
    GRANDCHILD = "grandchild", "孙子女"
    SIBLING = "sibling", "兄弟姐妹"
    OTHER = "other", "其他"


class HouseholdKind(models.TextChoices):
    FAMILY = "family", "家庭户"
    COLLECTIVE = "collective", "集体户"
    TENANT = "tenant", "租住户"


class BuildingUse(models.TextChoices):
    HOME = "home", "住宅"
    MIXED = "mixed", "商住混合"
    BUSINESS = "business", "商业"
    FACTORY = "factory", "厂房仓库"
    OFFICE = "office", "办公"
    SCHOOL = "school", "学校"
    EMPTY = "empty", "闲置"


class YesNo(models.TextChoices):
    """A fact that may also be unknown: then it is empty."""

    YES = "yes", "是"
    NO = "no", "否"


class OrganisationKind(models.TextChoices):
    COMPANY = "company", "企业"
    SHOP = "shop", "个体工商户"
    FARM = "farm", "合作社、家庭农场"
    SCHOOL = "school", "学校、幼儿园"
    CLINIC = "clinic", "医疗机构"
    OFFICE = "office", "机关事业单位"
    SOCIETY = "society", "社会组织"
    OTHER = "other", "其他"


class RiskGrade(models.TextChoices):
    """Colours of the double-prevention practice (风险分级管控)."""

    LOW = "low", "蓝色（低风险）"
    GENERAL = "general", "黄色（一般风险）"
    LARGER = "larger", "橙色（较大风险）"
    MAJOR = "major", "红色（重大风险）"


class PlaceKind(models.TextChoices):
    SQUARE = "square", "广场公园"
    MARKET = "market", "集市"
    HALL = "hall", "村委、活动室"
    ELDERLY = "elderly", "幸福院、养老点"
    LODGING = "lodging", "旅馆"
    CATERING = "catering", "餐饮"
    WATER = "water", "水塘河渠"
    SITE = "site", "施工工地"
    OTHER = "other", "其他"


class FacilityState(models.TextChoices):
    FINE = "fine", "完好"
    WORN = "worn", "老化"
    BROKEN = "broken", "损坏"
    GONE = "gone", "缺失"


class VehicleKind(models.TextChoices):
    CAR = "car", "小客车"
    TRUCK = "truck", "货车"
    TRICYCLE = "tricycle", "三轮车"
    SCHOOL_BUS = "school_bus", "校车"
    FARM = "farm", "农用机械"
    DANGEROUS = "dangerous", "危化品车"
    OTHER = "other", "其他"


class CareKind(models.TextChoices):
    """Lists of people who need care; there is no list that controls anybody."""

    ELDER_ALONE = "elder_alone", "独居老人"
    ELDER_80 = "elder_80", "高龄老人"
    DISABLED = "disabled", "残疾人"
    UNABLE = "unable", "失能人员"
    LEFT_BEHIND_CHILD = "left_behind_child", "留守儿童"
    HARDSHIP_CHILD = "hardship_child", "困境儿童"
    DIBAO = "dibao", "低保对象"
    SPECIAL_SUPPORT = "special_support", "特困人员"
    VETERAN_CARE = "veteran_care", "优抚对象"
    SERIOUS_ILLNESS = "serious_illness", "重病患者"
    TEMPORARY = "temporary", "临时困难"


class CareBasis(models.TextChoices):
    STATUTE = "statute", "法规政策规定"
    CONSENT = "consent", "本人或监护人同意"


class ChangeState(models.TextChoices):
    OPEN = "open", "待核实"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "未采纳"
    UNDONE = "undone", "已撤回"
