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
]
