"""Settings as their administrator uses them: found in the contents, changed in a form, kept in a history."""

from datetime import timedelta

import pytest

from yijiaan.accounts.actions import set_unit_active
from yijiaan.accounts.models import DutyDay, Unit
from yijiaan.accounts.tests import make as people
from yijiaan.areas.models import Area
from yijiaan.cases import limits
from yijiaan.cases.actions import CategoryFacts, change_category, load_default_categories, set_channel
from yijiaan.cases.models import Case, Category, Duty
from yijiaan.cases.queries import channel_names, suggest_category
from yijiaan.cases.tests import make
from yijiaan.core import clock
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.texts.models import Wording
from yijiaan.engines.texts.queries import say
from yijiaan.engines.worktime.models import Limit, LimitPreset

LAMP = "0401"


@pytest.fixture
def post(db):
    people.make_grids()
    load_default_categories(actor=system("tests"))
    return people.post(people.unit("county_centre", "370812"), "county_admin", "370812")


@pytest.fixture
def admin(post):
    return people.client(post)


@pytest.fixture
def actor(post):
    return people.actor(post)


def text(answer):
    return answer.content.decode()


def facts(code, **changed):
    row = Category.objects.get(code=code, valid_to__isnull=True)
    duties = [(duty.unit_kind, duty.is_lead, duty.item) for duty in Duty.objects.filter(category=row).order_by("rank")]
    values = {
        "name": row.name, "keywords": row.keywords, "lowest_level": row.lowest_level, "urgency": row.urgency,
        "handle_days": row.handle_days, "is_verified": row.is_verified, "duties": duties,
    }  # fmt: skip
    return CategoryFacts(**values | changed)


def test_the_contents_say_how_each_setting_stands(admin):
    page = text(admin.get("/settings/"))
    for words in (
        "单位",
        "类别和责任清单",
        "个小类在用",
        "时限",
        "用的是",
        "渠道",
        "对外的门都开着",
        "用语",
        "都是原文",
    ):
        assert words in page


@pytest.mark.parametrize("slug", ["units", "categories", "limits", "channels", "texts"])
def test_lists_and_their_forms_open_to_the_administrator_alone(admin, slug):
    page = text(admin.get(f"/settings/{slug}/"))
    first = page.split(f'href="/settings/{slug}/')[1:]
    links = [part.split('"')[0] for part in first if not part.startswith('"')]
    assert links
    for link in links[:3]:
        assert admin.get(f"/settings/{slug}/{link}").status_code == 200
    assert admin.get(f"/settings/{slug}/nothing/").status_code == 404
    town = people.post(people.unit("town_centre", "370812102"), "dispatcher", "370812102")
    assert people.client(town).get(f"/settings/{slug}/").status_code == 403


@pytest.mark.parametrize("slug", ["units", "categories", "limits", "channels", "texts"])
def test_a_list_asks_a_fixed_number_of_queries(admin, slug, django_assert_max_num_queries):
    admin.get(f"/settings/{slug}/")
    with django_assert_max_num_queries(12):
        admin.get(f"/settings/{slug}/")


def test_a_category_is_changed_and_the_change_stands_in_its_history(admin):
    form = text(admin.get(f"/settings/categories/{LAMP}/"))
    assert "主办单位" in form and "路灯" in form
    sent = {
        "name": "公共照明", "leads": "power", "second": "construction", "assists": ["village"], "item": "责任清单第 9 项",
        "lowest_level": "town", "urgency": "normal", "handle_days": "4", "is_verified": "on", "keywords": "路灯 灯杆、太阳能灯",
    }  # fmt: skip
    done = admin.post(f"/settings/categories/{LAMP}/", sent, follow=True)
    assert "“公共照明”改好了" in text(done)
    row = Category.objects.get(code=LAMP)
    assert (row.name, row.handle_days, row.is_verified, row.keywords) == (
        "公共照明",
        4,
        True,
        ["路灯", "灯杆", "太阳能灯"],
    )
    leads = Duty.objects.filter(category=row, is_lead=True).order_by("rank").values_list("unit_kind", flat=True)
    assert list(leads) == ["power", "construction"]
    assert suggest_category(system("tests"), text="灯杆歪了").category.code == LAMP
    history = text(admin.get(f"/settings/categories/{LAMP}/"))
    assert "改类别设置" in history and "→ 公共照明" in history and "办结工作日" in history


