"""给平台提意见: from every shell, with or without a name, answered in time, and once more when it is not settled."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from yijiaan.accounts.queries import public_actor
from yijiaan.areas.models import Area
from yijiaan.cases.tests import make
from yijiaan.cases.tests.pictures import jpeg
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.todos.actions import tell_due_todos
from yijiaan.engines.todos.models import Todo
from yijiaan.operations import actions
from yijiaan.operations.models import Opinion, OpinionTurn
from yijiaan.operations.queries import get_opinion_by_code
from yijiaan.operations.retention import purge_opinions

pytestmark = pytest.mark.django_db
WORDS = "同一张表每周要填两遍"


@pytest.fixture(autouse=True)
def noon():
    with clock.at(make.NOON):
        yield


@pytest.fixture
def town(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make.town()


def said(town, who="worker", **more):
    values = {"kind": "burden", "text": WORDS, "client_key": uuid4()}
    return actions.submit_opinion(actor=town.actor(who), **values | more)


def test_staff_write_are_answered_and_told(town):
    client = town.client("worker")
    page = client.get("/opinions/new/?from=cases:field_report").content.decode()
    assert 'value="cases:field_report"' in page
    sent = {"client_key": str(uuid4()), "kind": "burden", "text": " ", "page": "cases:field_report"}
    assert client.post("/opinions/new/", sent).status_code == 422
    sent |= {"text": WORDS, "photo": SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")}
    answer = client.post("/opinions/new/", sent, follow=True).content.decode()
    assert "收到了，五个工作日内答复" in answer
    opinion = Opinion.objects.get()
    assert (opinion.kind, opinion.page, opinion.post_id) == ("burden", "cases:field_report", town.posts["worker"].id)
    assert opinion.due_at == make.HANDLED_BY  # five working days
    todo = Todo.objects.get(subject_id=opinion.id)
    assert (todo.kind, todo.unit_id, todo.due_at) == ("opinion", town.units["county"].id, opinion.due_at)
    assert StoredFile.objects.get().subject_id == opinion.id
    admin = town.client("admin")
    listed = admin.get("/operations/opinions/").content.decode()
    assert WORDS in listed
    assert "平台意见" in listed
    one = admin.get(f"/operations/opinions/{opinion.id}/").content.decode()
    assert town.posts["worker"].user.name in one
    assert f"/files/{opinion.county}/" in one
    empty = admin.post(f"/operations/opinions/{opinion.id}/answer/", {"text": ""})
    assert empty.status_code == 422
    admin.post(f"/operations/opinions/{opinion.id}/answer/", {"text": "合成一张了，周一起用"})
    notice = Notice.objects.get(post_id=town.posts["worker"].id)
    assert notice.link == f"/opinions/{opinion.id}/"
    todo.refresh_from_db()
    assert todo.done_at == make.NOON
    own = client.get(f"/opinions/{opinion.id}/").content.decode()
    assert "合成一张了" in own
    assert WORDS in client.get("/opinions/").content.decode()
    done = client.post(f"/opinions/{opinion.id}/", {"said": "settled"}, follow=True).content.decode()
    assert "这一条了结了" in done
    opinion.refresh_from_db()
    assert (opinion.status, opinion.closed_at) == ("closed", make.NOON)
    verbs = Entry.objects.filter(subject_id=opinion.id).order_by("id").values_list("verb", flat=True)
    assert [verb.split(".")[1] for verb in verbs] == ["opinion_received", "opinion_answered", "opinion_settled"]


def test_without_a_name_nothing_of_the_writer_is_kept(town):
    client = town.client("worker")
    sent = {"client_key": str(uuid4()), "kind": "burden", "text": WORDS, "is_anonymous": "on", "page": "cases:field"}
    refused = client.post("/opinions/new/", sent | {"photo": SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")})
    assert refused.status_code == 422
    assert "匿名的不收照片" in refused.content.decode()
    entries = set(Entry.objects.values_list("id", flat=True))
    answer = client.post("/opinions/new/", sent).content.decode()
    code = answer.split("/opinions/code/")[1][:20]
    opinion = Opinion.objects.get()
    assert opinion.post is None
    assert opinion.id.version == 4
    assert opinion.received_at == clock.day_start(clock.local_day())
    assert set(Entry.objects.values_list("id", flat=True)) == entries
    user, post, unit = (
        str(value) for value in (town.posts["worker"].user_id, town.posts["worker"].id, town.units["first"].id)
    )
    with connection.cursor() as cursor:
        for table in ("opinion", "opinion_turn", "todo", "stored_file"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} AS t")
            words = cursor.fetchone()[0]
            assert not any(key in words for key in (user, post, unit, code)), table
    page = town.client("admin").get(f"/operations/opinions/{opinion.id}/").content.decode()
    assert "匿名，没有记是谁" in page
    assert town.posts["worker"].user.name not in page
    assert WORDS not in client.get("/opinions/").content.decode()
    assert client.get(f"/opinions/{opinion.id}/").status_code == 404
    actions.answer_opinion(actor=town.actor("admin"), opinion_id=opinion.id, text="查了，会改")
    anybody = Client()
    assert "查了，会改" in anybody.get(f"/opinions/code/{code.lower()}/").content.decode()
    again = anybody.post(f"/opinions/code/{code}/", {"said": "unsettled", "text": "还是两遍"}, follow=True)
    assert "五个工作日内再答复" in again.content.decode()
    assert set(Entry.objects.values_list("verb", flat=True)) & {"operations.opinion_unsettled"} == set()
    assert anybody.get("/opinions/code/" + "A" * 20 + "/").status_code == 404


def test_a_resident_writes_without_an_account(town, settings):
    settings.HOME_AREA = make.TOWN
    client = Client()
    door = client.get(f"/t/{_door()}/report/").content.decode()
    assert "/opinions/new/?from=cases:report" in door
    page = client.get("/opinions/new/?from=cases:report").content.decode()
    assert "is_anonymous" not in page
    sent = {"client_key": str(uuid4()), "kind": "fault", "text": "拍照传不上去", "page": "cases:report"}
    answer = client.post("/opinions/new/", sent).content.decode()
    code = answer.split("/opinions/code/")[1][:20]
    opinion = get_opinion_by_code(public_actor(make.COUNTY, "opinion"), code=code)
    assert (opinion.county, opinion.post, opinion.is_anonymous) == (make.COUNTY, None, False)
    client.post("/opinions/new/", sent)
    assert Opinion.objects.count() == 1


def _door() -> str:
    return Area.objects.get(code=make.TOWN).door_token or ""


@pytest.mark.parametrize("page", ["/p/LKD4YJLOXRE6ZLTNZFTY/", "cases:nothing", "nothing", "https://a.example/"])
def test_no_address_with_a_code_comes_along(town, page):
    sent = {"client_key": str(uuid4()), "kind": "opinion", "text": WORDS, "page": page}
    town.client("worker").post("/opinions/new/", sent)
    assert Opinion.objects.get().page == ""


def test_the_writer_may_object_once_and_the_second_answer_closes(town):
    opinion, _ = said(town)
    worker, admin = town.actor("worker"), town.actor("admin")
    with pytest.raises(RuleError, match="等答复"), unchanged(Opinion, OpinionTurn):
        actions.say_unsettled(actor=worker, opinion_id=opinion.id, text="快些")
    actions.answer_opinion(actor=admin, opinion_id=opinion.id, text="改好了")
    with pytest.raises(NotFound), unchanged(Opinion, OpinionTurn):
        actions.say_unsettled(actor=town.actor("head"), opinion_id=opinion.id, text="没有")
    with clock.later(timedelta(days=1)):
        actions.say_unsettled(actor=worker, opinion_id=opinion.id, text="还要填两遍")
        opinion.refresh_from_db()
        assert (opinion.status, opinion.due_at) == ("received", make.HANDLED_BY + timedelta(days=1))
        actions.answer_opinion(actor=admin, opinion_id=opinion.id, text="这回真改了")
    opinion.refresh_from_db()
    assert (opinion.status, opinion.was_unsettled) == ("closed", True)
    assert list(OpinionTurn.objects.order_by("at").values_list("kind", flat=True)) == ["answer", "unsettled", "answer"]
    with pytest.raises(RuleError), unchanged(Opinion, OpinionTurn):
        actions.say_unsettled(actor=worker, opinion_id=opinion.id, text="再来")
    with pytest.raises(RuleError), unchanged(Opinion, OpinionTurn):
        actions.answer_opinion(actor=admin, opinion_id=opinion.id, text="再答")


def test_refusals_change_nothing_and_a_repeat_gives_the_first(town):
    for more, code in (
        ({"kind": "praise"}, "unknown_kind"),
        ({"text": "\u202e \n"}, "empty_text"),
        ({"text": "长" * 1001}, "text_too_long"),
        ({"photo": b"no picture"}, "photo_not_image"),
    ):
        with pytest.raises(RuleError) as refused, unchanged(Opinion, Todo, Entry, StoredFile):
            said(town, **more)
        assert refused.value.code == code
    key = uuid4()
    first, _ = said(town, client_key=key)
    with unchanged(Opinion, Todo, Entry):
        assert said(town, client_key=key)[0].id == first.id
        with pytest.raises(Conflict):
            said(town, client_key=key, text="别的")
    for name in ("worker", "dispatcher", "head", "auditor", "security"):
        with pytest.raises(NotAllowed), unchanged(Opinion, OpinionTurn):
            actions.answer_opinion(actor=town.actor(name), opinion_id=first.id, text="好")
        assert town.client(name).get("/operations/opinions/").status_code == 403


def test_what_is_answered_closes_after_a_week_and_what_is_not_reminds(town):
    silent, _ = said(town)
    waiting, _ = said(town, text="第二条")
    actions.answer_opinion(actor=town.actor("admin"), opinion_id=silent.id, text="改好了")
    with clock.later(timedelta(days=6)):
        assert actions.close_unsaid(actor=system("tests")) == 0
    with clock.later(timedelta(days=8)):
        assert actions.close_unsaid(actor=system("tests")) == 1
        assert actions.close_unsaid(actor=system("tests")) == 0
        tell_due_todos(actor=system("tests"))
    silent.refresh_from_db()
    waiting.refresh_from_db()
    assert (silent.status, waiting.status) == ("closed", "received")
    notice = Notice.objects.get(unit_id=town.units["county"].id, link=f"/operations/opinions/{waiting.id}/")
    assert notice.title == "有一条平台意见过了答复期限"


def test_every_shell_leads_there(town):
    for name, path in (("dispatcher", "/cases/"), ("worker", "/field/"), ("admin", "/operations/")):
        assert "给平台提意见" in town.client(name).get(path).content.decode(), path
    assert "我提的意见" in town.client("worker").get("/account/").content.decode()


def test_the_list_costs_the_same_for_many(town):
    client = town.client("admin")
    said(town)
    client.get("/operations/opinions/")
    with CaptureQueriesContext(connection) as few:
        client.get("/operations/opinions/")
    for number in range(9):
        said(town, text=f"第 {number} 条", is_anonymous=bool(number % 2))
    with CaptureQueriesContext(connection) as many:
        client.get("/operations/opinions/")
    assert len(many) == len(few) <= 10


@pytest.mark.crosses_counties("the nightly purge finds its counties")
def test_what_was_settled_long_ago_goes_with_all_that_hangs_on_it(town):
    old, _ = said(town, photo=jpeg())
    said(town, text="还没有答复的")
    actions.answer_opinion(actor=town.actor("admin"), opinion_id=old.id, text="改好了")
    actions.settle_opinion(actor=town.actor("worker"), opinion_id=old.id)
    assert purge_opinions(make.NOON, 100) == 0
    assert purge_opinions(make.NOON + timedelta(days=1), 100) == 1
    assert [row.text for row in Opinion.objects.all()] == ["还没有答复的"]
    assert not OpinionTurn.objects.exists()
    assert not StoredFile.objects.filter(subject_id=old.id).exists()
    assert Todo.objects.filter(subject_type="operations.opinion").count() == 1
