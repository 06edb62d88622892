import time as wall
from datetime import date
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.core.testing import assert_statements, unchanged
from yijiaan.engines import worktime
from yijiaan.engines.worktime import actions, queries
from yijiaan.engines.worktime.models import Holiday, Limit, LimitPreset, OfficeHours, Version
from yijiaan.engines.worktime.queries import current
from yijiaan.engines.worktime.tests.make import FILE, at, shown, special_days

pytestmark = pytest.mark.django_db
ACTOR = system("tests")
TABLES = (Holiday, OfficeHours, LimitPreset, Limit, Version)
YEAR_2027 = """date,name,kind,official_notice
2027-01-01,元旦,rest,notice
2027-01-02,元旦,rest,notice
2027-01-03,元旦,rest,notice
2027-01-10,元旦,work,notice
2027-10-01,国庆节,rest,notice
2027-10-04,国庆节,rest,notice
"""


def empty():
    """No tables, and nothing remembered of them."""
    LimitPreset.objects.update(base=None)
    for model in TABLES:
        model.objects.all().delete()
    current.forget_calendar()


@pytest.fixture(autouse=True)
def loaded():
    """The shipped tables; nothing remembered of another test's."""
    empty()
    actions.load_default_calendar(actor=ACTOR)
    yield
    current.forget_calendar()


def due(start, **values):
    return shown(queries.plan_times(ACTOR, start=at(start), **values).due_at)


def test_the_shipped_tables_are_complete_and_loaded_once():
    assert [model.objects.count() for model in TABLES] == [108, 3, 7, 37, 1]
    assert {row.day: row.kind == "work" for row in Holiday.objects.order_by("day")} == special_days()
    with unchanged(*TABLES):
        assert actions.load_default_calendar(actor=ACTOR) == 0


def test_loading_again_leaves_edited_rows_and_fills_what_is_missing():
    Holiday.objects.filter(day="2026-05-05").delete()
    Holiday.objects.filter(day__year=2025).delete()
    OfficeHours.objects.filter(code="default").update(windows=[["09:00", "17:00"]])
    LimitPreset.objects.filter(code="tianjin").delete()
    Limit.objects.filter(preset="platform", scope="letter_visit").delete()  # an update that ships one more limit
    Limit.objects.filter(preset="platform", duty="sign", scope="general").update(amount=90)
    assert actions.load_default_calendar(actor=ACTOR) == 33 + 1 + 3 + 2
    assert Limit.objects.get(preset="platform", duty="sign", scope="general").amount == 90
    assert not Holiday.objects.filter(day="2026-05-05").exists()
    assert OfficeHours.objects.get(code="default").windows == [["09:00", "17:00"]]
    assert queries.get_version(ACTOR).data == {"holidays": 33, "hours": 0, "presets": 1, "limits": 5}


def test_loading_again_leaves_the_chosen_preset():
    actions.choose_preset(actor=ACTOR, code="tianjin")
    LimitPreset.objects.filter(code="shandong_province").delete()
    LimitPreset.objects.filter(code="shandong").delete()
    actions.load_default_calendar(actor=ACTOR)
    assert [preset.code for preset in queries.list_presets(ACTOR) if preset.is_default] == ["tianjin"]
    assert LimitPreset.objects.count() == 7


def test_the_calendar_is_remembered():
    queries.get_calendar(ACTOR)
    with assert_statements(exactly=0):
        assert queries.get_calendar(ACTOR).years == {2024, 2025, 2026}
        assert queries.get_calendar(ACTOR) is queries.get_calendar(ACTOR)
    assert queries.get_calendar(ACTOR, hours="summer_winter") is not queries.get_calendar(ACTOR)


def test_a_look_at_the_version_costs_one_statement(monkeypatch):
    queries.get_calendar(ACTOR)
    monkeypatch.setattr(current, "CHECK_EVERY", 0)
    with assert_statements(exactly=1):
        queries.get_calendar(ACTOR)


def test_a_corrected_table_reaches_a_process_that_remembers_the_old_one(monkeypatch):
    assert due("2026-05-08 10:00", duty="verify") == "2026-05-11 17:30"
    monkeypatch.setattr(actions, "forget_calendar", lambda: None)  # the import runs in another process
    text = FILE.read_text("utf-8").replace("2026-05-09,劳动节,work", "2026-05-10,劳动节,work")
    done = actions.import_holidays(actor=ACTOR, text=text, source="更正")
    assert (done.added, done.changed, done.removed) == ((date(2026, 5, 10),), (), (date(2026, 5, 9),))
    assert due("2026-05-07 10:00", duty="verify") == "2026-05-09 17:30"
    kept = current._kept
    kept.checked = wall.monotonic() - current.CHECK_EVERY
    assert due("2026-05-07 10:00", duty="verify") == "2026-05-10 17:30"
    assert current._kept is not kept


