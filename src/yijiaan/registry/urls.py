from django.urls import path

from yijiaan.registry import views

app_name = "registry"
urlpatterns = [
    path("plates/", views.plates, name="plates"),
    path("plates/sheet/", views.sheet, name="sheet"),
]
