"""巡查: walks by a plan, point by point; what is dangerous becomes a hazard of `safety`.

Tables: `PatrolTemplate` and `PatrolPoint` (where to look), `PatrolPlan` (by which rule), `PatrolRun` and `PointCheck` (one walk and
what was found at each point), `Sweep` (拉网式: one walk for each grid of a set). Days by rule: `rules.py`, `lunar.py`. Runs are made by
the daily job or by opening a plan; no track of anybody is kept (the switch of a template only says that a safety patrol may be asked
for one by law; nothing records it).
"""
