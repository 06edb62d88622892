"""Random lives of a case: whoever tries whatever in whatever order, the invariants hold and a refusal changes nothing."""

from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from conftest import forget_everything
from yijiaan.cases import actions
from yijiaan.cases.flows import DUTY_OF, FLOW, OPEN
from yijiaan.cases.models import Assignment, Hop, Proposal, Rating
from yijiaan.cases.tests import make
from yijiaan.cases.tracked import rebuild, snapshot, stages_of, written
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
    "received": {"received", "dispatch_undone", "returned", "reported_up", "restarted"},
    "dispatched": {"dispatched"},
    "in_progress": {"signed", "taken", "reopened", "verify_failed"},
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
ANSWERS = ("satisfied", "basically", "understanding", "dissatisfied", "unreachable", "splendid")


class CaseLife(RuleBasedStateMachine):
    """One case from its report on; `town` is set by the test."""

    town: make.Town

    def __init__(self):
        super().__init__()
        forget_everything()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = make.NOON
        self.receipt = None
        self.seen_versions = []

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize(
        entrance=st.sampled_from(["caller", "nameless", "found", "tip"]),
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
                more |= {"kind": "tip"} if entrance == "tip" else {}
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
        if case.status in OPEN:
            stage = todos.pop(DUTY_OF[case.status])
            assert stage.due_at == case.next_due_at
            assert stage.unit_id == case.owner_id
            assert case.card == stage.card or stage.kind == "callback"
            assert set(todos) <= {"first_contact", "handle" if case.status == "dispatched" else "first_contact"}
            assert FLOW.state(case.status).group == "open" and not FLOW.is_final(case.status)
            assert assignments.filter(is_lead=True).exists() is (case.status in {"dispatched", "in_progress"})
            return
        assert case.closed_at is not None and case.next_due_at is None and case.card == ""
        assert not todos and not assignments.exists()
        if case.status != "closed":
            assert case.close_reason in {"judicial", "withdrawn"} and case.solved_at_level == ""
            return
        assert case.close_reason in {"solved", "understood", "unreachable", "no_reporter", "explained"}
        assert case.solved_at_level in {"grid", "village", "town", "county"}
        answers = set(Rating.objects.filter(county=case.county, case=case).values_list("result", flat=True))
        assert case.close_reason in {"unreachable", "no_reporter", "explained"} or answers - {"dissatisfied"}
        if case.close_reason == "explained":
            row = Proposal.objects.filter(case=case, kind="close_explained", is_agreed=True).latest("decided_at")
            assert row.proposed_by_id != row.decided_by_id

    def its_journal_tells_it(self, case):
        """The case rebuilt from its journal equals the row, its stages sum to its life, and its hops to who holds it."""
        entries = Entry.objects.filter(county=case.county, subject_id=case.id).order_by("id")
        rows = list(entries.values_list("happened_at", "data"))
        assert rebuild(data for _, data in rows) == {name: written(value) for name, value in snapshot(case).items()}
        until = case.closed_at or self.now
        stages = stages_of(case.received_at, rows, until)
        pauses = [
            after.begun_at - before.ended_at for before, after in pairwise(stages) if after.begun_at != before.ended_at
        ]
        lived = (until - case.received_at) - sum(pauses, timedelta())
        assert sum(stage.seconds for stage in stages) == lived.total_seconds()
        assert len(pauses) <= case.reopened_count  # closed for a while, then begun again
        hops = list(Hop.objects.filter(county=case.county, case=case).order_by("moved_at", "id"))
        assert len(hops) == case.hop_count
        assert all(before.to_unit_id == after.from_unit_id for before, after in pairwise(hops))
        assert not hops or hops[-1].to_unit_id == case.owner_id
        held = sum(hop.held_seconds for hop in hops)
        assert not hops or held == (hops[-1].moved_at - case.received_at).total_seconds()


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
            stateful_step_count=14,
            deadline=None,
            phases=[Phase.generate],  # each step leaves rows behind: shrinking would take minutes
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def moves_of(town, case, receipt):
    """Each move of the table as the deed that makes it, by somebody who may do everything in this town."""
    power = holding(town.actor("power"), *(move.permission for move in FLOW.moves), "cases.view")
    anybody = {
        "actor": type(power)(**{name: getattr(power, name) for name in power.__slots__} | {"areas": (make.TOWN,)})
    }
    here = anybody | {"number": case.number}
    sender = holding(town.actor("dispatcher"), *(move.permission for move in FLOW.moves), "cases.view")
    return {
        "solve_on_spot": partial(actions.solve_case, **here, result="当场弄好了。"),
        "take": partial(actions.take_case, **here),
        "dispatch": partial(actions.dispatch_case, **here, lead_id=town.units["power"].id),
        "undo_dispatch": partial(actions.undo_dispatch, **here | {"actor": sender}),
        "return_back": partial(actions.return_case, **here, reason="not_my_duty", text="该城建办。"),
        "sign": partial(actions.sign_case, **here),
        "finish": partial(actions.finish_case, **here, result="弄好了。"),
        "report_up": partial(actions.report_up, **here, tried="找过两回，修不了。"),
        "verify_pass": partial(actions.verify_case, **here | {"actor": sender}, is_passed=True),
        "verify_fail": partial(actions.verify_case, **here | {"actor": sender}, is_passed=False, text="还没好。"),
        "callback_ok": partial(actions.record_callback, **here, result="satisfied"),
        "callback_redo": partial(actions.record_callback, **here, result="dissatisfied", text="没修好"),
        "close_explained": partial(actions.close_explained, **here, text="去了三回，说清楚了。"),
        "reject": partial(actions.reject_case, **here, reason="judicial", text="法院在办，请等判决。"),
        "withdraw": partial(actions.withdraw_report, actor=make.reporter(receipt)),
        "reopen": partial(actions.reopen_case, **here, text="又不亮了。"),
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
    assert offered == {
        "received": ["dispatch", "reject", "urge"],
        "dispatched": ["undo_dispatch", "urge"],
        "in_progress": ["urge"],
        "verifying": ["verify_pass", "verify_fail", "urge"],
        "callback": ["callback_ok", "callback_redo", "close_explained"],
        "closed": ["reopen"],
        "rejected": [],
        "withdrawn": [],
    }
    assert [move.name for move in FLOW.possible(town.actor("worker"), "received")] == ["solve_on_spot", "take"]
    assert [move.name for move in FLOW.possible(town.actor("power"), "dispatched")] == ["return_back", "sign"]


def test_a_dispatch_is_told_to_lead_and_assistants_once(town):
    case, _ = make.case_in(town, "received")
    power, enforcement = town.units["power"], town.units["enforcement"]
    while deliver(actor=system("tests")):
        pass
    actions.dispatch_case(
        actor=town.actor("dispatcher"), number=case.number, lead_id=power.id, assistant_ids=[enforcement.id]
    )
    assert deliver(actor=system("tests")) == 2  # the message and the seal
    assert deliver(actor=system("tests")) == 0
    told = dict(Notice.objects.filter(county=case.county).values_list("unit_id", "title"))
    assert told == {power.id: f"请签收：{case.title}", enforcement.id: f"请协办：{case.title}"}
    assert Entry.objects.filter(county=case.county, verb="cases.dispatched").count() == 1
