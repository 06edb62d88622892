from django.urls import path

from yijiaan.accounts import views

app_name = "accounts"
urlpatterns = [
    path("signin/", views.sign_in, name="signin"),
    path("posts/", views.posts, name="posts"),
    path("password/", views.password, name="password"),
    path("signout/", views.sign_out, name="signout"),
    path("second-factor/", views.second_factor, name="second_factor"),
    path("second-factor/set-up/", views.enrol, name="enrol"),
    path("second-factor/mine/", views.my_second_factor, name="my_second_factor"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/others/end/", views.end_others, name="end_others"),
    path("sessions/<uuid:session_id>/end/", views.end_session, name="end_session"),
    path("people/", views.people, name="people"),
    path("people/new/", views.new_person, name="new_person"),
    path("people/<uuid:user_id>/", views.person, name="person"),
    path("people/<uuid:user_id>/change/", views.change_person, name="change_person"),
    path("people/<uuid:user_id>/appoint/", views.appoint, name="appoint"),
    path("people/<uuid:user_id>/posts/<uuid:post_id>/end/", views.end_post, name="end_post"),
    path("people/<uuid:user_id>/second-factor/reset/", views.reset_factor, name="reset_factor"),
    path("people/<uuid:user_id>/password/reset/", views.reset_password, name="reset_password"),
    path("people/<uuid:user_id>/active/", views.set_active, name="set_active"),
    path("people/<uuid:user_id>/sessions/end/", views.end_sessions, name="end_sessions"),
    path("roles/", views.roles, name="roles"),
    path("roles/<slug:code>/", views.role, name="role"),
    path("audit/", views.audit, name="audit"),
    path("audit/looks/", views.looks, name="looks"),
    path("audit/head/", views.head, name="head"),
]
