from yijiaan.patrols.actions.making import make_runs_of_today
from yijiaan.patrols.actions.planning import (
    PlanFacts,
    PointFacts,
    plan_patrol,
    start_sweep,
    switch_plan,
    write_patrol_template,
)
from yijiaan.patrols.actions.walking import (
    Found,
    add_point_photo,
    cancel_run,
    check_point_of_run,
    finish_run_of_patrol,
    interrupt_run,
)

__all__ = [
    "Found",
    "PlanFacts",
    "PointFacts",
    "add_point_photo",
    "cancel_run",
    "check_point_of_run",
    "finish_run_of_patrol",
    "interrupt_run",
    "make_runs_of_today",
    "plan_patrol",
    "start_sweep",
    "switch_plan",
    "write_patrol_template",
]
