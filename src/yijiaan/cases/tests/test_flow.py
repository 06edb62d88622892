"""Random lives of a case: whoever tries whatever in whatever order, the invariants hold and a refusal changes nothing."""

from datetime import timedelta
from functools import partial
from itertools import pairwise, zip_longest

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.memory import forget_everything
from yijiaan.cases import actions
from yijiaan.cases.flows import DUTY_OF, FLOW, OPEN
from yijiaan.cases.models import (
    Assignment,
    Callback,
    Exclusion,
    HandlingRequest,
    Hop,
    Merge,
    Outcome,
    Pause,
    Proposal,
    Rating,
    Report,
    ReportAnswer,
    Reporter,
    Return,
    Summons,
)
from yijiaan.cases.tests import make
from yijiaan.cases.tracked import hands_of, rebuild, snapshot, stages_of, written
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotFound, Refusal, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import holding, unchanged
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.journal.models import Entry
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.todos.actions import tell_due_todos

EDGES = {(source, target) for move in FLOW.moves for source in move.sources for target in move.targets}
LAST_VERB = {
    "received": {
        "received",
        "dispatch_undone",
        "returned",
        "reported_up",
        "restarted",
        "answered",
        "unanswered",
        "appealed",
        "unmerged",
    },
    "need_info": {"asked"},
    "dispatched": {"dispatched", "ruled"},
    "arbitration": {"returned_again"},
    "in_progress": {
        "signed",
        "taken",
        "reopened",
        "verify_failed",
        "answered",
        "unanswered",
        "whistle_ended",
        "resumed",
    },
    "coordinating": {"whistled"},
    "suspended": {"suspended"},
    "merged": {"merged"},
    "archived": {"archived"},
    "verifying": {"finished"},
    "callback": {"finished", "verified"},
    "closed": {"closed"},
    "rejected": {"rejected"},
    "withdrawn": {"withdrawn"},
}
CHANGING = set().union(*LAST_VERB.values())
PEOPLE = (
    "dispatcher", "power", "enforcement", "head", "worker", "other_worker", "tips", "stranger", "leader", "county"
)  # fmt: skip
ANSWERS = (
    "satisfied", "basically", "understanding", "dissatisfied", "unreachable", "splendid", "refused",
    "solved_dissatisfied", "unsolved_understanding",
)  # fmt: skip
# what belongs to reports and must come back with them when a merge is undone
OF_REPORTS = (Report, Reporter, ReportAnswer, Rating, Callback)


