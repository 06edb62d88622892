from yijiaan.patrols.actions.arranging import (
    end_arrangement,
    follow_care,
    follow_homes,
    keep_arrangements_of_today,
    pause_arrangement,
    resume_arrangement,
    set_visit_cycle,
)
from yijiaan.patrols.actions.making import make_runs_of_today
from yijiaan.patrols.actions.planning import (
    PlanFacts,
    PointFacts,
    plan_patrol,
    start_sweep,
    switch_plan,
    write_patrol_template,
)
from yijiaan.patrols.actions.redrawn import follow_redraw
from yijiaan.patrols.actions.sampling import check_visit_sample, draw_visit_sample
from yijiaan.patrols.actions.visiting import FactChange, VisitFacts, record_visit
from yijiaan.patrols.actions.walking import (
    Found,
    add_point_photo,
    cancel_run,
    check_point_of_run,
    finish_run_of_patrol,
    interrupt_run,
)

__all__ = [
    "FactChange",
    "Found",
    "PlanFacts",
    "PointFacts",
    "VisitFacts",
    "add_point_photo",
    "cancel_run",
    "check_point_of_run",
    "check_visit_sample",
    "draw_visit_sample",
    "end_arrangement",
    "finish_run_of_patrol",
    "follow_care",
    "follow_homes",
    "follow_redraw",
    "interrupt_run",
    "keep_arrangements_of_today",
    "make_runs_of_today",
    "pause_arrangement",
    "plan_patrol",
    "record_visit",
    "resume_arrangement",
    "set_visit_cycle",
    "start_sweep",
    "switch_plan",
    "write_patrol_template",
]
