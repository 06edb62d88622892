import re
from typing import Any

from yijiaan.ui.tests.test_drawing import square
from yijiaan.ui.way import HEIGHT, WIDTH, Stop, way_key, way_map

WORDS = (("done", "正常"), ("late", "有隐患"), ("soon", "到不了"), ("hold", "还没有看"))
PLACED = re.compile(r'data-stop="(\d+)" transform="translate\(([-\d.]+) ([-\d.]+)\)"')


def stops(*spots: Any) -> list[Stop]:
    return [
        Stop(number, f"第 {number} 处", *WORDS[number % 4], None if at is None else (116.6 + at[0], 35.6 + at[1]))
        for number, at in enumerate(spots, 1)
    ]


def placed(drawn: str) -> dict[int, tuple[float, float]]:
    return {int(number): (float(x), float(y)) for number, x, y in PLACED.findall(drawn)}


def test_each_stop_tells_its_state_by_shape_number_and_words() -> None:
    drawn = way_map([square("a", 116.6)], stops((0.001, 0.001), (0.004, 0.002), (0.002, 0.004), (0.003, 0.003)), "a")
    for kind in ("done", "late", "soon", "hold"):
        assert drawn.count(f'<use href="#stop-{kind}"/>') == drawn.count(f'<g id="stop-{kind}">') == 1
    assert "<title>1. 第 1 处：有隐患</title>" in drawn
    assert "1. 第 1 处，有隐患；2. 第 2 处，到不了" in drawn
    assert 'class="me"' in drawn
    assert "style" not in drawn


def test_what_has_no_place_is_left_out_and_nothing_is_drawn_of_nothing() -> None:
    assert sorted(placed(way_map([], stops((0, 0), None, (0.001, 0))))) == [1, 3]
    assert way_map([square("a", 116.6)], stops(None, None)) == ""
    assert way_map([], []) == ""


def test_north_is_up_east_is_right_and_everything_lies_inside() -> None:
    at = placed(way_map([], stops((0, 0), (0.01, 0.02), (0.002, 0.001))))
    assert at[2][0] > at[1][0]
    assert at[2][1] < at[1][1]
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in at.values())


def test_stops_at_one_place_step_aside_so_that_each_can_be_read() -> None:
    at = list(placed(way_map([], stops(*[(0.0, 0.0)] * 8, (0.003, 0.0)))).values())
    apart = [((x - u) ** 2 + (y - v) ** 2) ** 0.5 for n, (x, y) in enumerate(at) for u, v in at[:n]]
    assert min(apart) >= 18


def test_names_of_others_are_escaped_and_the_key_counts() -> None:
    drawn = way_map([], [Stop(1, "<b>", "done", "正常", (116.6, 35.6))])
    assert "<b>" not in drawn
    assert "&lt;b&gt;" in drawn
    key = way_key(stops((0, 0), (0, 0), None, (0, 0), (0, 0)), WORDS)
    assert re.findall(r'data-stop-count="(\w+)">(\d+)', key) == [
        ("done", "1"),
        ("late", "2"),
        ("soon", "1"),
        ("hold", "1"),
    ]
