"""The demo county is whole: every state, every duty, accounts of every role, phones that cannot ring; and two loads are equal."""

import json
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from tests.memory import forget_everything
from yijiaan.accounts.models import DutyDay, Post, PostArea, User
from yijiaan.accounts.queries import partner_actor
from yijiaan.accounts.tests.make import actor as acting
from yijiaan.areas.models import Area
from yijiaan.cases.actions import compare_day_counts, compare_due_times
from yijiaan.cases.flows import DUTY_OF, ENDED, OPEN
from yijiaan.cases.models import (
    Case,
    CountCheck,
    Note,
    Outcome,
    Proposal,
    Rating,
    Report,
    Reporter,
    ReportUp,
    Return,
    Verification,
)
from yijiaan.cases.queries import TABS, count_live, list_cases
from yijiaan.core import clock
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.demo.land import SEATED
from yijiaan.demo.load import accounts_file, demo_accounts, is_loaded
from yijiaan.demo.people import COUNTY, TOWN
from yijiaan.demo.tests.conftest import NOW, TACTLESS, UNFINISHED
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.models import Delivery, Entry, Seal
from yijiaan.engines.journal.seals import verify
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.todos.models import Todo
from yijiaan.engines.worktime import is_working_day
from yijiaan.engines.worktime.queries import get_calendar
from yijiaan.oneform.models import Filling, OneForm
from yijiaan.patrols.models import PatrolRun
from yijiaan.registry.models import CareEntry, Change, Household, Person, Plate
from yijiaan.registry.queries import list_due
from yijiaan.safety.flows import FLOW
from yijiaan.safety.models import Hazard, Inspection

pytestmark = [pytest.mark.django_db, pytest.mark.crosses_counties("the demo looks at its own whole installation")]


def test_a_small_county_is_whole(load):
    assert not is_loaded()
    assert demo_accounts() == []
    told = load()
    assert is_loaded()
    assert told == Case.objects.count() == Report.objects.count()

    _the_land_is_whole()
    _the_cases_are_whole()
    _the_people_are_whole()
    _the_homes_are_whole()
    _nobody_works_at_night_and_offices_keep_their_hours()
    _what_is_told_is_readable_and_differs()
    _what_is_dangerous_is_on_its_way()
    _a_form_from_above_is_half_told()
    with clock.at(NOW), unchanged(Case, Report, User, Area, Entry, StoredFile):
        call_command("load_demo", stdout=StringIO())


def _what_is_dangerous_is_on_its_way():
    states = set(Hazard.objects.filter(county=COUNTY).values_list("status", flat=True))
    assert states == set(FLOW.values_in("open", "done"))
    assert Hazard.objects.filter(county=COUNTY, is_listed=True).count() == 1
    assert Hazard.objects.filter(county=COUNTY, card="red").exists()
    assert sorted(Inspection.objects.filter(county=COUNTY).values_list("status", flat=True)) == [
        "planned", "refused_to_sign", "signed",
    ]  # fmt: skip
    walks = PatrolRun.objects.filter(county=COUNTY, plan__isnull=False)
    assert walks.filter(status="finished").count() >= 9
    assert PatrolRun.objects.filter(county=COUNTY, sweep__isnull=False, status="finished").exists()
    assert not PatrolRun.objects.filter(county=COUNTY, checks__result="", status="finished").exists()


def _a_form_from_above_is_half_told():
    homes, grids = OneForm.objects.filter(county=COUNTY).order_by("id")
    with clock.at(NOW):
        assert homes.is_asking
        assert grids.is_asking
    told = Filling.objects.filter(county=COUNTY, form=homes).count()
    assert 20 <= told < Household.objects.count()
    assert not Filling.objects.filter(county=COUNTY, form=grids).exists()


def _the_land_is_whole():
    villages = Area.objects.filter(parent_id=TOWN)
    grids = Area.objects.filter(level="grid")
    assert villages.count() == 38
    assert grids.filter(code__startswith=TOWN).count() == 73
    assert {grids.filter(parent=village).count() for village in villages} == {1, 2, 3}
    assert {grid.code[:9] for grid in grids} == {town.code for town in Area.objects.filter(parent_id="370812")}
    assert len({grid.code[:9] for grid in grids}) == 10
    assert {grid.code[:12] for grid in grids} == set(
        Area.objects.filter(level="village").values_list("code", flat=True)
    )
    worked = set(PostArea.objects.filter(post__role_id="grid_worker").values_list("area_id", flat=True))
    headed = set(PostArea.objects.filter(post__role_id="grid_head").values_list("area_id", flat=True))
    assert {grid[:12] for grid in worked} == headed
    assert {grid.code for grid in grids if grid.code[:12] in headed} == worked
    assert Counter(village[:9] for village in headed) == {TOWN: 38} | dict.fromkeys(set(SEATED) - {TOWN}, 6)
    assert {
        code[:12] for code in Case.objects.filter(is_place_unknown=False).values_list("area_code", flat=True)
    } <= headed
    hung = Plate.objects.values_list("area_code", flat=True)
    assert {code[:12] for code in hung if code.startswith(TOWN)} == {village.code for village in villages}
    assert {len(code) for code in hung if code.startswith(TOWN)} == {16}