def test_a_new_year_is_imported():
    with clock.at(at("2026-11-23 10:00")):
        assert queries.list_missing_years(ACTOR, now=clock.now()) == (2027,)
        times = queries.plan_times(ACTOR, duty="handle", start=at("2026-12-31 10:00"))
        assert (shown(times.due_at), times.is_provisional) == ("2027-01-07 17:30", True)
        done = actions.import_holidays(actor=ACTOR, text=YEAR_2027, source="2027.csv")
        assert queries.list_missing_years(ACTOR, now=clock.now()) == ()
        times = queries.plan_times(ACTOR, duty="handle", start=at("2026-12-31 10:00"))
        assert (shown(times.due_at), times.is_provisional) == ("2027-01-08 17:30", False)
        assert done.version.made_at == clock.now()
    assert done.years == (2027,)
    assert done.facts() == {
        "years": [2027],
        "added": ["2027-01-01", "2027-01-02", "2027-01-03", "2027-01-10", "2027-10-01", "2027-10-04"],
        "changed": [],
        "removed": [],
    }
    version = queries.get_version(ACTOR)
    assert (version.number, version.what, version.source, version.data) == (2, "holidays", "2027.csv", done.facts())
    assert (version.actor_kind, version.actor_id, version.stamp) == ("system", "tests", done.version.stamp)
    assert queries.list_holidays(ACTOR, year=2027).count() == 6


def test_the_same_table_again_changes_nothing():
    with unchanged(*TABLES):
        done = actions.import_holidays(actor=ACTOR, text=FILE.read_text("utf-8"))
    assert done.version is None
    assert done.years == (2024, 2025, 2026)


def test_single_days_of_a_year_are_added_and_nothing_else_goes():
    done = actions.import_holidays(
        actor=ACTOR, text="日期,名称,类别,依据\n2026/12/31,元旦,休,通知\n2026年5月9日,更名,班\n"
    )
    assert (done.years, done.added, done.changed, done.removed) == ((), (date(2026, 12, 31),), (date(2026, 5, 9),), ())
    assert Holiday.objects.filter(day__year=2026).count() == 40


HEAD = "date,name,kind\n"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", "no_columns", "文件第一行"),
        ("day,name\n", "no_columns", "文件第一行"),
        (HEAD, "no_rows", "没有日期"),
        (HEAD + "2027-01-01,元旦,rest\n\n2027-02-30,春节,rest\n", "bad_date", "第 4 行"),
        (HEAD + "元旦,元旦,rest\n", "bad_date", "第 2 行"),
        (HEAD + "1999-01-01,元旦,rest\n", "bad_date", "第 2 行"),
        (HEAD + "2027-01-01,元旦,off\n", "bad_kind", "第 2 行"),
        (HEAD + "2027-01-01\n", "bad_kind", "第 2 行"),
        (HEAD + "2027-01-01,,rest\n", "bad_name", "第 2 行"),
        (HEAD + f"2027-01-01,{'长' * 41},rest\n", "bad_name", "第 2 行"),
        (HEAD + "2027-01-02,元旦,rest\n2027-01-02,元旦,rest\n", "day_twice", "第 3 行：2027-01-02 在第 2 行"),
        (HEAD + "2027-01-04,元旦,work\n", "work_on_weekday", "第 2 行"),
        (HEAD + "2027-01-01,元旦,rest\n", "year_incomplete", "2027 年的表不完整"),
        (HEAD + '2027-01-01,"' + "x" * 200_000 + '",rest\n', "bad_line", "第 2 行"),
    ],
)
def test_a_bad_file_is_refused_with_its_line_and_changes_nothing(text, code, message):
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        actions.import_holidays(actor=ACTOR, text=text)
    assert (refused.value.code, refused.value.field) == (code, "file")
    assert refused.value.message.startswith(message) or message in refused.value.message


def test_only_those_with_the_permission_change_the_tables():
    actor = Actor(kind=ActorKind.STAFF, identity="1")
    deeds = [
        lambda: actions.load_default_calendar(actor=actor),
        lambda: actions.import_holidays(actor=actor, text=YEAR_2027),
        lambda: actions.choose_preset(actor=actor, code="tianjin"),
        lambda: actions.set_limit(actor=actor, preset="shandong", duty="handle", clock_kind="working_days", amount=3),
        lambda: actions.set_office_hours(
            actor=actor, code="default", name="新", valid_from=date(2027, 1, 1), windows=[("09:00", "17:00")]
        ),
    ]
    for deed in deeds:
        with unchanged(*TABLES), pytest.raises(NotAllowed):
            deed()


