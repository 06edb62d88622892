"""报事源头: lists with consent, the quick link from report to thanks; and 代报, one person for another."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from yijiaan.accounts.queries import public_actor
from yijiaan.areas.tests.make import FIRST, SECOND
from yijiaan.cases import actions
from yijiaan.cases.actions import Intake, ProxyFacts
from yijiaan.cases.models import Proxy, Report, Reporter, SourcedReport
from yijiaan.cases.queries import count_told
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.notices.models import Notice
from yijiaan.registry.actions import SourceFacts, add_source, end_source, issue_link, revoke_link, see_source
from yijiaan.registry.models import TrustedReporter

pytestmark = pytest.mark.django_db
TEACHER_PHONE = "15400013344"


def facts(**changes):
    values = {
        "area_code": FIRST, "kind": "old_teacher", "name": "王老师", "phone": TEACHER_PHONE,
        "consented_on": clock.local_day(), "consent_way": "in_person",
    }  # fmt: skip
    return SourceFacts(**values | changes)


def listed(town, **changes) -> TrustedReporter:
    return add_source(actor=town.actor("head"), facts=facts(**changes), client_key=uuid4())


def linked(town, **changes) -> tuple[TrustedReporter, str]:
    return issue_link(actor=town.actor("head"), source_id=listed(town, **changes).id)


def told(source: TrustedReporter, text: str = "渠边栏杆松了", **more):
    actor = public_actor(source.area_code, "trusted_reporter")
    return actions.submit_from_source(actor=actor, source=source, intake=Intake(text, uuid4(), **more))


# ---- the lists ----


def test_somebody_who_agreed_is_listed_masked_and_sealed(town):
    source = listed(town)
    page = town.client("head").get("/sources/").content.decode()
    assert "王**" in page
    assert "154****3344" in page
    assert TEACHER_PHONE not in page
    assert "王老师" not in page
    with connection.cursor() as cursor:
        for table in ("trusted_reporter", "journal_entry"):
            cursor.execute(
                f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE %s OR t::text LIKE '%%王老师%%'",
                [f"%{TEACHER_PHONE}%"],
            )
            assert cursor.fetchone()[0] == 0, table
    assert f"/sources/{source.id}/" in page
    assert "王**" in town.client("dispatcher").get("/sources/").content.decode()
    assert "王**" not in town.client("stranger").get("/sources/").content.decode()
    for name in ("worker", "power", "leader"):
        assert town.client(name).get("/sources/").status_code == 403
    assert town.client("stranger").get(f"/sources/{source.id}/").status_code == 404


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"area_code": SECOND}, "unknown_area", "area_code"),
        ({"area_code": FIRST[:9]}, "unknown_area", "area_code"),
        ({"kind": "neighbour"}, "unknown_kind", "kind"),
        ({"name": " \u202e"}, "empty_name", "name"),
        ({"name": "王" * 31}, "name_too_long", "name"),
        ({"phone": "12"}, "bad_phone", "phone"),
        ({"consented_on": None}, "no_consent", "consented_on"),
        ({"consented_on": clock.local_day() + timedelta(days=9999)}, "in_the_future", "consented_on"),
        ({"consent_way": ""}, "unknown_way", "consent_way"),
    ],
)
def test_without_consent_or_with_slips_nobody_is_listed(town, change, code, field):
    with pytest.raises(RuleError) as refused, unchanged(TrustedReporter, Entry):
        listed(town, **change)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_phone_stands_once_in_a_village_and_a_repeat_gives_the_first(town):
    key = uuid4()
    first = add_source(actor=town.actor("head"), facts=facts(), client_key=key)
    with unchanged(TrustedReporter, Entry):
        assert add_source(actor=town.actor("head"), facts=facts(), client_key=key).id == first.id
        with pytest.raises(Conflict):
            add_source(actor=town.actor("head"), facts=facts(name="李老师"), client_key=key)
    with pytest.raises(RuleError, match="已经有这个电话"), unchanged(TrustedReporter, Entry):
        listed(town, name="李老师")
    with pytest.raises(NotAllowed), unchanged(TrustedReporter, Entry):
        add_source(actor=town.actor("worker"), facts=facts(), client_key=uuid4())
    end_source(actor=town.actor("head"), source_id=first.id)
    assert listed(town).id != first.id  # who left may come back


def test_a_look_needs_a_purpose_is_stamped_and_told_to_the_person(town):
    source, code = linked(town)
    client = town.client("head")
    page = client.post(f"/sources/{source.id}/see/", {"purpose": ""})
    assert page.status_code == 422
    assert "请先选查看的用途" in page.content.decode()
    assert not Entry.objects.filter(verb="registry.source_seen").exists()
    seen = client.post(f"/sources/{source.id}/see/", {"purpose": "contact"}).content.decode()
    assert TEACHER_PHONE in seen
    assert 'class="stamp"' in seen
    own = Client().get(f"/s/{code}/").content.decode()
    assert f"{town.units['first'].name} · " in own
    assert "为了联系本人" in own
    assert town.posts["head"].user.name not in own
    with pytest.raises(NotFound):
        see_source(actor=town.actor("stranger"), source_id=source.id, purpose="contact")


def test_who_leaves_is_forgotten_at_once_and_what_he_told_stays(town):
    source, code = linked(town)
    receipt = told(source)
    end_source(actor=town.actor("head"), source_id=source.id)
    row = TrustedReporter.objects.get(id=source.id)
    assert (row.name_sealed, row.phone_sealed, row.phone_search, row.link_search) == ("", "", None, None)
    assert row.ended_on == clock.local_day()
    assert Client().get(f"/s/{code}/").status_code == 404
    assert make.case(receipt).is_open
    with unchanged(TrustedReporter, Entry):
        end_source(actor=town.actor("head"), source_id=source.id)
        with pytest.raises(RuleError, match="已经退出"):
            issue_link(actor=town.actor("head"), source_id=source.id)
        with pytest.raises(NotFound):
            see_source(actor=town.actor("head"), source_id=source.id, purpose="contact")
    with pytest.raises(NotFound), unchanged(*make.ROWS):
        told(row)


# ---- the quick link ----


def test_a_link_is_shown_once_given_anew_and_taken_back(town):
    source = listed(town)
    client = town.client("head")
    page = client.post(f"/sources/{source.id}/link/").content.decode()
    code = page.split("/s/")[1][:20]
    assert "data:image/svg+xml" in page
    assert code not in client.get(f"/sources/{source.id}/").content.decode()
    assert Client().get(f"/s/{code.lower()}/").status_code == 200
    _, second = issue_link(actor=town.actor("head"), source_id=source.id)
    assert Client().get(f"/s/{code}/").status_code == 404
    assert Client().get(f"/s/{second}/").status_code == 200
    client.post(f"/sources/{source.id}/revoke/")
    assert Client().get(f"/s/{second}/").status_code == 404
    with unchanged(TrustedReporter, Entry):
        revoke_link(actor=town.actor("head"), source_id=source.id)
    for wrong in ("", "A" * 20, "370812" + "A" * 14, "x" * 60):
        assert Client().get(f"/s/{wrong}/").status_code == 404
        assert Client().post(f"/s/{wrong}/report/").status_code == 404


def test_from_the_link_to_thanks_with_the_same_deadlines(town):
    source, code = linked(town)
    client = Client()
    home = client.get(f"/s/{code}/")
    assert "王老师，您好" in home.content.decode()
    assert home["X-Robots-Tag"] == "noindex, nofollow"
    assert 'data-size="large"' in home.content.decode()
    form = client.get(f"/s/{code}/report/").content.decode()
    assert "王老师" in form
    assert TEACHER_PHONE not in form
    key = str(uuid4())
    empty = client.post(f"/s/{code}/report/", {"client_key": key, "text": " ", "place": "小桥头"})
    assert empty.status_code == 422
    assert "小桥头" in empty.content.decode()
    sent = {"client_key": key, "text": "渠边栏杆松了", "place": "小桥头", "area_code": FIRST}
    answer = client.post(f"/s/{code}/report/", sent, follow=True).content.decode()
    assert "收到了，编号 XY" in answer
    client.post(f"/s/{code}/report/", sent)
    assert SourcedReport.objects.count() == Report.objects.count() == 1
    report = Report.objects.select_related("case").get()
    everybody = make.case(make.report())
    assert (report.channel, report.case.channel) == ("trusted_reporter", "trusted_reporter")
    assert report.case.next_due_at == everybody.next_due_at
    assert report.case.area_code.startswith(FIRST)
    assert report.case.owner_id == town.units["centre"].id
    reporter = Reporter.objects.get(report=report)
    assert (reporter.name_sealed, reporter.phone_sealed) == ("王老师", TEACHER_PHONE)
    number = report.case.number
    actions.dispatch_case(actor=town.actor("dispatcher"), number=number, lead_id=town.units["power"].id)
    actions.sign_case(actor=town.actor("power"), number=number)
    actions.finish_case(actor=town.actor("power"), number=number, result="焊牢了")
    actions.record_callback(actor=town.actor("dispatcher"), number=number, result="satisfied")
    own = client.get(f"/s/{code}/").content.decode()
    assert "办好了，谢谢您说这一声" in own
    assert f"/p/{report.tracking_sealed}/" in own
    assert "您报过 1 件事" in own
    other, other_code = linked(town, name="李书记", phone="15400013355")
    assert "渠边栏杆" not in client.get(f"/s/{other_code}/").content.decode()
    assert other.id != source.id


def test_one_village_sees_how_many_came_and_the_number_opens_to_them(town):
    source, _ = linked(town)
    first, second = told(source), told(source, "路口积水")
    actions.withdraw_report(actor=make.reporter(second))
    make.report()
    for name in ("dispatcher", "head"):
        counts = count_told(town.actor(name))
        assert {code: (row.open, row.ended) for code, row in counts.items()} == {FIRST: (1, 1)}
    assert count_told(town.actor("stranger")) == {}
    client = town.client("dispatcher")
    page = client.get("/sources/").content.decode()
    assert "在办 1 件" in page
    opened = client.get(f"/cases/?tab=all&channel=trusted_reporter&area={FIRST}").content.decode()
    assert make.case(first).number in opened
    ended = client.get(f"/cases/?tab=closed&channel=trusted_reporter&area={FIRST}").content.decode()
    assert make.case(second).number in ended


def test_pages_cost_the_same_for_many(town):
    source, code = linked(town)
    told(source)
    client, staff = Client(), town.client("head")

    def asked(browser, path):
        browser.get(path)
        with CaptureQueriesContext(connection) as queries:
            browser.get(path)
        return len(queries)

    few = asked(client, f"/s/{code}/"), asked(staff, "/sources/")
    for number in range(6):
        told(source, f"第 {number} 件")
        linked(town, name=f"王{number}", phone=f"1540001440{number}")
    assert (asked(client, f"/s/{code}/"), asked(staff, "/sources/")) == few
    assert max(few) <= 12


def test_the_link_holds_no_more_than_a_device_may_send(town, settings):
    settings.PUBLIC_LIMITS = 100
    _, code = linked(town)
    client = Client()
    client.get(f"/s/{code}/")
    answers = [
        client.post(f"/s/{code}/report/", {"client_key": str(uuid4()), "text": f"第 {number} 件"}).status_code
        for number in range(14)
    ]
    assert answers.count(302) == 13  # the first came before the device had its cookie
    assert answers[-1] == 429


# ---- one person for another ----


def test_a_caller_tells_for_an_elder_and_both_stay_sealed(town):
    client = town.client("dispatcher")
    sent = {
        "client_key": str(uuid4()), "channel": "phone", "kind": "help", "text": "老人家水管冻了", "name": "封老太",
        "phone": "15400017001", "is_proxy": "on", "relation": "family", "proxy_name": "", "proxy_phone": "",
    }  # fmt: skip
    page = client.post("/cases/new/", sent)
    assert page.status_code == 422
    assert "请写代报人的称呼或电话" in page.content.decode()
    page = client.post("/cases/new/", sent | {"proxy_phone": "123"})
    assert page.status_code == 422
    assert "手机号应为 11 位" in page.content.decode()
    page = client.post("/cases/new/", sent | {"name": "", "phone": "", "proxy_name": "茅小侄"})
    assert page.status_code == 422
    assert "代报请写替谁报" in page.content.decode()
    assert not Report.objects.exists()
    assert not Proxy.objects.exists()
    sent |= {"proxy_name": "茅小侄", "proxy_phone": "15400017002"}
    done = client.post("/cases/new/", sent, follow=True).content.decode()
    assert "代报的：两个号念给打电话的人" in done
    client.post("/cases/new/", sent)
    report = Report.objects.select_related("case").get()
    proxy = Proxy.objects.get()
    assert (proxy.relation, proxy.name_sealed, proxy.phone_sealed, proxy.post) == (
        "family",
        "茅小侄",
        "15400017002",
        None,
    )
    assert Reporter.objects.get().phone_sealed == "15400017001"
    page = client.get(f"/cases/{report.case.number}/").content.decode()
    assert "由家里人代报：茅** 154****7002" in page
    assert "茅小侄" not in page
    seen = client.post(
        f"/cases/{report.case.number}/see-reporter/", {"report_id": report.id, "purpose": "contact"}
    ).content.decode()
    assert "15400017002" in seen
    assert "15400017001" in seen
    printed = actions.print_case(actor=town.actor("dispatcher"), number=report.case.number)
    assert "由家里人代报：茅**" in printed["reports"][0]["who"]
    assert "15400017002" not in str(printed)


def test_a_grid_worker_tells_for_an_elder_who_is_called_back_and_hears_of_it_himself(town):
    client = town.client("worker")
    sent = {"client_key": str(uuid4()), "text": "水管冻了", "way": "up", "for_name": "张大娘", "for_phone": "1540"}
    page = client.post("/field/report/", sent)
    assert page.status_code == 422
    assert "手机号应为 11 位" in page.content.decode()
    answer = client.post("/field/report/", sent | {"for_phone": "15400017003"})
    assert answer.status_code == 302
    report = Report.objects.select_related("case").get()
    reporter = Reporter.objects.get()
    assert (reporter.name_sealed, reporter.phone_sealed) == ("张大娘", "15400017003")
    assert Proxy.objects.get().post_id == town.posts["worker"].id
    number = report.case.number
    assert "first_contact" in make.open_todos(report.case)  # somebody rings the elder
    actions.dispatch_case(actor=town.actor("dispatcher"), number=number, lead_id=town.units["power"].id)
    actions.sign_case(actor=town.actor("power"), number=number)
    actions.finish_case(actor=town.actor("power"), number=number, result="换了一截水管")
    report.case.refresh_from_db()
    assert report.case.status == "callback"  # the elder is asked
    while deliver(actor=system("tests")):
        pass
    notices = Notice.objects.filter(post_id=town.posts["worker"].id)
    assert [row.title for row in notices] == ["您替人报的事办结了，等他评价：水管冻了"]
    plain = client.post("/field/report/", {"client_key": str(uuid4()), "text": "没有替谁", "way": "up"})
    assert plain.status_code == 302
    assert Proxy.objects.count() == 1


def test_what_was_solved_for_an_elder_on_the_spot_keeps_both(town):
    proxy = ProxyFacts("grid_worker")
    wish = make.intake(reporter_name="张大娘", reporter_phone="15400017003")
    receipt = actions.submit_by_proxy(
        actor=town.actor("worker"),
        intake=wish,
        proxy=proxy,
        door=town.grids[0].code,
        channel="grid_worker",
        result="接好了",
    )
    with unchanged(*make.ROWS, Proxy):
        actions.submit_by_proxy(
            actor=town.actor("worker"), intake=wish, proxy=proxy, door=town.grids[0].code, channel="grid_worker",
            result="接好了",
        )  # fmt: skip
    assert "told_by_proxy" in make.verbs(make.case(receipt))
    with pytest.raises(RuleError, match="他什么人"), unchanged(*make.ROWS, Proxy):
        actions.submit_by_proxy(
            actor=town.actor("worker"), intake=make.intake(), proxy=ProxyFacts("boss", "甲"), door=town.grids[0].code,
            channel="grid_worker",
        )  # fmt: skip


def test_erasing_the_reporter_erases_who_told_for_him(town):
    proxy = ProxyFacts("neighbour", "茅小侄", "15400017002")
    receipt = actions.submit_by_proxy(
        actor=town.actor("dispatcher"), intake=make.intake(), proxy=proxy, door=make.TOWN, channel="phone"
    )
    actions.erase_reporter(actor=system("tests", make.COUNTY), number=receipt.case_number, report_id=receipt.report_id)
    row = Proxy.objects.get()
    assert (row.name_sealed, row.phone_sealed) == ("", "")
