from django.urls import path

from yijiaan.portal import calendar_views, plates, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("t/<slug:token>/", views.door, name="door"),
    path("d/<str:code>/", plates.plate, name="plate"),
    path("large/", views.large, name="large"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/<uuid:notice_id>/", views.open_notice, name="open_notice"),
    path("account/", views.account, name="account"),
    path("settings/calendar/", calendar_views.calendar, name="calendar"),
    path("settings/calendar/preset/", calendar_views.choose, name="choose_preset"),
]
