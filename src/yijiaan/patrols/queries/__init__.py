from yijiaan.patrols.queries.grounds import stands_of_arrangements, stands_of_visits
from yijiaan.patrols.queries.sweeps import (
    HOMES,
    POINTS,
    Homes,
    count_sweep_homes,
    list_sweep_homes,
    list_sweep_points,
    may_see_homes,
    visits_on_days,
)
from yijiaan.patrols.queries.visits import (
    count_due_by_grid,
    get_arrangement,
    get_sample,
    get_visit,
    list_arrangements_of,
    list_carried_visits,
    list_changes_of_visit,
    list_due_visits,
    list_paused,
    list_samples,
    list_visits,
    read_cycles,
    records_in_household,
)
from yijiaan.patrols.queries.walks import (
    Coverage,
    get_patrol_run,
    get_patrol_template,
    get_sweep,
    list_checks,
    list_patrol_templates,
    list_plans,
    list_points,
    list_runs,
    list_runs_of_today,
    list_sweeps,
    may_open_run_file,
    read_coverage,
)

__all__ = [
    "Coverage", "HOMES", "Homes", "POINTS", "count_due_by_grid", "count_sweep_homes", "get_arrangement", "get_patrol_run",
    "get_patrol_template", "get_sample", "get_sweep", "get_visit", "list_arrangements_of", "list_carried_visits",
    "list_changes_of_visit", "list_checks", "list_due_visits", "list_patrol_templates", "list_paused", "list_plans",
    "list_points", "list_runs", "list_runs_of_today", "list_samples", "list_sweep_homes", "list_sweep_points", "list_sweeps",
    "list_visits", "may_open_run_file", "may_see_homes", "read_coverage", "read_cycles", "records_in_household",
    "stands_of_arrangements", "stands_of_visits", "visits_on_days",
]  # fmt: skip
