"""A checklist gone through in a village without signal: taken along unopened, filled in, handed in once."""

from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE
from tests.journeys.phones import becomes_true, rows, wait_for_worker
from tests.journeys.steps import COUNTY, assert_fits, be, picture
from yijiaan.cases.tests.town import make_town
from yijiaan.core import clock
from yijiaan.engines.checklists.models import Template
from yijiaan.engines.files.models import StoredFile
from yijiaan.safety import actions
from yijiaan.safety.models import Hazard, Inspection


def test_a_checklist_never_opened_is_filled_in_without_signal_and_arrives_once(
    live: str, new_page: Callable[..., Page], assert_accessible: Callable[[Page], None]
) -> None:
    town = make_town()
    facts = actions.InspectionFacts(
        target="鑫旺超市", template_id=Template.objects.get(county="", code="small_shop_fire").id,
        area_code=town.worker.actor.areas[0], planned_on=clock.local_day(), way="random",
    )  # fmt: skip
    made = actions.plan_inspection(actor=town.worker.actor, facts=facts, client_key=uuid4())
    page = new_page(is_cut_off=True, **PHONE)
    be(page, town.worker)
    page.goto("/field/")
    wait_for_worker(page)
    becomes_true(page, f"async () => Boolean(await caches.match('/field/inspections/{made.id}/'))")
    page.context.set_offline(True)
    page.goto("/field/inspections/")
    page.get_by_role("link", name="鑫旺超市").tap()
    expect(page.get_by_role("heading", name="鑫旺超市")).to_be_visible()
    assert_fits(page, 320, 390)
    assert_accessible(page)
    first = page.locator("section[id^=item_]").first
    first.locator("label", has_text="不合格").tap()
    first.locator("summary").tap()
    first.get_by_label("说明").fill("后门堵着货")
    if first.locator("input[type=file]").count():
        first.locator("input[type=file]").set_input_files(picture())
    page.locator("section[id^=item_]").nth(1).locator("label", has_text="合格").first.tap()
    page.get_by_role("button", name="查完，交上").tap()
    expect(page.locator("[data-saved-heading]")).to_be_visible()
    assert [row["kind"] for row in rows(page)] == ["inspection"]
    page.goto("/field/waiting/")
    expect(page.locator("[data-outbox-list]")).to_contain_text("检查 鑫旺超市")
    page.context.set_offline(False)
    page.goto("/field/waiting/")
    for _ in range(300):
        if Inspection.objects.get(county=COUNTY).status == "submitted":
            break
        page.wait_for_timeout(50)
    done = Inspection.objects.get(county=COUNTY)
    assert (done.status, done.failed_count) == ("submitted", 1)
    assert "后门堵着货" in Hazard.objects.get(county=COUNTY).text
    assert StoredFile.objects.filter(county=COUNTY, subject_id=made.id).count() <= 1
