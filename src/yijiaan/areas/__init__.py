"""区划网格: the tree of places from province down to grid, the borders of grids, and "which grid is this point in".

Tables: `Area` (code = prefix code: 2, 4, 6, 9, 12 digits, grid 16), `Border` (a grid's polygon for a period), `BorderStamp`.
Deeds: `load_divisions`, `import_grids`. Queries: `find_grid`, `geojson_of`.
"""
