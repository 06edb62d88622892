"""Nobody finds what he may not see: not on a page, in the API, in an export, in an error, in a log line or in a table.

Texts are planted in a small town, then every role walks every address (`crawler`). A leak put in on purpose is found below.
"""

import contextlib
import io
import json
import logging
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from PIL import Image

from tests.crawler import NOWHERE, Address, Crawler, Lines, Marker, Pools, UnknownPattern, addresses
from yijiaan.accounts import actions as accounts
from yijiaan.accounts.models import Role, SignedIn
from yijiaan.accounts.queries import public_actor
from yijiaan.accounts.tests import make as people
from yijiaan.accounts.tests.make import SECRET
from yijiaan.areas.actions import schedule_redraw
from yijiaan.areas.models import Area, Redraw
from yijiaan.areas.queries import Drawing
from yijiaan.cases import actions
from yijiaan.cases.actions import Intake
from yijiaan.cases.models import DeclaredInterest, Report, SavedView
from yijiaan.cases.tests import make
from yijiaan.cases.tests.make import COUNTY, FIRST, OTHER_TOWN, SECOND, TOWN
from yijiaan.connectors import actions as connectors
from yijiaan.connectors.models import OutboundMessage, WebhookCall
from yijiaan.core import clock
from yijiaan.core.errors import RuleError
from yijiaan.core.scope import system
from yijiaan.engines.checklists.actions import Given
from yijiaan.engines.checklists.models import Template as ChecklistTemplate
from yijiaan.engines.files.models import StoredFile
from yijiaan.engines.files.store import path_of
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.notices.models import Message, Notice
from yijiaan.engines.tabular.actions import check_import, map_columns, receive_table, write_export
from yijiaan.engines.tabular.models import Export, Import
from yijiaan.engines.tabular.queries import suggest_mapping
from yijiaan.engines.tabular.tests.make import xlsx
from yijiaan.knowledge import actions as knowledge
from yijiaan.oneform import actions as oneform
from yijiaan.oneform.models import FormColumn
from yijiaan.operations.actions import answer_opinion, submit_opinion
from yijiaan.patrols import actions as patrols
from yijiaan.patrols.models import Arrangement, PatrolPlan, PatrolRun, PatrolTemplate, Sweep, VisitSample
from yijiaan.registry import actions as registry
from yijiaan.registry.actions import SourceFacts, add_source, issue_link
from yijiaan.registry.fields import KINDS
from yijiaan.safety import actions as safety
from yijiaan.safety.models import Hazard, Inspection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.crosses_counties("an address with a made-up county is asked for too"),
]

# who may read a case; written down here a second time, so that a slip in the code is not a slip in the test too
READERS = {
    "own": {"dispatcher", "centre_head", "county", "leader", "power", "head", "worker"},
    "tip": {"tips"},
    "other": {"stranger", "county"},
}
CALLERS = {case: readers - {"leader"} for case, readers in READERS.items()}  # who may look at the reporter
PLANTED = {
    "own": {"text": "海棠树下的井盖响", "place": "海棠巷九号", "name": "欧阳柏舟", "phone": "15471110001"},
    "tip": {"text": "鳄梨账本对不上数", "place": "鳄梨仓库后门", "name": "司徒晚晴", "phone": "15471110002"},
    "other": {"text": "邻镇水闸漏得厉害", "place": "邻镇水闸东", "name": "慕容清远", "phone": "15471110003"},
}
IDENTITY = "370882199001017774"  # somebody writes it into his report
NOTE, LOOK, RESULT = "只给办理的人看的说明", "约在海棠巷口当面问", "换了井盖垫圈"
SOURCE = {"name": "郎老师傅", "phone": "15471118001"}
PROXY = {"name": "茅小侄子", "phone": "15471118002"}
KEEPERS = {"dispatcher", "centre_head", "county", "head"}
VISITED = {"met": "濮阳家二闺女", "needs": "东屋漏雨想修瓦", "moves": "大孙子当兵走了"}
RESIDENT = {"name": "濮阳青禾", "phone": "15471119101", "id_no": "370812195703090117", "health": "夜里常心慌"}
SEERS = KEEPERS | {"worker"}  # who may look at residents of the grid
HAZARD, SIGNER, POINT = "枇杷超市后门堵着", "枇杷店主乔某", "枇杷林水塘边"
SAFETY = {"dispatcher", "centre_head", "county", "leader", "head", "worker"}  # in whose area it lies
OPINION, NAMELESS = "周报表要填两遍", "拍照传三次才行"
BROUGHT = {"name": "靳大爷爷", "phone": "15471119201", "file": "松林台账"}
IMPORTERS = {"dispatcher", "centre_head", "county"}
TOLD = "打井欠了桂花家的债"
PARTS = 4  # so that several processes share the walk


