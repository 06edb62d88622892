"""The forms of this app for the table of all forms: who fills them in, how long it takes, what for, which deeds come of it."""

from yijiaan.ui.filling import Filled, register_filled

VILLAGE, CENTRE = "网格员、网格长", "镇中心"
FORMS = (
    Filled("registry.record_forms.RecordForm", "登记或改基础数据", VILLAGE, 3, "住户、房屋、单位、地点只登记一次，别处都用它", ("registry.record_added", "registry.facts_changed", "registry.change_proposed"), has_own_fields=True),
    Filled("registry.record_forms.PersonForm", "登记个人", VILLAGE, 3, "家里有谁，要照顾谁", ("registry.person_added",), has_own_fields=True),
    Filled("registry.record_forms.BirthForm", "登记出生", VILLAGE, 1, "家里添了谁", ("registry.birth_recorded",)),
    Filled("registry.record_forms.MoveInForm", "登记迁入", VILLAGE, 1, "人现在住哪里", ("registry.moved_in",)),
    Filled("registry.record_forms.LeaveForm", "登记迁出、去世", VILLAGE, 1, "名册上不再是他", ("registry.moved_out", "registry.death_recorded")),
    Filled("registry.record_forms.HeadForm", "换户主", VILLAGE, 1, "这一户现在找谁", ("registry.head_set",)),
    Filled("registry.record_forms.RelationForm", "改与户主关系", VILLAGE, 0.5, "家里谁是谁", ("registry.relation_changed",)),
    Filled("registry.record_forms.RoomForm", "登记住在哪间房", VILLAGE, 0.5, "找得到这一户，图上有位置", ("registry.room_set",)),
    Filled("registry.record_forms.CareForm", "列入或复核关爱", "网格长、镇中心", 2, "谁要上门照顾、依据什么、哪天再看", ("registry.care_added", "registry.care_reviewed", "registry.care_ended")),
    Filled("registry.record_forms.LookForm", "查看个人信息", VILLAGE, 0.5, "看一眼要说明为了什么", ("registry.identity_seen",)),
    Filled("registry.record_forms.ReasonForm", "不采纳变更、拆档、注销", "网格长、镇中心", 0.5, "提出的人知道为什么", ("registry.change_refused", "registry.people_unmerged", "registry.record_ended")),
    Filled("registry.record_forms.MergeForm", "并档", CENTRE, 1, "一个人只有一份档", ("registry.people_merged",)),
    Filled("registry.forms.PlatesForm", "做数字门牌", CENTRE, 3, "扫码的人不用写地点", ("registry.plate_made",)),
    Filled("registry.forms.EndPlateForm", "停用、换新门牌", CENTRE, 0.5, "扫老码的人知道怎么回事", ("registry.plate_revoked", "registry.plate_replaced")),
    Filled("registry.forms.PlatePrintForm", "成批打印门牌", CENTRE, 0.5, "印哪里的、多大", ("registry.plates_printed",)),
    Filled("registry.forms.PlateStyleForm", "门牌样式", "区级值班员", 2, "每块门牌上的话和徽标", ("registry.plate_style_set",)),
    Filled("registry.forms.PlateNumberingForm", "老门牌编号样式", "区级值班员", 2, "墙上的老门牌不用重印", ("registry.plate_numbering_set",)),
)  # fmt: skip


def register() -> None:
    """Called once when the apps are ready."""
    register_filled(FORMS)
