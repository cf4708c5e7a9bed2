"""Links from mails, under /m/: no sign-in, the token is the proof."""

from django.urls import path

from meetings import link_views

urlpatterns = [
    path("<str:token>/rsvp/", link_views.rsvp_link, name="rsvp_link"),
    path("<str:secret>/calendar.ics", link_views.calendar_file, name="calendar_file"),
]
