from yijiaan.areas.queries.locate import border_stamp, find_grid, find_grids
from yijiaan.areas.queries.shapes import geojson_body, geojson_of, minimap_of
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

__all__ = [
    "area_names",
    "border_stamp",
    "find_grid",
    "find_grids",
    "geojson_body",
    "geojson_of",
    "get_area",
    "get_door",
    "list_areas_inside",
    "list_children",
    "list_parts",
    "list_places",
    "minimap_of",
    "name_path",
]
