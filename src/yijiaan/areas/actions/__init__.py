from yijiaan.areas.actions.divisions import load_divisions
from yijiaan.areas.actions.grids import import_grids

__all__ = ["import_grids", "load_divisions"]
