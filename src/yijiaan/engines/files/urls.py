from django.urls import path

from yijiaan.engines.files import views

app_name = "files"
urlpatterns = [
    path("files/<str:county>/<uuid:file_id>/", views.serve, name="file"),
    path("files/<str:county>/<uuid:file_id>/thumb/", views.serve, {"thumb": True}, name="thumb"),
]
