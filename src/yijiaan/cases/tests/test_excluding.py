"""剔除: two persons, a code and evidence; it shows beside the rate, is counted on the day of the answer, and can be taken back."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from yijiaan.areas.tests import make as land
from yijiaan.cases import actions
from yijiaan.cases.models import COUNTED, CaseDayCount, Exclusion, Proposal, Rating
from yijiaan.cases.queries import exclusion_codes, get_rates, list_exclusions
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.models import Entry

pytestmark = pytest.mark.django_db
JOB = system("test", land.COUNTY)


def answered(town, result="understanding", **changes):
    """A closed case with an answer."""
    case, receipt = make.case_in(town, "callback", **changes)
    with clock.later(timedelta(hours=2)):
        actions.record_callback(actor=town.actor("dispatcher"), number=case.number, result=result)
    return make.case(receipt), receipt


def propose(town, case, receipt, **changes):
    said = {"code": "unreasonable", "text": "现场看过，要求超出政策。", "report_number": receipt.number} | changes
    return actions.exclude_rating(actor=town.actor("dispatcher"), number=case.number, **said)


def agree(town, case, who="centre_head", is_agreed=True, answer=""):
    return actions.decide_proposal(actor=town.actor(who), number=case.number, is_agreed=is_agreed, answer=answer)


def wrong():
    """How many rows of the day counts differ from the journal."""
    today = clock.local_day()
    (check,) = actions.compare_day_counts(
        actor=JOB, first_day=today - timedelta(days=60), last_day=today + timedelta(days=60)
    )
    return check.wrong_count


def counted(day=None):
    rows = CaseDayCount.objects.filter(county=land.COUNTY, axis="village", **({"day": day} if day else {}))
    total = {name: sum(getattr(row, name) for row in rows) for name in COUNTED}
    return {name: number for name, number in total.items() if number and ("excl" in name or name == "said_solved")}


def rates(town, who="leader", **changes):
    today = clock.local_day()
    span = {"first_day": today - timedelta(days=29), "last_day": today}
    return get_rates(town.actor(who), **span | changes)


def test_two_persons_take_an_answer_out_and_the_rates_show_both(town):
    good, _ = answered(town, "satisfied")
    case, receipt = answered(town)
    answer_day = clock.local_day()
    with clock.later(timedelta(days=3)):
        propose(town, case, receipt)
        assert rates(town).content_reports.excluded == 0  # not before the second person
        with unchanged(Exclusion, Proposal), pytest.raises(RuleError) as refused:
            agree(town, case, who="dispatcher")
        assert refused.value.code == "same_person"
        agree(town, case)
        assert make.case(receipt).status == "closed"
        found = rates(town)
        for rate in (found.content_reports, found.content_cases, found.solved_reports, found.solved_cases):
            assert (rate.counted, rate.whole, rate.counted_left, rate.whole_left, rate.excluded) == (1, 2, 1, 1, 1)
            assert (rate.share, rate.share_left) == (50.0, 100.0)
        # counted on the day of the answer
        assert counted(answer_day) == {"said_solved": 1, "excluded_understanding": 1}
        assert wrong() == 0
        (row,) = list_exclusions(town.actor("leader"), first_day=answer_day, last_day=answer_day + timedelta(days=3))
        assert row.case_id == case.id
        actions.revoke_exclusion(
            actor=town.actor("centre_head"), number=case.number, report_number=receipt.number, text="查错了人。"
        )
        assert rates(town).content_reports.excluded == 0
        assert counted(answer_day) == {"said_solved": 1}
        assert wrong() == 0
        row = Exclusion.objects.get()
        assert (row.is_in_force, row.revoke_text, row.revoked_by_id) == (
            False, "查错了人。", town.posts["centre_head"].id,
        )  # fmt: skip
        # and out again
        propose(town, case, receipt, code="malicious")
        agree(town, case)
        assert counted(answer_day) == {"said_solved": 1, "excluded_understanding": 1}
        # a case that gets another category takes the exclusion along
        with clock.later(timedelta(days=1)):
            actions.reopen_case(actor=town.actor("dispatcher"), number=case.number, text="又有新情况。")
            actions.classify_case(actor=town.actor("dispatcher"), number=case.number, category="0402")
        assert wrong() == 0
    verbs = make.verbs(case)
    assert [verb for verb in verbs if "excl" in verb] == ["excluded", "exclusion_revoked", "excluded"]


def test_the_counts_are_put_right_when_an_exclusion_is_missing_from_them(town):
    case, receipt = answered(town)
    propose(town, case, receipt)
    agree(town, case)
    CaseDayCount.objects.filter(county=land.COUNTY).update(excluded_understanding=0)
    assert wrong() > 0
    assert wrong() == 0
    assert counted() == {"excluded_understanding": 1}


def test_not_agreed_changes_no_rate(town):
    case, receipt = answered(town)
    propose(town, case, receipt)
    with pytest.raises(RuleError) as refused:
        agree(town, case, is_agreed=False)
    assert refused.value.code == "no_answer"
    agree(town, case, is_agreed=False, answer="依据不够。")
    assert rates(town).content_reports.excluded == 0
    assert not Exclusion.objects.get().is_in_force
    propose(town, case, receipt)  # with better evidence, once more


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"report_number": "XY1"}, "unknown_report", "report"),
        ({"code": "because"}, "unknown_code", "code"),
        ({"text": "  "}, "no_evidence", "text"),
    ],
)
def test_a_proposal_is_refused_by_its_rules(town, changes, code, field):
    case, receipt = answered(town)
    with unchanged(Exclusion, Proposal, Entry), pytest.raises(RuleError) as refused:
        propose(town, case, receipt, **changes)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_only_answers_of_closed_cases_once_and_by_the_centre(town):
    waiting, told = make.case_in(town, "callback")
    with pytest.raises(RuleError) as refused:
        propose(town, waiting, told)
    assert refused.value.code == "wrong_state"
    silent, nobody = make.case_in(town, "callback")
    with clock.at(silent.next_due_at):
        actions.close_unanswered(actor=system("tests"))
    with pytest.raises(RuleError) as refused:
        propose(town, silent, nobody)
    assert refused.value.code == "not_rated"
    case, receipt = answered(town)
    with pytest.raises((NotAllowed, NotFound)):
        actions.exclude_rating(
            actor=town.actor("power"), number=case.number, report_number=receipt.number, code="malicious", text="有。"
        )
    propose(town, case, receipt)
    with pytest.raises(RuleError) as refused:
        propose(town, case, receipt)
    assert refused.value.code == "already_proposed"
    agree(town, case)
    with pytest.raises(RuleError) as refused:
        propose(town, case, receipt)
    assert refused.value.code == "already_excluded"
    for text, code in (("", "no_reason"),):
        with pytest.raises(RuleError) as refused:
            actions.revoke_exclusion(
                actor=town.actor("dispatcher"), number=case.number, report_number=receipt.number, text=text
            )
        assert refused.value.code == code
    with pytest.raises(RuleError) as refused:
        actions.revoke_exclusion(actor=town.actor("dispatcher"), number=case.number, report_number="XY1", text="错")
    assert refused.value.code == "not_excluded"


def test_a_case_that_begins_again_drops_what_was_proposed(town):
    case, receipt = answered(town)
    propose(town, case, receipt)
    actions.reopen_case(actor=town.actor("dispatcher"), number=case.number, text="又坏了。")
    assert Proposal.objects.get().decided_at is not None
    actions.reject_case(actor=town.actor("dispatcher"), number=case.number, reason="judicial", text="法院在办。")


def test_the_evidence_is_for_the_second_person_alone(town, client):
    case, receipt = answered(town)
    raw = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(raw, "PNG")
    sent = {
        "report": receipt.number, "code": "malicious", "text": "有录音。", "seen_version": case.version,
        "photos": SimpleUploadedFile("a.png", raw.getvalue(), "image/png"),
    }  # fmt: skip
    assert town.client("dispatcher").post(f"/cases/{case.number}/exclude/", sent).status_code == 302
    file = StoredFile.objects.get(purpose="evidence")
    assert "佐证照片" in town.client("centre_head").get(f"/cases/{case.number}/").content.decode()
    page = client.get(f"/p/{receipt.tracking_code}/").content.decode()
    assert str(file.id) not in page
    assert client.get(f"/p/{receipt.tracking_code}/photos/{file.id}/").status_code == 404


def test_what_the_hotline_says_later_leaves_the_counts_right(town):
    case, receipt = answered(town)
    propose(town, case, receipt)
    agree(town, case)
    actions.record_outside_answer(
        actor=system("tests", land.COUNTY), number=case.number, report_number=receipt.number, result="satisfied"
    )
    assert wrong() == 0
    actions.revoke_exclusion(
        actor=town.actor("dispatcher"), number=case.number, report_number=receipt.number, text="热线问过了。"
    )
    assert wrong() == 0
    assert counted() == {"said_solved": 1}


def test_the_codes_are_data(town):
    admin = town.actor("admin")
    assert list(exclusion_codes(admin))[:2] == ["unreasonable", "beyond_law"]
    actions.set_exclusion_code(actor=admin, code="unreasonable", name="要求不合理", is_active=True)
    actions.set_exclusion_code(actor=admin, code="malicious", name="恶意投诉", is_active=False)
    actions.set_exclusion_code(actor=admin, code="third_party", name="第三方侵权", is_active=True)
    codes = exclusion_codes(admin)
    assert (codes["unreasonable"], "malicious" in codes, codes["third_party"]) == ("要求不合理", False, "第三方侵权")
    assert "malicious" in exclusion_codes(admin, with_stopped=True)
    for changes, code in (
        ({"name": " "}, "empty_name"),
        ({"name": "第三方侵权"}, "name_taken"),
        ({"code": "坏"}, "bad_code"),
    ):
        with pytest.raises(RuleError) as refused:
            actions.set_exclusion_code(
                actor=admin, **{"code": "other_one", "name": "别的", "is_active": True} | changes
            )
        assert refused.value.code == code
    with pytest.raises(NotAllowed):
        actions.set_exclusion_code(actor=town.actor("dispatcher"), code="a", name="甲", is_active=True)
    client = town.client("admin")
    assert "第三方侵权" in client.get("/settings/exclusions/").content.decode()
    changed = client.post("/settings/exclusions/third_party/", {"name": "别人造成的", "is_active": "on"})
    assert changed.status_code == 302
    assert "第三方侵权 → 别人造成的" in client.get("/settings/exclusions/third_party/").content.decode()
    assert client.post("/settings/exclusions/new/", {"code": "X Y", "name": "新的"}).status_code == 422


def test_from_the_case_to_the_rates_on_pages(town):
    case, receipt = answered(town)
    answered(town, "satisfied", text="别的事办好了。")
    client = town.client("dispatcher")
    assert f"/cases/{case.number}/exclude/" in client.get(f"/cases/{case.number}/").content.decode()
    url = f"/cases/{case.number}/exclude/"
    page = client.get(url).content.decode()
    assert "突破法律政策" in page and "未解决但理解" in page
    typed = {"report": receipt.number, "code": "beyond_law", "text": " ", "seen_version": case.version}
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "请写明依据" in refused.content.decode()
    assert client.post(url, typed | {"text": "按条例第三条办不了。"}).status_code == 302
    second = town.client("centre_head")
    assert "等另一个人复核：剔除（突破法律政策）" in second.get(f"/cases/{case.number}/").content.decode()
    listed = second.get("/board/rates/").content.decode()
    assert "等另一个人复核的剔除" in listed and "按条例第三条办不了" in listed
    decided = second.post(
        f"/cases/{case.number}/decide/", {"agreed": "yes", "seen_version": make.case(receipt).version}, follow=True
    )
    assert "复核记下了" in decided.content.decode()
    page = second.get("/board/rates/").content.decode()
    assert page.count("剔除 1 件") == 4
    assert "50.0%（1 ÷ 2）" in page and "100.0%（1 ÷ 1）" in page
    assert case.title in page
    figures = second.get("/board/figures/").content.decode()
    assert "评价 2 件次，剔除 1 件后 100.0%" in figures
    today = clock.local_day().isoformat()
    records = second.get(f"/board/records/?what=answered&from={today}&until={today}").content.decode()
    assert "其中剔除 1 件" in records
    out = second.get(f"/board/records/?what=excluded&from={today}&until={today}").content.decode()
    assert "剔除 1 件次" in out and case.number in out
    wall = second.get("/screen/").content.decode()
    assert "剔除 1 件后 100.0%" in wall or "50.0" in wall
    assert town.client("worker").get(url).status_code == 403
    revoked = client.post(f"/cases/{case.number}/revoke-exclusion/", {"report": receipt.number, "revoke_text": ""})
    assert revoked.status_code == 422
    done = client.post(
        f"/cases/{case.number}/revoke-exclusion/", {"report": receipt.number, "revoke_text": "条例改了。"}, follow=True
    )
    assert "撤销了" in done.content.decode()
    assert Rating.objects.count() == 2
    assert not StoredFile.objects.exists()
    assert town.client("stranger").get(url).status_code == 404


def test_rates_are_of_the_viewers_place_and_days(town):
    answered(town)
    assert rates(town).content_reports.whole == 1
    assert rates(town, "county").content_reports.whole == 1
    assert rates(town, area_code=land.SECOND).content_reports.whole == 0
    day = clock.local_day() - timedelta(days=1)
    assert rates(town, first_day=day, last_day=day).content_reports.share is None
    client = town.client("leader")
    assert client.get("/board/rates/?from=x").status_code == 404
    assert client.get("/board/rates/?from=2027-01-01&until=2026-01-01").status_code == 200
    assert town.client("worker").get("/board/rates/").status_code == 403