def noise(seed: str) -> bytes:
    """A picture like no other."""
    out = io.BytesIO()
    Image.frombytes("RGB", (160, 120), random.Random(seed).randbytes(160 * 120 * 3)).save(out, "PNG")
    return out.getvalue()


class World:
    """The town, what was planted, and who walks."""

    def __init__(self) -> None:
        self.town = make.town()
        self.reports: dict[str, Report] = {}
        self.codes: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        for key, said in PLANTED.items():
            self._tell(key, said)
        self._work()
        self._wait()
        self._people()
        self._join()
        self._sources()
        self._residents()
        self._visits()
        self._forms()
        self._opinions()
        self._safety()
        self._take_away()
        self.redraw = self._redraw()
        self._bring()
        with clock.later(timedelta(hours=5)):
            while deliver(actor=system("tests")):
                pass

    def _tell(self, key: str, said: dict[str, str]) -> None:
        changes = {
            "text": said["text"],
            "place": said["place"],
            "reporter_name": said["name"],
            "reporter_phone": said["phone"],
        }
        if key == "own":
            case, receipt = make.case_in(
                self.town, "in_progress", **changes | {"text": f"{said['text']}，身份证 {IDENTITY}"}
            )
        else:
            extra = {"kind": "tip"} if key == "tip" else {"lon": None, "lat": None}
            receipt = make.report(TOWN if key == "tip" else OTHER_TOWN, **changes | extra)
            case = make.case(receipt)
        self.numbers[key], self.codes[key] = case.number, receipt.tracking_code
        self.reports[key] = Report.objects.get(county=COUNTY, id=receipt.report_id)
        actions.add_photo(actor=make.reporter(receipt), raw=noise(seed=key))

    def _work(self) -> None:
        town, own = self.town, self.numbers["own"]
        with clock.later(timedelta(hours=1)):
            actions.add_note(actor=town.actor("power"), number=own, text=NOTE)
            actions.see_reporter(
                actor=town.actor("power"), number=own, report_id=self.reports["own"].id, purpose="other", words=LOOK
            )

    def _wait(self) -> None:
        """Somebody who waits to be rung, so that the page of a call is walked too."""
        _, receipt = make.case_in(self.town, "callback", text="路口的镜子歪了", reporter_phone="15471110004")
        self.waiting = str(receipt.report_id)

    def _people(self) -> None:
        town = self.town
        _, self.token = accounts.issue_token(
            actor=people.BOSS, name="外部", area_code=TOWN, channel="third_party_app", token="crawler-partner-token"
        )
        accounts.set_second_factor(actor=people.BOSS, user=town.posts["tips"].user, secret=SECRET)
        user = town.posts["enforcement"].user
        accounts.change_user(actor=people.BOSS, user_id=user.id, name=user.name, phone="15471119999")

    def _join(self) -> None:
        """A hotline that sent one order and is owed what became of it, and a guide that anybody may read."""
        self.connection, self.secret = connectors.make_connection(
            actor=self.town.actor("admin"), code="hotline_12345", name="热线", area_code=TOWN, channel="hotline_12345"
        )
        admin = self.town.actor("admin")
        connectors.set_gateway(
            actor=admin,
            facts=connectors.GatewayFacts(
                name="短信", site="https://yja.example.cn", url="https://sms.example.cn/", body='{"m": "{phone}{text}"}',
                secret="crawler-gateway-secret",
            ),
        )  # fmt: skip
        self.webhook, _ = connectors.make_webhook(
            actor=admin, name="推送", url="https://hook.example.cn/", area_code=TOWN, events=["dispatched"]
        )
        self.key, _ = connectors.make_key(actor=admin, name="应用", area_code=COUNTY, hourly_limit=60)
        self.article = knowledge.write_article(
            actor=self.town.actor("dispatcher"), facts=knowledge.ArticleFacts("申请低保", TOWN, "到民政窗口。")
        )
        knowledge.publish_article(actor=self.town.actor("dispatcher"), article_id=self.article.id)
        here = system("tests", COUNTY)
        for body in ({"type": "order", "number": "JN1", "text": "井盖响。"}, {"type": "order", "number": "JN2"}):
            with contextlib.suppress(RuleError):
                connectors.take_message(actor=here, connection=self.connection, body=body)
        case = Report.objects.get(county=COUNTY, external_number="JN1").case
        actions.dispatch_case(
            actor=self.town.actor("dispatcher"), number=case.number, lead_id=self.town.units["enforcement"].id
        )

    def _sources(self) -> None:
        """A trusted reporter with his link, what he told by it, and somebody who told for another."""
        head = self.town.actor("head")
        facts = SourceFacts(FIRST, "old_teacher", SOURCE["name"], SOURCE["phone"], clock.local_day(), "in_person")
        self.source, self.link = issue_link(
            actor=head, source_id=add_source(actor=head, facts=facts, client_key=uuid4()).id
        )
        told = actions.submit_from_source(
            actor=public_actor(FIRST, "trusted_reporter"), source=self.source, intake=Intake("渠边栏杆松了", uuid4())
        )
        self.told = Report.objects.get(county=COUNTY, id=told.report_id)
        proxied = make.intake(text="老人家水管冻了", reporter_name="封老太", reporter_phone="15471117001")
        actions.submit_by_proxy(
            actor=self.town.actor("dispatcher"), intake=proxied, door=TOWN, channel="phone",
            proxy=actions.ProxyFacts("family", PROXY["name"], PROXY["phone"]),
        )  # fmt: skip

    def _residents(self) -> None:
        """Somebody in a household of the first grid, on a care list, with a change that waits."""
        head, how = self.town.actor("head"), {"source": "visit"}
        grid = self.town.grids[0].code
        self.plate = registry.make_plate(actor=self.town.actor("dispatcher"), area_code=grid, place="海棠巷 9 号")
        self.print = registry.request_plate_print(
            actor=self.town.actor("dispatcher"), area_code=grid, size="nine_up", address="https://example.org",
            client_key=uuid4(),
        )  # fmt: skip
        self.home = registry.add_record(
            actor=head, kind="household", area_code=grid,
            values={"address": "海棠巷九号院", "plate_code": self.plate.code}, client_key=uuid4(), **how,
        )  # fmt: skip
        said = {key: RESIDENT[key] for key in ("name", "phone", "id_no")}
        self.resident = registry.add_person(
            actor=head, household_id=self.home.id, relation="head", values=said, client_key=uuid4(), **how
        )
        facts = registry.CareFacts("elder_alone", "consent", "本人同意", health=RESIDENT["health"])
        self.entry = registry.add_care(actor=head, person_id=self.resident.id, facts=facts, client_key=uuid4())
        self.changes = registry.change_facts(
            actor=self.town.actor("worker"), kind="person", record_id=self.resident.id, values={"note": "常在家"},
            client_key=uuid4(), **how,
        )  # fmt: skip

    def _visits(self) -> None:
        """The household is visited, and somebody at the centre is to ask how it was."""
        patrols.keep_arrangements_of_today(actor=system("tests"))
        facts = patrols.VisitFacts(met=VISITED["met"], needs=VISITED["needs"], moves=VISITED["moves"])
        self.visit = patrols.record_visit(
            actor=self.town.actor("worker"), household_id=self.home.id, facts=facts, client_key=uuid4()
        )
        patrols.draw_visit_sample(actor=self.town.actor("dispatcher"), percent=100)

    def _forms(self) -> None:
        """A form from above about households, of which one was told something that the base does not hold."""
        dispatcher = self.town.actor("dispatcher")
        facts = oneform.FormFacts(
            name="摸底表", issuer="民政局", basis="某号文件", ends_on=clock.local_day() + timedelta(days=9), per="household", minutes=9,
            areas=(FIRST,),
        )  # fmt: skip
        raw = xlsx([["户主姓名", "户主身份证号码", "家里的难处"]])
        self.form = oneform.register_form(
            actor=dispatcher, facts=facts, raw=raw, file_name="表.xlsx", client_key=uuid4()
        )
        oneform.publish_form(actor=dispatcher, form_id=self.form.id)
        place = FormColumn.objects.get(county=COUNTY, source="asked").place
        oneform.answer_unit(
            actor=self.town.actor("worker"), form_id=self.form.id, subject=str(self.home.id), told={place: oneform.Told(TOLD)},
            client_key=uuid4(),
        )  # fmt: skip
        export = oneform.export_form(actor=dispatcher, form_id=self.form.id, client_key=uuid4(), purpose="报民政局")
        write_export(actor=system("tests", export.county), export_id=export.id)

    def _opinions(self) -> None:
        """What a grid worker thinks of the platform: once with his name, once without."""
        worker = self.town.actor("worker")
        values = {"kind": "burden", "client_key": uuid4()}
        self.opinion, _ = submit_opinion(actor=worker, text=OPINION, **values)
        self.nameless, self.opinion_code = submit_opinion(
            actor=worker, text=NAMELESS, **values | {"client_key": uuid4(), "is_anonymous": True}
        )
        answer_opinion(actor=self.town.actor("admin"), opinion_id=self.nameless.id, text="查了，会改")

    def _safety(self) -> None:
        """A hazard in the hands of a station, an inspection that was signed, and a walk of today."""
        town, grid = self.town, self.town.grids[0].code
        dispatcher, worker = town.actor("dispatcher"), town.actor("worker")
        found = safety.HazardFacts(text=f"{HAZARD}。", kind="fire", area_code=grid)
        self.hazard = safety.register_hazard(actor=worker, facts=found, client_key=uuid4())
        safety.grade_hazard(actor=dispatcher, hazard_id=self.hazard.id, grade="general")
        safety.notify_hazard(
            actor=dispatcher, hazard_id=self.hazard.id, unit_id=town.units["power"].id, due_on=clock.local_day()
        )
        self.checklist = ChecklistTemplate.objects.get(code="household_gas")
        facts = safety.InspectionFacts("枇杷超市", self.checklist.id, grid, clock.local_day())
        self.inspection = safety.plan_inspection(actor=dispatcher, facts=facts, client_key=uuid4())
        run = safety.start_inspection(actor=dispatcher, inspection_id=self.inspection.id)
        item = run.version.items.order_by("place").first()
        safety.submit_inspection(actor=dispatcher, inspection_id=self.inspection.id, given={item.id: Given("yes")})
        safety.sign_inspection(actor=dispatcher, inspection_id=self.inspection.id, name=SIGNER)
        way = patrols.write_patrol_template(
            actor=dispatcher,
            name="夜巡",
            kind="fire",
            area_code=FIRST,
            points=[patrols.PointFacts(POINT)],
            client_key=uuid4(),
        )
        plan = patrols.PlanFacts(town.units["first"].id, "daily")
        patrols.plan_patrol(actor=dispatcher, template_id=way.id, facts=plan, client_key=uuid4())
        patrols.start_sweep(
            actor=dispatcher, name="拉网", template_id=way.id, area_code=FIRST, on=clock.local_day(), client_key=uuid4()
        )

    def _take_away(self) -> None:
        """The lists of two posts as files, with the words of reporters."""
        for who in ("dispatcher", "tips"):
            actor = self.town.actor(who)
            actions.save_view(actor=actor, name="常看的", query="tab=all")
            export = actions.export_cases(
                actor=actor,
                query="tab=all",
                title="事件",
                total_count=2,
                client_key=uuid4(),
                with_words=True,
                purpose="例会",
            )
            write_export(actor=system("tests", export.county), export_id=export.id)

    def _bring(self) -> None:
        """A ledger with the people of a village, checked and not yet written: one line is refused."""
        actor = self.town.actor("dispatcher")
        heads = ("姓名", "村", "身份", "电话", "同意日期")
        ledger = xlsx(
            [
                heads,
                *([BROUGHT["name"], village, "老党员", BROUGHT["phone"], "2026-03-05"] for village in (FIRST, "无")),
            ]
        )
        imported = receive_table(
            actor=actor, kind="registry.sources", file_name=f"{BROUGHT['file']}.xlsx", raw=ledger, client_key=uuid4()
        )
        map_columns(actor=actor, import_id=imported.id, mapping=suggest_mapping(actor, imported=imported))
        check_import(actor=system("tests", imported.county), import_id=imported.id)

    @property
    def viewers(self) -> dict[str, Client]:
        """Every role, somebody without an account, and a role without its second factor."""
        walkers = {name: people.client(post) for name, post in self.town.posts.items()}
        return walkers | {"anonymous": Client()}

    def pools(self, viewer: str = "anonymous") -> Pools:
        """What stands in the addresses. What a code opens does not depend on who asks: few try them all."""
        codes = list(self.codes.values())[: 3 if viewer in ("anonymous", "dispatcher", "auditor") else 1]
        files = StoredFile.objects.filter(county=COUNTY).order_by("id")
        users = [str(self.town.posts[name].user_id) for name in ("power", "security")]
        return Pools(
            values={
                "number": [*self.numbers.values(), NOWHERE],
                "code": codes,
                "tracking_code": codes,
                "token": [self.area(TOWN).door_token, self.area(OTHER_TOWN).door_token],
                "county": [COUNTY, "370811"],
                "file_id": [str(file.id) for file in files],
                "user_id": users,
                "post_id": [str(self.town.posts["power"].id)],
                "session_id": [str(row.id) for row in SignedIn.objects.order_by("id")[:2]] or [users[0]],
                "report_id": [*(str(report.id) for report in self.reports.values()), self.waiting],
                "interest_id": [str(row.id) for row in DeclaredInterest.objects.order_by("id")] or [users[0]],
                "article_id": [str(self.article.id)],
                "connection_id": [str(self.connection.id)],
                "source_id": [str(self.source.id)],
                "record_kind": [*KINDS, "nothing"],
                "record_id": [str(self.home.id), str(self.resident.id)],
                "household_id": [str(self.home.id), users[0]],
                "change_id": [str(self.changes[0].id), users[0]],
                "entry_id": [str(self.entry.id), users[0]],
                "deed": ["move-out", "death", "head", "relation", "nothing"],
                "opinion_id": [str(self.opinion.id), str(self.nameless.id)],
                "message_id": [
                    *(str(row.id) for row in OutboundMessage.objects.order_by("id")),
                    *(str(row.id) for row in WebhookCall.objects.order_by("id")[:1]),
                    *(str(row.id) for row in Message.objects.order_by("id")[:2]),
                    users[0],
                ],
                "webhook_id": [str(self.webhook.id)],
                "key_id": [str(self.key.id)],
                "form": ["json", "xml"],
                "service_code": ["0401"],
                "request_number": [report.number for report in self.reports.values()],
                "import_id": [str(row.id) for row in Import.objects.order_by("id")],
                "export_id": [str(row.id) for row in Export.objects.order_by("id")],
                "view_id": [str(row.id) for row in SavedView.objects.order_by("id")],
                "hazard_id": [str(row.id) for row in Hazard.objects.filter(county=COUNTY)],
                "inspection_id": [str(row.id) for row in Inspection.objects.filter(county=COUNTY)],
                "run_id": [str(row.id) for row in PatrolRun.objects.filter(county=COUNTY).order_by("id")[:2]],
                "plan_id": [str(row.id) for row in PatrolPlan.objects.filter(county=COUNTY)],
                "sweep_id": [str(row.id) for row in Sweep.objects.filter(county=COUNTY)],
                "template_id": [str(self.checklist.id)],
                "form_id": [str(self.form.id), users[0]],
                "subject": [str(self.home.id), users[0]],
                "visit_id": [str(self.visit.id), users[0]],
                "arrangement_id": [str(row.id) for row in Arrangement.objects.filter(county=COUNTY)],
                "sample_id": [str(row.id) for row in VisitSample.objects.filter(county=COUNTY)],
                "care_kind": ["dibao", "nothing"],
                "notice_id": [str(row.id) for row in Notice.objects.order_by("id")[:3]],
                "level": ["village", "grid"],
                "village": [FIRST, "370812105200"],
                "layer_key": ["grids", "villages", "cases", "facilities"],
                "feature_key": [FIRST + "1001", FIRST, self.numbers["own"], self.reports["own"].number],
                "client_key": [users[0]],
                "redraw_id": [str(self.redraw.id)],
                "plate_id": [str(self.plate.id)],
                "print_id": [str(self.print.id)],
                "job_id": ["1"],
                "kind": ["files.refused", "no.such"],
                "slug": [
                    "units",
                    "duties",
                    "categories",
                    "limits",
                    "channels",
                    "questions",
                    "exclusions",
                    "texts",
                    "nothing",
                ],
                "key": ["0401", "sign.general", "phone", "cases.progress.received", users[0]],
                "name": ["stop", "restore"],
            },
            own={
                ("areas:shapes", "code"): [TOWN],
                ("safety:move", "name"): ["submit", "verify", "extend", "nothing"],
                ("safety:move_inspection", "name"): ["close", "refuse", "start"],
                ("patrols:end", "name"): ["finish", "interrupt"],
                ("patrols:move_arrangement", "name"): ["pause", "resume", "end", "nothing"],
                ("patrols:check", "number"): ["1", "9"],
                **{
                    (f"patrols:{view}", "template_id"): [str(row.id) for row in PatrolTemplate.objects.all()]
                    for view in ("template", "plan")
                },
                ("portal:plate", "code"): [self.plate.code, codes[0]],
                ("portal:plate_called", "code"): [self.plate.code, codes[0]],
                ("portal:plate_call_back", "code"): [self.plate.code, codes[0]],
                ("operations:opinion_by_code", "code"): [self.opinion_code, codes[0]],
                ("cases:source_home", "code"): [self.link, codes[0]],
                ("cases:source_report", "code"): [self.link, codes[0]],
                ("accounts:role", "code"): list(Role.objects.values_list("code", flat=True)),
            },
        )

    def _redraw(self) -> Redraw:
        """Two grids of the second village become one in a week."""
        grids = (SECOND + "1001", SECOND + "1002")
        return schedule_redraw(
            actor=system("tests", COUNTY), drawing=Drawing("merge", SECOND, grids), reason="户数太少", client_key=uuid4(),
            effective_on=clock.local_day() + timedelta(days=7),
        )  # fmt: skip

    @staticmethod
    def area(code: str) -> Area:
        return Area.objects.get(code=code)

    def holds(self, path: str) -> set[str]:
        """The reports whose tracking code stands in an address: whoever has it may follow that report."""
        return {key for key, code in self.codes.items() if code in path}

    def markers(self) -> list[Marker]:
        """What was planted and who may see it."""
        planted: list[Marker] = []
        for key, said in PLANTED.items():
            number, code = self.numbers[key], self.codes[key]

            def reads(viewer: str, method: str, path: str, view: str, key: str = key) -> bool:
                return viewer in READERS[key] or key in self.holds(path)

            def calls(viewer: str, method: str, path: str, view: str, key: str = key, number: str = number) -> bool:
                return view == "cases:see_reporter" and method == "POST" and viewer in CALLERS[key] and number in path

            def holds(viewer: str, method: str, path: str, view: str, key: str = key) -> bool:
                return key in self.holds(path)

            file = StoredFile.objects.get(county=COUNTY, subject_id=self.reports[key].id)
            planted += [
                Marker(f"text of {key}", said["text"], reads),
                Marker(f"place of {key}", said["place"], reads),
                Marker(f"name of {key}", said["name"], calls),
                Marker(f"phone of {key}", said["phone"], calls),
                Marker(f"tracking code of {key}", code, holds),
                Marker(f"query code of {key}", self.reports[key].query_code_sealed, holds),
                Marker(f"photo of {key}", path_of(file.sha256).read_bytes()[-300:], reads),
                Marker(f"thumb of {key}", path_of(file.sha256, thumb=True).read_bytes()[-200:], reads),
            ]

        def staff_of_own(viewer: str, method: str, path: str, view: str) -> bool:
            return viewer in READERS["own"]

        def nobody(viewer: str, method: str, path: str, view: str) -> bool:
            return False

        def auditor(viewer: str, method: str, path: str, view: str) -> bool:
            return viewer == "auditor"

        def sees_source(viewer: str, method: str, path: str, view: str) -> bool:
            return self.link in path or (view == "cases:see_source" and viewer in KEEPERS)

        def source_phone(viewer: str, method: str, path: str, view: str) -> bool:
            return view == "cases:see_source" and viewer in KEEPERS

        def sees_resident(viewer: str, method: str, path: str, view: str) -> bool:
            return view == "registry:see" and method == "POST" and viewer in SEERS

        def sees_health(viewer: str, method: str, path: str, view: str) -> bool:
            return view == "registry:see" and method == "POST" and viewer in KEEPERS

        def reads_visit(viewer: str, method: str, path: str, view: str) -> bool:
            return view in ("patrols:visit", "patrols:visit_sample") and viewer in SEERS

        def reads_told(viewer: str, method: str, path: str, view: str) -> bool:
            return (view == "oneform:unit" and viewer in SEERS) or (
                view == "portal:export_file" and viewer == "dispatcher"
            )

        def link_holder(viewer: str, method: str, path: str, view: str) -> bool:
            return self.link in path

        def reads_opinion(viewer: str, method: str, path: str, view: str) -> bool:
            return viewer in {"admin", "worker"}

        def reads_nameless(viewer: str, method: str, path: str, view: str) -> bool:
            return viewer == "admin" or self.opinion_code in path

        def opinion_holder(viewer: str, method: str, path: str, view: str) -> bool:
            return self.opinion_code in path

        def importer(viewer: str, method: str, path: str, view: str) -> bool:
            return viewer in IMPORTERS

        def who_brought(viewer: str, method: str, path: str, view: str) -> bool:
            return viewer == "dispatcher" and view == "portal:import_refused"

        own_reader = planted[0].allowed

        def sees_hazard(viewer: str, method: str, path: str, view: str) -> bool:
            return viewer in SAFETY | {"power"}

        def sees_inspection(viewer: str, method: str, path: str, view: str) -> bool:
            return viewer in SAFETY

        planted += [
            Marker("text of a hazard", HAZARD, sees_hazard),
            Marker("name of a signer", SIGNER, sees_inspection),
            Marker("point of a walk", POINT, sees_inspection),
        ]
        planted += [
            Marker("opinion with a name", OPINION, reads_opinion),
            Marker("opinion without a name", NAMELESS, reads_nameless),
            Marker("code of an opinion", self.opinion_code, opinion_holder),
            Marker("name of a trusted reporter", SOURCE["name"], sees_source),
            Marker("phone of a trusted reporter", SOURCE["phone"], source_phone),
            Marker("what was told for a form", TOLD, reads_told),
            *(Marker(f"what a visit heard: {key}", said, reads_visit) for key, said in VISITED.items()),
            Marker("name of a resident", RESIDENT["name"], sees_resident),
            Marker("phone of a resident", RESIDENT["phone"], sees_resident),
            Marker("identity of a resident", RESIDENT["id_no"], sees_resident),
            Marker("secret of a resident's health", RESIDENT["health"], sees_health),
            Marker("quick link", self.link, link_holder),
            Marker("tracking code of what he told", self.told.tracking_sealed, link_holder),
            Marker("name of a proxy", PROXY["name"], nobody),
            Marker("phone of a proxy", PROXY["phone"], nobody),
            Marker("name of a ledger's line", BROUGHT["name"], who_brought),
            Marker("phone of a ledger's line", BROUGHT["phone"], who_brought),
            Marker("name of a ledger", BROUGHT["file"], importer),
        ]
        planted += [
            Marker("note", NOTE, staff_of_own),
            Marker("words of a look", LOOK, auditor),
            Marker("identity number", IDENTITY, own_reader),
            Marker("partner token", self.token, nobody),
            Marker("secret of the hotline", self.secret, nobody),
            Marker("authenticator secret", SECRET, nobody),
            Marker("new phone of a user", "15471119999", nobody),
        ]
        planted += [
            Marker(f"phone of user {name}", post.user.phone_sealed, nobody) for name, post in self.town.posts.items()
        ]
        return planted

    def bodies(self) -> dict[str, list[dict[str, str]]]:
        """What the walkers say where an empty form would not come far."""
        looks = [{"report_id": str(report.id), "purpose": "contact"} for report in self.reports.values()]
        words = [{"text": "随手写的一句话"}]
        version = {"seen_version": "1"}
        return {
            "safety:move": [{"text": "随手写的一句话"}],
            "patrols:check": [{"result": "ok", "client_key": str(uuid4())}],
            "cases:see_reporter": looks,
            "cases:see_source": [{"purpose": "contact"}],
            "registry:see": [{"purpose": "visit"}],
            "cases:batch_dispatch": [{"case": f"{number}:1", "lead": str(self.town.units["power"].id)} for number in self.numbers.values()],
            "cases:batch_urge": [{"case": f"{number}:1"} for number in self.numbers.values()],
            "cases:note": words,
            "cases:contact": words,
            "cases:finish": [version | {"result": RESULT}],
            "cases:solve": [version | {"result": RESULT}],
            "cases:take": [version],
            "cases:sign": [version],
            "cases:rate": [{"result": "satisfied"}],
            "cases:export": [{"query": "tab=all", "client_key": str(uuid4()), "with_words": "on", "purpose": "看看"}],
            "cases:save_view": [{"name": "我的", "query": "tab=all&q=370812"}],
            "cases:columns": [{"columns": "place"}],
            "cases:find": [
                {"number": report.number, "query_code": "000000"} for report in self.reports.values()
            ],
            "accounts:signin": [{"login": "user1", "password": "wrong-one-1"}],
            "accounts:reset_password": [{"yes": "1"}],
            "api:note": words,
            "api:contact": words,
            "api:finish": [{"result": RESULT}],
            "api:rate": [{"result": "satisfied"}],
        }  # fmt: skip

    def crawler(self) -> Crawler:
        """Ready to walk."""
        queries = {
            "cases:list": [
                "?tab=all",
                "?tab=closed",
                "?q=370812",
                "?tab=all&q=%E6%B5%B7%E6%A3%A0",
                "?tab=all&q=%E9%B3%84%E6%A2%A8",
                "?tab=all&q=%E9%82%BB%E9%95%87",
            ],
            "accounts:audit": [
                "?who=nobody",
                f"?number={self.numbers['tip']}",
                f"?number={self.reports['own'].number}",
            ],
            # the look was an hour after the moment the world was made: on the next day when that was late in the evening
            "accounts:looks": [f"?until={clock.local_day() + timedelta(days=1)}"],
            "registry:base": ["?q=pyqh"],
            "portal:eight_roles_work": [
                f"?role=base_info_collector&area={FIRST}",
                f"?role=public_opinion_informant&area={FIRST}",
            ],
            "accounts:appoint": [f"?unit={self.town.units['power'].id}"],
            "api:case_list": ["?status=received"],
        }
        return Crawler(self.pools(), self.markers(), self.bodies(), queries)


