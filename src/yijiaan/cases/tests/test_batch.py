"""Several cases at once: each passes the ordinary deed, none is half done, and the same wish twice does nothing twice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from yijiaan.cases import actions
from yijiaan.cases.actions import Chosen
from yijiaan.cases.models import Assignment, Case, Note
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.tabular.actions import write_export

pytestmark = pytest.mark.django_db


def chosen(*cases: Case) -> list[Chosen]:
    return [Chosen(case.number, case.version) for case in cases]


def test_several_go_to_one_unit_and_each_refusal_says_why(town):
    first, second = (make.case(make.report()) for _ in range(2))
    gone, _ = make.case_in(town, "dispatched")
    tip = make.case(make.report(kind="tip"))
    late = make.case(make.report())
    actions.classify_case(actor=town.actor("dispatcher"), number=late.number, category="0401")
    elsewhere = make.case(make.report(make.OTHER_TOWN, lon=None, lat=None))
    lines = actions.dispatch_cases(
        actor=town.actor("dispatcher"),
        chosen=[*chosen(first, second, gone, tip, late, elsewhere), Chosen("nonsense\0", 1), *chosen(first)],
        lead_id=town.units["power"].id,
        note="一起去看看",
    )
    assert [(line.number, line.is_done, line.code) for line in lines] == [
        (first.number, True, ""),
        (second.number, True, ""),
        (gone.number, False, "wrong_state"),
        (tip.number, False, "not_found"),
        (late.number, False, "stale_version"),
        (elsewhere.number, False, "not_found"),
        ("nonsense\0", False, "not_found"),
    ]
    assert lines[0].words == f"派给{town.units['power'].name}了"
    assert lines[0].title == first.title
    assert lines[3].title == ""  # what may not be seen is not named
    for case in (first, second):
        case.refresh_from_db()
        assert (case.status, case.owner_id) == ("dispatched", town.units["power"].id)
        assert make.open_todos(case)["sign"].unit_id == town.units["power"].id
    late.refresh_from_db()
    assert late.status == "received"
    assert set(Assignment.objects.filter(case__in=[first, second]).values_list("note", flat=True)) == {"一起去看看"}


def test_a_double_click_gives_the_first_answer_and_does_nothing_twice(town):
    cases = [make.case(make.report()) for _ in range(3)]
    wish = {"actor": town.actor("dispatcher"), "chosen": chosen(*cases), "lead_id": town.units["power"].id}
    first = actions.dispatch_cases(**wish)
    with unchanged(*make.ROWS):
        assert actions.dispatch_cases(**wish) == first
        # somebody else's wish, or another unit, is another matter
        others = actions.dispatch_cases(**wish | {"lead_id": town.units["enforcement"].id})
        assert {line.code for line in others} == {"stale_version"}
        again = actions.dispatch_cases(**wish | {"actor": town.actor("centre_head")})
        assert {line.code for line in again} == {"stale_version"}


def test_several_are_urged_in_the_same_words(town):
    handled = [make.case_in(town, "in_progress")[0] for _ in range(2)]
    closed, _ = make.case_in(town, "closed")
    wish = {"actor": town.actor("leader"), "chosen": chosen(*handled, closed), "text": "天要下雨，请快些"}
    with clock.later(timedelta(hours=1)):
        lines = actions.urge_cases(**wish)
        assert [line.is_done for line in lines] == [True, True, False]
        assert lines[2].code == "wrong_state"
        assert Note.objects.filter(kind="urge", text="天要下雨，请快些").count() == 2
        with unchanged(*make.ROWS):
            assert [line.is_done for line in actions.urge_cases(**wish)] == [True, True, False]
    with clock.later(timedelta(hours=2)), unchanged(*make.ROWS):
        assert [line.code for line in actions.urge_cases(**wish)] == ["stale_version", "stale_version", "wrong_state"]


@pytest.mark.parametrize(
    ("numbers", "lead", "code"),
    [([], True, "none_chosen"), (range(101), True, "too_many"), (range(2), False, "no_lead")],
)
def test_a_wish_that_cannot_be_is_refused_whole(town, numbers, lead, code):
    many = [Chosen(f"370812261123{number:05d}", 1) for number in numbers]
    with pytest.raises(RuleError) as refused, unchanged(*make.ROWS):
        actions.dispatch_cases(
            actor=town.actor("dispatcher"), chosen=many, lead_id=town.units["power"].id if lead else None
        )
    assert refused.value.code == code
    with pytest.raises(NotAllowed), unchanged(*make.ROWS):
        actions.dispatch_cases(actor=town.actor("worker"), chosen=many, lead_id=town.units["power"].id)
    with pytest.raises(NotAllowed), unchanged(*make.ROWS):
        actions.urge_cases(actor=town.actor("worker"), chosen=many)


def test_the_page_without_scripts_from_ticks_to_answers(town):
    cases = [make.case(make.report(text=f"{word}坏了")) for word in ("路灯", "井盖", "水闸")]
    client = town.client("dispatcher")
    page = client.get("/cases/?tab=received").content.decode()
    assert page.count('form="batch" name="case"') == 3
    assert 'formaction="/cases/batch/dispatch/"' in page
    asked = client.get(
        "/cases/batch/dispatch/",
        {"case": [cases[0].number, cases[1].number, "370812269999999999"], "back": "/cases/?tab=received"},
    )
    words = asked.content.decode()
    assert "路灯坏了" in words
    assert "水闸坏了" not in words
    values = [f"{case.number}:{case.version}" for case in cases[:2]]
    for value in values:
        assert f'value="{value}" checked' in words
    sent = {"case": values, "back": "/cases/?tab=received", "note": "顺路", "lead": ""}
    again = client.post("/cases/batch/dispatch/", sent)
    assert again.status_code == 422
    assert "请选由哪个单位主办" in again.content.decode()
    assert "顺路" in again.content.decode()
    done = client.post("/cases/batch/dispatch/", sent | {"lead": str(town.units["power"].id)}).content.decode()
    assert "派出去 2 件" in done
    assert 'href="/cases/?tab=received"' in done
    refused = client.post("/cases/batch/dispatch/", sent | {"lead": str(town.units["enforcement"].id)}).content.decode()
    assert "2 件没有办成" in refused
    assert "这件事刚才有人办过了" in refused
    hurried = client.post("/cases/batch/urge/", {"case": [f"{cases[2].number}:{cases[2].version}"]}).content.decode()
    assert "催了 1 件" in hurried
    nothing = client.get("/cases/batch/dispatch/", follow=True)
    assert "还没有选" in nothing.content.decode()
    for name in ("worker", "power"):
        assert town.client(name).get("/cases/batch/dispatch/", {"case": cases[0].number}).status_code == 403
    assert 'form="batch"' not in town.client("power").get("/cases/?tab=all").content.decode()


def test_the_page_costs_the_same_for_many(town):
    client = town.client("dispatcher")
    few, many = [make.case(make.report()).number for _ in range(2)], []
    many = few + [make.case(make.report()).number for _ in range(18)]
    client.get("/cases/batch/dispatch/", {"case": few})
    with CaptureQueriesContext(connection) as short:
        client.get("/cases/batch/dispatch/", {"case": few})
    with CaptureQueriesContext(connection) as long:
        client.get("/cases/batch/dispatch/", {"case": many})
    assert len(long) == len(short) <= 8


def test_every_desk_page_has_the_search_field(town):
    client = town.client("dispatcher")
    case, _ = make.case_in(town, "received")
    for path in (
        "/cases/",
        f"/cases/{case.number}/",
        "/orders/",
        "/cases/new/",
        "/account/",
        "/exports/",
        "/board/",
        "/plates/",
    ):
        answer = client.get(path)
        if answer.status_code == 200:
            assert answer.content.decode().count('id="top-q"') == 1, path
    assert 'id="top-q"' not in town.client("admin").get("/settings/").content.decode()


# ---- contacts in a file ----


def opened(town, *cases: Case, **more):
    values = {
        "actor": town.actor("centre_head"), "query": "tab=all", "title": "事件", "total_count": len(cases), "client_key": uuid4(),
        "purpose": "逐户回访", "contact_purpose": "callback", "contacts_of": [case.id for case in cases],
    }  # fmt: skip
    return actions.export_cases(**values | more)


def test_contacts_leave_with_a_permission_a_purpose_and_a_receipt_for_each(town, settings, tmp_path):
    settings.EXPORTS = tmp_path
    receipt = make.report()
    case, quiet = make.case(receipt), make.case(make.report(reporter_name="", reporter_phone=""))
    tip = make.case(make.report(kind="tip"))
    for more, code in (
        ({"purpose": " "}, "purpose_missing"),
        ({"contact_purpose": "other"}, "no_contact_purpose"),
        ({"contacts_of": [uuid4() for _ in range(501)]}, "too_many_contacts"),
        ({"contacts_of": [tip.id]}, "not_found"),
    ):
        with pytest.raises(Exception) as refused, unchanged(*make.ROWS):
            opened(town, case, quiet, **more)
        assert getattr(refused.value, "code", "not_found") == code
    with pytest.raises(NotAllowed), unchanged(*make.ROWS):
        opened(town, case, actor=town.actor("dispatcher"))
    wish = {"client_key": uuid4()}
    export = opened(town, case, quiet, **wish)
    with unchanged(*make.ROWS):
        assert opened(town, case, quiet, **wish).id == export.id
    looks = Entry.objects.filter(verb="cases.contact_exported")
    assert [(row.subject_id, row.data) for row in looks] == [
        (case.id, {"report": str(receipt.report_id), "purpose": "callback", "export": str(export.id)})
    ]
    progress = town.client("worker").get(f"/p/{receipt.tracking_code}/").content.decode()
    assert "为了回访，导出在表里" in progress
    make.report(reporter_name="后来的人", reporter_phone="15400019999")  # told of nothing, so not in the file
    lines = written(export)
    assert lines[0][-2:] == ["报事人", "电话"]
    assert {tuple(line[-2:]) for line in lines[1:3]} == {("张先生", make.PHONE), ("", "")}
    assert "15400019999" not in str(lines)
    assert any(
        f"由 {town.posts['centre_head']} 于 2026年11月23日 12:00 导出，用途：逐户回访" in str(line) for line in lines
    )


def written(export):
    write_export(actor=system("test", export.county), export_id=export.id)
    export.refresh_from_db()
    return CalamineWorkbook.from_path(str(export.path)).get_sheet_by_index(0).to_python()


def test_the_page_asks_for_the_password_before_contacts_leave(town):
    make.report()
    sent = {"query": "tab=all", "client_key": str(uuid4()), "contact_purpose": "callback", "purpose": "逐户回访"}
    client = town.client("centre_head")
    assert "带，为了回访" in client.get("/cases/export/?tab=all").content.decode()
    with clock.later(timedelta(minutes=11)):
        asked = client.post("/cases/export/", sent)
        assert asked.status_code == 200
        assert 'name="proof"' in asked.content.decode()
        assert not Entry.objects.filter(verb="cases.contact_exported").exists()
    assert client.post("/cases/export/", sent)["Location"] == "/exports/"
    assert Entry.objects.filter(verb="cases.contact_exported").count() == 1
    plain = town.client("dispatcher")
    assert "contact_purpose" not in plain.get("/cases/export/?tab=all").content.decode()
    assert plain.post("/cases/export/", sent | {"client_key": str(uuid4())}).status_code == 403


def test_a_refused_export_counts_once(town):
    make.report()
    client = town.client("dispatcher")
    sent = {"query": "tab=all", "client_key": str(uuid4()), "with_words": "on"}
    client.post("/cases/export/", sent)
    with CaptureQueriesContext(connection) as asked:
        assert client.post("/cases/export/", sent).status_code == 422
    counts = [query for query in asked.captured_queries if "COUNT(*)" in query["sql"] and "cases_case" in query["sql"]]
    assert len(counts) == 1
