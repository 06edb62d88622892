"""Deeds on hazards: numbers, guards, deadlines that climb, the way into a case and back."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from yijiaan.accounts.tests import make as people
from yijiaan.cases import actions as cases
from yijiaan.cases.models import Case
from yijiaan.cases.tests.make import Town
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import check_refusals, unchanged, without
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.files.queries import get_file
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.todos.actions import tell_due_todos
from yijiaan.engines.todos.models import Todo
from yijiaan.safety import actions
from yijiaan.safety.actions.steps import SUBJECT
from yijiaan.safety.models import Hazard, HazardStep, LedgerYear
from yijiaan.safety.queries import list_relatives, moves_for
from yijiaan.safety.tests import make
from yijiaan.safety.tests.make import COUNTY, FIRST, ROWS, TOWN, day

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make.town()


def hear() -> None:
    """Let the subscribers do what they owe."""
    with clock.later(timedelta(minutes=1)):
        while deliver(actor=system("tests")):
            pass


def refused(code: str, deed: Any, **values: Any) -> RuleError:
    with unchanged(*ROWS), pytest.raises(RuleError) as error:
        deed(**values)
    assert error.value.code == code
    return error.value


def test_a_hazard_gets_the_next_number_of_its_town_and_waits_for_its_grade(town: Town) -> None:
    first, second = (
        make.register(town.actor("worker")),
        make.register(town.actor("head"), text="电线拖在地上。\n第二行"),
    )
    assert (first.serial, second.serial, first.ledger_code, first.year) == (1, 2, TOWN, clock.local_day().year)
    assert first.number == f"隐患〔{first.year}〕1号"
    assert (second.title, second.area_code, second.found_by_id) == ("电线拖在地上", FIRST, town.posts["head"].id)
    todo = make.open_todos(first)["grade"]
    assert (todo.unit_id, todo.due_at) == (town.units["centre"].id, make.fresh(first.id).next_due_at)
    assert make.verbs(first.id) == ["hazard_registered"]
    assert "堵着" not in str(Entry.objects.get(subject_id=first.id).data)


def test_the_same_key_gives_the_first_hazard_and_other_words_are_a_conflict(town: Town) -> None:
    key, worker = uuid4(), town.actor("worker")
    first = actions.register_hazard(actor=worker, facts=make.facts(), client_key=key)
    with unchanged(*ROWS):
        assert actions.register_hazard(actor=worker, facts=make.facts(), client_key=key) == first
    with unchanged(*ROWS), pytest.raises(Conflict):
        actions.register_hazard(actor=worker, facts=make.facts(text="别的事"), client_key=key)
    with unchanged(*ROWS), pytest.raises(Conflict):
        actions.register_hazard(actor=town.actor("head"), facts=make.facts(), client_key=key)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("empty_text", {"text": " \u200b"}),
        ("text_too_long", {"text": "长" * 501}),
        ("place_too_long", {"place": "长" * 121}),
        ("unknown_kind", {"kind": "x"}),
        ("unknown_grade", {"proposed_grade": "x"}),
        ("unknown_area", {"area_code": "370812101"}),
        ("unknown_area", {"area_code": "37081"}),
        ("unknown_area", {"area_code": "370812102999"}),
        ("swapped_coordinates", {"lon": 35.6, "lat": 116.6}),
    ],
)
def test_a_wrong_registration_changes_nothing(town: Town, code: str, changes: dict[str, Any]) -> None:
    refused(code, actions.register_hazard, actor=town.actor("head"), facts=make.facts(**changes), client_key=uuid4())


def test_where_it_is_comes_from_the_point_or_from_the_post(town: Town) -> None:
    worker = town.actor("worker")
    at_point = make.register(town.actor("dispatcher"), area_code="", lon=116.605, lat=35.605)
    assert at_point.area_code.startswith(TOWN)
    assert len(at_point.area_code) == 16
    assert make.register(worker, area_code="").area_code == worker.areas[0]
    assert make.register(town.actor("power"), area_code=FIRST).area_code == FIRST


def test_who_may_not_and_who_does_not_see(town: Town) -> None:
    hazard = make.hazard_in(town, "found")
    check_refusals(
        actions.grade_hazard, stranger=town.actor("stranger"), unprivileged=without(town.actor("dispatcher"), "safety.grade"),
        tables=ROWS, hazard_id=hazard.id, grade="general",
    )  # fmt: skip
    with unchanged(*ROWS), pytest.raises(NotAllowed):
        actions.register_hazard(actor=town.actor("leader"), facts=make.facts(), client_key=uuid4())
    with unchanged(*ROWS), pytest.raises(NotFound):
        actions.grade_hazard(actor=town.actor("power"), hazard_id=hazard.id, grade="general")


def test_an_older_page_is_a_conflict(town: Town) -> None:
    hazard = make.hazard_in(town, "graded")
    with unchanged(*ROWS), pytest.raises(Conflict):
        actions.notify_hazard(
            actor=town.actor("dispatcher"), hazard_id=hazard.id, unit_id=town.units["power"].id, due_on=day(3),
            seen_version=hazard.version - 1,
        )  # fmt: skip


def test_it_is_given_to_a_unit_that_can_act_there_with_a_day(town: Town) -> None:
    hazard = make.hazard_in(town, "graded")
    here = {"actor": town.actor("dispatcher"), "hazard_id": hazard.id}
    unit = town.units["power"].id
    refused("required", actions.notify_hazard, **here, unit_id=None, due_on=day(3))
    refused("required", actions.notify_hazard, **here, unit_id=unit, due_on=None)
    refused("unknown_unit", actions.notify_hazard, **here, unit_id=town.units["neighbour"].id, due_on=day(3))
    refused("bad_day", actions.notify_hazard, **here, unit_id=unit, due_on=day(-1))
    refused("bad_day", actions.notify_hazard, **here, unit_id=unit, due_on=day(400))
    done = actions.notify_hazard(**here, unit_id=unit, due_on=day(3), measure="清开")
    todo = make.open_todos(done)["rectify"]
    assert (todo.unit_id, clock.local_day(todo.due_at)) == (unit, day(3))
    hear()
    assert Notice.objects.get(county=COUNTY, unit_id=unit).title == "隐患交办给您单位：超市后门堵着货，打不开"
    other = actions.notify_hazard(**here, unit_id=town.units["enforcement"].id, due_on=day(4))
    assert [row.unit_id for row in make.open_todos(other).values()] == [town.units["enforcement"].id]


def test_only_the_unit_that_has_it_puts_it_right(town: Town) -> None:
    hazard = make.hazard_in(town, "notified")
    for name in ("enforcement", "head"):
        with unchanged(*ROWS), pytest.raises((NotAllowed, NotFound)):
            actions.begin_rectifying(actor=town.actor(name), hazard_id=hazard.id)
    done = actions.submit_rectified(
        actor=town.actor("power"), hazard_id=hazard.id, text="货搬走了", cost=Decimal("120.50")
    )
    assert done.status == "submitted"
    assert HazardStep.objects.get(county=COUNTY, hazard_id=hazard.id, move="submit").cost == Decimal("120.50")


def test_wrong_words_of_a_rectifier_change_nothing(town: Town) -> None:
    hazard = make.hazard_in(town, "rectifying")
    here = {"actor": town.actor("power"), "hazard_id": hazard.id}
    refused("empty_text", actions.submit_rectified, **here, text=" ")
    refused("bad_cost", actions.submit_rectified, **here, text="好了", cost=Decimal("-1"))
    refused("empty_text", actions.protect_hazard, **here, text="", review_on=day(3))
    refused("required", actions.protect_hazard, **here, text="拉线", review_on=None)
    refused("bad_day", actions.protect_hazard, **here, text="拉线", review_on=day(0))
    refused("bad_day", actions.protect_hazard, **here, text="拉线", review_on=day(93))


def test_what_is_protected_is_looked_at_on_its_day_and_goes_on(town: Town) -> None:
    hazard = make.hazard_in(town, "protected")
    todo = make.open_todos(hazard)["review"]
    assert (clock.local_day(todo.due_at), hazard.review_on) == (day(5), day(5))
    done = actions.resume_rectifying(actor=town.actor("power"), hazard_id=hazard.id)
    assert (done.status, done.review_on, set(make.open_todos(done))) == ("rectifying", None, {"rectify"})


def test_the_verifier_is_not_the_rectifier_in_whichever_post(town: Town) -> None:
    hazard = make.hazard_in(town, "submitted")
    user = town.posts["power"].user
    town.posts["both"] = people.post(town.units["centre"], "dispatcher", TOWN, user=user)
    both = town.actor("both")
    assert not {"verify", "reject"} & set(moves_for(both, hazard=hazard))
    refused("own_work", actions.verify_hazard, actor=both, hazard_id=hazard.id, passed=True)
    refused("own_work", actions.verify_hazard, actor=both, hazard_id=hazard.id, passed=False, text="不行")
    assert actions.verify_hazard(actor=town.actor("head"), hazard_id=hazard.id, passed=True).status == "verified"


def test_a_major_hazard_is_verified_by_two_persons(town: Town) -> None:
    hazard = make.hazard_in(town, "submitted", grade="major")
    first = actions.verify_hazard(actor=town.actor("dispatcher"), hazard_id=hazard.id, passed=True)
    assert first.status == "submitted"
    refused("same_verifier", actions.verify_hazard, actor=town.actor("dispatcher"), hazard_id=hazard.id, passed=True)
    assert "verify" not in moves_for(town.actor("dispatcher"), hazard=first)
    done = actions.verify_hazard(actor=town.actor("second"), hazard_id=hazard.id, passed=True)
    assert done.status == "verified"


def test_what_was_rejected_begins_again_and_its_first_verifier_counts_anew(town: Town) -> None:
    hazard = make.hazard_in(town, "submitted", grade="major")
    here = {"hazard_id": hazard.id}
    actions.verify_hazard(actor=town.actor("dispatcher"), passed=True, **here)
    refused("empty_text", actions.verify_hazard, actor=town.actor("second"), passed=False, **here)
    back = actions.verify_hazard(actor=town.actor("second"), passed=False, text="门还卡", **here)
    assert (back.status, back.round, set(make.open_todos(back))) == ("rectifying", 2, {"rectify"})
    hear()
    assert Notice.objects.filter(county=COUNTY, title__startswith="隐患复查不合格").count() == 1
    actions.submit_rectified(actor=town.actor("power"), text="换了门", **here)
    assert actions.verify_hazard(actor=town.actor("dispatcher"), passed=True, **here).status == "submitted"
    assert actions.verify_hazard(actor=town.actor("centre_head"), passed=True, **here).status == "verified"


def test_an_extension_moves_the_day_and_says_why(town: Town) -> None:
    hazard = make.hazard_in(town, "rectifying")
    here = {"actor": town.actor("dispatcher"), "hazard_id": hazard.id}
    refused("not_later", actions.extend_hazard, **here, due_on=day(10), text="等料")
    refused("empty_text", actions.extend_hazard, **here, due_on=day(20), text=" ")
    refused("required", actions.extend_hazard, **here, due_on=None, text="等料")
    done = actions.extend_hazard(**here, due_on=day(20), text="等料")
    assert (done.status, done.due_on) == ("rectifying", day(20))
    assert clock.local_day(make.open_todos(done)["rectify"].due_at) == day(20)


def test_only_major_ones_are_listed_and_once(town: Town) -> None:
    general, major = make.hazard_in(town, "graded"), make.hazard_in(town, "notified", grade="major")
    leader = town.actor("leader")
    refused("not_major", actions.supervise_hazard, actor=leader, hazard_id=general.id, text="快改")
    done = actions.supervise_hazard(actor=leader, hazard_id=major.id, text="十日内改")
    assert done.is_listed
    refused("listed_already", actions.supervise_hazard, actor=leader, hazard_id=major.id, text="快改")


def test_what_is_no_hazard_takes_a_number_too_and_needs_a_second_person(town: Town) -> None:
    hazard = make.register(town.actor("dispatcher"))
    refused("own_hazard", actions.dismiss_hazard, actor=town.actor("dispatcher"), hazard_id=hazard.id, text="看了不是")
    refused("empty_text", actions.dismiss_hazard, actor=town.actor("second"), hazard_id=hazard.id, text=" ")
    done = actions.dismiss_hazard(actor=town.actor("second"), hazard_id=hazard.id, text="看了不是")
    assert (done.status, done.end_kind, done.write_off_serial) == ("written_off", "no_hazard", 1)
    assert make.open_todos(done) == {}


def test_write_off_numbers_have_no_gaps_even_when_a_deed_is_undone(town: Town, monkeypatch: Any) -> None:
    first, second = make.hazard_in(town, "verified"), make.hazard_in(town, "verified")
    head = town.actor("centre_head")

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError

    with monkeypatch.context() as patch, unchanged(*ROWS), pytest.raises(OSError):
        patch.setattr("yijiaan.safety.actions.writing_off.note", broken)
        actions.write_off_hazard(actor=head, hazard_id=first.id)
    assert actions.write_off_hazard(actor=head, hazard_id=second.id).write_off_serial == 1
    done = actions.write_off_hazard(actor=head, hazard_id=first.id)
    assert done.write_off_number == f"销〔{done.write_off_year}〕2号"
    assert LedgerYear.objects.get(county=COUNTY, ledger_code=TOWN).written_off_last == 2


def test_a_relapse_is_a_new_hazard_linked_to_the_old(town: Town) -> None:
    worker = town.actor("worker")
    old, still = make.hazard_in(town, "written_off"), make.hazard_in(town, "found")
    refused(
        "not_written_off", actions.register_hazard, actor=worker, facts=make.facts(), client_key=uuid4(),
        relapse_of=still.id,
    )  # fmt: skip
    new = actions.register_hazard(actor=worker, facts=make.facts(), client_key=uuid4(), relapse_of=old.id)
    assert (new.relapse_of_id, new.status, new.serial) == (old.id, "found", 3)
    assert list_relatives(worker, hazard=old) == [new]
    assert list_relatives(worker, hazard=new) == [old]


def test_cards_are_given_and_climb_to_the_centre_above(town: Town) -> None:
    hazard = make.hazard_in(town, "notified")
    with clock.later(timedelta(days=11)):
        tell_due_todos(actor=system("tests"))
        assert make.fresh(hazard.id).card == "red"
        assert sorted(Notice.objects.filter(county=COUNTY).values_list("unit__kind", "title")) == [
            ("power", "红牌：隐患整改超期，超市后门堵着货，打不开"),
            ("town_centre", f"红牌：隐患整改超期，{town.units['power'].name} 超市后门堵着货，打不开"),
        ]
    with clock.later(timedelta(days=16)):
        tell_due_todos(actor=system("tests"))
        assert Notice.objects.filter(county=COUNTY, unit__kind="county_centre").count() == 1
        assert tell_due_todos(actor=system("tests")) == 0
    assert make.fresh(hazard.id).unit_id == town.units["power"].id
    assert "hazard_carded" in make.verbs(hazard.id)


def test_a_hazard_goes_to_a_case_and_comes_back_to_be_verified(town: Town) -> None:
    hazard = make.hazard_in(town, "in_case")
    case = Case.objects.get(county=COUNTY, id=hazard.case_id)
    assert (case.channel, case.area_code, make.open_todos(hazard)) == ("inspection", FIRST, {})
    dispatcher, power = town.actor("dispatcher"), town.actor("power")
    cases.dispatch_case(actor=dispatcher, number=case.number, lead_id=town.units["power"].id)
    cases.sign_case(actor=power, number=case.number)
    cases.finish_case(actor=power, number=case.number, result="通道清开了。")
    hear()
    back = make.fresh(hazard.id)
    assert (back.status, back.unit_id, set(make.open_todos(back))) == ("submitted", town.units["power"].id, {"verify"})
    step = HazardStep.objects.get(county=COUNTY, hazard_id=hazard.id, move="case_done")
    assert (step.text, step.post_id) == ("通道清开了。", town.posts["power"].id)
    town.posts["both"] = people.post(town.units["centre"], "dispatcher", TOWN, user=town.posts["power"].user)
    refused("own_work", actions.verify_hazard, actor=town.actor("both"), hazard_id=hazard.id, passed=True)
    assert actions.verify_hazard(actor=dispatcher, hazard_id=hazard.id, passed=True).status == "verified"
    with unchanged(Hazard, HazardStep):
        assert actions.take_back_from_case(actor=system("tests", COUNTY), case=case) == []


def test_a_case_that_was_not_handled_gives_the_hazard_back_and_it_may_go_again(town: Town) -> None:
    hazard = make.hazard_in(town, "in_case")
    case = Case.objects.get(county=COUNTY, id=hazard.case_id)
    cases.reject_case(actor=town.actor("dispatcher"), number=case.number, reason="judicial", text="法院在办。")
    hear()
    back = make.fresh(hazard.id)
    assert (back.status, set(make.open_todos(back))) == ("graded", {"assign"})
    again = actions.hand_to_case(actor=town.actor("dispatcher"), hazard_id=hazard.id)
    assert again.case_id not in (None, case.id)


def test_pictures_open_to_those_who_see_the_hazard(town: Town) -> None:
    hazard = make.hazard_in(town, "found")
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "red").save(out, "PNG")
    file = actions.add_hazard_photo(actor=town.actor("worker"), hazard_id=hazard.id, raw=out.getvalue())
    assert StoredFile.objects.get(county=COUNTY, id=file.id).subject_type == SUBJECT
    assert get_file(town.actor("dispatcher"), county=COUNTY, file_id=file.id) == file
    for name in ("stranger", "power", "auditor", "admin"):
        with pytest.raises(NotFound):
            get_file(town.actor(name), county=COUNTY, file_id=file.id)
    with unchanged(*ROWS), pytest.raises(RuleError):
        actions.add_hazard_photo(actor=town.actor("worker"), hazard_id=hazard.id, raw=b"no picture")
    assert Todo.objects.filter(county=COUNTY, subject_id=hazard.id).count() == 1
