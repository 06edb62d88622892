from django.urls import path

from yijiaan.connectors.views import hotline as views
from yijiaan.connectors.views import open311, sms, webhooks

app_name = "connectors"
urlpatterns = [
    path("connectors/", views.listing, name="list"),
    path("connectors/new/", views.edit, name="new"),
    path("connectors/sms/", sms.sms, name="sms"),
    path("connectors/sms/settings/", sms.settings, name="sms_settings"),
    path("connectors/sms/try/", sms.try_out, name="sms_try"),
    path("connectors/sms/<uuid:message_id>/resend/", sms.resend, name="sms_resend"),
    path("connectors/sms/<uuid:message_id>/called/", sms.called, name="sms_called"),
    path("connectors/webhooks/", webhooks.listing, name="webhooks"),
    path("connectors/webhooks/new/", webhooks.edit, name="webhook_new"),
    path("connectors/webhooks/<uuid:webhook_id>/", webhooks.show, name="webhook"),
    path("connectors/webhooks/<uuid:webhook_id>/edit/", webhooks.edit, name="webhook_edit"),
    path("connectors/webhooks/<uuid:webhook_id>/renew/", webhooks.renew, name="webhook_renew"),
    path("connectors/webhooks/<uuid:webhook_id>/try/", webhooks.try_out, name="webhook_try"),
    path("connectors/webhooks/<uuid:webhook_id>/calls/<uuid:message_id>/retry/", webhooks.retry, name="webhook_retry"),
    path("connectors/open311/", open311.listing, name="open311"),
    path("connectors/open311/new/", open311.edit, name="open311_new"),
    path("connectors/open311/<uuid:key_id>/", open311.edit, name="open311_edit"),
    path("connectors/<uuid:connection_id>/", views.connection, name="connection"),
    path("connectors/<uuid:connection_id>/edit/", views.edit, name="edit"),
    path("connectors/<uuid:connection_id>/renew/", views.renew, name="renew"),
    path("connectors/<uuid:connection_id>/drop/", views.drop, name="drop"),
    path("connectors/<uuid:connection_id>/messages/<uuid:message_id>/retry/", views.retry, name="retry"),
]
