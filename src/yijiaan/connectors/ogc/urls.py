from django.urls import path

from yijiaan.connectors.ogc import api

app_name = "ogc"
urlpatterns = [
    path("", api.landing, name="landing"),
    path("api", api.api, name="api"),
    path("conformance", api.conformance, name="conformance"),
    path("collections", api.collections, name="collections"),
    path("collections/<str:layer_key>", api.collection, name="collection"),
    path("collections/<str:layer_key>/items", api.items, name="items"),
    path("collections/<str:layer_key>/items/<str:feature_key>", api.item, name="item"),
]
