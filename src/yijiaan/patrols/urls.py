from django.urls import path

from yijiaan.patrols.views import desk, field

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
    path("patrols/sweeps/<uuid:sweep_id>/", desk.sweep, name="sweep"),
    path("field/patrols/", field.today, name="today"),
    path("field/patrols/<uuid:run_id>/", field.walk, name="walk"),
    path("field/patrols/<uuid:run_id>/points/<int:number>/", field.check, name="check"),
    path("field/patrols/<uuid:run_id>/<slug:name>/", field.end, name="end"),
]
