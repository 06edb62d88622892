from django.urls import path

from yijiaan.operations import views

app_name = "operations"
urlpatterns = [
    path("metrics", views.metrics, name="metrics"),
    path("operations/", views.state, name="state"),
    path("operations/jobs/<int:job_id>/retry/", views.retry, name="retry"),
    path("operations/retention/", views.retention, name="retention"),
    path("operations/retention/<str:kind>/", views.set_retention, name="set_retention"),
]
