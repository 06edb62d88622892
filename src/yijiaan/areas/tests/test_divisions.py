"""The division tree: shipped for one district, loaded from a file for any other."""

import pytest
from django.core.management import CommandError, call_command

from yijiaan.areas.actions import load_divisions
from yijiaan.areas.actions.divisions import initials, short_name
from yijiaan.areas.models import Area
from yijiaan.areas.queries import get_area, get_door, list_areas_inside, list_children
from yijiaan.areas.tests import make
from yijiaan.core.errors import NotAllowed, NotFound, RuleError
from yijiaan.core.scope import Actor, ActorKind, system
from yijiaan.core.testing import unchanged

pytestmark = pytest.mark.django_db
WHO = system("tests")


def test_the_shipped_district_is_whole():
    counts = {
        level: Area.objects.filter(level=level).count() for level in ("province", "city", "county", "town", "village")
    }
    assert counts == {"province": 1, "city": 1, "county": 1, "town": 10, "village": 347}
    town = get_area(WHO, code=make.TOWN)
    assert (town.name, town.letters, town.door_token, town.parent_id) == ("新驿镇", "XY", "xy102", "370812")
    assert list_areas_inside(WHO, code=make.TOWN, level="village").count() == 38
    letters = list(Area.objects.filter(level="town").values_list("letters", flat=True))
    assert len(set(letters)) == 10
    assert get_door(WHO, token="xy102").code == make.TOWN
    with pytest.raises(NotFound):
        get_door(WHO, token="nowhere")


def test_children_stand_in_pinyin_order():
    names = [area.name for area in list_children(WHO, code="370812")]
    assert names == [
        "漕河镇", "大安镇", "鼓楼街道", "酒仙桥街道", "龙桥街道", "小孟镇", "新兖镇", "新驿镇", "兴隆庄街道", "颜店镇",
    ]  # fmt: skip


def test_loading_again_changes_nothing_and_a_new_name_one_row():
    with unchanged(Area):
        call_command("load_divisions", verbosity=0)
    assert load_divisions(actor=WHO, text="code,name\n370812102,新驿街道\n") == 1
    town = Area.objects.get(code=make.TOWN)
    assert (town.full_name, town.letters, town.door_token) == ("新驿街道", "XY", "xy102")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "no_columns", "code 和 name"),
        ("a,b\n1,2\n", "no_columns", "code 和 name"),
        ("code,name\n", "no_columns", "code 和 name"),
        ("code,name\n37,山东省\n3708x,甲\n", "bad_row", "第 3 行"),
        ("code,name\n370,山东省\n", "bad_row", "第 2 行"),
        ("code,name\n3709,\n", "bad_row", "第 2 行"),
        ("code,name\n3709\n", "bad_row", "第 2 行"),
        ("code,name\n３７,山东省\n", "bad_row", "第 2 行"),
        (f"code,name\n3709,{'泰' * 61}\n", "bad_row", "第 2 行"),
        ("code,name\n3708121022001001,网格\n", "bad_row", "第 2 行"),
        ("code,name\n410101,区\n", "no_parent", "4101"),
        ("code,name\n41,河南省\n4101,郑州市\n410101101,镇\n", "no_parent", "410101"),
    ],
)
def test_a_file_with_a_fault_comes_in_nowhere(text, code, said):
    with unchanged(Area), pytest.raises(RuleError) as refused:
        load_divisions(actor=WHO, text=text)
    assert refused.value.code == code
    assert said in refused.value.message


def test_the_command_says_what_is_wrong_in_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="读不了"):
        call_command("load_divisions", tmp_path / "none.csv")
    (tmp_path / "gbk.csv").write_bytes("code,name\n37,山东省\n".encode("gbk"))
    with pytest.raises(CommandError, match="读不了"):
        call_command("load_divisions", tmp_path / "gbk.csv")
    (tmp_path / "bad.csv").write_text("code,name\n1,x\n")
    with pytest.raises(CommandError, match="第 2 行"):
        call_command("load_divisions", tmp_path / "bad.csv")


def test_only_who_may_load_loads():
    with unchanged(Area), pytest.raises(NotAllowed):
        load_divisions(actor=Actor(kind=ActorKind.STAFF, identity="1"), text="code,name\n41,河南省\n")


def test_names_and_letters():
    assert [short_name(name) for name in ("新驿一村村委会", "韦园社区居委会", "王楼村民委员会", "李庄居委会", "东关")] == [
        "新驿一村", "韦园社区", "王楼村", "李庄", "东关",
    ]  # fmt: skip
    taken = set()
    for _ in range(3):
        taken.add(initials("新驿镇", taken))
    assert taken == {"XY", "XYI", "XYA"}


def test_an_unknown_or_strange_code_is_not_found():
    for code in ("999999", "", "x", "37\0", "３７"):
        with pytest.raises(NotFound):
            get_area(WHO, code=code)