def _the_homes_are_whole():
    assert Household.objects.count() == 100
    assert 250 <= Person.objects.count() <= 350
    assert len(set(Household.objects.values_list("area_code", flat=True))) == 4
    assert CareEntry.objects.count() > 5
    assert {change.state for change in Change.objects.all()} == {"open"}
    with clock.at(NOW):
        assert list_due(system("test", COUNTY), days=90).count() == 1


def _the_cases_are_whole():
    cases = list(Case.objects.all())
    by_status = Counter(case.status for case in cases)
    assert set(by_status) == {*OPEN, *ENDED} - {"archived"}, by_status  # the small one is not old enough
    todos = {}
    for todo in Todo.objects.filter(done_at=None):
        todos.setdefault(todo.subject_id, {})[todo.kind] = todo
    for case in cases:
        if case.status in OPEN:
            assert todos[case.id][DUTY_OF[case.status]].due_at == case.next_due_at
        else:
            assert case.id not in todos
            assert case.close_reason
            assert bool(case.solved_at_level) is (case.status == "closed")
    live = count_live(system("test", COUNTY), at=NOW, area_code=TOWN)
    assert {name for name, number in live.by_tab.items() if number} == set(TABS)
    with clock.at(NOW):
        assert compare_due_times(actor=system("test")) == {}
    days = [clock.local_day(case.received_at) for case in cases]
    # the counts by day and the journal say the same, over all of it
    with clock.at(NOW), connection.cursor() as cursor:
        checks = compare_day_counts(actor=system("test"), first_day=min(days), last_day=max(days))
        cursor.execute("SELECT sum(received) FROM case_day_count WHERE axis = 'village'")
        assert cursor.fetchone()[0] == sum(not case.is_confidential for case in cases)
    assert [check.wrong_count for check in checks] == [0]
    assert CountCheck.objects.count() == 2  # last night's, and this one
    assert Delivery.objects.count() == 0
    assert Seal.objects.count() == Entry.objects.count()
    chain = verify(COUNTY)
    assert (chain.links, chain.fault) == (Seal.objects.filter(county=COUNTY).count(), "")
    assert Notice.objects.filter(read_at=None).exists()
    assert Notice.objects.filter(read_at=None, created_at__lt=NOW - timedelta(days=2)).count() == 0


def _the_people_are_whole():
    phones = [user.phone_sealed for user in User.objects.all()] + [row.phone_sealed for row in Reporter.objects.all()]
    assert phones
    assert all(phone.startswith("154") for phone in phones if phone)
    names = list(User.objects.values_list("name", flat=True))
    assert len(set(names)) == len(names)

    accounts = demo_accounts()
    people = [account for account in accounts if "username" in account]
    assert all(set(account) >= {"name", "role", "username", "password", "area", "landing"} for account in people)
    assert {"caoshijie", "liuguangfu", "shaoxiuying", "songweimin", "zhiban-yandian", "jiedan-enforcement"} <= {
        account["username"] for account in people
    }
    posts = {post.user.username: post for post in Post.objects.select_related("user", "role")}
    assert {posts[account["username"]].role_id for account in people} == {
        "dispatcher", "centre_head", "town_leader", "handler", "grid_head", "grid_worker", "tip_officer",
        "county_dispatcher", "county_admin", "security_admin", "auditor", "habitat_worker", "auxiliary_police",
        "environment_worker", "mediator", "grid_prosecutor",
    }  # fmt: skip
    for account in people:
        post = posts[account["username"]]
        assert ("totp_secret" in account) is post.role.needs_second_factor
        assert post.user.check_password(account["password"])
    today = DutyDay.objects.filter(on=clock.local_day(NOW))
    assert today.count() == 10
    assert today.get(unit__area_id=TOWN).name == "曹士杰"
    (partner,) = [account for account in accounts if "token" in account]
    assert partner_actor(partner["token"]).areas == (TOWN,)
    assert accounts_file().stat().st_mode & 0o077 == 0
    out, listing = StringIO(), StringIO()
    call_command("demo_accounts", json=True, stdout=out)
    assert json.loads(out.getvalue()) == accounts
    call_command("demo_accounts", stdout=listing)
    (secret,) = {account["totp_secret"] for account in people if "totp_secret" in account}
    assert listing.getvalue().count(secret) == 6
    dispatcher = acting(posts["caoshijie"])
    theirs = Case.objects.filter(is_confidential=False, area_code__startswith=TOWN)
    assert list_cases(dispatcher).count() == theirs.count()


