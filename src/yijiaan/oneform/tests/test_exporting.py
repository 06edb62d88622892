"""导出: the layout in which the form came, a row a unit, and for each cell where it comes from; names only for a purpose."""

import io
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook

from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import check_refusals, unchanged, without
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.tabular.actions import write_export
from yijiaan.engines.tabular.models import Export
from yijiaan.oneform import actions
from yijiaan.oneform.exporting import filled_rows, origin_words
from yijiaan.oneform.models import OneForm
from yijiaan.oneform.tests import make
from yijiaan.oneform.tests.make import COUNTY, FIRST, ROWS
from yijiaan.registry.tests import make as base

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXPORTS = tmp_path / "exports"


def export(town, form, who="dispatcher", **more):
    values = {"client_key": uuid4(), "purpose": "报区民政局"} | more
    return actions.export_form(actor=town.actor(who), form_id=form.id, **values)


def book(wanted):
    write_export(actor=system("tests", wanted.county), export_id=wanted.id)
    done = Export.objects.get(county=COUNTY, id=wanted.id)
    return CalamineWorkbook.from_filelike(io.BytesIO(done.path.read_bytes()))


def lines_of(opened, name):
    return [list(row) for row in opened.get_sheet_by_name(name).to_python(skip_empty_area=False)]


def test_the_form_comes_back_in_its_layout_with_the_source_of_every_cell(town):
    homes = [base.family(town)[0] for _ in range(2)]
    labels = ("序号", "村", "户主姓名", "户主联系电话", "家庭人口数", "承包地面积（亩）", "家庭年收入（元）", "备注")
    form = make.publish(town, labels, raw=make.sheet(labels, groups=True))
    told = {"补充情况/家庭年收入（元）": "32000", "补充情况/承包地面积（亩）": None}
    make.answer(town, form, homes[0].id, told)
    opened = book(export(town, form))
    assert opened.sheet_names == ["表1", "来源和日期"]
    first, second = lines_of(opened, "表1"), lines_of(opened, "来源和日期")
    assert first[0][0] == "农村家庭基本情况摸底表"
    assert first[1][:4] == ["序号", "村", "户主姓名", "补充情况"]
    assert first[2][3:] == ["户主联系电话", "家庭人口数", "承包地面积（亩）", "家庭年收入（元）", "备注"]
    merged = set(opened.get_sheet_by_name("表1").merged_cell_ranges)
    assert merged == {((0, 0), (0, 7)), ((1, 0), (2, 0)), ((1, 1), (2, 1)), ((1, 2), (2, 2)), ((1, 3), (1, 7))}
    assert first[3] == [1, "新驿一村", "王**", "154****3344", 3, "", 32000, ""]
    assert first[4] == [2, "新驿一村", "王**", "154****3344", 3, "", "", ""]
    today = clock.local_day().isoformat()
    assert second[3] == [
        "按次序，" + today, "区划，" + today, "入户走访，" + today, "入户走访，" + today, "户成员登记，" + today,
        "一表通，问过，没有，" + today, "一表通，" + today, "留空",
    ]  # fmt: skip
    assert second[4][5:7] == ["还缺", "还缺"]
    assert any("用途：报区民政局" in str(cell) for row in first for cell in row)


def test_what_is_written_is_what_the_rows_show(town):
    for _ in range(3):
        base.family(town)
    form = make.publish(town)
    who = town.actor("dispatcher")
    opened = book(export(town, form))
    first, second = lines_of(opened, "表1"), lines_of(opened, "来源和日期")
    rows = list(filled_rows(who, form))
    assert len(rows) == 3
    for number, row in enumerate(rows, 2):
        for place, cell in enumerate(row.cells):
            written = first[number][place]
            assert str(int(written) if isinstance(written, float) else written) == cell.text, cell.column.label
            assert second[number][place] == origin_words(cell)


def test_full_names_need_a_right_a_purpose_and_are_noted(town):
    base.family(town)
    form = make.publish(town, make.SMALL)
    wanted = export(town, form, with_identity=True)
    first = lines_of(book(wanted), "表1")
    assert first[2][1:3] == [base.NAME, base.PHONE]
    entry = Entry.objects.get(county=COUNTY, verb="oneform.identity_exported")
    assert entry.data == {"rows": 1, "export": str(wanted.id)}
    with unchanged(*ROWS):
        with pytest.raises(RuleError) as refused:
            export(town, form, purpose=" ")
        assert (refused.value.code, refused.value.field) == ("purpose_missing", "purpose")
        with pytest.raises(NotAllowed):
            actions.export_form(
                actor=without(town.actor("dispatcher"), "registry.see_identity"), form_id=form.id, client_key=uuid4(),
                purpose="报", with_identity=True,
            )  # fmt: skip
        assert export(town, form, with_identity=True, client_key=wanted.client_key).id == wanted.id


def test_only_the_rows_of_a_place_and_of_whoever_asks(town):
    base.family(town)
    base.household(town, who="dispatcher", grid=2)
    form = make.publish(town, make.SMALL, areas=(make.TOWN,))
    assert export(town, form).total_count == 2
    assert export(town, form, area_code=FIRST).total_count == 1
    with unchanged(*ROWS), pytest.raises(RuleError):
        export(town, form, area_code="370812105")
    check_refusals(
        actions.export_form, stranger=town.actor("stranger"), unprivileged=town.actor("worker"), tables=ROWS,
        form_id=form.id, client_key=uuid4(), purpose="报",
    )  # fmt: skip
    draft = make.register(town, make.SMALL, name="没发布")
    with unchanged(*ROWS), pytest.raises(RuleError, match="还没有发布"):
        export(town, draft)


def test_a_form_per_grid_is_written_too(town):
    base.family(town)
    form = make.publish(town, ("网格名称", "户数", "人口数", "健身器材几套"), per="grid", areas=(FIRST,))
    first = lines_of(book(export(town, form, purpose="")), "表1")
    assert first[2][1:] == [1, 3, ""]
    assert first[3][1:] == [0, 0, ""]
    assert OneForm.objects.filter(county=COUNTY).count() == 1
