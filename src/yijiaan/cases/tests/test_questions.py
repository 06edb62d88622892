"""What categories ask: registered with a use, asked at every door where the category is chosen, kept as it was asked."""

import json
from uuid import UUID, uuid4

import pytest

from yijiaan.areas.models import Area
from yijiaan.areas.tests.make import COUNTY, TOWN
from yijiaan.cases import actions
from yijiaan.cases.actions import QuestionFacts
from yijiaan.cases.intake_fast import submit_batch, submit_fast
from yijiaan.cases.models import Case, CategoryQuestion, Merge, Report, ReportAnswer
from yijiaan.cases.queries import questions_of
from yijiaan.cases.tests import make
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry

pytestmark = pytest.mark.django_db
LAMP = "0401"  # 路灯
POLE = {"wording": "灯杆编号是多少", "kind": "text", "code": "pole", "is_required": True, "use": "抢修班直接找到那一杆"}
FACTS = (
    POLE,
    {"wording": "有几盏不亮", "kind": "number", "code": "lamps"},
    {"wording": "怎么不亮", "kind": "single", "code": "how", "options": ["全不亮", "一闪一闪", "白天也亮"]},
    {"wording": "影响谁", "kind": "multiple", "code": "whom", "options": ["学生", "老人", "过路的"]},
    {"wording": "哪天坏的", "kind": "date", "code": "since"},
    {"wording": "拍一张灯杆", "kind": "photo", "code": "shot"},
)
SAID = {"pole": "东三12", "lamps": "2", "how": "全不亮", "whom": ["老人", "学生"], "since": "2026-11-20", "shot": 1}
KEPT = {"pole": "东三12", "lamps": 2, "how": "全不亮", "whom": ["学生", "老人"], "since": "2026-11-20", "shot": 1}


@pytest.fixture
def asked(town):
    """路灯 asks six things."""
    for facts in FACTS:
        actions.add_question(actor=town.actor("admin"), category=LAMP, facts=QuestionFacts(**facts))
    return town


def door_of_town():
    return Area.objects.get(code=TOWN).door_token


def kept(report_id):
    return {row.code: row.value for row in ReportAnswer.objects.filter(county=COUNTY, report_id=report_id)}


def test_the_answers_are_kept_typed_and_the_journal_names_only_the_questions(asked):
    receipt = make.report(category=LAMP, answers=SAID)
    assert kept(receipt.report_id) == KEPT
    entry = Entry.objects.get(county=COUNTY, subject_id=receipt.case_id, verb="cases.received")
    assert entry.data["answered"] == "pole lamps how whom since shot"
    assert "东三12" not in json.dumps(entry.data, ensure_ascii=False)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"pole": ""}, "unanswered", "answers.pole"),
        ({"pole": 12}, "not_text", "answers.pole"),
        ({"pole": "长" * 501}, "long_answer", "answers.pole"),
        ({"lamps": "两盏"}, "not_a_number", "answers.lamps"),
        ({"lamps": True}, "not_a_number", "answers.lamps"),
        ({"lamps": "nan"}, "not_a_number", "answers.lamps"),
        ({"how": "坏了"}, "not_an_option", "answers.how"),
        ({"whom": ["学生", "外星人"]}, "not_an_option", "answers.whom"),
        ({"whom": {"学生": 1}}, "not_an_option", "answers.whom"),
        ({"since": "前天"}, "not_a_date", "answers.since"),
        ({"shot": 9}, "not_photos", "answers.shot"),
        ({"colour": "红"}, "unknown_question", "answers.colour"),
    ],
)
def test_a_bad_or_missing_answer_is_refused_at_its_question(asked, changes, code, field):
    with unchanged(Case, Report, ReportAnswer, Entry), pytest.raises(RuleError) as refused:
        make.report(category=LAMP, answers=SAID | changes)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_nothing_is_asked_without_a_category_or_in_another(asked):
    assert kept(make.report().report_id) == {}
    assert kept(make.report(category="0301").report_id) == {}
    with pytest.raises(RuleError) as refused:
        make.report(answers={"pole": "东三12"})
    assert refused.value.code == "unknown_question"


