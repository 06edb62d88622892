from django.urls import path, register_converter

from yijiaan.areas import views
from yijiaan.areas.queries.shapes import TOLERANCE


class LevelConverter:
    regex = "|".join(TOLERANCE)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(LevelConverter, "level")
app_name = "areas"
urlpatterns = [path("areas/<str:code>/<level:level>.json", views.shapes, name="shapes")]
