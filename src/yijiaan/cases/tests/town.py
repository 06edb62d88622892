"""Who handles cases in the tests' town, and reports that went some way."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from yijiaan.accounts.models import Unit
from yijiaan.accounts.queries import public_actor
from yijiaan.accounts.tests.make import OTHER_TOWN, TOWN, Person, make_grids, make_person, make_unit
from yijiaan.areas.models import Area
from yijiaan.cases.actions import dispatch_case, finish_case, sign_case, submit_report
from yijiaan.cases.intake import Intake
from yijiaan.cases.models import Case, Report


@dataclass(frozen=True, slots=True)
class Town:
    """The town's places and people."""

    door: str
    grids: list[Area]
    enforcement: Unit
    dispatcher: Person
    handler: Person
    worker: Person
    head: Person
    neighbour: Person  # dispatches in another town

    def report(self, text: str = "村委东边路灯又不亮咧", **values: Any) -> Report:
        """What a resident reports."""
        intake = Intake(text=text, client_key=uuid4(), **({"lon": 116.605, "lat": 35.605} | values))
        receipt = submit_report(
            actor=public_actor(TOWN, "snap_report"), intake=intake, door=TOWN, channel="snap_report"
        )
        return Report.objects.select_related("case").get(county="370812", number=receipt.number)

    def dispatched(self, **values: Any) -> Case:
        """A case that waits for the enforcement unit to sign."""
        case = self.report("沿街饭店油烟直排", **values).case
        return dispatch_case(actor=self.dispatcher.actor, number=case.number, lead_id=self.enforcement.id)

    def finished(self, **values: Any) -> Report:
        """A report that waits for its reporter's answer."""
        case = self.dispatched(**values)
        sign_case(actor=self.handler.actor, number=case.number)
        finish_case(actor=self.handler.actor, number=case.number, result="装了净化器")
        return Report.objects.select_related("case").get(county=case.county, case=case)


def make_town() -> Town:
    """Everything above, freshly made."""
    grids = make_grids()
    centre = make_unit("新驿镇网格化服务中心", "town_centre", phone="05370002100")
    enforcement = make_unit("综合执法中队", "enforcement")
    village = make_unit("村委会", "village", grids[0].code[:12])
    elsewhere = make_unit("邻镇网格化服务中心", "town_centre", OTHER_TOWN)
    return Town(
        door=Area.objects.get(code=TOWN).door_token or "",
        grids=grids,
        enforcement=enforcement,
        dispatcher=make_person("paidan", "dispatcher", centre),
        handler=make_person("jiedan", "handler", enforcement),
        worker=make_person("wangge", "grid_worker", village, grids[0].code),
        head=make_person("cunzhang", "grid_head", village),
        neighbour=make_person("linzhen", "dispatcher", elsewhere),
    )
