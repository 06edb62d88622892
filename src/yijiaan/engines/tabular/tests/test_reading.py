"""Ledgers of any layout are read, or refused with a sentence that says what to do."""

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from yijiaan.core.errors import RuleError
from yijiaan.engines.tabular.cells import text_of
from yijiaan.engines.tabular.fields import Field, Kind, mask_unknown
from yijiaan.engines.tabular.headings import find_heading, plain_head, records_below
from yijiaan.engines.tabular.matching import check_mapping, fingerprint, known_heads, suggest
from yijiaan.engines.tabular.opening import ENCRYPTED, MOST_BYTES, OLE, SheetInfo, open_book
from yijiaan.engines.tabular.tests.make import HEADS, NUMBERS, Villagers, xlsx
from yijiaan.engines.tabular.tests.old_excel import xls
from yijiaan.engines.tabular.values import value_of

COLUMNS = Path(__file__).resolve().parents[6] / "shared/data/ledgers/grid_ledger_columns.csv"
DAY = Field("on", "日期", Kind.DATE)
IDENTITY = Field("identity", "身份证号", Kind.IDENTITY)


def _code(raw: bytes, name: str = "") -> str:
    with pytest.raises(RuleError) as refused:
        find_heading(open_book(raw, name=name), open_book(raw, name=name).sheets()[0].name)
    return refused.value.code


def test_titles_merged_headings_totals_and_notes_are_told_from_records():
    raw = xlsx(
        [
            [],
            ["填报单位：新驿一村"],
            ["序号", "姓名", "户籍地", None, None, "户号", "备注"],
            [None, None, "省", "市", "县"],
            [1, "张 三", "山东", "济宁", "兖州", "H1"],
            [2, "李四", "山东", "济宁", "兖州"],
            ["序号", "姓名", "户籍地", None, None, "户号", "备注"],
            [],
            ["合 计", 2],
            ["注：户号以户口簿为准"],
        ],
        merges=[
            (0, 0, 0, 6, "新驿镇人口台账"),
            (2, 0, 3, 0, "序号"),
            (2, 1, 3, 1, "姓名"),
            (2, 2, 2, 4, "户籍地"),
            (2, 5, 3, 5, "户号"),
            (2, 6, 3, 6, "备注"),
            (4, 5, 5, 5, "H1"),
        ],
        hidden_rows=[5],
        sheets={"说明": [["怎么填"]]},
        hidden_sheets=["说明"],
    )
    book = open_book(raw)
    assert book.sheets() == [SheetInfo("说明", True, 0, 1, 1), SheetInfo("台账", False, 1, 10, 7)]
    heading = find_heading(book, "台账")
    assert (heading.first, heading.last) == (2, 3)
    assert heading.heads == ("序号", "姓名", "户籍地/省", "户籍地/市", "户籍地/县", "户号", "备注")
    records = list(records_below(book, "台账", heading))
    assert [(line, reason) for line, _, reason in records] == [
        (5, ""), (6, ""), (7, "repeated"), (9, "total"), (10, "note"),
    ]  # fmt: skip
    assert records[1][1][5] == "H1"  # a cell merged over two rows stands in both


def test_files_of_old_excel_are_read_like_new_ones():
    rows = [
        ["新驿镇人口台账"],
        ["序号", "姓名", "出生日期", "户籍地", None, "身份证号"],
        [None, None, None, "省", "市"],
        [1, "张 三", date(1957, 3, 9), "山东", "济宁", NUMBERS[0]],
        [2, "李四", "1985.5.5", "山东", "济宁", float(NUMBERS[1][:-1] + "4")],
    ]
    merges = [(0, 0, 0, 5), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 4), (1, 5, 2, 5)]
    book = open_book(xls(rows, merges=merges), name="人口.xls")
    heading = find_heading(book, "台账")
    assert heading.heads == ("序号", "姓名", "出生日期", "户籍地/省", "户籍地/市", "身份证号")
    (_, first, _), (_, second, _) = records_below(book, "台账", heading)
    assert (value_of(DAY, first[2]), value_of(IDENTITY, first[5])) == ("1957-03-09", NUMBERS[0])
    assert value_of(DAY, second[2]) == "1985-05-05"
    with pytest.raises(RuleError) as damaged:
        value_of(IDENTITY, second[5])
    assert damaged.value.code == "damaged_number"


def test_blank_columns_before_the_table_shift_nothing():
    book = open_book(xlsx([[], [], [None, None, "姓名", "电话", "电话"], [None, None, "王五", 1, 2]]))
    heading = find_heading(book, "台账")
    assert heading.heads == ("", "", "姓名", "电话", "电话(2)")
    assert list(records_below(book, "台账", heading)) == [(4, ["", "", "王五", 1.0, 2.0], "")]


