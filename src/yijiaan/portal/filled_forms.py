"""The forms of this app for the table of all forms: who fills them in, how long it takes, what for, which deeds come of it."""

from yijiaan.ui.filling import Filled, register_filled

ADMIN, CENTRE = "系统管理员", "镇中心"
FORMS = (
    Filled("portal.forms.CallBackForm", "请回电话", "群众", 0.5, "留个号码就有人打过去", ()),
    Filled("portal.forms.KeptFileForm", "交手机导出的文件", "网格员、网格长", 0.5, "手机一直没有信号，写好的也交得上来", ()),
    Filled("portal.forms.HolidaysForm", "导入节假日表", ADMIN, 3, "时限按工作日算得准", ("worktime.holidays_imported",)),
    Filled("portal.forms.PresetForm", "换时限方案", ADMIN, 0.5, "按哪一份办法算时限", ("worktime.preset_chosen",)),
    Filled("portal.forms.OwnPresetForm", "加时限方案", ADMIN, 2, "本地另有办法的照本地的", ("worktime.preset_added",)),
    Filled("portal.grid_forms.RedrawForm", "调整网格", CENTRE, 10, "网格变了，事和人跟着走", ("areas.redraw_scheduled",)),
    Filled("portal.import_forms.LedgerForm", "导入表格", CENTRE, 3, "手里的台账不用再录一遍", ("tabular.import_received",)),
    Filled("portal.import_forms.SheetForm", "选表", CENTRE, 0.5, "文件里是哪一张", ()),
    Filled("portal.import_forms.MappingForm", "对列", CENTRE, 3, "说清一次，明年的同样一张不再问", (), has_own_fields=True),
    Filled("portal.settings.categories.CategoryForm", "加、改类别", ADMIN, 3, "一类事多久办完、谁来办", ("cases.category_added", "cases.category_changed")),
    Filled("portal.settings.questions.QuestionForm", "加、改类别问题", ADMIN, 2, "一次问清，不用再打电话", ("cases.question_added", "cases.question_changed")),
    Filled("portal.settings.routing.RuleForm", "加、改派单规则", ADMIN, 2, "同样的事自动找到单位", ("cases.rule_added", "cases.rule_changed")),
    Filled("portal.settings.exclusions.ExclusionForm", "改剔除原因", ADMIN, 1, "哪些评价可以不算，依据什么", ("cases.exclusion_code_set",)),
    Filled("portal.settings.channels.ChannelForm", "改渠道设置", ADMIN, 1, "哪些门开着", ("cases.channel_set",)),
    Filled("portal.settings.limits.LimitForm", "改时限", ADMIN, 1, "每一步给多久", ("worktime.limit_set",)),
    Filled("portal.settings.units.UnitForm", "加、改单位", ADMIN, 2, "事找得到单位", ("accounts.unit_created", "accounts.unit_changed")),
    Filled("portal.settings.duties.DutyForm", "排值班", CENTRE, 1, "那天打电话找谁", ("accounts.duty_set",)),
    Filled("portal.settings.texts.WordingForm", "改用语", ADMIN, 1, "群众看到的话说得明白", ("texts.wording_changed",)),
    Filled("portal.settings.texts.ScopedForm", "改各镇的用语", ADMIN, 1, "一个镇有自己的说法", ()),
)  # fmt: skip


def register() -> None:
    """Called once when the apps are ready."""
    register_filled(FORMS)
