from yijiaan.areas.actions.divisions import load_divisions
from yijiaan.areas.actions.grids import import_grids
from yijiaan.areas.actions.redraws import begin_redraws, schedule_redraw, undo_redraw

__all__ = ["begin_redraws", "import_grids", "load_divisions", "schedule_redraw", "undo_redraw"]
