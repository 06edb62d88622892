from django.urls import path

from yijiaan.connectors.hotline import api

app_name = "hotline"
urlpatterns = [
    path("messages", api.messages, name="messages"),
    path("acks", api.acks, name="acks"),
]
