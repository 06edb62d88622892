"""Search finds every text of two characters and more, numbers and phones, and nothing that the viewer may not see."""

import importlib
from uuid import UUID

import pytest
from django.apps import apps

from yijiaan.areas.tests import make as land
from yijiaan.cases import actions
from yijiaan.cases.models import Case, CaseWords, Report
from yijiaan.cases.queries import find_cases, found, list_cases
from yijiaan.cases.search import marks_of, normal, pairs, words_of
from yijiaan.cases.tests import make
from yijiaan.core.testing import assert_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make.town()


def seen(actor, words, **where):
    """The numbers of the cases that somebody finds."""
    ids = find_cases(actor, words=words, **where).ids
    return {case.number for case in list_cases(actor).filter(id__any=ids)}


def test_pairs_are_the_same_integers_as_postgresql_makes_of_them():
    assert pairs("灯") == set()
    assert pairs("ab") == {97 << 16 | 98}
    assert pairs("路灯") == {(ord("路") << 16 | ord("灯")) - (1 << 32)}
    assert all(-(1 << 31) <= number < 1 << 31 for number in pairs("路灯𠮷Ａ1"))


def test_words_are_kept_in_one_width_and_case_without_spaces():
    assert normal("Ｂ 座 ３０２ Room") == "b座302room"
    assert words_of(title="路灯坏了…", place="村口", texts=["路灯坏了，三天了"]) == "路灯坏了,三天了\n村口"
    assert words_of(title="路灯不亮", place="", texts=["夜里看不清"]) == "路灯不亮\n夜里看不清\n"
    made = UUID(int=1_795_737_600_000 << 80)  # 2026-11-27 00:00 UTC
    said = {"words": "甲", "area_code": land.FIRST, "case_id": made}
    assert marks_of(**said, is_confidential=False) == [-400202611, -370812102]
    assert marks_of(**said, is_confidential=True) == [-400202611]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("三村东头那几个路灯又不亮咧，娃娃放学看不清。", "娃娃放学"),
        ("三村东头那几个路灯又不亮咧，娃娃放学看不清。", "路灯"),
        ("三村东头那几个路灯又不亮咧，娃娃放学看不清。", "看不清。"),
        ("Ｂ座 302 室漏水", "b座302"),
        ("找 驿家 的人", "驿家的"),
        ("护学岗没人", "护学"),
        ("100%的人都说 a_b", "100%"),
        ("𠮷野家门口堵了", "𠮷野"),
    ],
)
def test_any_two_characters_and_more_are_found(town, said, asked):
    here = make.case(make.report(text=said)).number
    make.report(text="井盖坏了，灯也路不亮")
    assert seen(town.actor("dispatcher"), asked) == {here}


def test_place_and_each_report_are_found_but_nothing_across_two_of_them(town):
    receipt = make.report(text="路灯坏了", place="西头小卖部")
    number = make.case(receipt).number
    dispatcher = town.actor("dispatcher")
    assert seen(dispatcher, "小卖部") == {number}
    assert seen(dispatcher, "坏了西头") == set()
    # the pairs stand in it, the words do not
    assert seen(dispatcher, "灯坏路灯") == set()


def test_numbers_are_found_in_every_spelling(town):
    receipt = make.report()
    case = make.case(receipt)
    dispatcher = town.actor("dispatcher")
    Report.objects.filter(county=case.county, id=receipt.report_id).update(external_number="JN2026-0815")
    other = make.case(make.report()).number
    spaced = f"{receipt.number[:2]} {receipt.number[2:6]} {receipt.number[6:]}".lower()
    for asked in (case.number, receipt.number, spaced, "JN2026-0815"):
        assert seen(dispatcher, asked) == {case.number}, asked
    assert seen(dispatcher, case.number[:12]) == {case.number, other}


def test_a_phone_finds_its_reports_for_those_who_may_contact_reporters(town):
    mine = make.case(make.report(reporter_phone="138 0000 7777")).number
    make.report(reporter_phone="13900007777")
    assert seen(town.actor("dispatcher"), "13800007777") == {mine}
    assert seen(town.actor("dispatcher"), "+86 138-0000-7777") == {mine}
    assert seen(town.actor("leader"), "13800007777") == set()


