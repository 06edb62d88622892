"""Posts in the field beside the grid worker: each its own list and form from one table; the clue of a grid prosecutor is sealed."""

from uuid import uuid4

import pytest

from yijiaan.accounts.queries import forget_units
from yijiaan.accounts.tests import make as people
from yijiaan.areas.tests import make as land
from yijiaan.cases.actions import submit_report
from yijiaan.cases.actions.steps import duty_area
from yijiaan.cases.field_posts import FIELD_POSTS, field_post_of
from yijiaan.cases.models import Case, Report
from yijiaan.cases.tests import make
from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.testing import unchanged
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.journal.providers import field_work

pytestmark = pytest.mark.django_db
ROLES = {
    "habitat_worker": "人居环境", "auxiliary_police": "治安", "environment_worker": "污染", "mediator": "纠纷",
}  # fmt: skip


@pytest.fixture
def town():
    made = make.town()
    for role in ROLES:
        made.posts[role] = people.post(made.units["first"], role, land.FIRST)
    made.units["procuratorate"] = people.unit("procuratorate", land.COUNTY, "检察院")
    made.posts["prosecutor"] = people.post(made.units["procuratorate"], "grid_prosecutor", land.TOWN)
    return made


def report(category, grid=0):
    lon, lat = land.middle(grid)
    return submit_report(
        actor=make.door(), intake=make.intake(category=category, lon=lon, lat=lat, client_key=uuid4()), door=land.TOWN,
        channel="snap_report",
    )  # fmt: skip


def send(client, **changes):
    form = client.get("/field/report/").content.decode()
    sent = {
        "client_key": form.split('name="client_key" value="')[1].split('"')[0], "text": "沟里有黑水", "way": "up",
        "category": "", "leaf": "", "area_code": "", "place": "", "lon": "", "lat": "", "result": "", "accuracy": "",
    }  # fmt: skip
    return client.post("/field/report/", sent | changes)


def test_a_post_is_known_by_its_permission(town):
    assert {role: field_post_of(town.actor(role)).label for role in ROLES} == ROLES
    assert field_post_of(town.actor("worker")) is None
    assert field_post_of(town.actor("dispatcher")) is None
    assert len({post.permission for post in FIELD_POSTS}) == len(FIELD_POSTS) == 5


def test_each_post_has_its_own_list(town):
    for category in ("0101", "0501", "0503", "0901"):
        report(category)
    report("0501", grid=2)  # another village
    titles = {row.category.code: row.number for row in Case.objects.filter(area_code=town.grids[0].code)}
    for role, codes in (
        ("habitat_worker", {"0501", "0503"}), ("environment_worker", {"0503"}), ("mediator", {"0101"}),
        ("auxiliary_police", {"0901"}),
    ):  # fmt: skip
        for address in ("/field/", "/field/village/"):
            page = town.client(role).get(address).content.decode()
            assert f"{ROLES[role]}在办" in page
            shown = {code for code, number in titles.items() if number in page}
            assert shown == codes, (role, address)


def test_each_post_has_its_own_form_with_its_categories(town):
    form = town.client("environment_worker").get("/field/report/").content.decode()
    assert "上报污染" in form
    assert 'name="category" value="0503" id' in form or 'value="0503"' in form
    assert 'value="01"' not in form
    assert send(town.client("environment_worker"), category="0504").status_code == 302
    case = Case.objects.get(county=land.COUNTY)
    assert (case.category.code, case.kind, case.is_confidential) == ("0504", "help", False)
    with unchanged(Case, Report, Entry):
        assert send(town.client("environment_worker"), category="01").status_code == 422


def test_a_clue_goes_to_the_procuratorate_and_nobody_else_sees_it(town):
    client = town.client("prosecutor")
    assert "只有检察院看得到" in client.get("/field/report/").content.decode()
    assert send(client, category="05", way="up").status_code == 302
    case = Case.objects.get(county=land.COUNTY)
    assert (case.kind, case.is_confidential, case.owner_id) == ("clue", True, town.units["procuratorate"].id)
    assert case.number in client.get("/field/").content.decode()
    for name in ("dispatcher", "centre_head", "county", "tips", "leader", "head", "worker", "habitat_worker"):
        assert not Case.objects.visible_to(town.actor(name)).exists(), name
        assert town.client(name).get(f"/field/cases/{case.number}/").status_code in (403, 404), name
    assert duty_area(case) == ""
    assert list_roles_by_place_of(town) == {}


def list_roles_by_place_of(town):
    """What the figures of field work say of the town: nothing about a clue."""
    works = {work.verb: work for work in field_work().values()}
    about = works["cases.received"].about()
    rows = Entry.objects.filter(verb="cases.received").annotate(about=about)
    return {row.id: works[row.verb].role_of(row.about) for row in rows if works[row.verb].role_of(row.about)}


def test_a_clue_is_not_solved_on_the_spot_and_told_for_nobody(town):
    with unchanged(Case, Report, Entry):
        assert send(town.client("prosecutor"), category="05", way="solved").status_code == 422
    assert send(town.client("prosecutor"), category="05", for_name="张大娘", for_phone=make.PHONE).status_code == 302
    assert not Report.objects.get(county=land.COUNTY).reporters.exists()


def test_who_may_not_say_that_something_is_a_clue(town):
    intake = make.intake(kind="clue", client_key=uuid4())
    for actor, channel in (
        (make.door(), "snap_report"),
        (town.actor("dispatcher"), "phone"),
        (town.actor("tips"), "phone"),
    ):
        with unchanged(Case, Report, Entry), pytest.raises((RuleError, NotAllowed)) as refused:
            submit_report(actor=actor, intake=intake, door=land.TOWN, channel=channel)
        assert refused.type is NotAllowed or refused.value.code == "unknown_kind"
    assert "公益诉讼线索" not in town.client("dispatcher").get("/cases/new/").content.decode()


def test_without_a_procuratorate_a_clue_is_refused_and_nothing_is_lost(town):
    type(town.units["procuratorate"]).objects.filter(id=town.units["procuratorate"].id).update(kind="department")
    forget_units()
    with unchanged(Case, Report, Entry):
        answer = send(town.client("prosecutor"), category="05")
    assert answer.status_code == 422
    assert "沟里有黑水" in answer.content.decode()
