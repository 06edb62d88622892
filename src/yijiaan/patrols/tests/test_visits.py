"""走访: arrangements that follow the care lists, visits kept once, changes beside what the office changed, random samples."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from yijiaan.cases.models import Report
from yijiaan.cases.tests.make import Town
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.notices.models import Notice
from yijiaan.patrols import actions
from yijiaan.patrols.actions import FactChange, VisitFacts
from yijiaan.patrols.models import Arrangement, Visit, VisitSample
from yijiaan.patrols.queries import count_due_by_grid, list_carried_visits, list_due_visits, read_cycles
from yijiaan.patrols.retention import purge_visits
from yijiaan.patrols.tests import make
from yijiaan.patrols.tests import visits as made
from yijiaan.patrols.tests.make import COUNTY
from yijiaan.patrols.tests.visits import ROWS
from yijiaan.patrols.visit_flows import FLOW
from yijiaan.patrols.visit_rules import DEFAULTS, state_on
from yijiaan.registry import actions as registry
from yijiaan.registry.models import CareEntry, CareKind, Change, Person
from yijiaan.registry.tests import make as base

pytestmark = pytest.mark.django_db
PHONE = "15400019999"
JOB = "keep_visits_of_the_day"


@pytest.fixture
def town() -> Town:
    return make.town()


def refused(code: str, deed: Any, *arguments: Any, **values: Any) -> None:
    with unchanged(*ROWS), pytest.raises(RuleError) as error:
        deed(*arguments, **values)
    assert error.value.code == code


def days(number: int) -> date:
    return clock.local_day() + timedelta(days=number)


def daily() -> int:
    return actions.keep_arrangements_of_today(actor=system(JOB))


# ---- arrangements ----


def test_every_care_kind_has_a_cycle() -> None:
    assert set(DEFAULTS) == set(CareKind.values)


def test_an_arrangement_follows_a_care_entry_through_its_life(town: Town) -> None:
    home, people = base.family(town)
    entry = base.care(town, people[0])
    made.deliver_all()
    one = Arrangement.objects.get(county=COUNTY)
    assert (one.household_id, one.kind, one.every_days, one.status, one.next_on) == (
        home.id, "elder_alone", 7, "active", days(7),
    )  # fmt: skip
    with unchanged(*ROWS):
        assert daily() == 0
    registry.end_care(actor=town.actor("head"), entry_id=entry.id, reason="搬去儿子家")
    made.deliver_all()
    assert (made.fresh(one).status, made.fresh(one).ended_reason) == ("ended", "不再列入关爱")
    assert daily() == 0


def test_a_list_older_than_its_cycle_is_spread_and_late_for_nobody(town: Town) -> None:
    home, people = base.family(town)
    with clock.later(timedelta(days=-60)):
        base.care(town, people[0])
    actions.follow_care(actor=system("tests", COUNTY))
    one = Arrangement.objects.get(county=COUNTY, household=home)
    assert days(0) <= one.next_on < days(7)
    assert one.status in ("active", "due")


def test_the_days_move_it_and_the_job_may_run_twice(town: Town) -> None:
    _, _, one = made.elder(town)
    for later, status in ((6, "active"), (7, "due"), (14, "due"), (15, "overdue")):
        with make.tomorrow(later):
            daily()
            assert daily() == 0
            assert made.fresh(one).status == status, later
    assert [state_on(days(number), days(0)) for number in (-1, 0, 7, 8)] == ["active", "due", "due", "overdue"]


def test_who_dies_or_moves_is_not_visited_any_more_and_who_comes_back_is(town: Town) -> None:
    home, people, one = made.elder(town)
    registry.move_out(
        actor=town.actor("head"), person_id=people[0].id, source="visit", client_key=uuid4(), new_head_id=people[1].id
    )
    made.deliver_all()
    assert (made.fresh(one).status, made.fresh(one).ended_reason) == ("ended", "已迁出")
    registry.move_in(
        actor=town.actor("head"), person_id=people[0].id, household_id=home.id, relation="spouse", source="visit", client_key=uuid4()
    )  # fmt: skip
    made.deliver_all()
    assert (made.fresh(one).status, made.fresh(one).household_id) == ("active", home.id)


def test_somebody_in_hospital_is_not_visited_until_the_day(town: Town) -> None:
    _, _, one = made.elder(town)
    worker = town.actor("worker")

    def pause(**changes: Any) -> Arrangement:
        values: dict[str, Any] = {"actor": worker, "reason": "hospital", "until": days(20)} | changes
        return actions.pause_arrangement(arrangement_id=one.id, **values)

    refused("unknown_reason", pause, reason="x")
    refused("unknown_reason", pause, reason="")
    refused("bad_until", pause, until=None)
    refused("bad_until", pause, until=days(0))
    refused("bad_until", pause, until=days(400))
    refused("wrong_state", actions.resume_arrangement, actor=worker, arrangement_id=one.id)
    for name, error in (("other_worker", NotFound), ("stranger", NotFound), ("power", NotFound)):
        with unchanged(*ROWS), pytest.raises(error):
            pause(actor=town.actor(name))
    assert pause().status == "paused"
    refused("wrong_state", pause)
    with make.tomorrow(19):
        daily()
        assert made.fresh(one).status == "paused"
    assert actions.resume_arrangement(actor=worker, arrangement_id=one.id).pause_reason == ""


def test_what_waits_for_a_day_goes_on_by_itself(town: Town) -> None:
    _, _, one = made.elder(town)
    actions.pause_arrangement(actor=town.actor("dispatcher"), arrangement_id=one.id, reason="away", until=days(20))
    with make.tomorrow(20):
        daily()
        assert (made.fresh(one).status, made.fresh(one).next_on) == ("due", days(0))


def test_the_centre_ends_an_arrangement_and_sets_cycles(town: Town) -> None:
    _, _, one = made.elder(town)
    centre = town.actor("dispatcher")
    with unchanged(*ROWS), pytest.raises(NotAllowed):
        actions.end_arrangement(actor=town.actor("worker"), arrangement_id=one.id, reason="x")
    refused("no_reason", actions.end_arrangement, actor=centre, arrangement_id=one.id, reason=" ")
    refused("too_long", actions.end_arrangement, actor=centre, arrangement_id=one.id, reason="长" * 101)

    def cycle(**changes: Any) -> Any:
        values: dict[str, Any] = {
            "actor": centre,
            "care_kind": "elder_alone",
            "every_days": 3,
            "who": "网格员",
        } | changes
        return actions.set_visit_cycle(**values)

    refused("unknown_kind", cycle, care_kind="x")
    refused("bad_days", cycle, every_days=0)
    refused("bad_days", cycle, every_days=367)
    refused("no_who", cycle, who=" ")
    refused("too_long", cycle, who="长" * 21)
    with unchanged(*ROWS), pytest.raises(NotAllowed):
        cycle(actor=town.actor("worker"))
    cycle()
    with unchanged(*ROWS):
        cycle()
    assert (made.fresh(one).every_days, made.fresh(one).next_on) == (3, days(3))
    assert read_cycles(centre)["elder_alone"].every_days == 3
    assert actions.end_arrangement(actor=centre, arrangement_id=one.id, reason="子女接走").status == "ended"
    assert daily() == 0  # what people ended is not taken up again
    assert made.fresh(one).status == "ended"


def test_every_move_of_the_table_is_refused_where_it_does_not_start(town: Town) -> None:
    actor = system("tests", COUNTY)
    for move, state, is_allowed in FLOW.attempts():
        if is_allowed:
            FLOW.check(actor, move.name, state)
        else:
            with pytest.raises(RuleError):
                FLOW.check(actor, move.name, state)


# ---- visits ----


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("in_the_future", {"on": date(2126, 1, 1)}),
        ("too_long_ago", {"on": date(2020, 1, 1)}),
        ("unknown_way", {"way": "x"}),
        ("unknown_kind", {"kind": "x"}),
        ("too_long", {"met": "长" * 41}),
        ("too_long", {"needs": "长" * 1001}),
        ("too_long", {"moves": "长" * 301}),
        ("too_long", {"helped": "长" * 301}),
        ("too_long", {"together": "长" * 61}),
        ("bad_next", {"next_on": date(2020, 1, 1)}),
        ("bad_next", {"next_on": date(2126, 1, 1)}),
        ("empty_needs", {"is_raised": True}),
    ],
)
def test_a_wrong_visit_changes_nothing(town: Town, code: str, values: dict[str, Any]) -> None:
    home, _, _ = made.elder(town)
    refused(code, made.visit, town, home, **values)


def test_a_visit_is_one_deed_and_comes_once(town: Town) -> None:
    home, people, one = made.elder(town)
    key = uuid4()
    values: dict[str, Any] = {
        "met": "王大爷", "needs": "炉子的烟筒松了", "moves": "儿子搬回来住了", "is_raised": True, "client_key": key,
        "changes": (
            FactChange("person", people[2].id, {"residence": "same"}),
            FactChange("household", home.id, {"phone": PHONE}),
        ),
    }  # fmt: skip
    seen = made.visit(town, home, **values)
    with unchanged(*ROWS):
        assert made.visit(town, home, **values) == seen
    with unchanged(*ROWS), pytest.raises(Conflict):
        made.visit(town, home, **values | {"needs": "别的"})
    report = Report.objects.get(county=COUNTY)
    assert (report.text, report.channel, report.place) == ("炉子的烟筒松了", "home_visit", home.address)
    assert report.case.number == seen.case_number
    lines = Change.objects.filter(county=COUNTY, source="visit", state="open").order_by("field")
    assert [(line.field, line.new_sealed, line.told_on) for line in lines] == [
        ("phone", PHONE, days(0)),
        ("residence", "same", days(0)),
    ]
    assert Person.objects.get(county=COUNTY, id=people[2].id).residence == ""  # the worker may not confirm
    assert (made.fresh(one).last_on, made.fresh(one).next_on, made.fresh(one).status) == (days(0), days(7), "active")
    assert (seen.kind, seen.way) == ("care", "home")
    said = str(list(Entry.objects.filter(county=COUNTY, verb="patrols.visit_recorded").values_list("data", flat=True)))
    for secret in ("王大爷", "烟筒", "儿子", PHONE):
        assert secret not in said


def test_what_stands_in_the_table_is_sealed(town: Town) -> None:
    home, _, _ = made.elder(town)
    seen = made.visit(town, home, met="王大爷", needs="想要个轮椅", moves="儿子回来了", helped="扫了院子")
    stored = str(Visit.objects.filter(county=COUNTY, id=seen.id).extra(select={"raw": "visit.*::text"}).values("raw"))
    for words in ("王大爷", "轮椅", "儿子", "院子"):
        assert words not in stored


def test_who_may_visit_where(town: Town) -> None:
    home, _, _ = made.elder(town)
    for name, error in (
        ("other_worker", NotFound), ("stranger", NotAllowed), ("dispatcher", NotAllowed), ("power", NotAllowed),
    ):  # fmt: skip
        with unchanged(*ROWS), pytest.raises(error):
            made.visit(town, home, who=name)
    worker = town.actor("worker")
    for lacking in (
        replace(worker, areas=()),
        replace(worker, permissions=worker.permissions - {"registry.see_people"}),
    ):
        with unchanged(*ROWS), pytest.raises(NotFound):
            actions.record_visit(actor=lacking, household_id=home.id, facts=VisitFacts(), client_key=uuid4())
    assert made.visit(town, home, who="head").visited_by_id == town.posts["head"].id


def test_nobody_is_asked_again_what_a_later_visit_said(town: Town) -> None:
    home, _, one = made.elder(town)
    made.visit(town, home)
    made.visit(town, home, on=days(-3))  # a phone that was away for days
    assert (made.fresh(one).last_on, made.fresh(one).next_on) == (days(0), days(7))


def test_a_refusal_is_tried_again_and_an_agreed_day_is_kept(town: Town) -> None:
    home, _, one = made.elder(town, "dibao")
    made.visit(town, home, is_refused=True)
    assert (made.fresh(one).last_on, made.fresh(one).next_on) == (None, days(7))
    made.visit(town, home, next_on=days(20))
    assert (made.fresh(one).last_on, made.fresh(one).next_on) == (days(0), days(20))


def test_a_household_on_no_list_is_visited_again_once_where_that_was_agreed(town: Town) -> None:
    home, _ = base.family(town)
    made.visit(town, home, next_on=days(5))
    one = Arrangement.objects.get(county=COUNTY)
    assert (one.kind, one.every_days, one.next_on, one.status) == ("agreed", 0, days(5), "active")
    assert made.visit(town, home).kind == "care"
    assert (made.fresh(one).status, made.fresh(one).ended_reason) == ("ended", "去过了")
    made.visit(town, home)
    assert Arrangement.objects.filter(county=COUNTY).count() == 1


# ---- what the office changed meanwhile ----


def office_changes(town: Town, home: Any, phone: str) -> None:
    registry.change_facts(
        actor=town.actor("dispatcher"), kind="household", record_id=home.id, values={"phone": phone}, source="office",
        client_key=uuid4(),
    )  # fmt: skip


@pytest.mark.parametrize("who", ["worker", "head"])
def test_a_fact_that_the_office_changed_meanwhile_waits_beside_it(town: Town, who: str) -> None:
    home, _, _ = made.elder(town)
    seen_at = clock.now()
    with make.tomorrow(2):
        office_changes(town, home, "15400018888")
    with make.tomorrow(4):
        made.visit(
            town,
            home,
            who=who,
            on=days(-4),
            seen_at=seen_at,
            changes=(FactChange("household", home.id, {"phone": PHONE}),),
        )
        line = Change.objects.get(county=COUNTY, state="open")
        assert (line.old_sealed, line.new_sealed) == ("", PHONE)
        assert made.fresh(home).phone_sealed == "15400018888"
        refused("changed_meanwhile", registry.confirm_change, actor=town.actor("head"), change_id=line.id)
        page = town.client("head").get("/base/changes/").content.decode()
        assert "提出以后又改过" in page
        assert "现在的：" in page and "提出的：" in page
        registry.confirm_change(actor=town.actor("head"), change_id=line.id, over=True)
        assert made.fresh(home).phone_sealed == PHONE


def test_what_the_office_heard_too_makes_no_line_and_loses_no_visit(town: Town) -> None:
    home, _, _ = made.elder(town)
    office_changes(town, home, PHONE)
    made.visit(town, home, changes=(FactChange("household", home.id, {"phone": PHONE}),))
    assert Change.objects.filter(county=COUNTY, state="open").count() == 0
    assert Visit.objects.filter(county=COUNTY).count() == 1


def test_who_proposed_hears_what_became_of_it(town: Town) -> None:
    home, people, _ = made.elder(town)
    made.visit(
        town, home,
        changes=(FactChange("household", home.id, {"phone": PHONE}), FactChange("person", people[2].id, {"occupation": "务农"})),
    )  # fmt: skip
    phone, work = (Change.objects.get(county=COUNTY, state="open", field=name) for name in ("phone", "occupation"))
    head = town.actor("head")
    registry.confirm_change(actor=head, change_id=phone.id)
    registry.refuse_change(actor=head, change_id=work.id, reason="他在镇上开车")
    made.deliver_all()
    made.deliver_all()
    notices = Notice.objects.filter(county=COUNTY, post=town.posts["worker"].id).order_by("id")
    assert [one.title for one in notices] == [
        "您提的“户联系电话”采纳了",
        "您提的“职业”没有采纳，点开看为什么",
    ]
    page = town.client("worker").get(notices[1].link).content.decode()
    assert "他在镇上开车" in page
    assert PHONE not in page
    assert town.client("other_worker").get(notices[1].link).content.decode().count("他在镇上开车") == 0


# ---- samples, lists, retention ----


def test_a_sample_is_asked_about_by_somebody_else(town: Town) -> None:
    home, _, _ = made.elder(town)
    centre = town.actor("dispatcher")
    refused("bad_percent", actions.draw_visit_sample, actor=centre, percent=0)
    refused("nothing_to_draw", actions.draw_visit_sample, actor=centre, percent=10)
    for _ in range(10):
        made.visit(town, home)
    with unchanged(*ROWS), pytest.raises(NotAllowed):
        actions.draw_visit_sample(actor=town.actor("worker"), percent=10)
    assert len(actions.draw_visit_sample(actor=centre, percent=20)) == 2
    assert len(actions.draw_visit_sample(actor=centre, percent=20)) == 2  # of the eight that are left
    one = VisitSample.objects.filter(county=COUNTY).order_by("id").first()
    assert one is not None

    def check(**changes: Any) -> VisitSample:
        values: dict[str, Any] = {
            "actor": centre,
            "sample_id": one.id,
            "result": "differs",
            "text": "没有来过",
        } | changes
        return actions.check_visit_sample(**values)

    refused("no_result", check, result="")
    refused("no_result", check, result="x")
    refused("empty_text", check, text=" ")
    refused("text_too_long", check, text="长" * 201)
    for name, error in (("worker", NotAllowed), ("stranger", NotFound)):
        with unchanged(*ROWS), pytest.raises(error):
            check(actor=town.actor(name))
    assert check().checked_by_id == town.posts["dispatcher"].id
    refused("checked_already", check)


def test_lists_say_what_is_due(town: Town) -> None:
    home, _, _ = made.elder(town)
    worker, centre = town.actor("worker"), town.actor("dispatcher")
    assert [one.household_id for one in list_due_visits(worker)] == [home.id]
    assert list(list_due_visits(worker, near=False)) == []
    assert list_carried_visits(worker) == [{"household": str(home.id), "due": days(7).isoformat()}]
    assert list(list_due_visits(town.actor("other_worker"))) == []
    with make.tomorrow(9):
        daily()
        (line,) = count_due_by_grid(centre)
        assert (line["running"], line["due"], line["overdue"], line["paused"]) == (1, 1, 0, 0)
        assert len(list_due_visits(centre, area_code=home.area_code, near=False)) == 1
    assert count_due_by_grid(town.actor("power")) == []


def test_old_visits_are_forgotten(town: Town) -> None:
    home, _, _ = made.elder(town)
    old = made.visit(town, home, on=days(-300))
    new = made.visit(town, home)
    actions.draw_visit_sample(actor=town.actor("dispatcher"), percent=100)
    assert purge_visits(clock.now() - timedelta(days=200), 100) == 1
    assert [one.id for one in Visit.objects.filter(county=COUNTY)] == [new.id]
    assert old.id != new.id
    assert CareEntry.objects.filter(county=COUNTY).count() == 1
