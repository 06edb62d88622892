"""Forms from above for tests: empty tables made here, registered and published by the actions."""

import io
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import xlsxwriter

from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.tabular.models import Export
from yijiaan.oneform import actions
from yijiaan.oneform.actions import FormFacts, Told
from yijiaan.oneform.matching import Meaning
from yijiaan.oneform.models import Filling, FormAnswer, FormArea, FormColumn, LabelMeaning, OneForm
from yijiaan.oneform.queries import get_form, list_columns
from yijiaan.registry.models import Change, Household, Person
from yijiaan.registry.tests.town import COUNTY, FIRST, TOWN, Town

__all__ = ["COUNTY", "FIRST", "TOWN", "Town"]
ROWS = (OneForm, FormArea, FormColumn, LabelMeaning, Filling, FormAnswer, Change, Household, Person, Entry, Export)
# 46 columns as a county might send them; the base knows 41
KNOWN = (
    "序号", "区县", "乡镇（街道）", "村（社区）", "网格名称", "网格编码", "网格员姓名", "填表日期",
    "户号", "家庭住址", "户类别", "家庭电话", "入住日期", "最近核对日期",
    "户主姓名", "户主身份证号码", "户主性别", "户主出生日期", "户主年龄", "户主民族", "户主联系电话", "户主政治面貌",
    "户主文化程度", "户主婚姻状况", "户主职业", "户主工作单位", "户主人口类别", "户主人户状态", "户主户籍地址",
    "家庭人口数", "男性人数", "女性人数", "0-6岁人数", "未成年人数", "60岁以上人数", "80岁以上人数", "党员人数",
    "户籍人口数", "是否低保户", "残疾人数", "是否有独居老人",
)  # fmt: skip
ASKED = ("家庭年收入（元）", "承包地面积（亩）", "是否参加医保", "取暖方式", "最近一次体检日期")
GOLDEN = (*KNOWN, *ASKED)
SMALL = ("村", "户主姓名", "户主联系电话", "家庭人口数", "是否参加医保", "家庭年收入（元）")


def sheet(labels: Sequence[str] = GOLDEN, *, title: str = "农村家庭基本情况摸底表", groups: bool = False) -> bytes:
    """An empty table: a merged title, perhaps a merged group above the last five columns, the headings, two empty rows."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet("摸底表")
    last = len(labels) - 1
    if last:
        page.merge_range(0, 0, 0, last, title)
    else:
        page.write_string(0, 0, title)
    top = 1
    if groups:
        split = last - 4
        for place, label in enumerate(labels[:split]):
            page.merge_range(1, place, 2, place, label)
        page.merge_range(1, split, 1, last, "补充情况")
        for place, label in enumerate(labels[split:], split):
            page.write_string(2, place, label)
    else:
        page.write_row(top, 0, labels)
    book.close()
    return out.getvalue()


def facts(**changes: Any) -> FormFacts:
    """What a form says of itself, right in every way."""
    values: dict[str, Any] = {
        "name": "农村家庭基本情况摸底表", "issuer": "区民政局", "basis": "兖民字〔2026〕18 号第三条",
        "ends_on": clock.local_day() + timedelta(days=30), "per": "household", "minutes": 46, "areas": (FIRST,),
    }  # fmt: skip
    return FormFacts(**(values | changes))


def register(town: Town, labels: Sequence[str] = GOLDEN, *, who: str = "dispatcher", **changes: Any) -> OneForm:
    """A form that nobody has published yet."""
    raw = changes.pop("raw", None) or sheet(labels)
    key = changes.pop("client_key", None) or uuid4()
    return actions.register_form(
        actor=town.actor(who), facts=facts(**changes), raw=raw, file_name="摸底表.xlsx", client_key=key
    )


def publish(town: Town, labels: Sequence[str] = GOLDEN, **changes: Any) -> OneForm:
    """A form that asks; 取暖方式 is a choice where it stands in it."""
    made = register(town, labels, **changes)
    who = town.actor("dispatcher")
    if "取暖方式" in labels:
        heating = Meaning("asked", "choice", ("煤炉", "空调", "集中供暖"))
        actions.map_columns(actor=who, form_id=made.id, meanings={list(labels).index("取暖方式"): heating})
    return actions.publish_form(actor=who, form_id=made.id)


def columns(form: OneForm) -> dict[str, FormColumn]:
    """The columns by label."""
    return {column.label: column for column in list_columns(SYSTEM, form=form)}


def answer(
    town: Town, form: OneForm, subject: Any, told: dict[str, Any], *, who: str = "worker", **more: Any
) -> Filling:
    """Tell some columns by their labels; None for what there is not."""
    by_label = columns(form)
    said = {by_label[label].place: Told(is_none=True) if text is None else Told(text) for label, text in told.items()}
    values: dict[str, Any] = {"client_key": uuid4()} | more
    return actions.answer_unit(actor=town.actor(who), form_id=form.id, subject=str(subject), told=said, **values)


def fresh(form: OneForm) -> OneForm:
    """As it stands in the database."""
    return get_form(SYSTEM, form_id=form.id)


def tomorrow() -> date:
    """The day after today."""
    return clock.local_day() + timedelta(days=1)


SYSTEM = system("tests", COUNTY)
