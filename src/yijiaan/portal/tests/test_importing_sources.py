"""报事源头 from a ledger: through the same deed as by hand, and back."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yijiaan.accounts.queries import public_actor
from yijiaan.areas.queries import area_names
from yijiaan.cases.actions import Intake, submit_from_source
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import FIRST, SECOND, Town
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.scope import system
from yijiaan.engines.tabular import actions as tabular
from yijiaan.engines.tabular.models import Import, ImportLine
from yijiaan.engines.tabular.providers import Row
from yijiaan.engines.tabular.queries import preview_undo, suggest_mapping
from yijiaan.engines.tabular.tests.make import xlsx
from yijiaan.registry.actions import issue_link, retract_source, revoke_link
from yijiaan.registry.importing import SourcesTarget
from yijiaan.registry.models import TrustedReporter

pytestmark = pytest.mark.django_db
HEADS = ["序号", "姓名", "所在村", "人员类别", "联系电话", "本人同意日期", "同意方式"]


@pytest.fixture
def town(settings: Any, tmp_path: Path) -> Town:
    settings.EXPORTS = tmp_path / "exports"
    return make.town()


@pytest.fixture
def villages(town: Town) -> list[str]:
    names = area_names(town.actor("dispatcher"), codes=[FIRST, SECOND])
    return [names[FIRST], names[SECOND]]


def brought(town: Town, rows: list[list[Any]], who: str = "dispatcher") -> Import:
    actor = town.actor(who)
    imported = tabular.receive_table(
        actor=actor, kind="registry.sources", file_name="报事源头.xlsx", raw=xlsx([["新驿镇报事源头名单"], HEADS, *rows]),
        client_key=uuid4(),
    )  # fmt: skip
    mapping = suggest_mapping(actor, imported=imported)
    assert mapping == {1: "name", 2: "village", 3: "kind", 4: "phone", 5: "consented_on", 6: "consent_way"}
    tabular.map_columns(actor=actor, import_id=imported.id, mapping=mapping)
    tabular.check_import(actor=system("tests", imported.county), import_id=imported.id)
    return Import.objects.get(id=imported.id, county=imported.county)


def run(town: Town, imported: Import) -> Import:
    tabular.start_import(actor=town.actor("dispatcher"), import_id=imported.id)
    tabular.run_import(actor=system("tests", imported.county), import_id=imported.id)
    return Import.objects.get(id=imported.id, county=imported.county)


def test_a_list_of_sources_goes_in_and_comes_out(town: Town, villages: list[str]) -> None:
    first, second = villages
    rows = [
        [1, "郎 老师", first, "退休教师", "15471118001", "2026.3.5", "当面"],
        [2, "周支书", second, "老支书", "", "2026年4月1日", ""],
        [3, "吴大爷", "没有的村", "老党员", "15471118003", "2026-03-05", "签字"],
        [4, "郑大爷", first, "老党员", "15471118004", "", ""],
        [5, "王大爷", first, "路人", "15471118005", "2026-03-05", ""],
        [6, "孙大爷", first, "老党员", "15471118006", "2099-03-05", ""],
    ]
    checked = brought(town, rows)
    assert (checked.state, checked.new_count, checked.refused_count) == ("previewed", 3, 3)
    assert not TrustedReporter.objects.exists()
    done = run(town, checked)
    # the day that lies ahead is refused by the deed itself
    assert (done.state, done.new_count, done.refused_count) == ("done", 2, 4)
    remarks = dict(ImportLine.objects.filter(verdict="refused").order_by("line").values_list("line", "remark"))
    assert remarks == {
        5: "辖区里没有“没有的村”这个村，请写村的全名",
        6: "没有写本人哪天同意的；没有同意的不能列进来",
        7: "“身份”没有“路人”这一种，请从这些里选：退休干部、老支书、老党员、乡贤达人、老教师",
        8: "同意的日子不能晚于今天",
    }
    listed = {source.name_sealed: source for source in TrustedReporter.objects.all()}
    assert {name: (each.area_code, each.kind, each.consent_way) for name, each in listed.items()} == {
        "郎老师": (FIRST, "old_teacher", "in_person"),
        "周支书": (SECOND, "old_secretary", "in_person"),
    }
    again = brought(town, rows[:2])
    assert (again.new_count, again.same_count) == (0, 2)
    conflict = brought(
        town,
        [
            [1, "别人", first, "老党员", "15471118001", "2026.3.5", ""],
            [2, "郎老师", first, "老党员", "15471118009", "2026.3.5", ""],
        ],
    )
    assert conflict.conflict_count == 2
    issue_link(actor=town.actor("head"), source_id=listed["郎老师"].id)
    preview = preview_undo(town.actor("dispatcher"), imported=done)
    assert (preview.going, preview.reasons) == (1, [("已经给他发过报事链接，留在名单里", 1)])
    tabular.start_undo(actor=town.actor("dispatcher"), import_id=done.id)
    tabular.undo_import(actor=system("tests", done.county), import_id=done.id, post_id=town.actor("dispatcher").post_id)
    assert [source.name_sealed for source in TrustedReporter.objects.all()] == ["郎老师"]


def test_a_ledger_of_one_village_says_it_once(town: Town, villages: list[str]) -> None:
    actor = town.actor("dispatcher")
    raw = xlsx([["姓名", "电话", "村"], ["郎老师", "15471118001", ""], ["周支书", "", villages[1]]])
    imported = tabular.receive_table(
        actor=actor, kind="registry.sources", file_name="一村.xlsx", raw=raw, client_key=uuid4()
    )
    mapping = {0: "name", 1: "phone", 2: "village"}
    fixed = {"village": villages[0], "kind": "old_teacher", "consented_on": "2026年3月5日"}
    for said, code, field in (
        ({**fixed, "consented_on": "26/3/5"}, "ambiguous_date", "fixed_consented_on"),
        ({**fixed, "phone": "15471118001"}, "unknown_field", None),
        ({"village": villages[0]}, "lacks_column", None),
    ):
        with pytest.raises(RuleError) as refused:
            tabular.map_columns(actor=actor, import_id=imported.id, mapping=mapping, fixed=said)
        assert (refused.value.code, refused.value.field) == (code, field)
        assert Import.objects.get().state == "read"
    client = town.client("dispatcher")
    page = client.get(f"/imports/{imported.id}/").content.decode()
    assert "整张表都是同一个“村”" in page
    answer = client.post(
        f"/imports/{imported.id}/columns/",
        {f"column_{column}": key for column, key in mapping.items()}
        | {f"fixed_{key}": said for key, said in fixed.items()},
    )
    assert answer.status_code == 302
    tabular.check_import(actor=system("tests", imported.county), import_id=imported.id)
    done = run(town, Import.objects.get())
    assert done.new_count == 2
    assert {
        (each.name_sealed, each.area_code, each.kind, str(each.consented_on)) for each in TrustedReporter.objects.all()
    } == {
        ("郎老师", FIRST, "old_teacher", "2026-03-05"),
        ("周支书", SECOND, "old_teacher", "2026-03-05"),
    }


def test_who_has_told_something_is_not_taken_back(town: Town, villages: list[str]) -> None:
    run(town, brought(town, [[1, "郎老师", villages[0], "老教师", "15471118001", "2026.3.5", "当面"]]))
    source = TrustedReporter.objects.get()
    head = town.actor("head")
    source, _ = issue_link(actor=head, source_id=source.id)
    submit_from_source(
        actor=public_actor(FIRST, "trusted_reporter"), source=source, intake=Intake("渠边栏杆松了", uuid4())
    )
    with pytest.raises(RuleError) as refused:
        retract_source(actor=head, source_id=source.id)
    assert refused.value.code == "has_link"
    revoke_link(actor=head, source_id=source.id)
    with pytest.raises(RuleError) as refused:
        retract_source(actor=head, source_id=source.id)
    assert refused.value.code == "has_told"
    with pytest.raises(NotAllowed):
        retract_source(actor=town.actor("worker"), source_id=source.id)
    assert TrustedReporter.objects.count() == 1


def test_many_rows_are_judged_in_the_same_number_of_statements(town: Town, villages: list[str]) -> None:
    target, actor = SourcesTarget(), town.actor("dispatcher")
    values = {"name": "某人", "village": villages[0], "kind": "worthy", "consented_on": "2026-03-05"}

    def asked(count: int) -> int:
        rows = [Row(line, values | {"name": f"某人{line}"}) for line in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            target.prepare(actor=actor, rows=rows)
        return len(captured)

    asked(1)
    assert asked(2) == asked(200) == 1