@pytest.mark.parametrize(
    "changed, code",
    [
        ({"name": " "}, "empty_name"),
        ({"name": "长" * 31}, "long_name"),
        ({"keywords": ["长" * 21]}, "long_keywords"),
        ({"handle_days": 400}, "bad_days"),
        ({"duties": [("power", True, "x"), ("power", False, "x")]}, "unknown_unit_kind"),
        ({"duties": [("power", False, "x")]}, "no_lead"),
    ],
)
def test_a_bad_category_changes_nothing(actor, changed, code):
    with unchanged(Category, Duty, Entry), pytest.raises(RuleError) as error:
        change_category(actor=actor, code=LAMP, facts=facts(LAMP, **changed))
    assert error.value.code == code


def test_what_was_typed_stays_when_a_form_is_refused(admin):
    sent = {
        "name": "",
        "leads": "power",
        "lowest_level": "town",
        "urgency": "normal",
        "handle_days": "7",
        "keywords": "灯杆",
    }
    refused = admin.post(f"/settings/categories/{LAMP}/", sent)
    assert refused.status_code == 422
    page = text(refused)
    assert "请填写名称" in page and 'value="7"' in page and "灯杆</textarea>" in page


def test_a_category_is_added_stopped_and_used_again(admin):
    sent = {"parent": "04", "name": "旗杆", "lowest_level": "village", "urgency": "normal", "handle_days": "0"}
    assert "加了“旗杆”" in text(admin.post("/settings/categories/new/", sent, follow=True))
    row = Category.objects.get(name="旗杆")
    assert row.code.startswith("04") and row.parent.code == "04"
    admin.post(f"/settings/categories/{row.code}/stop/")
    row.refresh_from_db()
    assert row.valid_to == clock.local_day()
    assert "停用" in text(admin.get("/settings/categories/"))
    assert admin.post(f"/settings/categories/{row.code}/stop/").status_code == 404
    admin.post(f"/settings/categories/{row.code}/restart/")
    row.refresh_from_db()
    assert row.valid_to is None
    refused = admin.post("/settings/categories/04/stop/", follow=True)
    assert "请先停用小类" in text(refused)


def test_a_limit_is_changed_for_what_begins_from_now_on(admin):
    before = limits.deadline_of(system("tests"), "sign", clock.now(), urgency="urgent").due_at
    sent = {"clock": "always", "amount": "45", "warn_before": "10", "source": "镇里会议纪要"}
    done = admin.post("/settings/limits/sign.urgent/", sent, follow=True)
    assert "改成 45 分钟，不分昼夜" in text(done)
    now = clock.now()
    assert limits.deadline_of(system("tests"), "sign", now, urgency="urgent").due_at == now + timedelta(minutes=45)
    assert before != now + timedelta(minutes=45)
    page = text(admin.get("/settings/limits/"))
    assert "改时限" in page and "签收（加急）" in page
    assert admin.post("/settings/limits/sign.urgent/", sent | {"amount": "0"}).status_code == 422
    refused = admin.post("/settings/limits/sign.urgent/", sent | {"warn_before": "50"})
    assert "提前提醒不能超过时限" in text(refused) and Limit.objects.filter(amount=45).count() == 1


def test_a_preset_of_ones_own_takes_from_its_base_what_it_does_not_say(admin):
    sent = {"name": "兖州区办法", "base": "shandong", "source": "兖综治〔2026〕3 号"}
    assert "加好了" in text(admin.post("/settings/calendar/presets/", sent, follow=True))
    own = LimitPreset.objects.get(name="兖州区办法")
    admin.post("/settings/calendar/preset/", {"code": own.code})
    admin.post("/settings/limits/new/", {"duty": "handle", "scope": LAMP, "clock": "working_days", "amount": "2", "warn_before": "1"})  # fmt: skip
    page = text(admin.get("/settings/limits/"))
    assert "兖州区办法" in page and "2 个工作日" in page and "山东省" in page
    assert admin.post("/settings/calendar/presets/", sent).status_code == 422  # the name is taken


def test_a_unit_is_renamed_and_taken_out_of_use_when_nothing_lies_with_it(admin, actor):
    unit = people.unit("power", "370812102")
    sent = {"name": "新驿供电服务站", "kind": "power", "phone": "0537-0009999"}
    assert "改好了" in text(admin.post(f"/settings/units/{unit.id}/", sent, follow=True))
    page = text(admin.get(f"/settings/units/{unit.id}/"))
    assert "改单位" in page and "→ 新驿供电服务站" in page
    admin.post(f"/settings/units/{unit.id}/stop/")
    assert not Unit.objects.get(id=unit.id).is_active
    admin.post(f"/settings/units/{unit.id}/restart/")
    assert Unit.objects.get(id=unit.id).is_active
    stranger = people.actor(people.post(people.unit("town_centre", "370812102"), "dispatcher", "370812102"))
    with pytest.raises(NotAllowed):
        set_unit_active(actor=stranger, unit_id=unit.id, is_active=False)


