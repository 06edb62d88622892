from yijiaan.oneform.actions.answering import Told, answer_unit
from yijiaan.oneform.actions.exporting import export_form
from yijiaan.oneform.actions.redrawn import follow_redraw
from yijiaan.oneform.actions.registering import FormFacts, Meaning, close_form, map_columns, publish_form, register_form

__all__ = [
    "FormFacts", "Meaning", "Told", "answer_unit", "close_form", "export_form", "follow_redraw", "map_columns", "publish_form", "register_form",
]  # fmt: skip
