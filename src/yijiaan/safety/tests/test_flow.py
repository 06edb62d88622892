"""Every move of a hazard tried from every state, and random walks that never break what must always hold."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from yijiaan.cases.tests.make import Town
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.core.testing import unchanged
from yijiaan.engines.todos.models import Todo
from yijiaan.safety import actions
from yijiaan.safety.flows import DUTY_OF, FLOW, INSPECTION_FLOW
from yijiaan.safety.models import CarryOver, Hazard, HazardStep, LedgerYear
from yijiaan.safety.queries import moves_for, read_books
from yijiaan.safety.tests import make
from yijiaan.safety.tests.make import COUNTY, ROWS, TOWN, day

pytestmark = pytest.mark.django_db

Deed = Callable[..., Any]


def deeds(town: Town) -> dict[str, tuple[str, Deed, dict[str, Any]]]:
    """Who makes a move, by which action, with which words."""
    power = town.units["power"].id
    return {
        "grade": ("dispatcher", actions.grade_hazard, {"grade": "general"}),
        "dismiss": ("dispatcher", actions.dismiss_hazard, {"text": "去看了，是新砌的墙"}),
        "notify": ("dispatcher", actions.notify_hazard, {"unit_id": power, "due_on": day(10)}),
        "hand_to_case": ("dispatcher", actions.hand_to_case, {}),
        "begin": ("power", actions.begin_rectifying, {}),
        "protect": ("power", actions.protect_hazard, {"text": "拉线", "review_on": day(5)}),
        "resume": ("power", actions.resume_rectifying, {}),
        "submit": ("power", actions.submit_rectified, {"text": "改好了"}),
        "extend": ("dispatcher", actions.extend_hazard, {"text": "等料", "due_on": day(200)}),
        "supervise": ("leader", actions.supervise_hazard, {"text": "十日内改"}),
        "verify": ("second", actions.verify_hazard, {"passed": True}),
        "reject": ("second", actions.verify_hazard, {"passed": False, "text": "还堵着"}),
        "write_off": ("centre_head", actions.write_off_hazard, {}),
    }


def test_the_drawn_tables_hold_together() -> None:
    for flow in (FLOW, INSPECTION_FLOW):
        assert flow.problems() == []
    assert set(DUTY_OF) == set(FLOW.values_in("open")) - {"in_case"}


@pytest.mark.parametrize("state", make.STATES)
def test_each_move_from_each_state_does_what_the_table_says(state: str) -> None:
    town = make.town()
    hazard = make.hazard_in(town, state, grade="major" if state != "found" else "general")
    for name, (who, deed, values) in deeds(town).items():
        move = FLOW.named(name)
        if move.starts_from(state):
            continue
        with unchanged(*ROWS), pytest.raises((RuleError, NotAllowed, NotFound)) as refused:
            deed(actor=town.actor(who), hazard_id=hazard.id, **values)
        if isinstance(refused.value, RuleError):
            assert refused.value.code == "wrong_state", (name, state)


@pytest.mark.parametrize(
    "name", [move.name for move in FLOW.moves if move.name not in ("case_done", "case_back", "carry_over")]
)
def test_each_move_from_where_it_may_begin(name: str) -> None:
    town = make.town()
    who, deed, values = deeds(town)[name]
    move = FLOW.named(name)
    for state in move.sources:
        grade = "major" if name == "supervise" else "general"
        hazard = make.hazard_in(town, state, grade=grade)
        assert name in moves_for(town.actor(who), hazard=hazard), (name, state)
        done = deed(actor=town.actor(who), hazard_id=hazard.id, **values)
        assert done.status in (move.targets or (state,))
        kept = make.fresh(hazard.id)
        assert kept.status == done.status
        assert kept.version == hazard.version + 1
        kind = DUTY_OF.get(kept.status)
        assert set(make.open_todos(kept)) == ({kind} if kind else set())
        last = HazardStep.objects.filter(county=COUNTY, hazard_id=hazard.id).order_by("-id").first()
        assert last is not None
        assert last.move == name
        stranger = town.actor("stranger")
        with unchanged(*ROWS), pytest.raises((NotFound, NotAllowed)):
            deed(actor=stranger, hazard_id=hazard.id, **values)


def invariants(hazard: Hazard) -> None:
    """What holds of every hazard at every moment."""
    rows = Todo.objects.filter(county=COUNTY, subject_id=hazard.id, done_at=None)
    kind = DUTY_OF.get(hazard.status)
    assert [row.kind for row in rows] == ([kind] if kind else [])
    assert hazard.next_due_at == (rows[0].due_at if rows else None)
    assert bool(hazard.write_off_serial) == (hazard.status == "written_off") == (not hazard.is_open)
    assert hazard.unit_id is not None or hazard.status in ("found", "graded", "in_case", "written_off")
    assert (hazard.review_on is not None) == (hazard.status == "protected")
    steps = list(HazardStep.objects.filter(county=COUNTY, hazard_id=hazard.id).select_related("post").order_by("id"))
    assert steps[0].move == "register"
    for place, step in enumerate(steps):
        if step.move == "verify":
            before = [one for one in steps[:place] if one.move in ("submit", "begin", "protect", "resume")]
            assert step.post is not None
            assert step.post.user_id not in {one.post.user_id for one in before if one.post is not None}
    if hazard.end_kind == "rectified" and hazard.grade == "major":
        last = max(place for place, step in enumerate(steps) if step.move == "submit")
        assert len({step.post_id for step in steps[last:] if step.move == "verify"}) == 2


@pytest.mark.parametrize("seed", range(6))
def test_random_walks_keep_what_must_hold(seed: int) -> None:
    chance = random.Random(seed)
    town = make.town()
    made = deeds(town)
    people = ("dispatcher", "second", "centre_head", "power", "leader", "head", "worker")
    hazards = [make.register(town.actor("worker")).id for _ in range(3)]
    for _ in range(60):
        hazard_id = chance.choice(hazards)
        name = chance.choice([name for name in made if name not in ("hand_to_case",)])
        _, deed, values = made[name]
        if name == "grade":
            values = {"grade": chance.choice(["general", "major"])}
        who: Actor = town.actor(chance.choice(people))
        hazard = make.fresh(hazard_id)
        is_offered = name in moves_for(who, hazard=hazard)
        try:
            deed(actor=who, hazard_id=hazard_id, **values)
        except (RuleError, NotAllowed, NotFound) as refusal:
            if is_offered:  # a button that is shown works, but for an extension that is not later
                assert name == "extend", (name, refusal)
        else:
            assert is_offered, name
        invariants(make.fresh(hazard_id))
    rows = Hazard.objects.filter(county=COUNTY, ledger_code=TOWN)
    ended = sorted(row.write_off_serial for row in rows if row.write_off_serial)
    assert ended == list(range(1, len(ended) + 1))
    state = read_books(town.actor("centre_head"), books=LedgerYear.objects.get(county=COUNTY, ledger_code=TOWN))
    assert (state.opened, state.written_off + state.left, state.missing) == (3, 3, ())
    assert not CarryOver.objects.filter(county=COUNTY).exists()
    assert all(row.found_by_id == town.posts["worker"].id for row in rows)
    assert ActorKind.STAFF is town.actor("worker").kind
