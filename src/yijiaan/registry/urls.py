from django.urls import path

from yijiaan.registry.views import base, deciding, people, plate_page, plate_prints, plates, records, rooms

app_name = "registry"
household, person = "base/household/<uuid:household_id>/", "base/person/<uuid:record_id>/"
record = "base/<slug:record_kind>/<uuid:record_id>/"
urlpatterns = [
    path("plates/", plates.plates, name="plates"),
    path("plates/sheet/", plates.sheet, name="sheet"),
    path("plates/prints/", plate_prints.prints, name="plate_prints"),
    path("plates/prints/<uuid:print_id>/file/", plate_prints.fetch, name="plate_print_file"),
    path("plates/style/", plate_prints.style, name="plate_style"),
    path("plates/numbering/", plate_page.numbering, name="plate_numbering"),
    path("plates/<uuid:plate_id>/", plate_page.plate, name="plate"),
    path("plates/<uuid:plate_id>/revoke/", plate_page.revoke, name="revoke_plate"),
    path("plates/<uuid:plate_id>/replace/", plate_page.replace, name="replace_plate"),
    path("base/", base.base, name="base"),
    path("field/base/", base.base, name="field_base"),
    path("base/changes/", base.proposals, name="proposals"),
    path("base/changes/<uuid:change_id>/confirm/", deciding.confirm, name="confirm_change"),
    path("base/changes/<uuid:change_id>/refuse/", deciding.refuse, name="refuse_change"),
    path("base/changes/<uuid:change_id>/undo/", deciding.undo, name="undo_change"),
    path("base/mine/", deciding.mine, name="mine"),
    path("base/due/", base.due, name="due"),
    path("base/completeness/", base.completeness, name="completeness"),
    path("base/completeness/count/", base.count, name="count_base"),
    path("base/care/", base.care, name="care"),
    path(household + "person/", people.add_person, name="add_person"),
    path(household + "birth/", people.birth, name="birth"),
    path(household + "move-in/", people.move_in, name="move_in"),
    path(household + "room/", rooms.in_room, name="in_room"),
    path(person + "care/", people.add_care, name="add_care"),
    path(person + "care/<uuid:entry_id>/review/", people.review_care, name="review_care"),
    path(person + "care/<uuid:entry_id>/end/", people.end_care, name="end_care"),
    path(person + "merge/", people.merge, name="merge"),
    path(person + "unmerge/", people.unmerge, name="unmerge"),
    path(person + "deed/<slug:deed>/", people.deed, name="person_deed"),
    path("base/<slug:record_kind>/", base.listing, name="listing"),
    path("base/<slug:record_kind>/new/", records.add, name="add"),
    path(record, records.record, name="record"),
    path("field/" + record, records.record, name="field_record"),
    path(record + "change/", records.change, name="change"),
    path(record + "see/", records.see, name="see"),
    path(record + "checked/", records.checked, name="checked"),
    path(record + "end/", records.end, name="end"),
]
