from django.urls import path

from yijiaan.knowledge import views

app_name = "knowledge"
urlpatterns = [
    path("knowledge/", views.listing, name="list"),
    path("knowledge/new/", views.edit, name="new"),
    path("knowledge/<uuid:article_id>/", views.article, name="article"),
    path("knowledge/<uuid:article_id>/edit/", views.edit, name="edit"),
    path("knowledge/<uuid:article_id>/<slug:name>/", views.move, name="move"),
    path("t/<slug:token>/guides/", views.guides, name="guides"),
    path("t/<slug:token>/guides/<uuid:article_id>/", views.guide, name="guide"),
]