def test_nobody_finds_what_he_may_not_see(town):
    tip = make.case(make.report(kind="tip", text="村里低保名额给了亲戚")).number
    plain = make.case(make.report(text="低保名额怎么申请")).number
    for name in ("dispatcher", "centre_head", "county", "leader", "head", "worker"):
        assert seen(town.actor(name), "低保名额") == {plain}, name
        assert seen(town.actor(name), tip) == set(), name
        assert seen(town.actor(name), make.PHONE) <= {plain}, name
        assert seen(town.actor(name), "低") == {plain}, name
    assert seen(town.actor("tips"), "低保名额") == {tip}
    for name in ("stranger", "other_worker", "power"):
        assert seen(town.actor(name), "低保名额") == set(), name


@pytest.mark.parametrize("status", ["received", "in_progress", "closed"])
def test_a_station_finds_its_own_orders_and_a_town_what_lies_in_it_in_every_state(town, status):
    case, _ = make.case_in(town, status, text="变压器嗡嗡响")
    holders = {"received": set()}.get(status, {case.number})
    assert seen(town.actor("power"), "变压器") == holders
    assert seen(town.actor("enforcement"), "变压器") == set()
    for name in ("dispatcher", "county", "head", "worker"):
        assert seen(town.actor(name), "变压器") == {case.number}, name
    assert CaseWords.objects.get(county=case.county, id=case.id).is_open == (status != "closed")


def test_the_words_follow_their_case_to_another_town_and_back_among_the_open(town):
    case, receipt = make.case_in(town, "in_progress", text="变压器嗡嗡响")
    county = town.actor("county")
    actions.classify_case(actor=county, number=case.number, area_code=land.OTHER_TOWN)
    with_end = actions.finish_case(actor=town.actor("power"), number=case.number, result="换了。")
    actions.rate_report(actor=make.reporter(receipt), result="satisfied")
    assert seen(town.actor("stranger"), "变压器") == {with_end.number}
    assert seen(town.actor("dispatcher"), "变压器") == set()


def test_one_character_looks_through_what_came_last_and_says_so(town, monkeypatch):
    old = make.case(make.report(text="甲地积水")).number
    new = make.case(make.report(text="乙地积水")).number
    assert seen(town.actor("dispatcher"), "积") == {old, new}
    monkeypatch.setattr(found, "MOST_RECENT", 1)
    assert seen(town.actor("dispatcher"), "积") == {new}
    page = town.client("dispatcher").get("/cases/?tab=all&q=积").content.decode()
    assert "只写一个字" in page


def test_the_newest_of_those_ended_are_listed_and_the_page_says_so(town, monkeypatch):
    cases = sorted((make.case_in(town, "closed", text="甲地积水")[0] for _ in range(3)), key=lambda case: case.id)
    numbers = [case.number for case in cases]
    still_open = make.case(make.report(text="乙地积水")).number
    monkeypatch.setattr(found, "MOST_ENDED", 2)
    assert seen(town.actor("dispatcher"), "积水") == {still_open, *numbers[1:]}
    page = town.client("dispatcher").get("/cases/?tab=closed&q=积水").content.decode()
    assert "只列最近" in page
    assert numbers[0] not in page
    assert numbers[2] in page


def test_a_place_narrows_before_the_newest_are_taken(town, monkeypatch):
    first, _ = make.case_in(town, "closed", text="甲地积水")
    lon, lat = land.middle(2)
    make.case_in(town, "closed", text="乙地积水", lon=lon, lat=lat)
    monkeypatch.setattr(found, "MOST_ENDED", 1)
    assert first.number in seen(town.actor("dispatcher"), "积水", area_code=land.FIRST)


@pytest.mark.parametrize(
    "words", ["", " ", "%", "\x00", "''", "_ _", "(" * 200, "\u202e路", "1" * 300, "13800000000" * 3]
)
def test_odd_questions_find_nothing_and_break_nothing(town, words):
    make.report(text="路灯不亮")
    answer = town.client("dispatcher").get("/cases/", {"q": words, "tab": "all"})
    assert answer.status_code == 200


def test_a_search_costs_few_statements(town):
    make.report()
    find_cases(town.actor("dispatcher"), words="路灯")
    with assert_statements(1):
        find_cases(town.actor("dispatcher"), words="路灯")


@pytest.mark.crosses_counties("a migration fills the rows of all counties")
def test_cases_from_before_there_were_words_are_filled(town):
    case, _ = make.case_in(town, "closed")
    make.report(text="另一件", kind="tip")
    rows = list(CaseWords.objects.order_by("id").values())
    CaseWords.objects.all().delete()
    fill = importlib.import_module("yijiaan.cases.migrations.0010_fill_words_of_cases")
    fill.fill(apps, None)
    fill.fill(apps, None)  # stopped and begun again
    assert list(CaseWords.objects.order_by("id").values()) == rows
    assert len(rows) == Case.objects.count()
