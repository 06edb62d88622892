from django.urls import path

from yijiaan.portal import board, calendar_views, exports, grids, outbox, plates, rates, screen, views, worker
from yijiaan.portal.settings import views as settings

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("sw.js", worker.worker, name="worker"),
    path("t/<slug:token>/", views.door, name="door"),
    path("d/<str:code>/", plates.plate, name="plate"),
    path("board/", board.board, name="board"),
    path("board/state/", board.state, name="state"),
    path("board/work/", board.work, name="work"),
    path("board/undo/<str:number>/", board.undo, name="undo"),
    path("board/figures/", board.figures, name="figures"),
    path("board/rates/", rates.rates, name="rates"),
    path("board/records/", board.records, name="records"),
    path("screen/", screen.screen, name="screen"),
    path("large/", views.large, name="large"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/<uuid:notice_id>/", views.open_notice, name="open_notice"),
    path("grids/", grids.overview, name="grids"),
    path("grids/redraws/<uuid:redraw_id>/", grids.redrawn, name="redraw"),
    path("grids/redraws/<uuid:redraw_id>/undo/", grids.undo, name="undo_redraw"),
    path("grids/<str:village>/", grids.village, name="village_grids"),
    path("grids/<str:village>/redraw/", grids.draw, name="draw_grids"),
    path("outbox/sync/", outbox.sync, name="outbox_sync"),
    path("outbox/<uuid:client_key>/", outbox.parts, name="outbox_parts"),
    path("outbox/<uuid:client_key>/<int:number>/", outbox.parts, name="outbox_part"),
    path("exports/", exports.listing, name="exports"),
    path("exports/<uuid:export_id>/file/", exports.fetch, name="export_file"),
    path("account/", views.account, name="account"),
    path("settings/calendar/", calendar_views.calendar, name="calendar"),
    path("settings/calendar/preset/", calendar_views.choose, name="choose_preset"),
    path("settings/calendar/presets/", calendar_views.add_preset, name="add_preset"),
    path("settings/", settings.contents, name="settings_contents"),
    path("settings/duties/", settings.listing, {"slug": "duties"}, name="duties"),
    path("settings/<slug:slug>/", settings.listing, name="settings"),
    path("settings/<slug:slug>/new/", settings.edit, name="new_setting"),
    path("settings/<slug:slug>/<str:key>/", settings.edit, name="setting"),
    path("settings/<slug:slug>/<str:key>/<slug:name>/", settings.deed, name="setting_deed"),
]
