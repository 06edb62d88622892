from django.urls import path

from yijiaan.safety.views import books, checklists, hazards, inspections, registering, running

app_name = "safety"
urlpatterns = [
    path("safety/hazards/", hazards.ledger, name="hazards"),
    path("safety/hazards/new/", registering.new, name="new_hazard"),
    path("safety/hazards/export/", hazards.export, name="export"),
    path("safety/hazards/<uuid:hazard_id>/", hazards.hazard, name="hazard"),
    path("safety/hazards/<uuid:hazard_id>/<slug:name>/", hazards.move, name="move"),
    path("safety/books/", books.books, name="books"),
    path("safety/books/close/", books.close, name="close_year"),
    path("safety/inspections/", inspections.listing, name="inspections"),
    path("safety/inspections/new/", inspections.new, name="new_inspection"),
    path("safety/inspections/<uuid:inspection_id>/", inspections.inspection, name="inspection"),
    path("safety/inspections/<uuid:inspection_id>/<slug:name>/", inspections.move, name="move_inspection"),
    path("safety/checklists/", checklists.listing, name="checklists"),
    path("safety/checklists/new/", checklists.edit, name="new_checklist"),
    path("safety/checklists/<uuid:template_id>/", checklists.checklist, name="checklist"),
    path("safety/checklists/<uuid:template_id>/edit/", checklists.edit, name="edit_checklist"),
    path("safety/checklists/<uuid:template_id>/switch/", checklists.switch, name="switch_checklist"),
    path("field/hazards/", registering.field_list, name="field_hazards"),
    path("field/hazards/new/", registering.field_new, name="field_new"),
    path("field/hazards/<uuid:hazard_id>/", registering.field_hazard, name="field_hazard"),
    path("field/inspections/", running.mine, name="field_inspections"),
    path("field/inspections/<uuid:inspection_id>/", running.run, name="field_run"),
]
