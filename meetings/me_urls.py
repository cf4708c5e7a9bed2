from django.urls import path

from meetings import me_views
from meetings.views import attendance

urlpatterns = [
    path("calendar/", me_views.calendar_feed, name="calendar_feed"),
    path("calendar/replace/", me_views.calendar_feed_replace, name="calendar_feed_replace"),
    path("calendar/choices/", me_views.meeting_choices, name="meeting_choices"),
    path("meetings/<slug:public_id>/", me_views.my_meeting, name="my_meeting"),
    path("attendance/", attendance.my_attendance, name="my_attendance"),
    path(
        "attendance/<slug:public_id>/certificate.pdf",
        attendance.my_certificate,
        name="my_certificate",
    ),
    path(
        "attendance/<slug:slug>/<str:first>/year.pdf",
        attendance.my_transcript,
        name="my_transcript",
    ),
]
