from django.urls import path

from yijiaan.connectors.open311 import api

app_name = "open311"
urlpatterns = [
    path("discovery.<slug:form>", api.discovery, name="discovery"),
    path("services.<slug:form>", api.services, name="services"),
    path("services/<str:service_code>.<slug:form>", api.definition, name="definition"),
    path("requests.<slug:form>", api.requests, name="requests"),
    path("requests/<str:request_number>.<slug:form>", api.one, name="request"),
    path("tokens/<str:request_number>.<slug:form>", api.token, name="token"),
    path("servicerequestupdates.<slug:form>", api.updates, name="updates"),
]
