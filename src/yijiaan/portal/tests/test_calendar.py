"""The administrator sees which days are worked, imports a table, and chooses the limits that hold from now on."""

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from yijiaan.accounts.tests import make as people
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.worktime.models import Holiday, Version
from yijiaan.engines.worktime.queries import get_limit

ADDRESS = "/settings/calendar/"
TABLE = "日期,名称,类别\n2027-01-01,元旦,休\n2027-10-01,国庆节,休\n2027-10-09,国庆节调休,班\n"


@pytest.fixture
def post(db):
    people.make_grids()
    return people.post(people.unit("county_centre", "370812"), "county_admin", "370812")


@pytest.fixture
def admin(post):
    return people.client(post)


def test_the_year_is_shown_as_people_say_it(admin):
    page = admin.get(f"{ADDRESS}?year=2026").content.decode()
    assert "5月1日至5月5日" in page and "劳动节" in page and "调休上班" in page
    limits = admin.get("/settings/limits/").content.decode()
    assert "山东省" in limits and "5 个工作日" in limits and "提前 1 个工作日" in limits
    assert admin.get(f"{ADDRESS}?year=abc").status_code == 200


@pytest.mark.parametrize(
    "at, is_missing", [(datetime(2026, 10, 31, 4, tzinfo=UTC), False), (datetime(2026, 11, 1, 4, tzinfo=UTC), True)]
)
def test_a_missing_year_is_told_from_november_on(post, at, is_missing):
    with clock.at(at):
        page = people.client(post).get(ADDRESS).content.decode()
    assert ("还没有 2027 年的节假日表" in page) is is_missing


def test_a_table_is_imported_from_text_or_file_and_noted(admin):
    done = admin.post(ADDRESS, {"text": TABLE, "source": "国办发明电〔2026〕1号"}, follow=True)
    assert "新增 3 天，改动 0 天，去掉 0 天" in done.content.decode()
    assert Holiday.objects.get(day="2027-10-09").kind == "work"
    entry = Entry.objects.get(verb="worktime.holidays_imported")
    assert entry.data["added"] == ["2027-01-01", "2027-10-01", "2027-10-09"]
    file = SimpleUploadedFile("2027.csv", (TABLE + "2027-10-02,国庆节,休\n").encode("gb18030"))
    assert "新增 1 天" in admin.post(ADDRESS, {"file": file}, follow=True).content.decode()
    again = admin.post(ADDRESS, {"text": TABLE + "2027-10-02,国庆节,休\n"}, follow=True)
    assert "没有改动" in again.content.decode()


@pytest.mark.parametrize(
    "sent, said",
    [
        ({}, "请选一个文件，或把表贴在下面"),
        ({"text": "日期,名称\n2027-01-01,元旦"}, "三列"),
        ({"text": "日期,名称,类别\n2027-13-01,元旦,休"}, "第 2 行"),
        ({"file": b"\xff\xfe\x00\x01\x80"}, "不是 UTF-8 或 GB18030"),
        ({"file": b"x" * 600_000}, "超过 512 KB"),
    ],
)
def test_a_bad_table_changes_nothing_and_keeps_what_was_typed(admin, sent, said):
    if "file" in sent:
        sent = {"file": SimpleUploadedFile("a.csv", sent["file"])}
    with unchanged(Holiday, Version, Entry):
        answer = admin.post(ADDRESS, sent | {"source": "通知"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page and 'value="通知"' in page


def test_another_preset_holds_from_now_on(admin):
    done = admin.post(f"{ADDRESS}preset/", {"code": "shandong_province"}, follow=True)
    assert "换好了" in done.content.decode()
    assert get_limit(system("tests"), duty="handle").amount == 15
    assert Entry.objects.get(verb="worktime.preset_chosen").data["after"] == "shandong_province"
    with unchanged(Version, Entry):
        assert admin.post(f"{ADDRESS}preset/", {"code": "nowhere"}).status_code == 422


def test_only_who_maintains_the_calendar_comes_in(db):
    people.make_grids()
    dispatcher = people.client(people.post(people.unit("town_centre", people.TOWN), "dispatcher", people.TOWN))
    with unchanged(Holiday, Version):
        assert dispatcher.get(ADDRESS).status_code == 403
        assert dispatcher.post(ADDRESS, {"text": TABLE}).status_code == 403
        assert dispatcher.post(f"{ADDRESS}preset/", {"code": "shandong"}).status_code == 403
