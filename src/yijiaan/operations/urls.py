from django.urls import path

from yijiaan.operations import opinion_views, views

app_name = "operations"
urlpatterns = [
    path("metrics", views.metrics, name="metrics"),
    path("operations/", views.state, name="state"),
    path("operations/jobs/<int:job_id>/retry/", views.retry, name="retry"),
    path("opinions/", opinion_views.own_list, name="own_opinions"),
    path("opinions/new/", opinion_views.new, name="new_opinion"),
    path("opinions/code/<str:code>/", opinion_views.by_code, name="opinion_by_code"),
    path("opinions/<uuid:opinion_id>/", opinion_views.own, name="own_opinion"),
    path("operations/opinions/", opinion_views.listing, name="opinions"),
    path("operations/opinions/<uuid:opinion_id>/", opinion_views.opinion, name="opinion"),
    path("operations/opinions/<uuid:opinion_id>/answer/", opinion_views.answer, name="answer_opinion"),
    path("operations/retention/", views.retention, name="retention"),
    path("operations/retention/<str:kind>/", views.set_retention, name="set_retention"),
]
