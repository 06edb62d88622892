from django.urls import path

from yijiaan.cases.further import MOVES
from yijiaan.cases.views import desk, field, further, moves, public

app_name = "cases"
urlpatterns = [
    path("t/<slug:token>/report/", public.report, name="report"),
    path("t/<slug:token>/find/", public.find, name="find"),
    path("p/<str:code>/", public.progress, name="progress"),
    path("p/<str:code>/receipt/", public.receipt, name="receipt"),
    path("p/<str:code>/rate/", public.rate, name="rate"),
    path("p/<str:code>/withdraw/", public.withdraw, name="withdraw"),
    path("p/<str:code>/urge/", public.urge, name="urge_own"),
    path("p/<str:code>/reopen/", public.reopen, name="reopen_own"),
    path("p/<str:code>/photos/", public.add_photos, name="add_photos"),
    path("p/<str:code>/photos/<uuid:file_id>/", public.photo, name="photo"),
    path("p/<str:code>/photos/<uuid:file_id>/thumb/", public.photo, {"thumb": True}, name="photo_thumb"),
    path("cases/", desk.case_list, name="list"),
    path("cases/new/", desk.register, name="register"),
    path("cases/new/<str:code>/", desk.registered, name="registered"),
    path("cases/<str:number>/", desk.case, name="case"),
    path("cases/<str:number>/dispatch/", moves.dispatch, name="dispatch"),
    path("cases/<str:number>/take/", moves.take, name="take"),
    path("cases/<str:number>/solve/", moves.solve, name="solve"),
    path("cases/<str:number>/sign/", moves.sign, name="sign"),
    path("cases/<str:number>/undo-dispatch/", moves.undo, name="undo"),
    path("cases/<str:number>/return/", moves.send_back, name="return"),
    path("cases/<str:number>/finish/", moves.finish, name="finish"),
    path("cases/<str:number>/callback/", moves.callback, name="callback"),
    path("cases/<str:number>/classify/", moves.classify, name="classify"),
    path("cases/<str:number>/contact/", moves.contact, name="contact"),
    path("cases/<str:number>/note/", moves.note, name="note"),
    *(path(f"cases/<str:number>/{MOVES[name].slug}/", further.view_of(name), name=name) for name in MOVES),
    path("cases/<str:number>/photos/", moves.photos, name="photos"),
    path("cases/<str:number>/see-reporter/", moves.see_reporter, name="see_reporter"),
    path("orders/", desk.orders, name="orders"),
    path("field/", field.home, name="field"),
    path("field/report/", field.report, name="field_report"),
    path("field/report/<str:code>/", field.receipt, name="field_receipt"),
    path("field/cases/<str:number>/", field.case, name="field_case"),
]
