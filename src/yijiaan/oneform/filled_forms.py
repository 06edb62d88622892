"""The forms of this app for the table of all forms. What people fill in for a form from above stands in the meter under that form's
own name, with the minutes it states (`insight`); the line here is for what no form of above is known for."""

from yijiaan.ui.filling import Filled, register_filled

CENTRE = "镇中心、区中心"
FORMS = (
    Filled("oneform.forms.RegisterForm", "登记上级下发的表", CENTRE, 3, "谁要的、凭什么、到哪天，没有的不登记", ("oneform.form_registered",)),
    Filled("oneform.forms.ColumnsForm", "表的对列", CENTRE, 5, "说清一次，下一张自己对上，村里少填", ("oneform.form_mapped",), has_own_fields=True),
    Filled("oneform.forms.CloseForm", "结束一张表", CENTRE, 0.5, "到此不再问", ("oneform.form_closed",)),
    Filled("oneform.forms.ExportForm", "导出填好的表", CENTRE, 0.5, "带走个人信息要说明用途", ()),
    Filled("oneform.forms.AnswerForm", "补一户或一个网格缺的项", "网格员、网格长、镇中心", 2, "基础数据里没有的，问一次，别的表不再问", ("oneform.unit_answered",), has_own_fields=True),
)  # fmt: skip


def register() -> None:
    """Called once when the apps are ready."""
    register_filled(FORMS)
