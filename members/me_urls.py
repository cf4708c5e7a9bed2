from django.urls import path

from members import me_views

urlpatterns = [
    path("", me_views.me_home, name="me_home"),
    path("mail/", me_views.mail_choices, name="mail_choices"),
    path("profile/", me_views.profile_edit, name="profile_edit"),
]
