from yijiaan.safety.actions.assigning import extend_hazard, notify_hazard
from yijiaan.safety.actions.exporting import export_hazards
from yijiaan.safety.actions.grading import dismiss_hazard, grade_hazard, supervise_hazard
from yijiaan.safety.actions.handing_over import hand_to_case, take_back_from_case
from yijiaan.safety.actions.inspecting import (
    InspectionFacts,
    add_inspection_photo,
    answer_inspection,
    cancel_inspection,
    close_inspection,
    file_inspection,
    plan_inspection,
    refuse_signature,
    sign_inspection,
    start_inspection,
    submit_inspection,
)
from yijiaan.safety.actions.rectifying import (
    begin_rectifying,
    protect_hazard,
    resume_rectifying,
    submit_rectified,
)
from yijiaan.safety.actions.redrawn import follow_redraw
from yijiaan.safety.actions.registering import HazardFacts, add_hazard_photo, register_hazard
from yijiaan.safety.actions.verifying import verify_hazard
from yijiaan.safety.actions.writing_off import carry_over_hazards, close_year, write_off_hazard

__all__ = [
    "HazardFacts",
    "InspectionFacts",
    "add_hazard_photo",
    "add_inspection_photo",
    "answer_inspection",
    "begin_rectifying",
    "cancel_inspection",
    "carry_over_hazards",
    "close_inspection",
    "close_year",
    "dismiss_hazard",
    "export_hazards",
    "extend_hazard",
    "file_inspection",
    "follow_redraw",
    "grade_hazard",
    "hand_to_case",
    "notify_hazard",
    "plan_inspection",
    "protect_hazard",
    "refuse_signature",
    "register_hazard",
    "resume_rectifying",
    "sign_inspection",
    "start_inspection",
    "submit_inspection",
    "submit_rectified",
    "supervise_hazard",
    "take_back_from_case",
    "verify_hazard",
    "write_off_hazard",
]