def test_what_another_office_took_down_is_not_sent_back_for_an_answer(asked):
    receipt = actions.submit_report(
        actor=asked.actor("dispatcher"), intake=make.intake(category=LAMP), door=TOWN, channel="hotline_12345"
    )
    assert kept(receipt.report_id) == {}


def test_the_fast_door_and_the_batch_keep_the_same_answers(asked):
    how = {"actor": make.door(), "door": TOWN, "channel": "snap_report"}
    one = submit_fast(intake=make.intake(category=LAMP, answers=SAID), **how)
    assert kept(one.report_id) == KEPT
    many = [
        make.intake(category=LAMP, answers=SAID),
        make.intake(category=LAMP),
        make.intake(),
        make.intake(category=LAMP, answers={"pole": "引号\"和\\和'"}),
    ]
    answers = submit_batch(intakes=many, **how)
    assert kept(answers[0].report_id) == KEPT
    assert answers[1].code == "unanswered"
    assert kept(answers[2].report_id) == {}
    assert kept(answers[3].report_id) == {"pole": "引号\"和\\和'"}
    # other answers under the same key are another body
    again = make.intake(client_key=many[0].client_key, category=LAMP, answers=SAID | {"lamps": 3}, text=many[0].text)
    assert submit_batch(intakes=[again], **how)[0].code == "client_key_reused"


def test_a_changed_question_leaves_old_answers_as_they_were_asked(asked):
    receipt = make.report(category=LAMP, answers=SAID)
    pole = CategoryQuestion.objects.get(code="pole")
    facts = QuestionFacts(wording="灯杆上的牌号", kind="text", is_required=False)
    actions.change_question(actor=asked.actor("admin"), question_id=pole.id, facts=facts)
    assert questions_of(make.door(), category_codes=[LAMP])[LAMP][0].wording == "灯杆上的牌号"
    assert ReportAnswer.objects.get(code="pole").wording == "灯杆编号是多少"
    make.report(category=LAMP)
    page = asked.client("dispatcher").get(f"/cases/{receipt.case_number}/").content.decode()
    assert "灯杆编号是多少" in page
    assert "2026-11-20" in page
    assert "学生、老人" in page
    actions.switch_question(actor=asked.actor("admin"), question_id=pole.id, is_active=False)
    assert "pole" not in {question.code for question in questions_of(make.door(), category_codes=[LAMP])[LAMP]}
    actions.switch_question(actor=asked.actor("admin"), question_id=pole.id, is_active=True)
    assert "pole" in {question.code for question in questions_of(make.door(), category_codes=[LAMP])[LAMP]}
    assert questions_of(make.door(), category_codes=["zz"]) == {"zz": ()}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"wording": " "}, "no_wording", "wording"),
        ({"wording": "长" * 81}, "wording_too_long", "wording"),
        ({"kind": "colour"}, "unknown_kind", "kind"),
        ({"use": " "}, "no_use", "use"),
        ({"code": "灯杆"}, "bad_code", "code"),
        ({"code": "lamps"}, "code_taken", "code"),
        ({"kind": "single", "options": ["只有一个"]}, "no_options", "options"),
        ({"kind": "single", "options": ["甲", "长" * 41]}, "long_option", "options"),
    ],
)
def test_a_bad_question_is_refused_at_its_field(asked, changes, code, field):
    facts = QuestionFacts(**(POLE | {"code": "pole_two"} | changes))
    with unchanged(CategoryQuestion, Entry), pytest.raises(RuleError) as refused:
        actions.add_question(actor=asked.actor("admin"), category=LAMP, facts=facts)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_only_who_keeps_the_categories_registers_questions(town):
    with unchanged(CategoryQuestion), pytest.raises(NotAllowed):
        actions.add_question(actor=town.actor("dispatcher"), category=LAMP, facts=QuestionFacts(**POLE))
    with pytest.raises(RuleError) as refused:
        actions.add_question(actor=town.actor("admin"), category="zz", facts=QuestionFacts(**POLE))
    assert refused.value.code == "no_category"
    for number in range(10):
        facts = QuestionFacts(wording=f"问 {number}", kind="text")
        assert actions.add_question(actor=town.actor("admin"), category=LAMP, facts=facts).code == f"q{number + 1}"
    with pytest.raises(RuleError) as refused:
        actions.add_question(actor=town.actor("admin"), category=LAMP, facts=QuestionFacts(**POLE))
    assert refused.value.code == "too_many"


