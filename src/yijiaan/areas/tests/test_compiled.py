"""Queries composed once: gaps, model rows, and what is asked once a page."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yijiaan.areas.models import Area
from yijiaan.core.compiled import AskedOnce, CompiledModels, compiled, rows_once

pytestmark = pytest.mark.django_db
FROM = date(2020, 1, 1)


@pytest.fixture(autouse=True)
def two_areas():
    town = Area.objects.create(code="370812199", level="town", name="甲镇", full_name="甲镇", valid_from=FROM)
    Area.objects.create(
        code="370812199201", level="village", name="乙村", full_name="甲镇乙村", parent=town, valid_from=FROM
    )


def test_a_gap_takes_another_value_at_each_asking():
    query = compiled(Area.objects.filter(code="some code").values_list("name"), code="some code")
    assert query.rows(code="370812199") == [("甲镇",)]
    assert query.rows(code="370812199201") == [("乙村",)]
    assert query.rows(code="0") == []


def test_a_sample_that_does_not_stand_in_the_query_is_a_mistake():
    with pytest.raises(ValueError, match="sample"):
        compiled(Area.objects.filter(code="370812199").values_list("name"), code="some code")


def test_model_rows_are_those_of_the_queryset():
    asked = Area.objects.filter(code="370812199201").select_related("parent")
    (wanted,) = asked
    (found,) = CompiledModels(Area.objects.filter(code="x").select_related("parent"), code="x").rows(
        code="370812199201"
    )
    assert {key: value for key, value in vars(found).items() if key != "_state"} == {
        key: value for key, value in vars(wanted).items() if key != "_state"
    }
    with CaptureQueriesContext(connection) as queries:
        assert found.parent.name == "甲镇"
    assert len(queries) == 0
    found.name = "丙村"
    found.save(update_fields=["name"])
    assert Area.objects.get(code="370812199201").name == "丙村"


def test_nobodys_rows_are_none():
    nothing = Area.objects.filter(code="x").none()
    assert CompiledModels(nothing, code="x").rows(code="370812199") == []
    assert compiled(nothing.values_list("name"), code="x").rows(code="370812199") == []


def test_what_was_asked_while_a_page_is_read_is_not_asked_again():
    query = compiled(Area.objects.filter(code="370812199").values_list("name"))
    with AskedOnce(is_reading=True), CaptureQueriesContext(connection) as queries:
        assert rows_once(query) == rows_once(query) == [("甲镇",)]
    assert len(queries) == 1


def test_while_something_is_done_everything_is_asked_anew():
    query = compiled(Area.objects.filter(code="370812199").values_list("name"))
    with AskedOnce(is_reading=False):
        assert rows_once(query) == [("甲镇",)]
        Area.objects.filter(code="370812199").update(name="丁镇")
        assert rows_once(query) == [("丁镇",)]
