from dataclasses import dataclass

import pytest

from yijiaan.core.errors import NotAllowed, RuleError
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.engines.flow import START, SYSTEM, Flow, Move, State

STATES = (
    State("received", "已受理"),
    State("dispatched", "待签收"),
    State("finished", "已办结"),
    State("closed", "已结案", "done"),
    State("rejected", "不予受理", "refused"),
)
MOVES = (
    Move("submit", "提交", (), "received", ""),
    Move("solve", "当场办结", (START, "received"), "finished", "x.solve", needs=("result",)),
    Move("dispatch", "派单", ("received",), "dispatched", "x.dispatch", who="镇网格化服务中心"),
    Move("finish", "办结", ("dispatched",), "finished", "x.finish"),
    Move("reject", "不予受理", ("received",), "rejected", "x.reject"),
    Move("route", "流转", ("finished",), ("closed", "received"), SYSTEM),
    Move("urge", "催办", ("received", "dispatched"), None, "x.urge"),
)
FLOW = Flow(name="thing", states=STATES, moves=MOVES, noun="诉求")


@dataclass
class Thing:
    status: str = START


def someone(*permissions: str) -> Actor:
    return Actor(kind=ActorKind.STAFF, identity="1", permissions=frozenset(permissions))


def test_a_move_sets_the_state_and_says_what_changed():
    thing = Thing("received")
    change = FLOW.move(thing, "dispatch", someone("x.dispatch"))
    assert thing.status == "dispatched"
    assert (change.move.name, change.old, change.new) == ("dispatch", "received", "dispatched")


def test_without_the_permission_nothing_changes():
    thing = Thing("received")
    with pytest.raises(NotAllowed):
        FLOW.move(thing, "dispatch", someone("x.finish"))
    assert thing.status == "received"


def test_a_wrong_state_is_said_in_words():
    thing = Thing("closed")
    with pytest.raises(RuleError) as refused:
        FLOW.move(thing, "dispatch", someone("x.dispatch"))
    assert refused.value.code == "wrong_state"
    assert "已结案" in refused.value.message
    assert "派单" in refused.value.message
    assert thing.status == "closed"


def test_permission_is_asked_before_the_state():
    with pytest.raises(NotAllowed):
        FLOW.move(Thing("closed"), "dispatch", someone())


def test_needed_input_is_asked_for_at_its_field():
    for empty in ({}, {"result": ""}, {"result": None}):
        thing = Thing("received")
        with pytest.raises(RuleError) as refused:
            FLOW.move(thing, "solve", someone("x.solve"), **empty)
        assert (refused.value.code, refused.value.field) == ("required", "result")
        assert thing.status == "received"
    assert FLOW.move(Thing("received"), "solve", someone("x.solve"), result="换了灯泡").new == "finished"


def test_a_record_begins_by_a_move_from_start():
    assert FLOW.move(None, "submit", someone()).new == "received"
    fresh = Thing()
    FLOW.move(fresh, "solve", someone("x.solve"), result="好了")
    assert fresh.status == "finished"
    with pytest.raises(RuleError):
        FLOW.move(None, "dispatch", someone("x.dispatch"))
    assert FLOW.first_states == ("received", "finished")


def test_a_move_with_several_targets_takes_the_one_the_action_names():
    assert FLOW.move(Thing("finished"), "route", system("test"), to="closed").new == "closed"
    assert FLOW.move(Thing("finished"), "route", system("test"), to="received").new == "received"
    for wrong in (None, "rejected"):
        with pytest.raises(ValueError, match="route"):
            FLOW.move(Thing("finished"), "route", system("test"), to=wrong)


def test_a_move_without_target_leaves_the_state():
    thing = Thing("dispatched")
    assert FLOW.move(thing, "urge", someone("x.urge")).new == thing.status == "dispatched"


def test_only_the_system_makes_its_moves():
    with pytest.raises(NotAllowed):
        FLOW.move(Thing("finished"), "route", someone("x.finish"), to="closed")


def test_possible_moves_are_those_of_state_and_permissions():
    assert [move.name for move in FLOW.possible(someone("x.dispatch", "x.urge", "x.finish"), "received")] == [
        "dispatch",
        "urge",
    ]
    assert FLOW.possible(someone(), "received") == ()
    assert [move.name for move in FLOW.possible(someone("x.solve"), START)] == ["submit", "solve"]


def test_every_move_in_every_state():
    allowed = 0
    for move, state, may in FLOW.attempts():
        thing = Thing(state)
        if may:
            allowed += 1
            FLOW.move(thing, move.name, system("test"), to=move.targets[0] if move.targets else None, result="好了")
        else:
            with pytest.raises(RuleError):
                FLOW.move(thing, move.name, system("test"), result="好了")
            assert thing.status == state
    assert allowed == 7


def test_groups_and_choices():
    assert FLOW.values_in("open") == ("received", "dispatched", "finished")
    assert FLOW.values_in("done", "refused") == ("closed", "rejected")
    assert FLOW.is_open("finished")
    assert not FLOW.is_open("rejected")
    assert [state.value for state in STATES if FLOW.is_final(state.value)] == ["closed", "rejected"]
    assert FLOW.choices()[0] == ("received", "已受理")


def test_the_drawing_shows_every_state_and_move():
    drawing = FLOW.mermaid()
    assert drawing.startswith("stateDiagram-v2\n")
    for line in (
        "received: 已受理",
        "[*] --> received: 提交",
        "[*] --> finished: 当场办结",
        "received --> dispatched: 派单",
        "finished --> closed: 流转",
        "received --> received: 催办",
        "rejected --> [*]",
    ):
        assert f"    {line}\n" in drawing


A, B, END = State("a", "甲"), State("b", "乙"), State("end", "完", "done")


@pytest.mark.parametrize(
    ("states", "moves", "said"),
    [
        ((A, B, END), (Move("m", "动", ("a",), "end", ""),), "b cannot be reached"),
        ((A, B), (Move("m", "动", ("a",), "b", ""),), "b is open but cannot be left"),
        ((A, END), (Move("m", "动", ("a",), "nowhere", ""),), "no state nowhere"),
        ((A, END), (Move("m", "动", ("nowhere", "a"), "end", ""),), "no state nowhere"),
        ((A, A, END), (Move("m", "动", ("a",), "end", ""),), "state a stands there twice"),
        ((A, END), (Move("m", "动", ("a",), "end", ""), Move("m", "动", ("a",), "end", "")), "m stands there twice"),
        ((A, END), (Move("m", "动", ("a",), "end", ""), Move("n", "新", (), None, "")), "leads nowhere"),
        ((State("a", "甲", "lost"), END), (Move("m", "动", ("a",), "end", ""),), "no group lost"),  # type: ignore[arg-type]
    ],
)
def test_a_contradictory_table_does_not_import(states, moves, said):
    with pytest.raises(ValueError, match=said):
        Flow(name="broken", states=states, moves=moves, initial="a")
