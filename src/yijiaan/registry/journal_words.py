"""How the journal's verbs and subjects of this app are called."""

from yijiaan.engines.journal.providers import Subject, Verb, name_subject, name_verbs
from yijiaan.registry.actions import LOOKS, PURPOSES
from yijiaan.registry.fields import KINDS

VERBS: dict[str, str | Verb] = {
    "registry.plate_made": "做数字门牌",
    "registry.plate_revoked": "停用数字门牌",
    "registry.plate_replaced": "数字门牌换新",
    "registry.plate_numbering_set": "定老门牌的编号样式",
    "registry.plate_style_set": "定门牌样式",
    "registry.plates_printed": "打印数字门牌",
    "registry.source_added": "登记报事源头",
    "registry.source_retracted": "撤销报事源头登记",
    "registry.source_ended": "报事源头退出",
    "registry.link_issued": "发报事链接",
    "registry.link_revoked": "收回报事链接",
    "registry.source_seen": Verb("查看报事源头", is_look=True, purposes=PURPOSES),
    "registry.record_added": "登记基础数据",
    "registry.person_added": "登记个人",
    "registry.birth_recorded": "登记出生",
    "registry.facts_changed": "改登记",
    "registry.change_proposed": "提出变更",
    "registry.change_confirmed": "采纳变更",
    "registry.change_refused": "不采纳变更",
    "registry.change_undone": "撤回变更",
    "registry.record_checked": "核对登记",
    "registry.record_retracted": "撤销导入的登记",
    "registry.record_ended": "注销登记",
    "registry.grid_followed": "随网格调整",
    "registry.moved_in": "登记迁入",
    "registry.moved_out": "登记迁出",
    "registry.death_recorded": "登记去世",
    "registry.head_set": "换户主",
    "registry.relation_changed": "改与户主关系",
    "registry.room_set": "登记住在哪间房",
    "registry.people_merged": "并档",
    "registry.people_unmerged": "拆档",
    "registry.care_added": "列入关爱",
    "registry.care_reviewed": "复核关爱",
    "registry.care_ended": "不再列入关爱",
    "registry.identity_seen": Verb("查看个人信息", is_look=True, purposes=LOOKS),
}


def name_deeds() -> None:
    """Tell the journal."""
    name_verbs(VERBS)
    name_subject("registry.trusted_reporter", Subject("报事源头"))
    name_subject("registry.plate", Subject("数字门牌"))
    name_subject("registry.plate_style", Subject("门牌样式"))
    name_subject("registry.plate_print", Subject("门牌打印"))
    name_subject("registry.plate_numbering", Subject("老门牌编号样式"))
    for kind in KINDS.values():
        name_subject(f"registry.{kind.code}", Subject(kind.label))
