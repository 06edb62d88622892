"""Checklists: written in versions, gone through, and what fails."""

from typing import Any
from uuid import uuid4

import pytest

from yijiaan.core.errors import Conflict, NotAllowed, NotFound, RuleError
from yijiaan.core.scope import Actor, ActorKind
from yijiaan.core.testing import unchanged
from yijiaan.engines.checklists import actions, permissions
from yijiaan.engines.checklists.actions import Given, ItemFacts
from yijiaan.engines.checklists.models import Answer, Item, Run, Template, Version
from yijiaan.engines.checklists.queries import (
    answers_of,
    get_run_of,
    get_template,
    list_items,
    list_templates,
    list_versions,
    newest_version,
)
from yijiaan.engines.journal.models import Entry

pytestmark = pytest.mark.django_db

COUNTY = "370812"
TABLES = (Template, Version, Item, Run, Answer, Entry)
WRITER = Actor(ActorKind.STAFF, "writer", COUNTY, (COUNTY,), permissions=frozenset([permissions.WRITE]))
ITEMS = (
    ItemFacts("看", "通道没有堵", kind="photo_optional", fail_grade="larger"),
    ItemFacts("看", "灭火器数量", kind="value", unit="具", least=2),
    ItemFacts("问", "会报火警"),
)


def shipped() -> Template:
    return Template.objects.get(county="", code="small_shop_fire")


def run_of(version: Version) -> Run:
    return actions.start_run(
        actor=WRITER, county=COUNTY, version_id=version.id, subject_type="tests.shop", subject_id=uuid4(), place="超市",
        area_code=COUNTY,
    )  # fmt: skip


def test_two_checklists_come_with_the_product_and_name_their_statute() -> None:
    assert sorted(Template.objects.values_list("code", flat=True)) == ["household_gas", "small_shop_fire"]
    for template in Template.objects.all():
        items = list_items(WRITER, version_id=newest_version(WRITER, template=template).id)
        assert len(items) > 10
        assert {item.legal_basis for item in items} <= {"《中华人民共和国消防法》", "《城镇燃气管理条例》"}


def test_a_template_is_edited_as_a_new_version_and_a_run_stays_on_its_own() -> None:
    first = actions.write_template(actor=WRITER, name="小作坊检查", items=ITEMS)
    run = run_of(first)
    second = actions.write_template(
        actor=WRITER, name="小作坊安全检查", items=ITEMS[:2], template_id=first.template_id, seen_number=1
    )
    assert (first.number, second.number, second.template_id) == (1, 2, first.template_id)
    template = get_template(WRITER, template_id=first.template_id)
    assert template.name == "小作坊安全检查"
    assert newest_version(WRITER, template=template) == second
    assert [version.number for version in list_versions(WRITER, template=template)] == [2, 1]
    assert Run.objects.get(county=COUNTY, id=run.id).version_id == first.id
    assert len(list_items(WRITER, version_id=first.id)) == 3
    with unchanged(*TABLES), pytest.raises(Conflict):
        actions.write_template(actor=WRITER, name="又改", items=ITEMS, template_id=first.template_id, seen_number=1)


def test_what_is_shipped_is_not_changed_its_next_version_is_the_countys_own() -> None:
    before = shipped()
    made = actions.write_template(
        actor=WRITER, name="本区九小场所检查", items=ITEMS, template_id=before.id, seen_number=1
    )
    assert made.template_id != before.id
    assert (made.template.county, made.number) == (COUNTY, 1)
    assert shipped().name == before.name
    stranger = Actor(ActorKind.STAFF, "other", "370811", ("370811",), permissions=frozenset([permissions.WRITE]))
    assert made.template not in list_templates(stranger)
    with unchanged(*TABLES), pytest.raises(NotFound):
        actions.write_template(actor=stranger, name="抄", items=ITEMS, template_id=made.template_id)


