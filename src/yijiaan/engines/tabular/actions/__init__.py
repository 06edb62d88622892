from yijiaan.engines.tabular.actions.exports import request_export, take_export, write_export
from yijiaan.engines.tabular.actions.imports import (
    choose_sheet,
    drop_import,
    map_columns,
    receive_table,
    start_import,
    start_undo,
    take_refused,
)
from yijiaan.engines.tabular.actions.running import check_import, run_import, undo_import
from yijiaan.engines.tabular.sheets import MOST_ROWS

__all__ = [
    "MOST_ROWS",
    "check_import",
    "choose_sheet",
    "drop_import",
    "map_columns",
    "receive_table",
    "request_export",
    "run_import",
    "start_import",
    "start_undo",
    "take_export",
    "take_refused",
    "undo_import",
    "write_export",
]
