"""Ledgers of people: judged, written, written again, taken back."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yijiaan.areas.queries import area_names
from yijiaan.areas.tests.make import FIRST, SECOND
from yijiaan.core.errors import Conflict, NotAllowed, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.testing import _rows
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.tabular.models import ImportLine
from yijiaan.engines.tabular.providers import Origin, Row
from yijiaan.engines.tabular.values import value_of
from yijiaan.registry import actions
from yijiaan.registry.fields import KINDS
from yijiaan.registry.importing import PeopleTarget
from yijiaan.registry.models import Change, Household, Membership, Person
from yijiaan.registry.tests import ledger, make
from yijiaan.registry.tests.ledger import PEOPLE, brought, counts, number, received, remarks, run, undone
from yijiaan.registry.tests.town import Town

pytestmark = pytest.mark.django_db
KIND = "registry.people"


@pytest.fixture(autouse=True)
def exports(settings: Any, tmp_path: Path) -> None:
    settings.EXPORTS = tmp_path / "exports"


@pytest.fixture
def village(town: Town) -> str:
    return area_names(town.actor("dispatcher"), codes=[FIRST])[FIRST]


@pytest.fixture
def actor(town: Town) -> Actor:
    return town.actor("dispatcher")


def line(village: str, **said: Any) -> list[Any]:
    """One line of the ledger."""
    values = {
        "户号": "370812001", "姓名": "王小明", "与户主关系": "户主", "身份证号": number("19570309", 11), "性别": "男",
        "民族": "汉族", "联系电话": "15400013344", "现居住地址": "村东头 3 号", "村": village, "政治面貌": "党员",
        "文化程度": "初中", "婚姻状况": "已婚",
    } | said  # fmt: skip
    return [values[head] for head in PEOPLE]


def wife(village: str, **said: Any) -> list[Any]:
    """His wife."""
    values = {
        "姓名": "李桂兰", "与户主关系": "妻", "身份证号": number("19590501", 22), "性别": "女", "联系电话": "",
        "政治面貌": "群众",
    } | said  # fmt: skip
    return line(village, **values)


def tables() -> dict[str, Any]:
    """Everything people are written in."""
    return {model.__name__: _rows(model) for model in (Household, Person, Membership, Change)}


def test_a_ledger_becomes_households_with_their_people(actor: Actor, village: str) -> None:
    checked = received(actor, KIND, [PEOPLE, wife(village), line(village)], told_on="2026-03-01")
    assert counts(checked) == (2, 0, 0, 0, 0)
    assert not Person.objects.exists() and not Household.objects.exists()
    done = run(actor, checked)
    assert (done.state, counts(done)) == ("done", (2, 0, 0, 0, 0))
    home = Household.objects.get()
    assert (home.household_no, home.address, home.area_code) == ("370812001", "村东头 3 号", FIRST)
    told = {
        row.person.name_sealed: (row.relation, row.person.political)
        for row in home.memberships.select_related("person")
    }
    assert told == {"王小明": ("head", "party"), "李桂兰": ("spouse", "masses")}
    person = Person.objects.get(name_search="王小明")
    assert person.origins["phone"] == [f"import:{done.id}", "2026-03-01"]
    assert (person.oldest_on, person.checked_on) == (date(2026, 3, 1), date(2026, 3, 1))
    assert (person.phone_sealed, person.sort_key) == ("15400013344", "wxm")


def test_the_same_ledger_again_writes_nothing(actor: Actor, village: str) -> None:
    rows = [PEOPLE, line(village), wife(village)]
    brought(actor, KIND, rows)
    before = tables()
    assert counts(received(actor, KIND, rows)) == (0, 0, 2, 0, 0)
    assert tables() == before


def test_what_is_otherwise_is_changed_with_its_history_and_comes_back(actor: Actor, village: str) -> None:
    first = brought(actor, KIND, [PEOPLE, line(village), wife(village)], told_on="2026-03-01")
    before, entries = opened(), Entry.objects.count()
    new = line(village, 联系电话="15400019999", 文化程度="大专", 现居住地址="村西头 9 号")
    second = brought(actor, KIND, [PEOPLE, new, wife(village)], told_on="2026-05-01")
    assert counts(second) == (0, 1, 1, 0, 0)
    person, home = Person.objects.get(name_search="王小明"), Household.objects.get()
    assert (person.phone_sealed, person.education, home.address) == ("15400019999", "college", "村西头 9 号")
    changes = {(c.kind, c.field): (c.old_sealed, c.new_sealed, c.state, c.told_on) for c in Change.objects.all()}
    assert changes == {
        ("person", "phone"): ("15400013344", "15400019999", "confirmed", date(2026, 5, 1)),
        ("person", "education"): ("middle", "college", "confirmed", date(2026, 5, 1)),
        ("household", "address"): ("村东头 3 号", "村西头 9 号", "confirmed", date(2026, 5, 1)),
    }
    taken = undone(actor, second)
    assert (taken.state, taken.undone_count, taken.kept_count) == ("undone", 1, 0)
    assert opened() == before
    assert set(Change.objects.values_list("state", "reason")) == {("undone", "撤销导入")}
    assert Entry.objects.count() > entries
    assert undone(actor, first).kept_count == 0
    assert not Person.objects.exists() and not Household.objects.exists()


def opened() -> list[list[dict[str, Any]]]:
    """All records with what is sealed opened, but for the version, which only goes on."""
    return [_plain(model, ("version",)) for model in (Household, Person, Membership)]


def test_a_whole_import_is_taken_back_as_if_it_had_never_been(actor: Actor, village: str) -> None:
    before = tables()
    rows = [list(row) for row in ledger.invented(40, [village])]
    done = brought(actor, KIND, [PEOPLE, *rows])
    assert counts(done) == (40, 0, 0, 0, 0) and Household.objects.count() == 14
    taken = undone(actor, done)
    assert (taken.undone_count, taken.kept_count) == (40, 0)
    assert tables() == before


def test_who_was_used_since_stays_with_his_household(town: Town, actor: Actor, village: str) -> None:
    done = brought(actor, KIND, [PEOPLE, line(village), wife(village)])
    make.care(town, Person.objects.get(name_search="李桂兰"))
    taken = undone(actor, done)
    assert (taken.undone_count, taken.kept_count) == (0, 2)
    assert Person.objects.count() == 2 and Household.objects.count() == 1


def test_lines_that_cannot_be_written_say_why(actor: Actor, village: str) -> None:
    bad = number("19570309", 11)[:-1] + ("1" if number("19570309", 11)[-1] != "1" else "2")
    rows = [
        PEOPLE,
        line(village, 身份证号=bad),
        wife(village),  # the head's line is refused, she is not
        line("没有的村", 户号="2", 身份证号=number("19600101", 31)),
        wife(village, 户号="3", 身份证号=number("19600101", 40)),  # nobody heads this one
        line(village, 户号="4", 身份证号=number("19610101", 31), 性别="女"),
        line(village, 户号="5", 身份证号=370812195703090118),
        line(village, 户号="6", 姓名="", 身份证号=number("19620101", 31)),
        line(village, 户号="7", 与户主关系="掌柜", 身份证号=number("19630101", 31)),
        line(village, 户号="8", 身份证号=number("19640101", 31)),
        line(village, 户号="8", 姓名="赵二", 身份证号=number("19650101", 31)),
    ]
    checked = received(actor, KIND, rows)
    found = remarks(checked)
    assert counts(checked) == (2, 0, 0, 0, 8)
    assert found[2][1].startswith("身份证号的校验位不对")
    assert found[4] == ("refused", "辖区里没有“没有的村”这个村，请写村的全名")
    assert found[5] == ("refused", "这一户在表里没有户主，请补上户主那一行")
    assert found[6] == ("refused", "性别和身份证号里的不一样，请核对其中一个")
    assert "后几位已经丢了" in found[7][1]
    assert found[8] == ("refused", "没有写姓名")
    assert found[9][1].startswith("“与户主关系”没有“掌柜”这一种")
    assert found[11] == ("refused", "这一户第 10 行已经写了户主，请核对是不是两户")
    assert not Person.objects.exists()


def test_what_contradicts_us_is_for_somebody_to_look_at(town: Town, actor: Actor, village: str) -> None:
    brought(actor, KIND, [PEOPLE, line(village), wife(village)], told_on="2026-03-01")
    head = Person.objects.get(name_search="王小明")
    actions.change_facts(
        actor=actor,
        kind="person",
        record_id=head.id,
        values={"phone": "15400015555"},
        source="visit",
        client_key=uuid4(),
    )
    dead = make.person(
        town, make.household(town, household_no="9"), name="钱老大", id_no=number("19300101", 51), birth_on="1930-01-01"
    )
    actions.record_death(actor=actor, person_id=dead.id, source="visit", client_key=uuid4())
    other = make.household(town, "dispatcher", grid=2, household_no="77")
    before = tables()
    rows = [
        PEOPLE,
        line(village),  # the phone was confirmed after the ledger's day
        wife(village, 户号="370812555", 与户主关系="户主"),  # lives elsewhere
        line(village, 户号="5", 姓名="钱老大", 身份证号=number("19300101", 51)),
        line(village, 户号=other.household_no, 身份证号=number("19310101", 51)),
        line(village, 户号="370812001", 姓名="王大", 身份证号=number("19320101", 51)),
    ]
    checked = received(actor, KIND, rows, told_on="2026-03-01")
    assert {verdict for verdict, _ in remarks(checked).values()} <= {"conflict", "refused"}
    found = {number: remark for number, (_, remark) in remarks(checked).items()}
    assert found[2] == "“手机号”2026-11-23 刚核对过，比台账新，和台账不一样，请核对"
    assert found[3] == "这个人现在登记在另一户，搬了家的请办迁入"
    assert found[4] == "登记里这个人已去世，请核对"
    assert found[5] == "这个户号登记在别的村，请核对户号"
    assert found[6].startswith("这一户第 2 行已经写了户主")
    assert tables() == before


def test_households_without_numbers_are_told_apart_by_address_and_head(actor: Actor, village: str) -> None:
    heads = ("姓名", "户主姓名", "与户主关系", "现居住地址", "村")
    rows = [
        heads,
        ("王一", "王一", "户主", "东街 1 号", village),
        ("王二", "王二", "户主", "东街 1 号", village),
        ("王三", "王一", "长子", "东街 1 号", village),
    ]
    assert counts(brought(actor, KIND, rows)) == (3, 0, 0, 0, 0)
    homes = sorted(home.memberships.count() for home in Household.objects.all())
    assert homes == [1, 2]
    assert counts(received(actor, KIND, rows)) == (0, 0, 3, 0, 0)


def test_a_ledger_without_numbers_and_heads_says_its_relation_once(actor: Actor, village: str) -> None:
    heads = ("姓名", "暂住处所", "所属网格")
    rows = [heads, ("孙一", "南街 1 号", village), ("孙二", "南街 1 号", village)]
    assert counts(brought(actor, KIND, rows, relation="户主")) == (2, 0, 0, 0, 0)
    assert Household.objects.count() == 2
    mixed = [("姓名", "与户主关系", "住址", "村"), *((name, said, "北街 1 号", village) for name, said in (("周一", "户主"), ("周二", "户主"), ("周三", "子")))]  # fmt: skip
    checked = received(actor, KIND, mixed)
    assert remarks(checked) == {4: ("refused", "这个住址在表里有几户，请写户号或户主姓名")}


def test_a_head_may_stand_far_behind_his_household(actor: Actor, village: str) -> None:
    others = [list(row) for row in ledger.invented(519, [village])]
    done = brought(actor, KIND, [PEOPLE, wife(village), *others, line(village)])
    assert counts(done) == (521, 0, 0, 0, 0)
    home = Household.objects.get(household_no="370812001")
    assert sorted(home.memberships.values_list("relation", flat=True)) == ["head", "spouse"]
    assert undone(actor, done).kept_count == 0
    assert not Household.objects.exists() and not Person.objects.exists()


def test_the_rows_of_a_ledger_are_those_of_the_deeds(town: Town, actor: Actor, village: str) -> None:
    done = brought(actor, KIND, [PEOPLE, line(village)])
    source = f"import:{done.id}"
    by_ledger = (_plain(Household), _plain(Person), _plain(Membership), _journal())
    undone(actor, done)
    home = actions.add_record(
        actor=actor, kind="household", area_code=FIRST, values={"household_no": "370812001", "address": "村东头 3 号"},
        source=source, client_key=uuid4(),
    )  # fmt: skip
    facts = {
        "name": "王小明", "id_no": number("19570309", 11), "sex": "male", "nation": "汉族", "phone": "15400013344",
        "political": "party", "education": "middle", "marital": "married",
    }  # fmt: skip
    known = set(Entry.objects.values_list("id", flat=True)) - set(
        Entry.objects.filter(subject_id=home.id).values_list("id", flat=True)
    )
    actions.add_person(
        actor=actor, household_id=home.id, relation="head", values=facts, source=source, client_key=uuid4()
    )
    assert (_plain(Household), _plain(Person), _plain(Membership), _journal(known)) == by_ledger


def test_changes_of_a_ledger_are_those_of_the_deed(actor: Actor, village: str) -> None:
    brought(actor, KIND, [PEOPLE, line(village)], told_on="2026-03-01")
    done = brought(actor, KIND, [PEOPLE, line(village, 联系电话="15400019999", 文化程度="大专")], told_on="2026-05-01")
    by_ledger = (_plain(Person, (*OWN, "version")), _plain(Change), _changed())
    undone(actor, done)
    Change.objects.filter(county="370812")._raw_delete("default")
    known = set(Entry.objects.values_list("id", flat=True))
    actions.change_facts(
        actor=actor, kind="person", record_id=Person.objects.get().id, values={"phone": "15400019999", "education": "college"},
        source=f"import:{done.id}", told_on=date(2026, 5, 1), client_key=uuid4(),
    )  # fmt: skip
    assert sorted(map(str, _plain(Change))) == sorted(map(str, by_ledger[1]))
    assert (_plain(Person, (*OWN, "version")), _changed(known)) == (by_ledger[0], by_ledger[2])


def _changed(known: Any = ()) -> list[dict[str, Any]]:
    names = [each.attname for each in Entry._meta.concrete_fields if each.attname not in (*OWN, "happened_at")]
    return list(Entry.objects.filter(verb="registry.facts_changed").exclude(id__in=known).order_by("id").values(*names))


def test_whoever_is_registered_meanwhile_is_not_registered_twice(town: Town, actor: Actor, village: str) -> None:
    rows = [Row(2, dict(zip(PEOPLE_KEYS, _coded(village)[0], strict=True)))]
    target = PeopleTarget().reading(actor=actor, rows=iter(rows))
    judged = target.prepare(actor=actor, rows=rows)
    home = make.household(town)
    make.person(town, home, id_no=rows[0].values["id_no"], birth_on="", sex="male")
    before = tables()
    with pytest.raises(RuleError) as refused:
        target.apply(actor=actor, rows=rows, judgements=judged, origin=Origin(uuid4(), "台账.xlsx"))
    assert refused.value.code == "already_registered"
    assert [tables()[name] for name in ("Person", "Membership", "Change")] == [
        before[name] for name in ("Person", "Membership", "Change")
    ]


def test_whoever_is_changed_meanwhile_is_not_overwritten(actor: Actor, village: str) -> None:
    brought(actor, KIND, [PEOPLE, line(village)])
    rows = [Row(2, {"name": "王小明", "relation": "head", "id_no": number("19570309", 11), "home_household_no": "370812001", "village": village, "phone": "15400010000"})]  # fmt: skip
    target = PeopleTarget().reading(actor=actor, rows=iter(rows))
    judged = target.prepare(actor=actor, rows=rows)
    assert [(each.verdict, each.remark) for each in judged] == [("changed", "更新：手机号")]
    one = Person.objects.get()
    actions.change_facts(
        actor=actor,
        kind="person",
        record_id=one.id,
        values={"phone": "15400015555"},
        source="visit",
        client_key=uuid4(),
    )
    before = tables()
    with pytest.raises(Conflict) as refused:
        target.apply(actor=actor, rows=rows, judgements=judged, origin=Origin(uuid4(), "台账.xlsx"))
    assert refused.value.code == "stale_version"
    assert tables() == before


def test_who_may_not_confirm_imports_nothing(town: Town, village: str) -> None:
    worker = town.actor("worker")
    draft = actions.Draft(town.grids[0].code, {"address": "东街 1 号"}, date(2026, 3, 1), uuid4())
    with pytest.raises(NotAllowed):
        actions.add_in_bulk(actor=worker, kind=KINDS["household"], drafts=[draft], source="import:x")
    assert not Household.objects.exists()


OWN = ("id", "client_key", "person_id", "household_id", "subject_id", "request_id")


def _plain(model: Any, leave: tuple[str, ...] = OWN) -> list[dict[str, Any]]:
    """Rows with what is sealed opened, without some columns: those that tell one row from another."""
    found = []
    for row in model.objects.order_by("id"):
        values = {
            each.attname: getattr(row, each.attname)
            for each in model._meta.concrete_fields
            if each.attname not in leave
        }
        found.append({key: bytes(value) if isinstance(value, memoryview) else value for key, value in values.items()})
    return found


def _journal(known: Any = ()) -> list[dict[str, Any]]:
    rows = Entry.objects.filter(verb__in=("registry.record_added", "registry.person_added")).exclude(id__in=known)
    names = [each.attname for each in Entry._meta.concrete_fields if each.attname not in OWN]
    return list(rows.order_by("id").values(*names))


def test_many_lines_are_judged_in_the_same_number_of_statements(actor: Actor, village: str) -> None:
    rows = [dict(zip(PEOPLE_KEYS, row, strict=True)) for row in _coded(village)]
    target = PeopleTarget()
    asked = []
    for count in (30, 300):
        few = [Row(number, values) for number, values in enumerate(rows[:count], 2)]
        mine = target.reading(actor=actor, rows=iter(few))
        with CaptureQueriesContext(connection) as seen:
            mine.prepare(actor=actor, rows=few)
        asked.append(len(seen))
    assert asked[0] == asked[1] <= 7


PEOPLE_KEYS = (
    "home_household_no", "name", "relation", "id_no", "sex", "nation", "phone", "home_address", "village", "political",
    "education", "marital",
)  # fmt: skip


def _coded(village: str) -> list[list[str]]:
    codes = {"户主": "head", "妻": "spouse", "长子": "child", "男": "male", "女": "female", "群众": "masses", "初中": "middle", "已婚": "married", "未婚": "single"}  # fmt: skip
    return [[codes.get(cell, cell) for cell in row] for row in ledger.invented(300, [village])]


def test_a_grid_is_told_by_its_name_or_code(town: Town, actor: Actor, village: str) -> None:
    grid = town.grids[0]
    heads = ("姓名", "与户主关系", "住址", "村", "所属网格")
    rows = [
        heads,
        ("王一", "户主", "东街 1 号", village, grid.name),
        ("王二", "户主", "东街 2 号", village, grid.code),
        ("王三", "户主", "东街 3 号", village, "没有的网格"),
    ]
    done = brought(actor, KIND, rows)
    assert set(Household.objects.values_list("area_code", flat=True)) == {grid.code}
    assert remarks(done) == {4: ("refused", f"“{village}”没有“没有的网格”这个网格，请核对")}


def test_personal_facts_stand_in_no_line_and_no_journal_row_in_plain(actor: Actor, village: str) -> None:
    brought(actor, KIND, [PEOPLE, line(village), wife(village, 户号="3")])
    held = str(list(Entry.objects.values_list("data", flat=True))) + str(
        list(ImportLine.objects.values_list("remark", flat=True))
    )
    assert "王小明" not in held and number("19570309", 11) not in held and "15400013344" not in held


def test_second_village_is_not_the_first(actor: Actor, village: str) -> None:
    other = area_names(actor, codes=[SECOND])[SECOND]
    brought(actor, KIND, [PEOPLE, line(village)])
    checked = received(actor, KIND, [PEOPLE, line(other)])
    assert remarks(checked) == {2: ("conflict", "这个户号登记在别的村，请核对户号")}


@pytest.mark.parametrize("written", ["配偶(妻)", "配偶（妻）", "老伴"])
def test_a_spelling_is_known_in_either_width(written):
    field = next(field for field in PeopleTarget().fields if field.key == "relation")
    assert value_of(field, written) == "spouse"
