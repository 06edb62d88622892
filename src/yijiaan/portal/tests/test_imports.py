"""表格导入 as its pages show it."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import Town
from yijiaan.core.scope import system
from yijiaan.engines.tabular import actions
from yijiaan.engines.tabular.models import Import
from yijiaan.engines.tabular.providers import forget_target, register_target
from yijiaan.engines.tabular.reading import MOST_BYTES
from yijiaan.engines.tabular.tests.make import HEADS, NUMBERS, Villagers, xlsx

pytestmark = pytest.mark.django_db
ROWS = [
    HEADS,
    ["张三", NUMBERS[0], "15400012217", "1990.1.1", "是"],
    ["李四", NUMBERS[1], "", "1985-05-05", "否"],
    ["赵六", "12", "", "", ""],
]
CHOSEN = {"column_0": "name", "column_1": "identity", "column_2": "phone", "column_3": "born_on", "column_4": ""}


@pytest.fixture
def villagers() -> Iterator[Villagers]:
    target = Villagers()
    register_target(target)
    yield target
    forget_target(target.kind)


@pytest.fixture
def town(settings: Any, tmp_path: Path) -> Town:
    settings.EXPORTS = tmp_path / "exports"
    return make.town()


def drop(client: Any, raw: bytes, **changes: Any) -> Any:
    values = {
        "kind": "tests.villagers", "client_key": str(uuid4()), "file": SimpleUploadedFile("一村台账.xlsx", raw),
    } | changes  # fmt: skip
    return client.post("/imports/", values)


def work(imported: Import, step: str) -> Import:
    getattr(actions, step)(actor=system("tests", imported.county), import_id=imported.id)
    return Import.objects.get(id=imported.id, county=imported.county)


def test_the_whole_way_by_pages(town: Town, villagers: Villagers) -> None:
    client = town.client("dispatcher")
    assert "把原来的台账放进来" in client.get("/imports/").content.decode()
    answer = drop(client, xlsx(ROWS))
    imported = Import.objects.get()
    assert answer["Location"] == f"/imports/{imported.id}/"
    page = client.get(answer["Location"]).content.decode()
    assert "对一对列" in page
    assert NUMBERS[0] not in page
    assert "张三" not in page
    assert "张*、李*、赵*" in page
    answer = client.post(f"/imports/{imported.id}/columns/", CHOSEN)
    assert answer.status_code == 302
    page = client.get(f"/imports/{imported.id}/").content.decode()
    assert "正在检查" in page
    imported = work(imported, "check_import")
    part = client.get(f"/imports/{imported.id}/", headers={"HX-Request": "true"})
    assert (part["HX-Refresh"], part.content) == ("true", b"")
    page = client.get(f"/imports/{imported.id}/").content.decode()
    assert "导入以后会这样" in page
    assert "张*" in page
    assert "1990-01-01" in page
    assert "张三" not in page
    lines = client.get(f"/imports/{imported.id}/lines/?verdict=refused").content.decode()
    assert "身份证号应为 18 位" in lines
    assert client.post(f"/imports/{imported.id}/start/").status_code == 302
    assert "正在导入" in client.get(f"/imports/{imported.id}/").content.decode()
    part = client.get(f"/imports/{imported.id}/", headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div id="course"')
    work(imported, "run_import")
    assert len(villagers.records) == 2
    page = client.get(f"/imports/{imported.id}/").content.decode()
    assert "导入的结果" in page
    taken = client.get(f"/imports/{imported.id}/refused/")
    assert taken["Content-Disposition"].startswith("attachment")
    table = CalamineWorkbook.from_filelike(BytesIO(b"".join(taken.streaming_content))).get_sheet_by_index(0).to_python()
    assert table[0] == [*HEADS, "未导入原因"]
    assert table[1][0] == "赵六"
    assert "整批撤销" in client.get(f"/imports/{imported.id}/undo/").content.decode()
    client.post(f"/imports/{imported.id}/undo/")
    actions.undo_import(
        actor=system("tests", imported.county), import_id=imported.id, post_id=town.actor("dispatcher").post_id
    )
    page = client.get(f"/imports/{imported.id}/").content.decode()
    assert "撤销了 2 行" in page
    assert villagers.records == {}


def test_what_is_wrong_stands_at_the_field_and_the_choice_is_kept(town: Town, villagers: Villagers) -> None:
    client = town.client("dispatcher")
    for raw, words in (
        (b"", "这个文件是空的"),
        (b"%PDF", "打不开，请存成 .xlsx 或 .xls 再传"),
        (xlsx([]), "表里没有内容"),
    ):
        answer = drop(client, raw)
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert 'value="tests.villagers" selected' in answer.content.decode()
    answer = drop(client, xlsx(ROWS), kind="")
    assert "请选导入到哪里" in answer.content.decode()
    answer = client.post("/imports/", {"kind": "tests.villagers", "client_key": str(uuid4())})
    assert "请选一个表格文件" in answer.content.decode()
    assert not Import.objects.exists()


def test_three_hundred_megabytes_are_refused_with_a_sentence(
    town: Town, villagers: Villagers, monkeypatch: Any
) -> None:
    monkeypatch.setattr("yijiaan.portal.import_forms.MOST_BYTES", 1000)  # as if the file were larger
    answer = drop(town.client("dispatcher"), b"0" * 5_000_000)
    assert answer.status_code == 422
    assert "请分成几份" in answer.content.decode()
    assert MOST_BYTES < 300 * 1024 * 1024
    assert not Import.objects.exists()


def test_a_column_chosen_twice_is_said_at_the_column_and_nothing_is_lost(town: Town, villagers: Villagers) -> None:
    client = town.client("dispatcher")
    drop(client, xlsx(ROWS))
    imported = Import.objects.get()
    answer = client.post(f"/imports/{imported.id}/columns/", CHOSEN | {"column_4": "phone"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "“电话”指了两列" in page
    assert page.count('value="phone" selected') == 2
    answer = client.post(f"/imports/{imported.id}/columns/", CHOSEN | {"column_1": ""})
    assert "请指出哪一列是“身份证号”" in answer.content.decode()
    assert Import.objects.get().state == "read"


def test_a_sheet_of_another_name_is_chosen_on_the_page(town: Town, villagers: Villagers) -> None:
    client = town.client("dispatcher")
    drop(client, xlsx(ROWS, sheets={"封面": [["新驿镇", "人口册"], ["a", "b"]]}, hidden_rows=[2]))
    imported = Import.objects.get()
    page = client.get(f"/imports/{imported.id}/").content.decode()
    assert "台账（4 行，有 1 行是隐藏的）" in page
    assert client.post(f"/imports/{imported.id}/sheet/", {"sheet": "无"}).status_code == 422
    assert client.post(f"/imports/{imported.id}/sheet/", {"sheet": "台账"}).status_code == 302
    assert "隐藏的也会导入" in client.get(f"/imports/{imported.id}/").content.decode()


def test_others_see_nothing_and_colleagues_see_it_covered(town: Town, villagers: Villagers) -> None:
    drop(town.client("dispatcher"), xlsx(ROWS))
    imported = Import.objects.get()
    for who, status in (("worker", 403), ("leader", 403), ("stranger", 404), ("centre_head", 200), ("county", 200)):
        assert town.client(who).get(f"/imports/{imported.id}/").status_code == status, who
    assert "一村台账" not in town.client("stranger").get("/imports/").content.decode()
    assert "一村台账" in town.client("centre_head").get("/imports/").content.decode()
    assert town.client("centre_head").get(f"/imports/{imported.id}/refused/").status_code == 404


def test_giving_up_and_deeds_out_of_turn_lead_back_with_a_word(town: Town, villagers: Villagers) -> None:
    client = town.client("dispatcher")
    drop(client, xlsx(ROWS))
    imported = Import.objects.get()
    answer = client.post(f"/imports/{imported.id}/start/", follow=True)
    assert "还没有检查完" in answer.content.decode()
    assert client.get(f"/imports/{imported.id}/undo/").status_code == 302
    answer = client.post(f"/imports/{imported.id}/drop/", follow=True)
    assert "文件删掉了" in answer.content.decode()
    assert client.get(f"/imports/{imported.id}/").status_code == 200
    assert client.get(f"/imports/{imported.id}/columns/").status_code == 302


def test_lists_cost_the_same_however_long(town: Town, villagers: Villagers) -> None:
    client = town.client("dispatcher")

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    drop(client, xlsx([HEADS, *(["赵六", str(number)] for number in range(30))]))
    imported = Import.objects.get()
    client.post(f"/imports/{imported.id}/columns/", CHOSEN)
    imported = work(imported, "check_import")
    asked("/imports/")
    few = asked("/imports/")
    for _ in range(3):
        drop(client, xlsx(ROWS))
    assert asked("/imports/") == few
    path = f"/imports/{imported.id}/lines/?verdict=refused"
    assert asked(path) == asked(path + "&after=x") <= 12
