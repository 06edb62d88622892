from django.urls import path

from yijiaan.patrols import views

app_name = "patrols"
urlpatterns = [
    path("patrols/", views.plans, name="plans"),
    path("patrols/runs/", views.runs, name="runs"),
    path("patrols/runs/<uuid:run_id>/", views.run, name="run"),
    path("patrols/runs/<uuid:run_id>/cancel/", views.cancel, name="cancel"),
    path("patrols/routes/new/", views.template, name="new_template"),
    path("patrols/routes/<uuid:template_id>/", views.template, name="template"),
    path("patrols/routes/<uuid:template_id>/plan/", views.plan, name="plan"),
    path("patrols/plans/<uuid:plan_id>/switch/", views.switch, name="switch"),
    path("patrols/sweeps/new/", views.new_sweep, name="new_sweep"),
    path("patrols/sweeps/<uuid:sweep_id>/", views.sweep, name="sweep"),
    path("field/patrols/", views.today, name="today"),
    path("field/patrols/<uuid:run_id>/", views.walk, name="walk"),
    path("field/patrols/<uuid:run_id>/points/<int:number>/", views.check, name="check"),
    path("field/patrols/<uuid:run_id>/<slug:name>/", views.end, name="end"),
]