def test_who_was_faster_wins(monkeypatch):
    number = actions._next_number()
    actions.choose_preset(actor=ACTOR, code="tianjin")
    monkeypatch.setattr(actions, "_next_number", lambda: number)
    with unchanged(*TABLES), pytest.raises(Conflict):
        actions.import_holidays(actor=ACTOR, text=YEAR_2027)


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_the_same_moment_the_later_one_is_refused():
    refused = []

    def import_meanwhile():
        try:
            actions.import_holidays(actor=ACTOR, text=YEAR_2027)
        except Conflict as conflict:
            refused.append(conflict)
        finally:
            connections.close_all()

    other = Thread(target=import_meanwhile)
    with transaction.atomic():
        actions.choose_preset(actor=ACTOR, code="tianjin")
        other.start()
        for _ in range(500):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                if cursor.fetchone()[0]:
                    break
            wall.sleep(0.01)
    other.join()
    assert len(refused) == 1
    assert not Holiday.objects.filter(day__year=2027).exists()
    assert [version.what for version in queries.list_versions(ACTOR)] == ["preset", "shipped"]
    assert [version.what for version in queries.list_versions(ACTOR, after=1)] == ["preset"]


def test_shandong_is_the_default():
    limit = queries.get_limit(ACTOR, duty="handle")
    assert (limit.preset, limit.clock, limit.amount, limit.extension, limit.warn_before) == (
        "shandong", "working_days", 5, 10, 1,
    )  # fmt: skip
    assert queries.list_presets(ACTOR).first().code == "shandong"
    assert {limit.duty for limit in queries.list_limits(ACTOR, preset="shandong")} == {
        "return_back", "handle", "feedback",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "preset", "scope", "amount"),
    [
        ({"duty": "sign"}, "platform", "general", 120),
        ({"duty": "sign", "scope": "urgent"}, "platform", "urgent", 30),
        ({"duty": "verify", "scope": "emergency"}, "platform", "general", 2),
        ({"duty": "first_contact"}, "national", "general", 1440),
        ({"duty": "handle", "preset": "shandong_province"}, "shandong_province", "general", 15),
        ({"duty": "return_back", "preset": "shandong_province"}, "shandong", "general", 2),
        ({"duty": "dispatch", "preset": "tianjin", "scope": "emergency"}, "tianjin", "emergency", 15),
        ({"duty": "dispatch", "preset": "tianjin", "scope": "urgent"}, "platform", "urgent", 30),
        ({"duty": "dispatch", "preset": "tianjin", "scope": "utilities"}, "tianjin", "utilities", 30),
        ({"duty": "feedback", "preset": "beijing_draft", "scope": "complex"}, "beijing_draft", "complex", 21600),
        ({"duty": "handle", "preset": "city_management", "scope": "spoil_heap"}, "city_management", "spoil_heap", 4),
        ({"duty": "handle", "preset": "city_management", "scope": "noise"}, "platform", "general", 5),
    ],
)
def test_the_nearest_limit_holds(values, preset, scope, amount):
    limit = queries.get_limit(ACTOR, **values)
    assert (limit.preset, limit.scope, limit.amount) == (preset, scope, amount)


def test_an_emergency_without_a_limit_of_its_own_is_urgent():
    actions.set_limit(
        actor=ACTOR, preset="shandong", duty="verify", scope="urgent", clock_kind="always", amount=90, label="加急"
    )
    assert queries.get_limit(ACTOR, duty="verify", scope="emergency").amount == 90
    assert queries.get_limit(ACTOR, duty="verify", scope="complex").amount == 2


def test_every_preset_answers_for_every_duty():
    for preset in queries.list_presets(ACTOR):
        for duty in Limit._meta.get_field("duty").choices:
            assert queries.get_limit(ACTOR, duty=duty[0], preset=preset.code).amount > 0


def test_times_of_a_duty_in_working_days():
    times = queries.plan_times(ACTOR, duty="handle", start=at("2026-04-30 10:00"))
    assert [shown(moment) for moment in (times.due_at, times.warn_at, times.alert_at)] == [
        "2026-05-11 17:30", "2026-05-09 08:30", "2026-05-12 08:30",
    ]  # fmt: skip
    extended = queries.plan_times(ACTOR, duty="handle", start=at("2026-04-30 10:00"), extra=10)
    assert shown(extended.due_at) == "2026-05-25 17:30"
    assert extended.due_at == worktime.add(times.due_at, 10, "working_days", queries.get_calendar(ACTOR))


