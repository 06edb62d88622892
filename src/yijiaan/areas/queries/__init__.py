from yijiaan.areas.queries.locate import border_stamp, find_grid, find_grids
from yijiaan.areas.queries.redraws import (
    Drawing,
    descent_of,
    get_redraw,
    grids_of_day,
    list_grids_ever,
    list_redraws,
    pieces_of,
    plan_redraw,
)
from yijiaan.areas.queries.shapes import GridShape, geojson_body, geojson_of, list_grid_shapes, minimap_of, union_of
from yijiaan.areas.queries.tree import (
    area_names,
    get_area,
    get_door,
    list_areas_inside,
    list_children,
    list_parts,
    list_places,
    name_path,
)
from yijiaan.areas.redrawing import Piece

__all__ = [
    "GridShape",
    "list_grid_shapes",
    "union_of",
    "Piece",
    "Drawing",
    "area_names",
    "border_stamp",
    "descent_of",
    "find_grid",
    "find_grids",
    "geojson_body",
    "geojson_of",
    "get_area",
    "get_door",
    "get_redraw",
    "grids_of_day",
    "list_areas_inside",
    "list_children",
    "list_grids_ever",
    "list_parts",
    "list_places",
    "list_redraws",
    "minimap_of",
    "name_path",
    "pieces_of",
    "plan_redraw",
]