class CaseLife(RuleBasedStateMachine):
    """One case from its report on; `town` and `forget` are set by the test."""

    town: make.Town

    def __init__(self):
        super().__init__()
        forget_everything()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = make.NOON
        self.receipt = None
        self.others = []  # reports that followed the case
        self.seen_versions = []

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize(
        entrance=st.sampled_from(["caller", "nameless", "found", "tip", "enquiry"]),
        category=st.sampled_from(["", "0501", "0104", "0401", "0202"]),
        is_placed=st.booleans(),
    )
    def told(self, entrance, category, is_placed):
        here = {} if is_placed else {"lon": None, "lat": None}
        nameless = {"reporter_name": "", "reporter_phone": ""}
        with clock.at(self.now):
            if entrance == "found":
                self.receipt = actions.submit_report(
                    actor=self.town.actor("worker"),
                    intake=make.intake(category=category, **nameless),
                    door=make.TOWN,
                    channel="grid_worker",
                )
            else:
                more = nameless if entrance == "nameless" else {}
                more |= {"kind": entrance} if entrance in ("tip", "enquiry") else {}
                self.receipt = make.report(category=category, **here, **more)
        self.number = self.case().number

    def case(self):
        return make.case(self.receipt)

    def attempt(self, deed, **values):
        """Do it as somebody; a refusal leaves every row as it was, a success goes along an edge."""
        before = self.case()
        with clock.at(self.now):
            try:
                with unchanged_when_refused():
                    deed(**values)
            except Refusal:
                return
        after = self.case()
        assert before.status == after.status or (before.status, after.status) in EDGES
        assert after.version >= before.version
        assert after.version > before.version or before.status == after.status

    @rule(minutes=st.sampled_from([1, 90, 600, 3000, 7 * 1440]))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule()
    def the_clock_is_set_back_an_hour(self):
        self.now -= timedelta(hours=1)

    @rule(who=st.sampled_from(PEOPLE), lead=st.sampled_from(["power", "enforcement", "first", "second", "discipline"]),
          helper=st.sampled_from(["", "power", "enforcement"]), urgency=st.sampled_from(["", "urgent", "soon"]))  # fmt: skip
    def dispatch(self, who, lead, helper, urgency):
        self.attempt(
            actions.dispatch_case,
            actor=self.town.actor(who),
            number=self.number,
            lead_id=self.town.units[lead].id,
            assistant_ids=[self.town.units[helper].id] if helper else [],
            urgency=urgency,
        )

    @rule(who=st.sampled_from(PEOPLE), deed=st.sampled_from(["take_case", "sign_case"]))
    def accept(self, who, deed):
        self.attempt(getattr(actions, deed), actor=self.town.actor(who), number=self.number)

    @rule(who=st.sampled_from(PEOPLE), deed=st.sampled_from(["finish_case", "solve_case"]),
          result=st.sampled_from(["换了灯泡。", "  "]))  # fmt: skip
    def finish(self, who, deed, result):
        self.attempt(getattr(actions, deed), actor=self.town.actor(who), number=self.number, result=result)

    @rule()
    def handled_as_it_should_be(self):
        """The next deed by the one whose turn it is: chance alone seldom comes to the end."""
        case = self.case()
        owner = next(name for name, unit in self.town.units.items() if unit.id == case.owner_id)
        who = {"first": "head", "second": "other_worker", "discipline": "tips"}.get(owner, owner)
        if case.status == "received":
            who, lead = ("tips", "discipline") if case.is_confidential else ("dispatcher", "power")
            self.dispatch(who, lead, "", "")
        elif case.status == "dispatched" and who in self.town.posts:
            self.accept(who, "sign_case")
        elif case.status == "in_progress" and who in self.town.posts:
            self.finish(who, "finish_case", "办好了。")
        elif case.status == "verifying":
            self.verify({"centre": "dispatcher"}.get(who, who), True, "")

    @rule(result=st.sampled_from(ANSWERS), text=st.sampled_from(["", "没修好"]))
    def rate(self, result, text):
        self.attempt(actions.rate_report, actor=make.reporter(self.receipt), result=result, text=text)

    @rule(who=st.sampled_from(PEOPLE), result=st.sampled_from(ANSWERS), text=st.sampled_from(["", "没修好"]))
    def call_back(self, who, result, text):
        self.attempt(actions.record_callback, actor=self.town.actor(who), number=self.number, result=result, text=text)

    @rule(who=st.sampled_from(("dispatcher", "centre_head", "county")), text=st.sampled_from(["", "到民政窗口办。"]))
    def answer_a_question(self, who, text):
        self.attempt(actions.answer_enquiry, actor=self.town.actor(who), number=self.number, text=text)

    @rule(result=st.sampled_from(ANSWERS))
    def asked_as_it_should_be(self, result):
        """The centre rings everybody who waits, as long as the case waits."""
        for receipt in (self.receipt, *self.others):
            if self.case().status == "callback" and not self.case().is_confidential:
                self.attempt(
                    actions.record_callback, actor=self.town.actor("centre_head"), number=self.number,
                    report_number=receipt.number, result=result, text="说了几句",
                )  # fmt: skip

    @rule(who=st.sampled_from(("dispatcher", "centre_head", "power")))
    def open_to_ring(self, who):
        self.attempt(actions.claim_callback, actor=self.town.actor(who), report_id=self.receipt.report_id)

    @rule()
    def somebody_follows_it(self):
        with clock.at(self.now):
            intake = make.intake(text="我也看见了。", reporter_phone="15400012299")
            try:
                with unchanged_when_refused():
                    self.others.append(
                        actions.follow_case(
                            actor=make.door(), intake=intake, case_id=self.receipt.case_id, door=make.TOWN,
                            channel="snap_report",
                        )
                    )  # fmt: skip
            except Refusal:
                return

    @rule(who=st.sampled_from(PEOPLE))
    def split_off_the_last(self, who):
        if self.others:
            before = Report.objects.filter(county=make.COUNTY).count()
            self.attempt(
                actions.split_report,
                actor=self.town.actor(who),
                number=self.number,
                report_number=self.others[-1].number,
            )
            assert Report.objects.filter(county=make.COUNTY).count() == before
            here = Report.objects.filter(county=make.COUNTY, case_id=self.receipt.case_id)
            self.others = [row for row in self.others if here.filter(id=row.report_id).exists()]

    @rule(days=st.sampled_from([0, 3, 30]), calls_back=st.booleans())
    def the_hotline_says(self, days, calls_back):
        due = self.now + timedelta(days=days) if days else None
        self.attempt(
            actions.set_outside_terms, actor=system("tests", make.COUNTY), number=self.number, due_at=due,
            calls_back=calls_back,
        )  # fmt: skip

    @rule(result=st.sampled_from(ANSWERS[:5]))
    def the_hotline_heard(self, result):
        self.attempt(
            actions.record_outside_answer, actor=system("tests", make.COUNTY), number=self.number,
            report_number=self.receipt.number, result=result, text="热线回访",
        )  # fmt: skip

    @rule(who=st.sampled_from(("dispatcher", "centre_head", "power")), code=st.sampled_from(["malicious", "lazy"]))
    def leave_out_of_the_rates(self, who, code):
        self.attempt(
            actions.exclude_rating, actor=self.town.actor(who), number=self.number,
            report_number=self.receipt.number, code=code, text="查过，有录音。",
        )  # fmt: skip

    @rule(who=st.sampled_from(("dispatcher", "centre_head", "power")))
    def put_back_into_the_rates(self, who):
        self.attempt(
            actions.revoke_exclusion, actor=self.town.actor(who), number=self.number,
            report_number=self.receipt.number, text="查错了。",
        )  # fmt: skip

    @rule()
    def left_out_as_it_should_be(self):
        """Proposed by one, agreed to by another, put back by a third."""
        if self.case().status == "closed":
            self.leave_out_of_the_rates("dispatcher", "malicious")
            self.second_person("centre_head", True)

    @rule()
    def the_counts_hold(self):
        with clock.at(self.now):
            today = clock.local_day()
            (check,) = actions.compare_day_counts(
                actor=system("tests", make.COUNTY), first_day=today - timedelta(days=400), last_day=today + timedelta(1)
            )
        assert check.wrong_count == 0, check.examples

    @rule(who=st.sampled_from(PEOPLE), grid=st.integers(0, 3), category=st.sampled_from(["", "0402", "xx"]))
    def classify(self, who, grid, category):
        self.attempt(
            actions.classify_case,
            actor=self.town.actor(who),
            number=self.number,
            category=category,
            area_code=self.town.grids[grid].code,
        )

    @rule(who=st.sampled_from(PEOPLE), deed=st.sampled_from(["add_note", "record_contact"]))
    def remark(self, who, deed):
        self.attempt(getattr(actions, deed), actor=self.town.actor(who), number=self.number, text="去看过。")

    @rule(who=st.sampled_from(PEOPLE), is_passed=st.booleans(), text=st.sampled_from(["", "灯还是不亮"]))
    def verify(self, who, is_passed, text):
        self.attempt(
            actions.verify_case, actor=self.town.actor(who), number=self.number, is_passed=is_passed, text=text
        )

    @rule(who=st.sampled_from(PEOPLE), tried=st.sampled_from(["", "找过两回，村里修不了"]),
          proposed=st.sampled_from(["", "power", "second"]))  # fmt: skip
    def report_up(self, who, tried, proposed):
        self.attempt(
            actions.report_up,
            actor=self.town.actor(who),
            number=self.number,
            tried=tried,
            proposed_id=self.town.units[proposed].id if proposed else None,
        )

    @rule(who=st.sampled_from(PEOPLE), deed=st.sampled_from(["undo_dispatch", "return_case"]))
    def send_back(self, who, deed):
        more = {"reason": "not_my_duty", "text": "该城建办。"} if deed == "return_case" else {}
        self.attempt(getattr(actions, deed), actor=self.town.actor(who), number=self.number, **more)

    @rule(who=st.sampled_from(PEOPLE), reason=st.sampled_from(["judicial", "because"]))
    def reject(self, who, reason):
        self.attempt(
            actions.reject_case, actor=self.town.actor(who), number=self.number, reason=reason, text="法院在办。"
        )

    @rule(
        who=st.sampled_from(("dispatcher", "centre_head", "power")),
        deed=st.sampled_from(["close_explained", "redo_case"]),
    )
    def after_a_second_no(self, who, deed):
        self.attempt(
            getattr(actions, deed), actor=self.town.actor(who), number=self.number, text="去了三回，说清楚了。"
        )

    @rule(who=st.sampled_from(("dispatcher", "centre_head", "tips", "power")), is_agreed=st.booleans())
    def second_person(self, who, is_agreed):
        self.attempt(
            actions.decide_proposal,
            actor=self.town.actor(who),
            number=self.number,
            is_agreed=is_agreed,
            answer="看过了。",
        )

    @rule(deed=st.sampled_from(["withdraw_report", "urge_case", "reopen_case"]))
    def the_reporter_says(self, deed):
        self.attempt(getattr(actions, deed), actor=make.reporter(self.receipt), text="又不亮了。")

    @rule(
        who=st.sampled_from(PEOPLE),
        deed=st.sampled_from(["urge_case", "supervise_case", "instruct_case", "reopen_case"]),
    )
    def words_from_above(self, who, deed):
        self.attempt(getattr(actions, deed), actor=self.town.actor(who), number=self.number, text="抓紧。")

    @rule(who=st.sampled_from(PEOPLE), text=st.sampled_from(["", "在几号门口？"]))
    def ask(self, who, text):
        self.attempt(actions.ask_reporter, actor=self.town.actor(who), number=self.number, text=text)

    @rule(deed=st.sampled_from(["answer_question", "appeal_rejection"]))
    def the_reporter_answers(self, deed):
        self.attempt(getattr(actions, deed), actor=make.reporter(self.receipt), text="八号门口。")

    @rule()
    def questions_run_out(self):
        self.attempt(partial(actions.resume_unanswered, actor=system("tests", make.COUNTY)))

    @rule(who=st.sampled_from(PEOPLE), days=st.sampled_from([3, 10, 11]), reason=st.sampled_from(["weather", "lazy"]))
    def ask_for_time(self, who, days, reason):
        self.attempt(
            actions.ask_extension,
            actor=self.town.actor(who),
            number=self.number,
            reason=reason,
            days=days,
            text="下雨。",
        )

    @rule(who=st.sampled_from(PEOPLE), ahead=st.sampled_from([0, 40]))
    def ask_for_the_ledger(self, who, ahead):
        self.attempt(
            actions.ask_suspension, actor=self.town.actor(who), number=self.number, reason="no_funds", text="没有钱。",
            public_text="明年再修。", review_on=clock.local_day(self.now) + timedelta(days=ahead),
        )  # fmt: skip

    @rule(who=st.sampled_from(PEOPLE), is_agreed=st.booleans())
    def decide(self, who, is_agreed):
        self.attempt(
            actions.decide_request,
            actor=self.town.actor(who),
            number=self.number,
            is_agreed=is_agreed,
            answer="看过了。",
        )

    @rule()
    def decided_as_it_should_be(self):
        """A request and its answer by those whose turn it is: chance alone seldom gets so far."""
        case = self.case()
        owner = next(name for name, unit in self.town.units.items() if unit.id == case.owner_id)
        if case.status == "in_progress" and owner in ("power", "enforcement"):
            self.ask_for_the_ledger(owner, 40)
            self.decide("leader", True)

    @rule(who=st.sampled_from(PEOPLE))
    def resume(self, who):
        self.attempt(actions.resume_case, actor=self.town.actor(who), number=self.number)

    @rule(who=st.sampled_from(PEOPLE), called=st.sampled_from(["power", "enforcement", "second"]))
    def whistle(self, who, called):
        self.attempt(
            actions.whistle,
            actor=self.town.actor(who),
            number=self.number,
            unit_ids=[self.town.units[called].id],
            task="到场。",
        )

    @rule(who=st.sampled_from(PEOPLE), deed=st.sampled_from(["report_in", "end_whistle"]))
    def muster(self, who, deed):
        self.attempt(getattr(actions, deed), actor=self.town.actor(who), number=self.number)

    @rule(who=st.sampled_from(PEOPLE), lead=st.sampled_from(["power", "enforcement", "first"]))
    def settle(self, who, lead):
        self.attempt(
            actions.rule_case,
            actor=self.town.actor(who),
            number=self.number,
            lead_id=self.town.units[lead].id,
            text="按责任清单归它。",
        )

    @rule(unit=st.sampled_from(["power", "enforcement", "first"]))
    def keep_out(self, unit):
        self.attempt(
            actions.declare_party,
            actor=self.town.actor("dispatcher"),
            number=self.number,
            unit_id=self.town.units[unit].id,
        )

    @rule(who=st.sampled_from(PEOPLE))
    def merge_and_undo(self, who):
        """Into another case; undone at once in half of the lives, so that both sides are seen. Undone, every row is back."""
        with clock.at(self.now):
            into = make.case(make.report(text="三村的灯都不亮。"))
        before, mine = self.rows_of_reports(), self.case()
        self.attempt(actions.merge_cases, actor=self.town.actor(who), number=into.number, parts=[self.number])
        merged = self.case()
        if merged.status == "merged" and mine.status != "merged":
            assert merged.report_count == 0
            gone = Report.objects.filter(county=make.COUNTY, case=into).count()
            assert gone == mine.report_count + 1 == make.Case.objects.get(county=make.COUNTY, id=into.id).report_count
            assert {name: len(rows) for name, rows in self.rows_of_reports().items()} == {
                name: len(rows) for name, rows in before.items()
            }
        if self.now.minute % 2 == 0:
            self.attempt(actions.unmerge_case, actor=self.town.actor("dispatcher"), number=self.number)
            if mine.status != "merged":
                assert self.rows_of_reports() == before
                assert self.case().report_count == mine.report_count

    def rows_of_reports(self):
        """All that belongs to the reports of this life, wherever they are now."""
        ids = [self.receipt.report_id, *(row.report_id for row in self.others)]
        found = {}
        for model in OF_REPORTS:
            key = "id__in" if model is Report else "report_id__in"
            rows = model.objects.filter(**{"county": make.COUNTY, key: ids}).order_by("id")
            found[model.__name__] = [as_plain(row) for row in rows]
        return found

    @rule()
    def half_a_year_passes(self):
        if self.case().status not in OPEN:
            self.now += timedelta(days=200)
            self.attempt(partial(actions.archive_ended, actor=system("tests", make.COUNTY)))

    @rule()
    def cards_are_given(self):
        with clock.at(self.now):
            tell_due_todos(actor=system("tests"))
            assert tell_due_todos(actor=system("tests")) == 0

    @rule()
    def silence_ends_it(self):
        self.attempt(partial(actions.close_unanswered, actor=system("tests", make.COUNTY)))

    @rule(age=st.integers(1, 3))
    def a_page_that_is_old_decides_nothing(self, age):
        case = self.case()
        with clock.at(self.now), unchanged(*make.ROWS), pytest.raises((Conflict, NotFound)):
            actions.dispatch_case(
                actor=self.town.actor("dispatcher"), number=self.number,
                lead_id=self.town.units["power"].id, seen_version=case.version - age,
            )  # fmt: skip

    @invariant()
    def it_is_sound(self):
        if self.receipt is None:
            return
        case = self.case()
        todos = make.open_todos(case)
        assignments = Assignment.objects.filter(county=case.county, case=case, ended_at=None)
        verbs = [verb for verb in make.verbs(case) if verb in CHANGING]
        assert verbs[-1] in LAST_VERB[case.status]
        assert case.owner_id in {unit.id for unit in self.town.units.values()}
        assert assignments.filter(is_lead=True).count() <= 1
        assert case.version >= max(self.seen_versions, default=1)
        self.seen_versions.append(case.version)
        assert {todo.area_code for todo in todos.values()} <= {case.area_code, ""}
        self.its_journal_tells_it(case)
        self.what_is_rare_is_sound(case)
        if case.status in OPEN:
            stage = todos.pop(DUTY_OF[case.status])
            assert stage.due_at == case.next_due_at
            assert stage.unit_id == case.owner_id
            assert case.card == stage.card or stage.kind == "callback"
            standing_still = {"need_info": {"dispatch", "handle"}, "suspended": {"handle"}}.get(case.status, set())
            assert (
                set(todos)
                <= {"first_contact", "handle" if case.status == "dispatched" else "first_contact"} | standing_still
            )
            assert {todo.kind for todo in todos.values() if todo.paused_at} == (set(todos) & standing_still)
            pauses = Pause.objects.filter(county=case.county, case=case, ended_at=None)
            assert pauses.count() == (1 if standing_still else 0)
            assert FLOW.state(case.status).group == "open" and not FLOW.is_final(case.status)
            handled = {"dispatched", "in_progress", "coordinating", "suspended"}
            if case.status == "need_info":
                handled |= {"need_info"} if pauses.get().back_to == "in_progress" else set()
            assert assignments.filter(is_lead=True).exists() is (case.status in handled)
            assert case.has_request is HandlingRequest.objects.filter(case=case, decided_at=None).exists()
            return
        assert case.closed_at is not None and case.next_due_at is None and case.card == ""
        assert not todos and not assignments.exists()
        assert not Summons.objects.filter(county=case.county, case=case, released_at=None).exists()
        assert not HandlingRequest.objects.filter(county=case.county, case=case, decided_at=None).exists()
        assert not Pause.objects.filter(county=case.county, case=case, ended_at=None).exists()
        if case.status in {"merged", "rejected", "withdrawn"} or case.close_reason in {
            "judicial",
            "withdrawn",
            "merged",
        }:
            assert case.close_reason in {"judicial", "withdrawn", "merged"} and case.solved_at_level == ""
            return
        assert case.close_reason in {
            "solved", "understood", "unreachable", "no_reporter", "explained", "not_reached", "not_asked", "outside",
        }  # fmt: skip
        assert case.solved_at_level in {"grid", "village", "town", "county"}
        answers = set(Rating.objects.filter(county=case.county, case=case).values_list("result", flat=True))
        silent = {"unreachable", "no_reporter", "explained", "not_reached", "not_asked", "outside"}
        assert case.close_reason in silent or answers - {"dissatisfied"}
        if case.close_reason == "explained":
            row = Proposal.objects.filter(case=case, kind="close_explained", is_agreed=True).latest("decided_at")
            assert row.proposed_by_id != row.decided_by_id

    def what_is_rare_is_sound(self, case):
        """No third return; calls on different half-days, three at most without an answer; two persons behind each exclusion;
        pauses apart from one another; every report answered before its case is put away."""
        here = {"county": case.county, "case": case}
        returns = list(Return.objects.filter(**here))
        assert len(returns) <= 2 and len({row.unit_id for row in returns}) == len(returns)
        reports = list(Report.objects.filter(**here))
        assert len(reports) == case.report_count
        for report in reports:
            rounds = {}
            for call in Callback.objects.filter(county=case.county, report=report, case=case).order_by("called_at"):
                rounds.setdefault(call.round, []).append(call)
            for calls in rounds.values():
                missed = [call for call in calls if call.result == "unreachable"]
                assert len(missed) <= 3 and [call.is_final for call in missed] == [False] * min(len(missed), 2) + [
                    True
                ] * (len(missed) == 3)
                assert all(before.next_at <= after.called_at for before, after in pairwise(missed))
            assert (
                Exclusion.objects.filter(county=case.county, report=report, is_in_force=True).count()
                <= case.reopened_count + 1
            )
        for row in Exclusion.objects.filter(**here, is_in_force=True).select_related("proposal"):
            assert row.proposal.is_agreed and row.proposal.proposed_by_id != row.proposal.decided_by_id
        pauses = list(Pause.objects.filter(**here).order_by("begun_at", "id"))
        assert all(
            before.ended_at is not None and before.ended_at <= after.begun_at for before, after in pairwise(pauses)
        )
        assert all(case.received_at <= pause.begun_at for pause in pauses)
        if case.status == "archived":
            into = Merge.objects.filter(county=case.county, part=case, undone_at=None).select_related("case").first()
            ended = into.case if into is not None else case
            assert ended.status not in OPEN
            assert (
                Outcome.objects.filter(county=case.county, case=ended).exists()
                or Proposal.objects.filter(county=case.county, case=ended, kind="reject", is_agreed=True).exists()
                or ended.close_reason == "withdrawn"
            )

    def its_journal_tells_it(self, case):
        """The case rebuilt from its journal equals the row, its stages sum to its life, and its hops to who holds it."""
        entries = Entry.objects.filter(county=case.county, subject_id=case.id).order_by("id")
        rows = list(entries.values_list("happened_at", "data"))
        assert rebuild(data for _, data in rows) == {name: written(value) for name, value in snapshot(case).items()}
        until = case.closed_at or max(self.now, *(at for at, _ in rows))
        stages = stages_of(case.received_at, rows, until)
        pauses = [
            after.begun_at - before.ended_at for before, after in pairwise(stages) if after.begun_at != before.ended_at
        ]
        lived = (until - case.received_at) - sum(pauses, timedelta())
        assert sum(stage.seconds for stage in stages) == lived.total_seconds()
        # ended for a while, then begun again: restarted, appealed, or taken out of another case
        assert len(pauses) <= case.reopened_count + make.verbs(case).count("appealed") + make.verbs(case).count(
            "unmerged"
        )
        deeds = list(entries.exclude(verb="cases.carded").values_list("happened_at", flat=True))
        assert deeds == sorted(deeds)  # though clocks are set back
        hops = list(Hop.objects.filter(county=case.county, case=case).order_by("moved_at", "id"))
        assert len(hops) == case.hop_count
        assert all(before.to_unit_id == after.from_unit_id for before, after in pairwise(hops))
        assert not hops or hops[-1].to_unit_id == case.owner_id
        hands = hands_of(case, rows, until)
        assert hands[-1].value == str(case.owner_id) and all(hand.seconds >= 0 for hand in hands)
        passed = passings(hops)
        assert [hand.value for hand in hands[1:]] == [str(unit) for unit, _ in passed]
        assert [hand.seconds for hand in hands[:-1]] == [held for _, held in passed]
        held = sum(hop.held_seconds for hop in hops)
        assert not hops or held == (hops[-1].moved_at - case.received_at).total_seconds()


