from django.urls import path

from yijiaan.connectors.sms import api

app_name = "sms"
urlpatterns = [path("reports/<str:token>", api.reports, name="reports")]