def test_a_unit_that_holds_cases_stays_in_use(db):
    town = make.town()
    make.case_in(town, "dispatched")
    boss = people.actor(people.post(town.units["county"], "county_admin", "370812"))
    holder = Case.objects.get().owner
    with unchanged(Unit, Entry), pytest.raises(RuleError) as error:
        set_unit_active(actor=boss, unit_id=holder.id, is_active=False)
    assert error.value.code == "still_holds" and "1 件在办事件" in error.value.message


def test_a_channel_gets_another_name_and_is_shut(admin, actor):
    assert "“邻里通”改好了" in text(admin.post("/settings/channels/third_party_app/", {"name": "邻里通"}, follow=True))
    assert channel_names(actor)["third_party_app"] == "邻里通"
    assert "关着：邻里通" in text(admin.get("/settings/"))
    for name, shut, code in (("12345", False, "name_taken"), ("长" * 21, True, "long_name")):
        with unchanged(Entry), pytest.raises(RuleError) as error:
            set_channel(actor=actor, code="third_party_app", name=name, is_open=not shut)
        assert error.value.code == code
    with pytest.raises(RuleError) as error:
        set_channel(actor=actor, code="phone", name="来电", is_open=False)
    assert error.value.code == "not_closable"


def test_a_shut_door_says_so_and_keeps_what_was_typed(client, db):
    town = make.town()
    boss = people.actor(people.post(town.units["county"], "county_admin", "370812"))
    set_channel(actor=boss, code="snap_report", name="", is_open=False)
    address = f"/t/{Area.objects.get(code=people.TOWN).door_token}/report/"
    page = client.get(address)
    sent = client.post(address, {"text": "路灯不亮", "client_key": page.context["form"]["client_key"].value()})
    assert sent.status_code == 422
    assert "这个入口现在停用" in text(sent) and "路灯不亮" in text(sent)
    assert Case.objects.count() == 0


def test_a_sentence_is_worded_anew_and_restored(admin, actor):
    code = "cases.progress.dispatched"
    assert "交给了{单位}" in text(admin.get(f"/settings/texts/{code}/"))
    admin.post(f"/settings/texts/{code}/", {"text": "{单位}接着办这件事"})
    assert say(actor, code, 单位="供电所") == "供电所接着办这件事"
    page = text(admin.get(f"/settings/texts/{code}/"))
    assert "交给了{单位} → {单位}接着办这件事" in page
    for sent, said in (
        ("", "请填写用语"),
        ("给{姓名}", "没有“姓名”这一项"),
        ("给{", "花括号里只能写"),
        ("长" * 201, "最多 200 个字"),
    ):
        refused = admin.post(f"/settings/texts/{code}/", {"text": sent})
        assert refused.status_code == 422 and said in text(refused)
    admin.post(f"/settings/texts/{code}/restore/")
    assert say(actor, code, 单位="供电所") == "交给了供电所" and not Wording.objects.exists()


@pytest.fixture
def at_nine(db):
    with clock.at(clock.day_start(clock.local_day()) + timedelta(hours=9)):
        yield


def test_the_centre_keeps_its_roster_and_the_board_shows_who_answers_now(at_nine):
    town = make.town()
    centre = people.client(town.posts["dispatcher"])
    board = text(centre.get("/board/"))
    assert "值班员 <b>" in board and "今日值班" not in board
    assert "还没有排值班" in text(centre.get("/settings/duties/"))
    today = clock.local_day()
    said = {"on": today.isoformat(), "name": "孟宪军", "phone": "15400000017"}
    done = text(centre.post("/settings/duties/new/", said, follow=True))
    assert f"{today.month}月{today.day}日由孟宪军值班" in done
    board = text(centre.get("/board/"))
    assert "今日值班 <b>孟宪军</b>" in board and 'href="tel:15400000017"' in board
    tomorrow = today + timedelta(days=1)
    moved = text(centre.post(f"/settings/duties/{today}/", said | {"on": tomorrow.isoformat()}, follow=True))
    assert f"{tomorrow.month}月{tomorrow.day}日" in moved
    assert list(DutyDay.objects.values_list("on", "name")) == [(tomorrow, "孟宪军")]
    refused = centre.post("/settings/duties/new/", {"on": "2020-01-01", "name": "孟宪军"})
    assert refused.status_code == 422 and "这一天已经过去了" in text(refused)
    centre.post(f"/settings/duties/{tomorrow}/clear/")
    assert not DutyDay.objects.exists()
    assert people.client(town.posts["power"]).get("/settings/duties/").status_code == 403