def test_stopped_checklists_are_not_offered_and_come_back() -> None:
    made = actions.write_template(actor=WRITER, name="小作坊检查", items=ITEMS).template
    actions.switch_template(actor=WRITER, template_id=made.id, is_active=False)
    assert made not in list_templates(WRITER, active_only=True)
    actions.switch_template(actor=WRITER, template_id=made.id, is_active=True)
    assert made in list_templates(WRITER, active_only=True)
    with unchanged(*TABLES), pytest.raises(RuleError, match="大家都在用"):
        actions.switch_template(actor=WRITER, template_id=shipped().id, is_active=False)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("empty_name", {"name": " "}),
        ("name_too_long", {"name": "长" * 41}),
        ("no_items", {"items": ()}),
        ("too_many_items", {"items": ITEMS[:1] * 81}),
        ("empty_text", {"items": (ItemFacts("看", " "),)}),
        ("text_too_long", {"items": (ItemFacts("看", "长" * 121),)}),
        ("bad_kind", {"items": (ItemFacts("看", "一", kind="x"),)}),
        ("bad_grade", {"items": (ItemFacts("看", "一", fail_grade="x"),)}),
        ("bad_bounds", {"items": (ItemFacts("看", "一", kind="value", least=3, most=2),)}),
        ("bad_bounds", {"items": (ItemFacts("看", "一", kind="value"),)}),
    ],
)
def test_a_wrong_template_changes_nothing(code: str, changes: dict[str, Any]) -> None:
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        actions.write_template(actor=WRITER, **({"name": "检查", "items": ITEMS} | changes))
    assert refused.value.code == code


def test_who_may_not_write_changes_nothing() -> None:
    reader = Actor(ActorKind.STAFF, "reader", COUNTY, (COUNTY,))
    with unchanged(*TABLES), pytest.raises(NotAllowed):
        actions.write_template(actor=reader, name="检查", items=ITEMS)
    with unchanged(*TABLES), pytest.raises(NotAllowed):
        actions.switch_template(actor=reader, template_id=shipped().id, is_active=False)


def test_answers_are_judged_and_may_be_changed_until_the_run_ends() -> None:
    version = actions.write_template(actor=WRITER, name="小作坊检查", items=ITEMS)
    run = run_of(version)
    exits, bottles, knows = list_items(WRITER, version_id=version.id)
    given = {exits.id: Given("no", "堆着纸箱"), bottles.id: Given(" 1.0 "), knows.id: Given("yes")}
    assert actions.answer_items(actor=WRITER, run=run, given=given) == 3
    assert actions.answer_items(actor=WRITER, run=run, given={**given, knows.id: Given("")}) == 1
    assert actions.answer_items(actor=WRITER, run=run, given={bottles.id: Given("na")}) == 1
    assert actions.answer_items(actor=WRITER, run=run, given={bottles.id: Given("1")}) == 1
    kept = answers_of(WRITER, run=run)
    assert {item: (row.words, row.is_failed) for item, row in kept.items()} == {
        exits.id: ("不合格", True),
        bottles.id: ("1 具", True),
    }
    failed = actions.finish_run(actor=WRITER, run=run)
    assert [(row.item_id, row.note) for row in failed] == [(exits.id, "堆着纸箱"), (bottles.id, "")]
    with unchanged(*TABLES), pytest.raises(RuleError, match="已经交了"):
        actions.answer_items(actor=WRITER, run=run, given={knows.id: Given("yes")})
    with unchanged(*TABLES), pytest.raises(RuleError, match="已经交了"):
        actions.finish_run(actor=WRITER, run=run)
    found = get_run_of(WRITER, county=COUNTY, subject_id=run.subject_id)
    assert found == run


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [(0, "maybe", "bad_answer"), (1, "两具", "bad_number"), (1, "1e99", "bad_number"), (1, "nan", "bad_number")],
)
def test_a_wrong_answer_changes_nothing(place: int, value: str, code: str) -> None:
    version = actions.write_template(actor=WRITER, name="小作坊检查", items=ITEMS)
    run = run_of(version)
    item = list_items(WRITER, version_id=version.id)[place]
    with unchanged(*TABLES), pytest.raises(RuleError) as refused:
        actions.answer_items(actor=WRITER, run=run, given={item.id: Given(value)})
    assert (refused.value.code, refused.value.field) == (code, str(item.id))


def test_items_of_another_list_long_notes_and_empty_runs_are_refused() -> None:
    version = actions.write_template(actor=WRITER, name="小作坊检查", items=ITEMS)
    run = run_of(version)
    other = Item.objects.exclude(version=version).first()
    assert other is not None
    for given in ({other.id: Given("yes")}, {list_items(WRITER, version_id=version.id)[0].id: Given("no", "长" * 201)}):
        with unchanged(*TABLES), pytest.raises(RuleError):
            actions.answer_items(actor=WRITER, run=run, given=given)
    with unchanged(*TABLES), pytest.raises(RuleError, match="还没有查"):
        actions.finish_run(actor=WRITER, run=run)
