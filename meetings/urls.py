from django.urls import path

from meetings import views

app_name = "meetings"
urlpatterns = [
    path("<slug:slug>/meetings/", views.meeting_list, name="meeting_list"),
    path("<slug:slug>/meetings/<int:year>/<int:month>/", views.meeting_month, name="meeting_month"),
    path("<slug:slug>/meetings/<slug:public_id>/", views.meeting_detail, name="meeting_detail"),
    path("<slug:slug>/meetings/<slug:public_id>/rsvp/", views.rsvp_answer, name="rsvp_answer"),
    path(
        "<slug:slug>/meetings/<slug:public_id>/meeting.ics", views.meeting_ics, name="meeting_ics"
    ),
]
