"""What is done to the list of cases as a whole: kept views, columns, the table to take away."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from yijiaan.accounts.tests import make as people
from yijiaan.cases import actions
from yijiaan.cases.models import SavedView
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import PHONE, Town
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.tabular.actions import take_export, write_export
from yijiaan.engines.tabular.models import Export
from yijiaan.engines.tabular.retention import purge_exports

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings: Any, tmp_path: Path) -> Town:
    """The small town, with a folder for exports."""
    settings.EXPORTS = tmp_path / "exports"
    return make.town()


def _written(export: Export) -> list[list[Any]]:
    write_export(actor=system("test", export.county), export_id=export.id)
    export.refresh_from_db()
    assert export.state == "done"
    return CalamineWorkbook.from_path(str(export.path)).get_sheet_by_index(0).to_python()


def _export(town: Town, who: str = "dispatcher", **changes: Any) -> Export:
    values = {"query": "tab=all", "title": "事件 · 全部在办", "total_count": 1, "client_key": uuid4()} | changes
    return actions.export_cases(actor=town.actor(who), **values)


# ---- kept views ----


def test_a_view_is_kept_used_and_forgotten(town: Town) -> None:
    client = town.client("dispatcher")
    make.report()
    answer = client.post(
        "/cases/views/", {"name": "超时的", "query": "tab=all&only=late&page=7&after=xyz"}, follow=True
    )
    assert "“超时的”存好了" in answer.content.decode()
    view = SavedView.objects.get()
    assert view.query_sealed == "tab=all&only=late"  # the place in the list is no part of a view
    page = client.get("/cases/?tab=all&only=late").content.decode()
    assert 'href="?tab=all&amp;only=late" aria-current="true"' in page
    assert "超时的" in client.get("/cases/").content.decode()
    answer = client.post(f"/cases/views/{view.id}/delete/", {"query": "tab=all"}, follow=True)
    assert "“超时的”删掉了" in answer.content.decode()
    assert not SavedView.objects.exists()


def test_the_same_name_replaces_the_view(town: Town) -> None:
    first = actions.save_view(actor=town.actor("dispatcher"), name="路灯", query="tab=all&q=路灯")
    second = actions.save_view(actor=town.actor("dispatcher"), name=" 路灯 ", query="tab=closed", is_shared=True)
    assert second.id == first.id
    kept = SavedView.objects.get()
    assert (kept.query_sealed, kept.is_shared) == ("tab=closed", True)


def test_a_view_is_shared_among_the_posts_of_its_kind_and_deleted_by_its_own_while_somebody_holds_it(
    town: Town,
) -> None:
    colleague = people.post(town.units["centre"], "dispatcher", make.TOWN)
    own = actions.save_view(actor=town.actor("dispatcher"), name="自己的", query="tab=all")
    shared = actions.save_view(actor=town.actor("dispatcher"), name="大家的", query="tab=all", is_shared=True)
    seen = people.client(colleague).get("/cases/").content.decode()
    assert "大家的" in seen
    assert f"{town.posts['dispatcher'].user.name}存的" in seen
    assert "自己的" not in seen
    for name in ("centre_head", "stranger"):
        assert "大家的" not in town.client(name).get("/cases/").content.decode()
    actor = people.actor(colleague)
    for view in (own, shared):
        for other in (actor, town.actor("centre_head")):
            with pytest.raises(NotFound), unchanged(SavedView):
                actions.delete_view(actor=other, view_id=view.id)
    post = town.posts["dispatcher"]
    post.ends_on = clock.local_day()
    post.save(update_fields=["ends_on"])
    with clock.later(timedelta(days=1)):
        with pytest.raises(NotFound), unchanged(SavedView):
            actions.delete_view(actor=actor, view_id=own.id)
        assert "删掉“大家的”" in people.client(colleague).get("/cases/?tab=all").content.decode()
        assert actions.delete_view(actor=actor, view_id=shared.id) == "大家的"


@pytest.mark.parametrize(("name", "code"), [("", "no_name"), ("十七个字的名字实在太长了放不进去的", "too_long")])
def test_a_name_that_cannot_be_is_told_at_the_field(town: Town, name: str, code: str) -> None:
    with pytest.raises(RuleError) as refused, unchanged(SavedView):
        actions.save_view(actor=town.actor("dispatcher"), name=name, query="tab=all")
    assert (refused.value.code, refused.value.field) == (code, "name")
    answer = town.client("dispatcher").post("/cases/views/", {"name": name, "query": "tab=all&q=井盖"})
    assert answer.status_code == 422
    assert "“井盖”" in answer.content.decode()


def test_not_more_than_twelve_views_a_post(town: Town) -> None:
    for number in range(12):
        actions.save_view(actor=town.actor("dispatcher"), name=f"第{number}个", query="tab=all")
    with pytest.raises(RuleError, match="最多保存 12 个"):
        actions.save_view(actor=town.actor("dispatcher"), name="第13个", query="tab=all")
    actions.save_view(actor=town.actor("dispatcher"), name="第3个", query="tab=closed")
    assert SavedView.objects.count() == 12


def test_a_view_with_a_phone_in_it_is_sealed(town: Town) -> None:
    actions.save_view(actor=town.actor("dispatcher"), name="老张的", query=f"tab=all&q={PHONE}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT saved_view::text FROM saved_view")
        assert PHONE not in cursor.fetchone()[0]
    assert f"q={PHONE}" in SavedView.objects.get().query_sealed


# ---- columns ----


def test_columns_are_chosen_and_remembered_by_the_device(town: Town) -> None:
    client = town.client("dispatcher")
    make.report(place="小卖部门口")
    assert "小卖部门口" not in client.get("/cases/").content.decode()
    client.post("/cases/columns/", {"columns": ["place", "received", "nonsense"], "query": "tab=received"})
    page = client.get("/cases/").content.decode()
    assert "<th>事件</th><th>地点</th><th>受理时间</th></tr>" in page
    assert "小卖部门口" in page
    client.post("/cases/columns/", {"query": "tab=received"})
    assert "<th>编号</th>" in client.get("/cases/").content.decode()


# ---- the table to take away ----


def test_what_is_on_the_page_is_in_the_file(town: Town) -> None:
    client = town.client("dispatcher")
    case, _ = make.case_in(town, "in_progress", place="小学北边")
    make.report(text="=1+1 井盖一压就响")
    make.case_in(town, "closed")
    make.report(make.OTHER_TOWN, lon=None, lat=None, area_code=make.OTHER_TOWN)
    page = client.get("/cases/export/?tab=all")
    assert "导出 2 件事件" in page.content.decode()
    key = str(uuid4())
    answer = client.post("/cases/export/", {"query": "tab=all", "client_key": key})
    assert (answer.status_code, answer["Location"]) == (302, "/exports/")
    assert "排队" in client.get("/exports/").content.decode()
    export = Export.objects.get()
    lines = _written(export)
    assert lines[0][:3] == ["事件编号", "标题", "状态"]
    assert len(lines[0]) == 26
    assert "剔除" in lines[0]
    assert len([line for line in lines[1:] if line[0].isdigit()]) == 2
    assert case.number in {line[0] for line in lines[1:3]}
    first = {line[2]: dict(zip(lines[0], line, strict=True)) for line in lines[1:3]}
    assert first["办理中"]["地点"] == "小学北边"
    assert first["办理中"]["现在在谁手里"] == town.units["power"].name
    written = first["办理中"]["受理时间"]
    assert abs(written - clock.local(case.received_at).replace(tzinfo=None)) < timedelta(seconds=1)
    assert first["待派单"]["标题"].startswith("=1+1")  # a text, not a formula
    taken = client.get(f"/exports/{export.id}/file/")
    assert taken["Content-Disposition"].startswith("attachment")
    assert b"".join(taken.streaming_content)[:2] == b"PK"
    assert Entry.objects.filter(verb="tabular.export_taken").count() == 1
    again = client.post("/cases/export/", {"query": "tab=all", "client_key": key})
    assert again.status_code == 302
    assert Export.objects.count() == 1


def test_words_of_reporters_need_a_purpose_and_stay_masked(town: Town) -> None:
    make.report(reporter_name="张先生", reporter_phone=PHONE)
    client = town.client("dispatcher")
    answer = client.post("/cases/export/", {"query": "tab=all", "client_key": str(uuid4()), "with_words": "on"})
    assert answer.status_code == 422
    assert "带原话要写明用途" in answer.content.decode()
    assert not Export.objects.exists()
    export = _export(town, with_words=True, purpose="周例会讨论路灯")
    lines = _written(export)
    row = dict(zip(lines[0], lines[1], strict=True))
    assert row["诉求原话"] == "三村东头路灯又不亮咧，娃娃放学看不清。"
    assert row["报事人（已遮盖）"].startswith("张")
    assert "先生" not in row["报事人（已遮盖）"]
    assert row["电话（已遮盖）"] == "154****2217"
    assert PHONE not in str(lines)
    assert "周例会" in client.get("/exports/").content.decode()


def test_a_phone_looked_for_stands_nowhere_in_clear(town: Town) -> None:
    make.report(reporter_phone=PHONE)
    client = town.client("dispatcher")
    client.post("/cases/export/", {"query": f"tab=all&q={PHONE}", "client_key": str(uuid4())})
    export = Export.objects.get()
    assert export.parameters["query"].endswith(PHONE)
    with connection.cursor() as cursor:
        for table in ("export", "journal_entry", "procrastinate_jobs"):
            cursor.execute(f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE %s", [f"%{PHONE}%"])
            assert cursor.fetchone()[0] == 0, table
    assert len(_written(export)) >= 2


def test_tips_leave_with_nobody_who_may_not_see_them(town: Town) -> None:
    make.report(kind="tip", text="村东有人夜里倒药渣子")
    make.report()
    lines = _written(_export(town))
    assert "药渣子" not in str(lines)
    assert "药渣子" in str(_written(_export(town, "tips")))


def test_a_file_belongs_to_the_post_that_asked(town: Town) -> None:
    make.report()
    export = _export(town)
    _written(export)
    assert town.client("centre_head").get(f"/exports/{export.id}/file/").status_code == 404
    with pytest.raises(NotFound):
        take_export(actor=town.actor("stranger"), export_id=export.id)


def test_refusals_change_nothing(town: Town) -> None:
    with pytest.raises(NotAllowed), unchanged(Export, Entry):
        _export(town, "worker")
    with pytest.raises(RuleError) as refused, unchanged(Export, Entry):
        _export(town, total_count=0)
    assert refused.value.code == "nothing_there"
    with pytest.raises(RuleError) as refused, unchanged(Export, Entry):
        _export(town, total_count=1_000_001)
    assert refused.value.code == "too_many_rows"
    export = _export(town)
    with pytest.raises(RuleError, match="还没有写好"), unchanged(Export, Entry):
        take_export(actor=town.actor("dispatcher"), export_id=export.id)
    with pytest.raises(Conflict), unchanged(Export, Entry):
        _export(town, client_key=export.client_key, query="tab=closed")
    _export(town)
    _export(town)
    with pytest.raises(RuleError) as refused, unchanged(Export, Entry):
        _export(town)
    assert refused.value.code == "too_many_going"


def test_a_post_that_ended_gets_no_file(town: Town) -> None:
    make.report()
    export = _export(town)
    with clock.later(timedelta(days=1)):
        post = town.posts["dispatcher"]
        post.ends_on = clock.local_day() - timedelta(days=1)
        post.save(update_fields=["ends_on"])
        with pytest.raises(NotFound):
            write_export(actor=system("test", export.county), export_id=export.id)
    export.refresh_from_db()
    assert export.state == "failed"
    assert list(export.path.parent.iterdir()) == []


def test_portions_join_and_progress_is_noted(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yijiaan.cases.exporting.PORTION", 2)
    monkeypatch.setattr("yijiaan.engines.tabular.actions.exports.STEP", 2)
    for _ in range(5):
        make.report()
    export = _export(town, total_count=5)
    with CaptureQueriesContext(connection) as asked:
        lines = _written(export)
    numbers = [line[0] for line in lines[1:6]]
    assert len(set(numbers)) == 5
    noted = [query["sql"] for query in asked.captured_queries if '"done_count" = ' in query["sql"]]
    assert len(noted) == 4  # begun, after two, after four, done
    export.refresh_from_db()
    assert (export.done_count, export.part) == (5, 100)


def test_files_go_after_a_week(town: Town) -> None:
    make.report()
    export = _export(town)
    _written(export)
    assert purge_exports(clock.now() - timedelta(days=7), 100) == 0
    assert purge_exports(clock.now() + timedelta(seconds=1), 100) == 1
    assert not export.path.exists()
    assert not Export.objects.exists()


def test_the_list_costs_the_same_with_many_views(town: Town) -> None:
    client = town.client("dispatcher")
    make.report()
    client.get("/cases/")
    with CaptureQueriesContext(connection) as few:
        client.get("/cases/")
    for number in range(12):
        actions.save_view(actor=town.actor("dispatcher"), name=f"第{number}个", query="tab=all")
    with CaptureQueriesContext(connection) as many:
        client.get("/cases/")
    assert len(many) == len(few) <= 10