def test_known_headings_decide_which_row_is_the_heading():
    rows = [["姓名", "", "电话"], ["王五", "大队", "没有"]]
    known = known_heads(Villagers.fields)
    assert find_heading(open_book(xlsx(rows)), "台账", known=known).first == 0


def test_a_failed_formula_says_its_error_where_it_stands():
    raw = xlsx([["姓名", "电话"], ["王五", None], ["", "15400012217"]], failed={(1, 1): "#REF!", (2, 0): "#DIV/0!"})
    book = open_book(raw)
    rows = [cells for _, cells, _ in records_below(book, "台账", find_heading(book, "台账"))]
    assert rows == [["王五", "#REF!"], ["#DIV/0!", "15400012217"]]
    with pytest.raises(RuleError, match="公式出错（#REF!）") as refused:
        value_of(Field("phone", "电话", Kind.PHONE), "#REF!")
    assert (refused.value.code, refused.value.field) == ("failed_formula", "phone")


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_csv_is_read_in_the_codings_of_spreadsheets(coding, mark):
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows([["姓名", "电话"], ["王五", "1,5\n6"]])
    book = open_book(out.getvalue().encode(coding), name="表.csv")
    heading = find_heading(book, book.sheets()[0].name)
    assert [cells for _, cells, _ in records_below(book, "表1", heading)] == [["王五", "1,5\n6"]]


@pytest.mark.parametrize(
    ("raw", "name", "code"),
    [
        (b"", "a.xlsx", "empty_file"),
        (b"PK" + b"0" * MOST_BYTES, "a.xlsx", "too_large"),
        (OLE + b"\0" * 600 + ENCRYPTED, "a.xlsx", "has_password"),
        (b"PK\x03\x04 half a file", "a.xlsx", "not_a_table"),
        (b"%PDF-1.7", "a.pdf", "not_a_table"),
        (b"<html>", "a.xls", "not_a_table"),
        (b"\x89PNG\r\n\0\0", "a.png", "not_a_table"),
        (b"\xff\xf0\x80\x80\x00,", "a.csv", "not_a_table"),
        (b"name,\x81\x20\xff", "a.csv", "unknown_letters"),
        (OLE + b"\0" * 600, "a.xls", "not_a_table"),
    ],
)
def test_what_is_no_table_is_refused_before_it_is_read(raw, name, code):
    with pytest.raises(RuleError) as refused:
        open_book(raw, name=name)
    assert (refused.value.code, refused.value.field) == (code, "file")


def test_a_zip_bomb_is_not_opened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 40_000_000)
    assert len(out.getvalue()) < 100_000
    with pytest.raises(RuleError) as refused:
        open_book(out.getvalue())
    assert refused.value.code == "zip_bomb"