def _nobody_works_at_night_and_offices_keep_their_hours():
    calendar = get_calendar(system("test"))
    posts = dict(Entry.objects.exclude(post=None).values_list("post_id", "post__role_id").distinct())
    hours: Counter[str] = Counter()
    for post, verb, at in Entry.objects.filter(subject_type="cases.case").values_list("post_id", "verb", "happened_at"):
        local = clock.local(at)
        role = posts.get(post, "reporter")
        if post is None and verb in ("cases.carded", "cases.closed", "cases.due_time_mended"):
            continue  # the jobs
        assert 5 <= local.hour < 22, (verb, local)
        if role == "handler" and verb in ("cases.finished", "cases.returned", "cases.noted"):
            assert is_working_day(at, calendar), (verb, local)
            assert 8 <= local.hour < 18, (verb, local)
        hours[role] += 1
    assert hours["dispatcher"] > 100
    assert hours["handler"] > 100
    assert min(hours[role] for role in ("grid_head", "grid_worker", "reporter", "town_leader", "tip_officer")) > 0
    assert Entry.objects.filter(happened_at__gt=NOW, subject_type="cases.case").count() == 0


def _what_is_told_is_readable_and_differs():
    told = [
        *Report.objects.values_list("text", flat=True),
        *Outcome.objects.values_list("text", flat=True),
        *Note.objects.values_list("text", flat=True),
        *Verification.objects.values_list("text", flat=True),
        *Return.objects.values_list("text", flat=True),
        *ReportUp.objects.values_list("tried", flat=True),
        *Case.objects.values_list("place", flat=True),
    ]
    assert [line for line in told if UNFINISHED.search(line)] == []
    assert [line for line in told for word in TACTLESS if word in line] == []
    texts = Counter(Report.objects.exclude(kind="tip").values_list("text", flat=True))
    assert len(texts) > 0.93 * sum(texts.values())
    streets = Report.objects.filter(area_code__startswith="370812001")
    assert streets.exists()
    assert [text for text in streets.values_list("text", flat=True) if "村委" in text] == []
    names = list(User.objects.values_list("name", flat=True))
    assert len(set(names)) == len(names)


def _everything() -> list:
    """What two loads must have in common: all but keys and secrets."""
    units = dict(Post.objects.values_list("id", "user__name"))
    cases = Case.objects.order_by("number").values_list(
        "number", "title", "status", "kind", "channel", "category__code", "is_confidential", "urgency", "area_code",
        "occurred_area_code", "place", "lon", "lat", "owner__name", "level", "next_due_at", "received_at", "handled_at",
        "closed_at", "close_reason", "solved_at_level", "reopened_count", "rework_count", "hop_count", "card", "supervision",
        "version",
    )  # fmt: skip
    numbers = dict(Case.objects.values_list("id", "number"))
    entries = Entry.objects.order_by("happened_at", "id").values_list(
        "verb", "happened_at", "post_id", "subject_id", "area_code"
    )
    reports = Report.objects.order_by("number").values_list("number", "text", "place", "external_number", "client_key")
    said = [
        model.objects.order_by("case__number", "text").values_list("case__number", "text")
        for model in (Note, Outcome, Rating, Proposal, Verification, Return)
    ]
    people = User.objects.order_by("username").values_list("username", "name")
    notices = Notice.objects.order_by("created_at", "title", "unit__name").values_list(
        "created_at", "title", "unit__name"
    )
    return [
        list(cases),
        [(verb, at, units.get(post), numbers.get(subject, ""), area) for verb, at, post, subject, area in entries],
        list(reports),
        *(list(rows) for rows in said),
        list(people),
        list(notices),
        [(row.name_sealed, row.phone_sealed) for row in Reporter.objects.order_by("report__number")],
    ]


def test_two_loads_of_one_day_are_equal(load):
    with transaction.atomic():
        load(0.01, days=40)
        first = _everything()
        transaction.set_rollback(True)
    forget_everything()
    assert not is_loaded()
    load(0.01, days=40)
    again = _everything()
    assert [len(rows) for rows in again] == [len(rows) for rows in first]
    for mine, theirs in zip(again, first, strict=True):
        assert mine == theirs
    assert len(first[0]) > 60
