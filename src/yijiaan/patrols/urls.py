from django.urls import path

from yijiaan.patrols.views import desk, field, sweeps, visits, visits_desk

app_name = "patrols"
urlpatterns = [
    path("patrols/", desk.plans, name="plans"),
    path("patrols/runs/", desk.runs, name="runs"),
    path("patrols/runs/<uuid:run_id>/", desk.run, name="run"),
    path("patrols/runs/<uuid:run_id>/cancel/", desk.cancel, name="cancel"),
    path("patrols/routes/new/", desk.template, name="new_template"),
    path("patrols/routes/<uuid:template_id>/", desk.template, name="template"),
    path("patrols/routes/<uuid:template_id>/plan/", desk.plan, name="plan"),
    path("patrols/plans/<uuid:plan_id>/switch/", desk.switch, name="switch"),
    path("patrols/sweeps/new/", desk.new_sweep, name="new_sweep"),
    path("patrols/sweeps/<uuid:sweep_id>/", sweeps.sweep, name="sweep"),
    path("patrols/sweeps/<uuid:sweep_id>/points/", sweeps.sweep_points, name="sweep_points"),
    path("patrols/sweeps/<uuid:sweep_id>/homes/", sweeps.sweep_homes, name="sweep_homes"),
    path("visits/", visits_desk.due_by_grid, name="due_by_grid"),
    path("visits/due/", visits_desk.due_visits, name="due_visits"),
    path("visits/records/", visits_desk.all_visits, name="all_visits"),
    path("visits/cycles/", visits_desk.cycles, name="visit_cycles"),
    path("visits/cycles/<slug:care_kind>/", visits_desk.visit_cycle, name="visit_cycle"),
    path("visits/samples/", visits_desk.samples, name="visit_samples"),
    path("visits/samples/<uuid:sample_id>/", visits_desk.visit_sample, name="visit_sample"),
    path("visits/plans/<uuid:arrangement_id>/", visits.arrangement, name="arrangement"),
    path("visits/plans/<uuid:arrangement_id>/<slug:name>/", visits.move_arrangement, name="move_arrangement"),
    path("visits/<uuid:visit_id>/", visits.visit, name="visit"),
    path("field/visits/", visits.visits, name="visits"),
    path("field/visits/new/", visits.new_visit, name="new_visit"),
    path("field/patrols/", field.today, name="today"),
    path("field/patrols/<uuid:run_id>/", field.walk, name="walk"),
    path("field/patrols/<uuid:run_id>/points/<int:number>/", field.check, name="check"),
    path("field/patrols/<uuid:run_id>/<slug:name>/", field.end, name="end"),
]
