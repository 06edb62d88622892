import re
from typing import Any

from yijiaan.ui import drawing


def square(code: str, west: float, south: float = 35.60, side: float = 0.01) -> dict[str, Any]:
    """A grid."""
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    return {"properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def test_pictures_hold_no_style_that_the_policy_would_refuse() -> None:
    drawn = [
        drawing.spark([1, 4, 2], "late"),
        drawing.bar(38, "三成八"),
        drawing.minimap([square("a", 116.6), square("b", 116.61)], "a", (116.605, 35.605)),
    ]
    for picture in drawn:
        assert "style" not in picture
        assert picture.startswith("<svg")


def test_a_line_needs_two_values_and_survives_equal_ones() -> None:
    assert drawing.spark([]) == drawing.spark([3]) == ""
    assert "nan" not in drawing.spark([5, 5, 5])


def test_a_bar_stays_within_its_bounds_and_escapes_its_label() -> None:
    assert 'width="100"' in drawing.bar(140, "满")
    assert 'class="bar-fg" width="0"' in drawing.bar(-3, "空")
    assert "&lt;b&gt;" in drawing.bar(1, "<b>")


def test_minimap_shows_the_grid_its_neighbours_and_the_pin() -> None:
    features = [square("a", 116.6), square("b", 116.61), square("far", 118.0)]
    drawn = drawing.minimap(features, "a", (116.605, 35.605))
    assert drawn.count('class="g"') == 1
    assert drawn.count('class="me"') == 1
    x, y = map(float, re.search(r'class="pin" d="M([\d.]+),([\d.]+)', drawn).groups())  # type: ignore[union-attr]
    assert (x, y) == (52, 41)


def test_minimap_leaves_out_what_it_cannot_show() -> None:
    assert drawing.minimap([square("b", 116.6)], "a") == ""
    assert drawing.minimap([], "a") == ""
    assert "pin" not in drawing.minimap([square("a", 116.6)], "a", (117.6, 35.6))
    assert "pin" not in drawing.minimap([square("a", 116.6)], "a")


def test_a_square_stays_square() -> None:
    # at 35.6 degrees north a hundredth of longitude is 0.81 of a hundredth of latitude
    drawn = drawing.minimap([square("a", 116.6)], "a")
    path = re.search(r'class="me" d="M([^Z]+)Z', drawn)[1]  # type: ignore[index]
    points = [tuple(map(float, pair.split(","))) for pair in path.split()]
    wide = max(x for x, _ in points) - min(x for x, _ in points)
    high = max(y for _, y in points) - min(y for _, y in points)
    assert abs(wide / high - 0.813) < 0.01


def test_rings_of_both_kinds_of_geometry() -> None:
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    assert drawing.rings({"type": "Polygon", "coordinates": [ring]}) == drawing.rings(
        {"type": "MultiPolygon", "coordinates": [[ring]]}
    )