def test_a_part_that_is_larger_than_it_says_is_not_opened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 40_000_000)
    lying = out.getvalue().replace((40_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    with zipfile.ZipFile(io.BytesIO(lying)) as packed:
        assert packed.infolist()[0].file_size == 1000
    with pytest.raises(RuleError) as refused:
        open_book(lying)
    assert refused.value.code == "zip_bomb"


def test_an_empty_sheet_and_too_many_columns_are_refused():
    assert open_book(xlsx([])).sheets() == []
    assert _code(xlsx([[f"列{number}" for number in range(301)], ["1"]])) == "too_many_columns"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2024.3.5", "2024-03-05"), ("2024年3月5日", "2024-03-05"), ("20240305", "2024-03-05"), ("2024/03/05", "2024-03-05"),
        ("２０２４－３－５", "2024-03-05"), ("2024-3-5 0:00:00", "2024-03-05"), (date(2024, 3, 5), "2024-03-05"),
        (45356.0, "2024-03-05"), (20240305.0, "2024-03-05"), ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_dates_in_the_styles_of_clerks(cell, said):
    assert value_of(DAY, cell) == said


@pytest.mark.parametrize(
    ("cell", "code"),
    [("24/3/5", "ambiguous_date"), ("3/5/2024", "ambiguous_date"), ("2024年3月", "bad_date"), ("2024.2.30", "bad_date"), ("不详", "bad_date")],
)  # fmt: skip
def test_a_date_that_may_be_another_is_refused(cell, code):
    with pytest.raises(RuleError) as refused:
        value_of(DAY, cell)
    assert (refused.value.code, refused.value.field) == (code, "on")


def test_dates_of_files_that_count_from_1904_are_the_same_days():
    raw = xlsx([["姓名", "日期"], ["王五", date(2024, 3, 5)]], options={"date_1904": True})
    book = open_book(raw)
    (_, cells, _) = next(records_below(book, "台账", find_heading(book, "台账")))
    assert value_of(DAY, cells[1]) == "2024-03-05"


@pytest.mark.parametrize("cell", [3.70882198505053e17, "3.70882E+17", "370882198505053000", 370882198505053000])
def test_an_identity_number_that_a_spreadsheet_damaged_is_refused(cell):
    with pytest.raises(RuleError) as refused:
        value_of(IDENTITY, cell)
    assert (refused.value.code, refused.value.field) == ("damaged_number", "identity")


def test_identity_numbers_names_and_yes_and_no_in_one_spelling():
    assert value_of(IDENTITY, "３７０８８２ 19900101 7772 ") == NUMBERS[0]
    assert value_of(Field("name", "姓名", Kind.NAME), "张　 三") == "张三"
    assert value_of(Field("name", "姓名", Kind.NAME), "John  Smith") == "John Smith"
    assert value_of(Field("code", "编号", Kind.CODE), "Ａ－１ ２") == "A-12"
    yes_no = Field("is", "党员", Kind.YES_NO)
    assert [value_of(yes_no, cell) for cell in ("是", "√", "有", True, 1.0, "无", "否", False, "")] == [*"11111000", ""]
    assert [value_of(Field("n", "人数", Kind.NUMBER), cell) for cell in (3.0, "1,200 人", "2.50")] == [
        "3",
        "1200",
        "2.5",
    ]
    for field, cell, code in (
        (yes_no, "也许", "not_yes_or_no"),
        (Field("n", "人数", Kind.NUMBER), "三", "bad_number"),
        (Field("k", "类别", Kind.CHOICE, choices=(("a", "甲"),)), "乙", "unknown_choice"),
        (Field("t", "备注", longest=3), "一二三四", "too_long"),
        (Field("t", "备注"), 3.7e17, "damaged_number"),
    ):
        with pytest.raises(RuleError) as refused:
            value_of(field, cell)
        assert refused.value.code == code


def test_columns_are_told_by_words_by_likeness_by_content_and_by_what_was_said_before():
    heads = ("姓  名*", "公民身份证号码", "手机", "第五列", "党员否", "备注")
    samples = [[], [], [], ["15400012217", "15400012218"], [], []]
    assert suggest(heads[:1], Villagers.fields, learned={}) == {0: "name"}
    found = suggest(heads, Villagers.fields, learned={"党员否": "is_member"}, samples=samples)
    assert found == {0: "name", 1: "identity", 3: "phone", 4: "is_member"}
    passed_over = suggest(("姓名", "电话"), Villagers.fields, learned={"电话": ""})
    assert passed_over == {0: "name"}
    assert suggest(("户籍地/姓名",), Villagers.fields, learned={}) == {0: "name"}


def test_a_column_of_identity_numbers_is_known_whatever_its_heading():
    assert suggest(("资料一",), Villagers.fields, learned={}, samples=[list(NUMBERS)]) == {0: "identity"}


def test_the_same_headings_are_the_same_layout_with_or_without_our_remarks():
    assert fingerprint(HEADS) == fingerprint([*HEADS, "未导入原因"]) != fingerprint(HEADS[1:])


@pytest.mark.parametrize(
    ("mapping", "code", "field"),
    [
        ({}, "nothing_mapped", None),
        ({0: "name"}, "lacks_column", None),
        ({0: "name", 1: "name"}, "twice", "column_0"),
        ({0: "name", 1: "shoe"}, "unknown_field", "column_1"),
        ({0: "name", 9: "identity"}, "unknown_column", None),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(mapping, code, field):
    with pytest.raises(RuleError) as refused:
        check_mapping(HEADS, Villagers.fields, mapping)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_columns_nobody_has_explained_are_covered_where_they_look_personal():
    assert mask_unknown(NUMBERS[0]) == "370882**********72"
    assert mask_unknown("电话15400012217") == "电话154****2217"
    assert mask_unknown("张三", "户主姓名") == "张*"
    assert mask_unknown("新驿镇一村9号", "现住址") == "新驿镇一***"


@pytest.mark.skipif(not COLUMNS.is_file(), reason="the columns of real ledgers are not on this machine")
def test_real_ledgers_are_read_with_every_heading_in_place():
    ledgers: dict[str, list[str]] = {}
    with COLUMNS.open(encoding="utf-8") as source:
        for line in csv.DictReader(source):
            ledgers.setdefault(line["template"], []).append(line["column"])
    assert len(ledgers) > 10
    known = known_heads(Villagers.fields)
    for heads in ledgers.values():
        if len(heads) > 300 or len(heads) < 2:
            continue
        raw = xlsx([["某镇台账"], heads, [f"值{column}" for column in range(len(heads))]])
        book = open_book(raw)
        found = find_heading(book, "台账", known=known)
        assert found.first == found.last == 1
        # the second of two equal headings is numbered, very long ones are cut
        assert [plain_head(head)[:40] for head in found.heads] == [plain_head(text_of(head))[:40] for head in heads]
        named = suggest(found.heads, Villagers.fields, learned={})
        assert ("name" in named.values()) or not any(plain_head(head) == "姓名" for head in heads)
