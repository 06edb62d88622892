"""The field table: it agrees with the models, and the headings of real ledgers find their fact."""

import pytest

from yijiaan.registry.fields import HOUSEHOLD, KINDS, ORGANISATION, PERSON, ROOM, field_named
from yijiaan.registry.models import FoundByWords


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_each_fact_is_a_column_of_its_kind(kind):
    columns = {field.attname: field for field in kind.model._meta.concrete_fields}
    assert len(set(kind.keys)) == len(kind.keys)
    assert [field.key for field in kind.fields if field.is_named] == [kind.named.key]
    for field in kind.fields:
        column = columns[field.attribute]
        assert field.attribute.endswith("_sealed") == field.is_sealed
        assert (f"{field.key}_search" in columns) == field.has_search
        if field.choices:
            assert {code for code, _ in field.choices} == {code for code, _ in column.choices}
        if column.max_length and not field.is_sealed and not field.choices:
            assert field.most <= column.max_length or field.key == "area_code"
    assert bool(kind.words) == issubclass(kind.model, FoundByWords)
    assert set(kind.words) | set(kind.title) <= set(kind.keys)


@pytest.mark.parametrize(
    ("kind", "heading", "key"),
    [
        (PERSON, "身份证号*", "id_no"),
        (PERSON, "身份证号码", "id_no"),
        (PERSON, " 联系手机 ", "phone"),
        (PERSON, "户籍详址", "registered_at"),
        (PERSON, "文化程度", "education"),
        (HOUSEHOLD, "所属网格*", "area_code"),
        (HOUSEHOLD, "现居住地址*", "address"),
        (ROOM, "面积(平方米)", "floor_area"),
        (ROOM, "面积（平方米）", "floor_area"),
        (ORGANISATION, "法人代表", "legal_person"),
        (ORGANISATION, "组织机构代码", "credit_code"),
    ],
)
def test_the_headings_of_ledgers_find_their_fact(kind, heading, key):
    assert field_named(kind, heading).key == key


def test_a_heading_that_no_fact_stands_for_is_left_out():
    assert field_named(PERSON, "血型") is None
