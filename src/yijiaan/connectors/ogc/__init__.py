"""OGC API – Features: grids, villages and open public cases as GeoJSON, so that QGIS, GDAL and OWSLib read them; see docs/ogc.md.

`reading.py` reads what was asked, `layers.py` says what is published and finds it, `description.py` describes the door in OpenAPI,
`api.py` is the door. Everything is public and read only.
"""