def test_the_settings_page_adds_changes_and_stops_a_question(town):
    client = town.client("admin")
    new = "/settings/questions/new/"
    assert "哪一类" in client.get(new).content.decode()
    typed = {"category": LAMP, "wording": "灯杆编号", "kind": "single", "options": "甲\n", "is_required": "on"}
    refused = client.post(new, typed)
    assert refused.status_code == 422
    assert "答案用来做什么" in refused.content.decode()
    assert client.post(new, typed | {"options": "甲\n乙", "use": "找杆"}).status_code == 302
    row = CategoryQuestion.objects.get()
    assert (row.code, row.options, row.is_required) == ("q1", ["甲", "乙"], True)
    page = client.get("/settings/questions/").content.decode()
    assert "灯杆编号" in page
    assert "必须答" in page
    changed = {"wording": "哪根灯杆", "options": "甲\n乙\n丙", "use": "", "rank": "3"}
    assert client.post(f"/settings/questions/{row.id}/", changed).status_code == 302
    assert "灯杆编号 → 哪根灯杆" in client.get(f"/settings/questions/{row.id}/").content.decode()
    assert client.post(f"/settings/questions/{row.id}/stop/").status_code == 302
    row.refresh_from_db()
    assert (row.wording, row.is_active, row.is_required, row.rank) == ("哪根灯杆", False, False, 3)
    assert "什么都不多问" in client.get(f"/settings/categories/{LAMP}/").content.decode()
    assert client.get("/settings/questions/没有/").status_code == 404
    assert client.get(f"/settings/questions/{uuid4()}/").status_code == 404


def test_a_resident_who_chooses_the_kind_is_asked_and_loses_nothing(asked, client):
    url = f"/t/{door_of_town()}/report/"
    page = client.get(url).content.decode()
    assert "灯杆编号是多少" in page
    assert "用来抢修班直接找到那一杆" in page
    typed = {"text": "灯不亮。", "client_key": str(uuid4()), "category": LAMP, f"ask-{LAMP}-lamps": "三盏"}
    refused = client.post(url, typed)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "请答一下：灯杆编号是多少" in page
    assert "三盏" in page
    # the phone's outbox learns which field it is
    kept_back = client.post(url, typed, headers={"x-outbox": "1"})
    assert kept_back.status_code == 422
    assert kept_back.json()["errors"][0]["field"] == f"ask-{LAMP}-pole"
    refused = client.post(url, typed | {f"ask-{LAMP}-pole": "东三12"})
    assert "请填数字" in refused.content.decode()
    done = typed | {f"ask-{LAMP}-pole": "东三12", f"ask-{LAMP}-lamps": "3", f"ask-{LAMP}-whom": ["学生"]}
    assert client.post(url, done).status_code == 302
    report = Report.objects.get(county=COUNTY)
    assert kept(report.id) == {"pole": "东三12", "lamps": 3, "whom": ["学生"]}
    # who says nothing of the kind is asked nothing, whatever an old page sent
    other = {"text": "又不亮。", "client_key": str(uuid4()), f"ask-{LAMP}-pole": "东三12"}
    assert client.post(url, other).status_code == 302
    assert ReportAnswer.objects.count() == 3


def test_a_page_without_registered_questions_asks_for_no_kind(town, client):
    page = client.get(f"/t/{door_of_town()}/report/").content.decode()
    assert 'name="category"' not in page