@pytest.fixture
def world(settings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path
    settings.EXPORTS = tmp_path / "exports"
    settings.PUBLIC_LIMITS = 0
    return World()


@pytest.fixture
def lines() -> Iterator[Lines]:
    """All that is logged."""
    handler, root = Lines(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


SECRETS = (
    "name of",
    "phone of",
    "tracking code",
    "query code",
    "identity",
    "partner token",
    "authenticator",
    "words of",
    "secret of",
)


def told_by(lines: list[str], markers: list[Marker]) -> list[str]:
    """Which markers stand in some text lines: nobody reads logs but operators, and they may see none of these."""
    whole = "\n".join(lines)
    plain = [marker for marker in markers if isinstance(marker.needle, str)]
    return [marker.name for marker in plain if marker.needle in whole or json.dumps(marker.needle)[1:-1] in whole]


@pytest.mark.parametrize("part", range(PARTS))
def test_nobody_finds_what_he_may_not_see(world: World, lines: Lines, part: int) -> None:
    crawler = world.crawler()
    walking = dict(list(world.viewers.items())[part::PARTS])
    for viewer, client in walking.items():
        crawler.pools = world.pools(viewer)
        crawler.walk(viewer, client)
    assert [str(find) for find in crawler.found] == []
    assert crawler.broken == []
    # the walk is worth something only where those who may see do see
    for key, readers in READERS.items():
        for what, views, who in (
            ("text", {"cases:case", "cases:field_case"}, readers),
            ("photo", {"files:file"}, readers),
            ("phone", {"cases:see_reporter"}, CALLERS[key]),
        ):
            there = {viewer for name, view, viewer in crawler.seen if name == f"{what} of {key}" and view in views}
            assert there == who & set(walking), (what, key)
    assert (("words of a look", "accounts:looks", "auditor") in crawler.seen) is ("auditor" in walking)
    assert lines.lines
    assert told_by(lines.lines, crawler.markers) == []


def test_errors_of_ours_tell_nothing(world: World, lines: Lines, monkeypatch) -> None:
    """A bug whose message holds a phone, an identity number and a code: the page says none of it, the log line masks it."""

    def broken(*args, **kwargs):
        raise RuntimeError(f"{PLANTED['own']['phone']} {IDENTITY} {world.codes['own']}")

    monkeypatch.setattr("yijiaan.cases.views.show.case_page", broken)
    monkeypatch.setattr("yijiaan.cases.views.public.public_progress", broken)
    crawler = world.crawler()
    client = people.client(world.town.posts["dispatcher"])
    client.raise_request_exception = False
    pages = [
        (client, f"/cases/{world.numbers['own']}/", "cases:case"),
        (Client(), f"/p/{world.codes['own']}/", "cases:progress"),
    ]
    for browser, path, view in pages:
        browser.raise_request_exception = False
        assert crawler.ask("dispatcher", browser, "GET", path, view).status_code == 500
    assert [str(find) for find in crawler.found] == []
    assert any("RuntimeError" in line for line in lines.lines)
    assert told_by(lines.lines, crawler.markers) == []


def test_no_table_holds_them_in_plain_text(world: World) -> None:
    secret = [
        marker
        for marker in world.markers()
        if marker.name.startswith(SECRETS) and marker.name != "identity number" and isinstance(marker.needle, str)
    ]
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT row::text FROM {table} AS row")
            rows = "\n".join(row for (row,) in cursor.fetchall())
            found += [f"{model._meta.label}: {marker.name}" for marker in secret if stands_in(str(marker.needle), rows)]
    assert found == []


def stands_in(needle: str, rows: str) -> bool:
    """Whether it stands there; six digits by themselves only, for they occur by chance in ids, ciphers and parts of a second."""
    if len(needle) < 8 and needle.isdigit():
        return re.search(rf"(?<![0-9A-Za-z.]){needle}(?![0-9A-Za-z])", rows) is not None
    return needle in rows


def test_six_digits_are_found_as_a_value_and_not_in_a_moment_or_an_id():
    assert stands_in("204518", "(1,204518,)")
    assert stands_in("204518", '(1,"查询码204518。")')
    assert not stands_in("204518", "(1,2026-11-28 15:02:11.204518+00,ab204518cd,9204518)")


def test_a_leak_put_in_is_found(world: World, monkeypatch) -> None:
    monkeypatch.setattr("yijiaan.cases.queries.page.mask_phone", lambda phone: phone)
    crawler = world.crawler()
    crawler.walk("power", people.client(world.town.posts["power"]), lambda address: address.view.startswith("cases:"))
    assert {find.marker for find in crawler.found} == {"phone of own"}


def test_a_door_left_open_is_found(world: World, monkeypatch) -> None:
    monkeypatch.setattr("yijiaan.engines.files.providers.may_open", lambda *args, **kwargs: True)
    crawler = world.crawler()
    crawler.walk("worker", people.client(world.town.posts["worker"]), lambda address: address.view.startswith("files:"))
    assert {find.marker for find in crawler.found} >= {"photo of tip", "photo of other"}


def test_a_careless_log_line_is_found(world: World, lines: Lines) -> None:
    logging.getLogger("yijiaan").info("looked at %s", PLANTED["own"]["name"])
    assert told_by(lines.lines, world.markers()) == ["name of own"]


def test_an_address_of_an_unknown_kind_must_be_told_to_the_crawler(world: World) -> None:
    with pytest.raises(UnknownPattern, match="teapot"):
        list(world.pools().paths(Address("cases/<str:number>/<int:teapot>/", "cases:tea")))
    for address in addresses():
        assert list(world.pools().paths(address)), address


def test_what_strangers_may_send_is_limited(world: World) -> None:
    """A view that takes something from somebody without an account is a public door with its limits."""
    client, crawler = Client(), world.crawler()
    crawler.walk("anonymous", client, methods=("POST",))
    views = {}
    for address in addresses():
        for path in crawler.pools.paths(address):
            views[path] = address.view
    taken = {
        views[path]
        for (_, method, path), status in crawler.answers.items()
        if method == "POST" and path in views and status in (200, 201, 302, 422)
    }
    # these lead to the sign-in, which has a lock-out of its own
    gate = {view for view in taken if view.startswith("accounts:")}
    taken.discard("api:openapi-json")  # answers whatever the method, and takes nothing
    assert taken - gate - set(settings.PUBLIC_DOORS) == set()
    assert gate <= {"accounts:signin", "accounts:signout", "accounts:posts", "accounts:password", "accounts:second_factor",
                    "accounts:enrol"}  # fmt: skip
