"""Inspections: planned, gone through, what fails becomes hazards in one deed, signed or not, closed when all is written off."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from PIL import Image

from yijiaan.cases.tests.make import Town
from yijiaan.core import clock
from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.testing import unchanged
from yijiaan.engines.checklists.actions import Given, ItemFacts, write_template
from yijiaan.engines.checklists.models import Template
from yijiaan.engines.checklists.queries import list_items
from yijiaan.engines.notices.models import Notice
from yijiaan.engines.todos.actions import tell_due_todos
from yijiaan.engines.todos.models import Todo
from yijiaan.safety import actions
from yijiaan.safety.flows import INSPECTION_FLOW
from yijiaan.safety.models import Hazard, Inspection, Inspector
from yijiaan.safety.tests import make
from yijiaan.safety.tests.make import COUNTY, FIRST, ROWS, TOWN

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make.town()


def refused(code: str, deed: Any, **values: Any) -> None:
    with unchanged(*ROWS), pytest.raises(RuleError) as error:
        deed(**values)
    assert error.value.code == code


def brought_to(town: Town, status: str) -> Inspection:
    """An inspection of the dispatcher, brought to a state."""
    who = town.actor("dispatcher")
    made = make.inspection(who)
    here: dict[str, Any] = {"actor": who, "inspection_id": made.id}
    if status == "cancelled":
        actions.cancel_inspection(**here, text="店关了")
    elif status != "planned":
        run = actions.start_inspection(**here)
        if status != "in_progress":
            items = list_items(who, version_id=run.version_id)
            actions.submit_inspection(
                **here, given={item.id: Given("yes" if item.kind != "value" else "2") for item in items}
            )
        if status in ("signed", "closed"):
            actions.sign_inspection(**here, name="店主王某")
        if status == "refused_to_sign":
            actions.refuse_signature(**here, text="说不归他管", witness="村委李某")
        if status == "closed":
            actions.close_inspection(**here)
    return Inspection.objects.get(county=COUNTY, id=made.id)


def test_what_fails_becomes_hazards_of_the_proposed_grade_in_one_deed(town: Town) -> None:
    who = town.actor("dispatcher")
    made = make.inspection(who, team=(town.posts["second"].id,))
    assert Inspector.objects.filter(county=COUNTY, inspection_id=made.id).count() == 2
    run = actions.start_inspection(actor=town.actor("second"), inspection_id=made.id)
    with unchanged(*ROWS):
        assert actions.start_inspection(actor=who, inspection_id=made.id) == run
    items = list_items(who, version_id=run.version_id)
    given = {items[0].id: Given("no", "堵着纸箱"), items[3].id: Given("1"), items[4].id: Given("yes")}
    actions.answer_inspection(actor=who, inspection_id=made.id, given=given, remark="店主在场")
    hazards = actions.submit_inspection(actor=who, inspection_id=made.id)
    assert [(row.proposed_grade, row.source, row.source_id, row.kind, row.status) for row in hazards] == [
        ("larger", "inspection", made.id, "fire", "found"),
        ("general", "inspection", made.id, "fire", "found"),
    ]
    assert hazards[0].text == f"鑫旺超市：不合格“{items[0].text}”。堵着纸箱"
    assert hazards[1].text == "鑫旺超市：不合格“灭火器数量”。量得 1 具，应不少于 2 具"
    kept = Inspection.objects.get(county=COUNTY, id=made.id)
    assert (kept.status, kept.failed_count, kept.remark) == ("submitted", 2, "店主在场")
    assert not Todo.objects.filter(county=COUNTY, subject_id=made.id, done_at=None).exists()


def test_a_deed_that_breaks_in_the_middle_leaves_no_hazard(town: Town, monkeypatch: Any) -> None:
    who = town.actor("dispatcher")
    made = make.inspection(who)
    run = actions.start_inspection(actor=who, inspection_id=made.id)
    items = list_items(who, version_id=run.version_id)
    monkeypatch.setattr("yijiaan.safety.actions.inspecting.close_todos", lambda **values: 1 / 0)
    with unchanged(*ROWS), pytest.raises(ZeroDivisionError):
        actions.submit_inspection(actor=who, inspection_id=made.id, given={items[0].id: Given("no")})


def test_a_run_stays_on_the_wording_it_began_with(town: Town) -> None:
    head = town.actor("centre_head")
    old = Template.objects.get(county="", code="household_gas")
    own = write_template(
        actor=head, name="本镇用气检查", template_id=old.id,
        items=[ItemFacts("看", "阀门关得紧")],
    ).template  # fmt: skip
    made = make.inspection(head, template_id=own.id)
    run = actions.start_inspection(actor=head, inspection_id=made.id)
    write_template(
        actor=head, name="本镇用气检查", template_id=own.id,
        items=[ItemFacts("看", "软管没有老化")],
    )  # fmt: skip
    items = list_items(head, version_id=run.version_id)
    assert [item.text for item in items] == ["阀门关得紧"]
    (hazard,) = actions.submit_inspection(actor=head, inspection_id=made.id, given={items[0].id: Given("no")})
    assert "阀门关得紧" in hazard.text


@pytest.mark.parametrize("state", [state.value for state in INSPECTION_FLOW.states])
def test_each_move_from_each_state_does_what_the_table_says(town: Town, state: str) -> None:
    who = town.actor("dispatcher")
    for move in INSPECTION_FLOW.moves:
        made = brought_to(town, state)
        here: dict[str, Any] = {"actor": who, "inspection_id": made.id}
        deed: Any = {
            "start": lambda here=here: actions.start_inspection(**here),
            "submit": lambda here=here, made=made: actions.submit_inspection(**here, given=_one(who, made)),
            "sign": lambda here=here: actions.sign_inspection(**here, name="店主"),
            "refuse": lambda here=here: actions.refuse_signature(**here, text="不签", witness="村委"),
            "close": lambda here=here: actions.close_inspection(**here),
            "cancel": lambda here=here: actions.cancel_inspection(**here, text="店关了"),
        }[move.name]
        if move.starts_from(state):
            deed()
            assert Inspection.objects.get(county=COUNTY, id=made.id).status == move.target
        elif not (move.name == "start" and state == "in_progress"):  # pressed again gives the same run
            refused("wrong_state", deed)


def _one(who: Any, made: Inspection) -> dict[Any, Given]:
    version = made.template.versions.order_by("-number").first()
    assert version is not None
    return {list_items(who, version_id=version.id)[0].id: Given("yes")}


def test_it_closes_when_its_hazards_are_written_off(town: Town) -> None:
    who = town.actor("dispatcher")
    made = make.inspection(who)
    here: dict[str, Any] = {"actor": who, "inspection_id": made.id}
    run = actions.start_inspection(**here)
    items = list_items(who, version_id=run.version_id)
    (hazard,) = actions.submit_inspection(**here, given={items[0].id: Given("no")})
    actions.sign_inspection(**here, name="店主王某")
    refused("hazards_open", actions.close_inspection, **here)
    actions.dismiss_hazard(actor=town.actor("second"), hazard_id=hazard.id, text="是临时卸货")
    assert actions.close_inspection(**here).status == "closed"


def test_names_of_the_other_side_are_sealed(town: Town) -> None:
    signed, refused_one = brought_to(town, "signed"), brought_to(town, "refused_to_sign")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row::text FROM inspection AS row WHERE county = %s", [COUNTY])
        rows = "\n".join(row for (row,) in cursor.fetchall())
    assert "王某" not in rows
    assert "李某" not in rows
    assert (signed.signed_by_sealed, refused_one.witness_sealed) == ("店主王某", "村委李某")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("empty_target", {"target": " "}),
        ("target_too_long", {"target": "长" * 61}),
        ("unknown_template", {"template_id": uuid4()}),
        ("unknown_template", {"template_id": None}),
        ("unknown_way", {"way": "x"}),
        ("bad_day", {"planned_on": None}),
        ("unknown_area", {"area_code": ""}),
        ("unknown_area", {"area_code": "370812101"}),
        ("too_many_inspectors", {"team": tuple(uuid4() for _ in range(7))}),
        ("unknown_inspector", {"team": (uuid4(),)}),
    ],
)
def test_a_wrong_plan_changes_nothing(town: Town, code: str, changes: dict[str, Any]) -> None:
    with unchanged(*ROWS), pytest.raises(RuleError) as error:
        make.inspection(town.actor("dispatcher"), **changes)
    assert error.value.code == code
    with unchanged(*ROWS), pytest.raises(RuleError):
        make.inspection(town.actor("dispatcher"), planned_on=clock.local_day() - timedelta(days=1))


def test_the_same_key_plans_once(town: Town) -> None:
    who, key = town.actor("dispatcher"), uuid4()
    template = Template.objects.get(county="", code="household_gas").id
    facts = actions.InspectionFacts("鑫旺超市", template, FIRST, clock.local_day())
    made = actions.plan_inspection(actor=who, facts=facts, client_key=key)
    with unchanged(*ROWS):
        assert actions.plan_inspection(actor=who, facts=facts, client_key=key) == made
    other = actions.InspectionFacts("别的店", template, FIRST, clock.local_day())
    with unchanged(*ROWS), pytest.raises(Conflict):
        actions.plan_inspection(actor=who, facts=other, client_key=key)


def test_only_its_team_inspects(town: Town) -> None:
    made = make.inspection(town.actor("dispatcher"))
    with unchanged(*ROWS), pytest.raises(NotAllowed):
        actions.start_inspection(actor=town.actor("second"), inspection_id=made.id)
    for name in ("stranger", "power", "admin"):
        with unchanged(*ROWS), pytest.raises((NotFound, NotAllowed)):
            actions.start_inspection(actor=town.actor(name), inspection_id=made.id)
    with unchanged(*ROWS), pytest.raises(NotAllowed):
        make.inspection(town.actor("leader"))


def test_its_day_is_told_to_the_unit(town: Town) -> None:
    make.inspection(town.actor("dispatcher"), planned_on=clock.local_day())
    with clock.later(timedelta(days=1)):
        tell_due_todos(actor=system("tests"))
    assert (
        Notice.objects.get(county=COUNTY, unit_id=town.units["centre"].id).title == "检查的日子过了还没有查：鑫旺超市"
    )
    assert tell_due_todos(actor=system("tests")) == 0


def test_pictures_belong_to_their_item(town: Town) -> None:
    made = brought_to(town, "in_progress")
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "blue").save(out, "PNG")
    file = actions.add_inspection_photo(
        actor=town.actor("dispatcher"), inspection_id=made.id, raw=out.getvalue(), item="01"
    )
    assert (file.purpose, file.subject_id) == ("01", made.id)
    assert Hazard.objects.filter(county=COUNTY, ledger_code=TOWN).count() == 0
