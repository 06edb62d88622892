"""巡查走访: walks by a plan, point by point, what is dangerous becomes a hazard of `safety`; visits to households by a cycle.

Tables: `PatrolTemplate` and `PatrolPoint` (where to look), `PatrolPlan` (by which rule), `PatrolRun` and `PointCheck` (one walk and
what was found at each point), `Sweep` (拉网式: one walk for each grid of a set). Days by rule: `rules.py`, `lunar.py`. Runs are made by
the daily job or by opening a plan; no track of anybody is kept (the switch of a template only says that a safety patrol may be asked
for one by law; nothing records it).

走访: `VisitCycle` (how often who is visited), `Arrangement` (that a household is to be visited again; follows the care lists of
`registry`), `Visit` (one visit, what was heard there sealed), `VisitSample` (a random second look by somebody else). `record_visit` is
one deed: the visit, what changed (proposals), what is raised (a report). Nobody is ranked, no place and no picture is asked for.
"""