def passings(hops):
    """To whom a case went and how long it had been held before. What one deed passes on twice (solved on the spot, then to be
    verified) the journal tells once, and not at all when it comes back to where it was."""
    found, before, held = [], hops[0].from_unit_id if hops else None, 0
    for hop, after in zip_longest(hops, hops[1:]):
        held += hop.held_seconds
        goes_on = (
            hop.kind == "solve_on_spot"
            and after is not None
            and (after.kind, after.moved_at) == ("verify", hop.moved_at)
        )
        if not goes_on and hop.to_unit_id != before:
            found.append((hop.to_unit_id, held))
            before, held = hop.to_unit_id, 0
    return found


def as_plain(row):
    """The columns of a row, sealed ones by what they say."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


class unchanged_when_refused:
    """Compare all rows, but only when a refusal comes out."""

    def __enter__(self):
        self.watch = unchanged(*make.ROWS)
        self.watch.__enter__()

    def __exit__(self, kind, error, trace):
        if kind is None:
            return
        self.watch.__exit__(None, None, None)


def test_no_order_of_deeds_breaks_a_case(town):
    CaseLife.town = town
    run_state_machine_as_test(
        CaseLife,
        settings=settings(
            max_examples=60,
            stateful_step_count=18,
            deadline=None,
            phases=[Phase.generate],  # each step leaves rows behind: shrinking would take minutes
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _return_twice(town, here, sender):
    """One unit returns it, the next one too."""
    actions.return_case(**here, reason="not_my_duty", text="该城建办。")
    number = here["number"]
    actions.dispatch_case(actor=sender, number=number, lead_id=town.units["enforcement"].id)
    actions.return_case(actor=town.actor("enforcement"), number=number, reason="not_my_duty", text="也不归我们。")


def _ask_and_agree(ask, by):
    case = ask()
    actions.decide_request(actor=by, number=case.number, is_agreed=True)


def _half_a_year_later():
    with clock.later(timedelta(days=200)):
        if not actions.archive_ended(actor=system("tests")):
            raise RuleError("wrong_state", "没有可以归档的")


def moves_of(town, case, receipt):
    """Each move of the table as the deed that makes it, by somebody who may do everything in this town."""

    def inside(name):
        """Somebody of a unit who may do everything in this town."""
        who = holding(town.actor(name), *(move.permission for move in FLOW.moves), "cases.view")
        return type(who)(**{name: getattr(who, name) for name in who.__slots__} | {"areas": (make.TOWN,)})

    anybody = {"actor": inside("power")}
    here = anybody | {"number": case.number}
    sender = holding(town.actor("dispatcher"), *(move.permission for move in FLOW.moves), "cases.view")
    ask_suspension = partial(
        actions.ask_suspension, **here, reason="no_funds", text="没有钱。", public_text="明年再修。",
        review_on=clock.local_day() + timedelta(days=30),
    )  # fmt: skip
    return {
        "solve_on_spot": partial(actions.solve_case, **here, result="当场弄好了。"),
        "answer_enquiry": partial(actions.answer_enquiry, **here | {"actor": sender}, text="到民政窗口。"),
        "take": partial(actions.take_case, **here),
        "dispatch": partial(actions.dispatch_case, **here, lead_id=town.units["power"].id),
        "undo_dispatch": partial(actions.undo_dispatch, **here | {"actor": sender}),
        "return_back": partial(actions.return_case, **here, reason="not_my_duty", text="该城建办。"),
        "sign": partial(actions.sign_case, **here),
        "finish": partial(actions.finish_case, **here, result="弄好了。"),
        "report_up": partial(actions.report_up, **here, tried="找过两回，修不了。"),
        "verify_pass": partial(actions.verify_case, **here | {"actor": sender}, is_passed=True),
        "verify_fail": partial(actions.verify_case, **here | {"actor": sender}, is_passed=False, text="还没好。"),
        "callback_ok": partial(actions.record_callback, **here | {"actor": sender}, result="satisfied"),
        "callback_redo": partial(
            actions.record_callback, **here | {"actor": sender}, result="dissatisfied", text="没修好"
        ),
        "close_explained": partial(actions.close_explained, **here, text="去了三回，说清楚了。"),
        "reject": partial(actions.reject_case, **here, reason="judicial", text="法院在办，请等判决。"),
        "withdraw": partial(actions.withdraw_report, actor=make.reporter(receipt)),
        "reopen": partial(actions.reopen_case, **here, text="又不亮了。"),
        "return_again": partial(_return_twice, town, here, sender),
        "rule": partial(actions.rule_case, **here | {"actor": sender}, lead_id=town.units["power"].id, text="归它。"),
        "ask_reporter": partial(
            actions.ask_reporter, **here | ({"actor": sender} if case.status == "received" else {}), text="几号门口？"
        ),
        "answer": partial(actions.answer_question, actor=make.reporter(receipt), text="八号。"),
        "ask_extension": partial(actions.ask_extension, **here, reason="weather", days=3, text="下雨。"),
        "extend": partial(
            _ask_and_agree, partial(actions.ask_extension, **here, reason="weather", days=3, text="下雨。"), sender
        ),
        "whistle": partial(actions.whistle, **here, unit_ids=[town.units["enforcement"].id], task="到场。"),
        "report_in": partial(actions.report_in, **here | {"actor": inside("enforcement")}),
        "end_whistle": partial(actions.end_whistle, **here),
        "ask_suspension": ask_suspension,
        "suspend": partial(_ask_and_agree, ask_suspension, sender),
        "resume": partial(actions.resume_case, **here),
        "appeal_rejection": partial(actions.appeal_rejection, actor=make.reporter(receipt), text="法院不管这个。"),
        "merge": partial(
            actions.merge_cases, actor=anybody["actor"], number=make.case(make.report()).number, parts=[case.number]
        ),
        "unmerge": partial(actions.unmerge_case, **here),
        "exclude": partial(
            actions.exclude_rating,
            **here | {"actor": sender},
            report_number=receipt.number,
            code="unreasonable",
            text="查过。",
        ),
        "archive": _half_a_year_later,
        "urge": partial(actions.urge_case, **here),
        "supervise": partial(actions.supervise_case, **here, text="三天内办好。"),
        "instruct": partial(actions.instruct_case, **here, text="请城建办牵头。"),
    }


# not made by the one deed alone: a second "not satisfied" and a second person belong to it, or another verifier
MADE_ELSEWHERE = {"close_explained"}


@pytest.mark.parametrize("state", make.STATES)
def test_each_move_is_tried_in_each_state(town, state):
    case, receipt = make.case_in(town, state)
    deeds = moves_of(town, case, receipt)
    tried = [(move, is_allowed) for move, value, is_allowed in FLOW.attempts() if value == state]
    assert {move.name for move, _ in tried} == set(deeds)
    for move, is_allowed in tried:
        if state == "received" and move.name == "answer_enquiry":
            continue  # this one is no question
        if state == "merged" and move.name in ("withdraw", "archive"):
            continue  # the reporter's own case is the other one now, and until that ends nobody has an answer
        savepoint = transaction.savepoint()
        if is_allowed and move.name not in MADE_ELSEWHERE:
            deeds[move.name]()
            assert make.case(receipt).status in (move.targets or {state})
        elif is_allowed:
            with pytest.raises(RuleError, match="报事人还没有说不满意"):
                deeds[move.name]()
        else:
            with unchanged(*make.ROWS), pytest.raises(RuleError) as refused:
                deeds[move.name]()
            assert refused.value.code == "wrong_state"
        transaction.savepoint_rollback(savepoint)


def test_each_state_offers_the_moves_of_the_table(town):
    offered = {state: [move.name for move in FLOW.possible(town.actor("dispatcher"), state)] for state in make.STATES}
    hurried = ["urge"]
    assert offered == {
        "received": ["answer_enquiry", "dispatch", "ask_reporter", "reject", "merge", *hurried],
        "dispatched": ["undo_dispatch", "merge", *hurried],
        "in_progress": ["ask_reporter", "extend", "whistle", "merge", *hurried],
        "verifying": ["verify_pass", "verify_fail", *hurried],
        "callback": ["callback_ok", "callback_redo", "close_explained"],
        "closed": ["reopen", "exclude"],
        "rejected": [],
        "withdrawn": [],
        "need_info": [],
        "arbitration": ["rule", *hurried],
        "coordinating": ["extend", "end_whistle", *hurried],
        "suspended": ["resume"],
        "merged": ["unmerge"],
        "archived": [],
    }
    assert [move.name for move in FLOW.possible(town.actor("worker"), "received")] == ["solve_on_spot", "take"]
    assert [move.name for move in FLOW.possible(town.actor("power"), "dispatched")] == [
        "return_back", "return_again", "sign",
    ]  # fmt: skip


def test_a_dispatch_is_told_to_lead_and_assistants_once(town):
    case, _ = make.case_in(town, "received")
    power, enforcement = town.units["power"], town.units["enforcement"]
    while deliver(actor=system("tests")):
        pass
    actions.dispatch_case(
        actor=town.actor("dispatcher"), number=case.number, lead_id=power.id, assistant_ids=[enforcement.id]
    )
    # the message, the seal, what an outside system would hear, and what a webhook would
    assert deliver(actor=system("tests")) == 4
    assert deliver(actor=system("tests")) == 0
    told = dict(Notice.objects.filter(county=case.county).values_list("unit_id", "title"))
    assert told == {power.id: f"请签收：{case.title}", enforcement.id: f"请协办：{case.title}"}
    assert Entry.objects.filter(county=case.county, verb="cases.dispatched").count() == 1
