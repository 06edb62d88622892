"""A ledger from the file to what came of it, and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from yijiaan.cases.tests import make as town_make
from yijiaan.cases.tests.make import Town
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.tabular import actions
from yijiaan.engines.tabular.actions import running
from yijiaan.engines.tabular.models import Import, ImportedRow, ImportLine, Layout
from yijiaan.engines.tabular.providers import forget_target, register_target
from yijiaan.engines.tabular.queries import is_known_layout, preview_undo, suggest_mapping
from yijiaan.engines.tabular.retention import purge_imports
from yijiaan.engines.tabular.tests.make import HEADS, NUMBERS, Villagers, xlsx

pytestmark = pytest.mark.django_db

PEOPLE = [
    HEADS,
    ["张三", NUMBERS[0], "15400012217", "1990.1.1", "是"],
    ["李四", NUMBERS[1], "", "1985-05-05", "否"],
]
ALL = {0: "name", 1: "identity", 2: "phone", 3: "born_on", 4: "is_member"}


@pytest.fixture
def villagers() -> Iterator[Villagers]:
    target = Villagers()
    register_target(target)
    yield target
    forget_target(target.kind)


@pytest.fixture
def town(settings: Any, tmp_path: Path) -> Town:
    settings.EXPORTS = tmp_path / "exports"
    return town_make.town()


def receive(town: Town, rows: Any = PEOPLE, who: str = "dispatcher", **changes: Any) -> Import:
    raw = rows if isinstance(rows, bytes) else xlsx(rows)
    values = {"kind": "tests.villagers", "file_name": "一村台账.xlsx", "raw": raw, "client_key": uuid4()} | changes
    return actions.receive_table(actor=town.actor(who), **values)


def check(town: Town, imported: Import, mapping: Any = ALL) -> Import:
    actions.map_columns(actor=town.actor("dispatcher"), import_id=imported.id, mapping=mapping)
    actions.check_import(actor=system("tests", imported.county), import_id=imported.id)
    return fresh(imported)


def run(town: Town, imported: Import) -> Import:
    actions.start_import(actor=town.actor("dispatcher"), import_id=imported.id)
    actions.run_import(actor=system("tests", imported.county), import_id=imported.id)
    return fresh(imported)


def undo(town: Town, imported: Import) -> Import:
    actor = town.actor("dispatcher")
    actions.start_undo(actor=actor, import_id=imported.id)
    actions.undo_import(actor=system("tests", imported.county), import_id=imported.id, post_id=actor.post_id)
    return fresh(imported)


def fresh(imported: Import) -> Import:
    return Import.objects.get(county=imported.county, id=imported.id)


def counts(imported: Import) -> tuple[int, ...]:
    return (
        imported.new_count, imported.changed_count, imported.same_count, imported.conflict_count, imported.refused_count,
    )  # fmt: skip


def people_of(villagers: Villagers) -> list[dict[str, str]]:
    return sorted(villagers.records.values(), key=lambda held: held["identity"])


def test_a_ledger_goes_in_and_comes_out_again(town: Town, villagers: Villagers) -> None:
    imported = receive(town)
    assert (imported.state, imported.total_count, imported.sheet) == ("read", 2, "台账")
    assert suggest_mapping(town.actor("dispatcher"), imported=imported) == ALL
    checked = check(town, imported)
    assert (checked.state, counts(checked)) == ("previewed", (2, 0, 0, 0, 0))
    assert villagers.records == {}  # looking changes nothing
    done = run(town, checked)
    assert (done.state, counts(done), done.done_count) == ("done", (2, 0, 0, 0, 0), 2)
    assert people_of(villagers)[1] == {
        "name": "张三", "identity": NUMBERS[0], "phone": "15400012217", "born_on": "1990-01-01", "is_member": "1",
    }  # fmt: skip
    preview = preview_undo(town.actor("dispatcher"), imported=done)
    assert (preview.going, preview.staying, preview.reasons) == (2, 0, [])
    undone = undo(town, done)
    assert (undone.state, undone.undone_count, undone.kept_count) == ("undone", 2, 0)
    assert villagers.records == {}
    verbs = list(Entry.objects.filter(verb__startswith="tabular.").order_by("id").values_list("verb", flat=True))
    assert verbs == [
        "tabular.import_received", "tabular.import_started", "tabular.import_finished", "tabular.import_undo_started",
        "tabular.import_undone",
    ]  # fmt: skip


def test_changed_same_conflicting_and_refused_lines_are_told_apart(town: Town, villagers: Villagers) -> None:
    run(town, check(town, receive(town)))
    before = people_of(villagers)
    again = check(
        town,
        receive(
            town,
            [
                HEADS,
                ["张三", NUMBERS[0], "15400012218", "1990.1.1", "是"],  # another phone
                ["李四", NUMBERS[1], "", "1985-05-05", "否"],
                ["王二", NUMBERS[1], "", "", ""],
                ["赵六", NUMBERS[2], "1234", "24/3/5", ""],
                ["", "", "", "", "是"],
            ],
        ),
    )
    assert counts(again) == (0, 1, 1, 0, 3)
    lines = {row.line: row for row in ImportLine.objects.filter(table_import=again)}
    assert lines[4].remark == "和第 3 行是同一个，只导第 3 行"
    assert "手机号应为 11 位" in lines[5].remark
    assert "请写四位年份" in lines[5].remark
    assert (lines[6].remark, lines[6].field) == ("没有写身份证号", "identity")
    assert people_of(villagers) == before
    done = run(town, again)
    assert counts(done) == (0, 1, 1, 0, 3)
    assert people_of(villagers)[1]["phone"] == "15400012218"
    undo(town, done)
    assert people_of(villagers) == before


def test_days_as_numbers_count_from_where_the_file_counts(town: Town, villagers: Villagers) -> None:
    for options, day in (({}, "1990-01-01"), ({"date_1904": True}, "1994-01-02")):
        raw = xlsx([HEADS, ["张三", NUMBERS[0], "", 32874, ""]], options=options)
        run(town, check(town, receive(town, raw)))
        assert people_of(villagers)[0]["born_on"] == day


def test_a_conflict_is_never_written(town: Town, villagers: Villagers) -> None:
    run(town, check(town, receive(town)))
    before = people_of(villagers)
    done = check(town, receive(town, [HEADS, ["张冠", NUMBERS[0]], ["新人", NUMBERS[2]]]))
    assert counts(done) == (1, 0, 0, 1, 0)
    run(town, done)
    assert [held for held in people_of(villagers) if held["identity"] != NUMBERS[2]] == before


def test_refused_lines_come_back_as_the_same_table_with_what_is_wrong(town: Town, villagers: Villagers) -> None:
    rows = [
        ["新驿一村台账"],
        [*HEADS, "自己的备注"],
        ["张三", NUMBERS[0]],
        ["赵六", 3.7e17, "15400012217", "", "", "东头"],
    ]
    done = run(town, check(town, receive(town, rows)))
    assert counts(done) == (1, 0, 0, 0, 1)
    _, path = actions.take_refused(actor=town.actor("dispatcher"), import_id=done.id)
    table = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    path.unlink()
    assert table[0] == [*HEADS, "自己的备注", "未导入原因"]
    assert table[1][0] == "赵六"
    assert table[1][5] == "东头"
    assert "被表格软件改成了小数" in table[1][6]
    assert len(table) == 2
    # corrected, it comes in by the same door without asking anything
    table[1][1] = NUMBERS[2]
    back = receive(town, table)
    assert suggest_mapping(town.actor("dispatcher"), imported=back) == ALL
    assert counts(run(town, check(town, back))) == (1, 0, 0, 0, 0)


def test_who_did_not_bring_the_ledger_does_not_take_its_lines(town: Town, villagers: Villagers) -> None:
    done = check(town, receive(town, [HEADS, ["赵六", "12"]]))
    assert done.refused_count == 1
    with pytest.raises(NotFound):
        actions.take_refused(actor=town.actor("centre_head"), import_id=done.id)
    assert not Entry.objects.filter(verb="tabular.refused_taken").exists()


def test_a_layout_is_explained_once(town: Town, villagers: Villagers) -> None:
    rows = [["甲", "乙", "丙"], ["张三", "没有", "x"]]
    actor = town.actor("dispatcher")
    first = receive(town, rows)
    assert suggest_mapping(actor, imported=first) == {}
    assert not is_known_layout(actor, imported=first)
    check(town, first, {0: "name", 1: "identity"})
    second = receive(town, rows)
    assert suggest_mapping(actor, imported=second) == {0: "name", 1: "identity"}
    assert is_known_layout(actor, imported=second)
    # one column renamed, another in between: what is still there is known
    third = receive(town, [["甲", "新列", "乙的新名"], ["张三", "", "没有"]])
    assert suggest_mapping(actor, imported=third) == {0: "name"}
    assert Layout.objects.count() == 1


def test_the_same_key_gives_the_first_import(town: Town, villagers: Villagers) -> None:
    key, raw = uuid4(), xlsx(PEOPLE)
    first = receive(town, raw, client_key=key)
    assert receive(town, raw, client_key=key).id == first.id
    with pytest.raises(Conflict):
        receive(town, [HEADS, ["别人", NUMBERS[2]]], client_key=key)
    assert Import.objects.count() == 1


def test_the_wrong_sheet_can_be_changed_and_a_missing_one_not(town: Town, villagers: Villagers) -> None:
    raw = xlsx(PEOPLE, sheets={"封面": [["新驿镇", "人口", "册"], ["2026", "x", "y"]]})
    imported = receive(town, raw)
    assert imported.sheet == "封面"
    with pytest.raises(RuleError) as refused:
        check(town, imported, {})
    assert refused.value.code == "nothing_mapped"
    with pytest.raises(RuleError) as refused:
        actions.choose_sheet(actor=town.actor("dispatcher"), import_id=imported.id, sheet="没有的")
    assert (refused.value.code, fresh(imported).sheet) == ("unknown_sheet", "封面")
    actions.choose_sheet(actor=town.actor("dispatcher"), import_id=imported.id, sheet="台账")
    assert counts(check(town, imported)) == (2, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("raw", "changes", "code", "field"),
    [
        (b"", {}, "empty_file", "file"),
        (xlsx([]), {}, "empty_table", "file"),
        (xlsx([["姓名", "电话"]]), {}, "empty_table", "file"),
        (b"%PDF", {}, "not_a_table", "file"),
        (xlsx(PEOPLE), {"kind": "no.such"}, "unknown_kind", "kind"),
    ],
)
def test_what_cannot_be_taken_in_leaves_nothing(
    town: Town, villagers: Villagers, raw: bytes, changes: Any, code: str, field: str
) -> None:
    with pytest.raises(RuleError) as refused:
        receive(town, raw, **changes)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not Import.objects.exists()
    assert not Entry.objects.filter(verb__startswith="tabular.").exists()


def test_strangers_and_those_without_the_permission_do_nothing(town: Town, villagers: Villagers) -> None:
    imported = check(town, receive(town))
    deeds = (actions.start_import, actions.drop_import, actions.start_undo, actions.take_refused)
    for who, error in (("worker", NotAllowed), ("leader", NotAllowed), ("stranger", NotFound)):
        for deed in deeds:
            with pytest.raises(error):
                deed(actor=town.actor(who), import_id=imported.id)
        with pytest.raises(error):
            actions.map_columns(actor=town.actor(who), import_id=imported.id, mapping=ALL)
        with pytest.raises(error):
            actions.choose_sheet(actor=town.actor(who), import_id=imported.id, sheet="台账")
    with pytest.raises(NotAllowed):
        receive(town, who="worker")
    assert (fresh(imported).state, Import.objects.count()) == ("previewed", 1)


def test_deeds_out_of_turn_are_refused(town: Town, villagers: Villagers) -> None:
    actor = town.actor("dispatcher")
    imported = receive(town)
    for deed, code in ((actions.start_import, "not_checked"), (actions.start_undo, "nothing_to_undo")):
        with pytest.raises(RuleError) as refused:
            deed(actor=actor, import_id=imported.id)
        assert refused.value.code == code
    done = run(town, check(town, imported))
    for refusing in (
        lambda: actions.map_columns(actor=actor, import_id=done.id, mapping=ALL),
        lambda: actions.choose_sheet(actor=actor, import_id=done.id, sheet="台账"),
        lambda: actions.drop_import(actor=actor, import_id=done.id),
    ):
        with pytest.raises(RuleError) as refused:
            refusing()
        assert refused.value.code == "too_late"
    assert fresh(done).state == "done"
    nothing = check(town, receive(town))
    with pytest.raises(RuleError) as refused:
        actions.start_import(actor=actor, import_id=nothing.id)
    assert (refused.value.code, fresh(nothing).state) == ("nothing_to_do", "previewed")
    assert actions.start_import(actor=actor, import_id=done.id).state == "done"


def test_giving_up_deletes_the_file(town: Town, villagers: Villagers, django_capture_on_commit_callbacks: Any) -> None:
    imported = check(town, receive(town))
    assert imported.path.is_file()
    with django_capture_on_commit_callbacks(execute=True):
        actions.drop_import(actor=town.actor("dispatcher"), import_id=imported.id)
    assert not imported.path.exists()
    assert (fresh(imported).state, ImportLine.objects.count(), fresh(imported).samples) == ("dropped", 0, [])


def test_a_job_that_was_killed_goes_on_where_it_stopped(town: Town, villagers: Villagers, monkeypatch: Any) -> None:
    monkeypatch.setattr(running, "portions", lambda lines, after=0: original(lines, after=after, size=2))
    from yijiaan.engines.tabular.walking import portions as original  # noqa: PLC0415

    rows = [HEADS, *([f"人{number}", identity(number)] for number in range(7))]
    imported = check(town, receive(town, rows))
    actions.start_import(actor=town.actor("dispatcher"), import_id=imported.id)
    apply, calls = villagers.apply, []

    def breaking(**values: Any) -> Any:
        calls.append(len(values["rows"]))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return apply(**values)

    monkeypatch.setattr(villagers, "apply", breaking)
    with pytest.raises(KeyboardInterrupt):
        actions.run_import(actor=system("tests", imported.county), import_id=imported.id)
    stopped = fresh(imported)
    assert (stopped.state, stopped.done_count, len(villagers.records)) == ("failed", 4, 4)
    actions.run_import(actor=system("tests", imported.county), import_id=imported.id)
    done = fresh(imported)
    assert (done.state, counts(done), len(villagers.records)) == ("done", (7, 0, 0, 0, 0), 7)
    assert ImportedRow.objects.count() == 7
    actions.run_import(actor=system("tests", imported.county), import_id=imported.id)
    assert (len(villagers.records), Entry.objects.filter(verb="tabular.import_finished").count()) == (7, 1)


def test_what_others_built_on_stays_when_an_import_is_undone(town: Town, villagers: Villagers) -> None:
    done = run(town, check(town, receive(town)))
    kept = next(key for key, held in villagers.records.items() if held["name"] == "李四")
    villagers.used.add(kept)
    preview = preview_undo(town.actor("dispatcher"), imported=done)
    assert (preview.going, preview.staying, preview.reasons) == (1, 1, [("后来有人用过", 1)])
    undone = undo(town, done)
    assert (undone.undone_count, undone.kept_count, list(villagers.records)) == (1, 1, [kept])
    # an undone import never runs again
    actions.run_import(actor=system("tests", done.county), import_id=done.id)
    assert list(villagers.records) == [kept]


def test_the_file_lies_sealed_and_no_table_holds_it_in_clear(town: Town, villagers: Villagers) -> None:
    imported = run(town, check(town, receive(town, [*PEOPLE, ["赵六六", "12", "15400017788"]])))
    assert not imported.path.read_bytes().startswith(b"PK")
    secrets = ("张三", "赵六六", NUMBERS[0], "15400017788", "一村台账")
    with connection.cursor() as cursor:
        for table in (
            "table_import",
            "table_import_line",
            "table_imported_row",
            "table_layout",
            "journal_entry",
            "procrastinate_jobs",
        ):
            cursor.execute(f"SELECT row::text FROM {table} AS row")
            rows = "\n".join(row for (row,) in cursor.fetchall())
            assert not [secret for secret in secrets if secret in rows], table


def test_old_imports_go_with_their_files(town: Town, villagers: Villagers) -> None:
    imported = run(town, check(town, receive(town)))
    from yijiaan.core import clock  # noqa: PLC0415

    assert purge_imports(imported.received_at, 10) == 0
    assert purge_imports(clock.now(), 10) == 1
    assert not imported.path.exists()
    assert (Import.objects.count(), ImportLine.objects.count(), ImportedRow.objects.count()) == (0, 0, 0)
    assert len(villagers.records) == 2


def test_a_file_that_is_gone_is_said_so(town: Town, villagers: Villagers) -> None:
    imported = receive(town)
    imported.path.unlink()
    checked = check(town, imported)
    assert (checked.state, checked.failure) == ("failed", "这份文件已经到期删掉了，请重新传一次")


def identity(number: int) -> str:
    from yijiaan.core.checks import identity_check  # noqa: PLC0415

    first = f"37088219800101{number:03}"
    return first + identity_check(first)


PERSON = st.tuples(
    st.sampled_from(["张三", "李四", "王五"]),
    st.integers(0, 5),
    st.sampled_from(["", "15400012217", "15400012218", "12"]),
    st.sampled_from(["", "2024.3.5", "24/3/5"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(PERSON, max_size=5), after=st.lists(PERSON, min_size=1, max_size=8))
def test_whatever_was_imported_undoing_gives_the_former_state(
    town: Town, villagers: Villagers, before: list[Any], after: list[Any]
) -> None:
    villagers.records.clear()
    for name, number, phone, _ in before:
        if not any(held["identity"] == identity(number) for held in villagers.records.values()):
            villagers.records[uuid4()] = {"name": name, "identity": identity(number), "phone": phone}
    former = {key: dict(held) for key, held in villagers.records.items()}
    rows = [HEADS, *([name, identity(number), phone, day] for name, number, phone, day in after)]
    imported = check(town, receive(town, rows))
    assert villagers.records == former
    assert sum(counts(imported)) == len(after)
    if imported.written_count:
        done = run(town, imported)
        assert counts(done) == counts(imported)
        undo(town, done)
    assert villagers.records == former