def test_times_of_a_duty_in_minutes():
    times = queries.plan_times(ACTOR, duty="sign", start=at("2026-04-30 17:00"))
    assert [shown(moment) for moment in (times.due_at, times.warn_at, times.alert_at)] == [
        "2026-05-06 10:00", "2026-05-06 09:00", "2026-05-06 10:00",
    ]  # fmt: skip


def test_no_warning_comes_before_the_start_and_none_without_one():
    times = queries.plan_times(ACTOR, duty="rule", start=at("2026-11-23 10:00"))
    assert times.warn_at == times.due_at
    actions.set_limit(actor=ACTOR, preset="shandong", duty="rule", clock_kind="working_days", amount=1, warn_before=1)
    start = at("2026-11-23 10:00")
    assert queries.plan_times(ACTOR, duty="rule", start=start).warn_at == start


def test_a_preset_is_chosen():
    version = actions.choose_preset(actor=ACTOR, code="shandong_province")
    assert version.data == {"before": "shandong", "after": "shandong_province"}
    assert due("2026-11-23 10:00", duty="handle") == "2026-12-14 17:30"
    with unchanged(*TABLES), pytest.raises(NotFound):
        actions.choose_preset(actor=ACTOR, code="moon")


def test_a_limit_is_set_and_its_old_value_kept():
    version = actions.set_limit(
        actor=ACTOR, preset="shandong", duty="handle", clock_kind="working_days", amount=3, warn_before=1
    )
    assert (version.data["before"]["amount"], version.data["after"]["amount"]) == (5, 3)
    assert due("2026-11-23 10:00", duty="handle") == "2026-11-26 17:30"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"duty": "sleep"}, "unknown_duty"),
        ({"clock_kind": "sundial"}, "unknown_clock"),
        ({"amount": 0}, "bad_amount"),
        ({"amount": 367}, "bad_amount"),
        ({"warn_before": 4}, "bad_amount"),
        ({"extension": -1}, "bad_amount"),
    ],
)
def test_a_bad_limit_is_refused(values, code):
    given = {"preset": "shandong", "duty": "handle", "clock_kind": "working_days", "amount": 3} | values
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        actions.set_limit(actor=ACTOR, **given)
    assert refused.value.code == code
    with pytest.raises(NotFound):
        actions.set_limit(actor=ACTOR, **given | {"preset": "moon"})


def test_office_hours_are_set_from_a_day_on():
    actions.set_office_hours(
        actor=ACTOR, code="default", name="新作息", valid_from=date(2026, 12, 1), windows=[("09:00", "17:00")]
    )
    assert due("2026-11-27 10:00", duty="verify") == "2026-12-01 17:00"
    assert due("2026-11-26 10:00", duty="verify") == "2026-11-30 17:30"
    assert queries.list_office_hours(ACTOR).first().name == "新作息"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"windows": []}, "bad_windows"),
        ({"windows": [("9点", "17:00")]}, "bad_windows"),
        ({"windows": [("17:00", "09:00")]}, "bad_windows"),
        ({"season_from": "13-01"}, "bad_season"),
        ({"season_from": "6-1"}, "bad_season"),
        ({"name": " "}, "bad_name"),
        ({"code": ""}, "bad_name"),
    ],
)
def test_bad_office_hours_are_refused(values, code):
    given = {"code": "default", "name": "新", "valid_from": date(2027, 1, 1), "windows": [("09:00", "17:00")]} | values
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        actions.set_office_hours(actor=ACTOR, **given)
    assert refused.value.code == code


def test_without_tables_the_answer_is_loud():
    empty()
    with pytest.raises(LookupError, match="load_calendar"):
        queries.get_calendar(ACTOR)
    with pytest.raises(LookupError, match="load_calendar"):
        queries.get_limit(ACTOR, duty="handle")


def test_the_commands(tmp_path, capsys):
    call_command("load_calendar")
    assert "新增 0 条" in capsys.readouterr().out
    file = tmp_path / "2027.csv"
    file.write_bytes(YEAR_2027.encode("gb18030"))
    call_command("import_holidays", file)
    assert "整年更新：2027；新增 6 天，改动 0 天，取消 0 天" in capsys.readouterr().out
    assert queries.get_version(ACTOR).actor_id == "command import-holidays"
    file.write_text("nothing")
    with pytest.raises(CommandError, match="文件第一行"):
        call_command("import_holidays", file)
    with pytest.raises(CommandError, match="读不了"):
        call_command("import_holidays", tmp_path / "none.csv")
