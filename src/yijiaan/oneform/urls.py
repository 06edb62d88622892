from django.urls import path

from yijiaan.oneform.views import answering, desk, field

app_name = "oneform"
urlpatterns = [
    path("forms/", desk.forms, name="forms"),
    path("forms/new/", desk.new_form, name="new_form"),
    path("forms/<uuid:form_id>/", desk.form, name="form"),
    path("forms/<uuid:form_id>/columns/", desk.columns, name="columns"),
    path("forms/<uuid:form_id>/publish/", desk.publish, name="publish"),
    path("forms/<uuid:form_id>/close/", desk.close, name="close"),
    path("forms/<uuid:form_id>/export/", desk.export, name="export"),
    path("forms/<uuid:form_id>/units/", answering.units, name="units"),
    path("forms/<uuid:form_id>/units/<slug:subject>/", answering.unit, name="unit"),
    path("field/forms/", field.forms, name="field_forms"),
    path("field/forms/<uuid:form_id>/", field.fill, name="fill"),
    path("field/forms/<uuid:form_id>/units/", field.units, name="field_units"),
]