def test_the_grid_worker_and_the_desk_are_asked_too(asked):
    worker = asked.client("worker")
    typed = {"text": "灯不亮。", "client_key": str(uuid4()), "leaf": LAMP, "way": "up", "owner": str(asked.posts["worker"].user_id)}  # fmt: skip
    kept_back = worker.post("/field/report/", typed, headers={"x-outbox": "1"})
    assert kept_back.status_code == 422
    assert kept_back.json()["errors"][0]["field"] == f"ask-{LAMP}-pole"
    sent = worker.post("/field/report/", typed | {f"ask-{LAMP}-pole": "东三12"}, headers={"x-outbox": "1"})
    assert sent.status_code == 201
    assert kept(Report.objects.get().id) == {"pole": "东三12"}
    desk = asked.client("dispatcher")
    typed = {"text": "来电说灯不亮。", "client_key": str(uuid4()), "kind": "help", "channel": "phone", "category": LAMP}
    refused = desk.post("/cases/new/", typed)
    assert "请答一下：灯杆编号是多少" in refused.content.decode()
    assert desk.post("/cases/new/", typed | {f"ask-{LAMP}-pole": "西二7"}).status_code == 302


def test_the_api_tells_the_questions_and_takes_the_answers(asked, client):
    found = {row["code"]: row for row in client.get("/api/v1/categories").json()}
    assert [question["code"] for question in found[LAMP]["questions"]] == [facts["code"] for facts in FACTS]
    assert found[LAMP]["questions"][0]["use"] == POLE["use"]
    body = {"text": "灯不亮。", "client_key": str(uuid4()), "category": LAMP}
    refused = client.post("/api/v1/reports", json.dumps(body), content_type="application/json")
    assert (refused.status_code, refused.json()["field"]) == (422, "answers.pole")
    sent = client.post("/api/v1/reports", json.dumps(body | {"answers": SAID}), content_type="application/json")
    assert sent.status_code == 201
    assert kept(Report.objects.get().id) == KEPT
    wrong = client.post("/api/v1/reports", json.dumps(body | {"answers": ["东三"]}), content_type="application/json")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "answers")


def test_the_dispatcher_sees_what_was_not_asked_and_is_not_held_up(asked):
    receipt = make.report()
    client = asked.client("dispatcher")
    page = client.get(f"/cases/{receipt.case_number}/dispatch/").content.decode()
    assert "还没有人答的：灯杆编号是多少" in page  # 路灯 is what the words suggest
    case = make.case(receipt)
    typed = {"lead": str(asked.units["power"].id), "category": LAMP, "urgency": "normal", "seen_version": case.version}
    done = client.post(f"/cases/{receipt.case_number}/dispatch/", typed, follow=True)
    assert "还没问到：灯杆编号是多少" in done.content.decode()
    assert make.case(receipt).status == "dispatched"


def test_answers_go_with_their_report_through_merge_and_back(asked):
    one, two = make.report(category=LAMP, answers=SAID), make.report(category=LAMP, answers=SAID | {"pole": "西二7"})
    dispatcher = asked.actor("dispatcher")
    actions.merge_cases(actor=dispatcher, number=one.case_number, parts=[two.case_number])
    page = asked.client("dispatcher").get(f"/cases/{one.case_number}/").content.decode()
    assert "西二7" in page
    assert Merge.objects.count() == 1
    actions.unmerge_case(actor=dispatcher, number=two.case_number)
    assert "西二7" in asked.client("dispatcher").get(f"/cases/{two.case_number}/").content.decode()
    follow = actions.follow_case(
        actor=make.door(), intake=make.intake(category=LAMP, answers=SAID | {"pole": "东四1"}),
        case_id=UUID(str(one.case_id)), door=TOWN, channel="snap_report",
    )  # fmt: skip
    assert kept(follow.report_id)["pole"] == "东四1"
    assert "东四1" in asked.client("dispatcher").get(f"/cases/{one.case_number}/").content.decode()
