"""Links from mails, under /m/: no sign-in, the token is the proof."""

from django.urls import path

from meetings import link_views
from meetings.views import after, ballots, feeds, joining, roles

urlpatterns = [
    path("<str:token>/rsvp/", link_views.rsvp_link, name="rsvp_link"),
    path("<str:token>/join/", joining.join_link, name="join_link"),
    path("<str:token>/part/", roles.role_link, name="role_link"),
    path("<str:token>/feedback/", after.feedback_link, name="feedback_link"),
    path("<str:token>/notes/", after.notes_link, name="notes_link"),
    path("<str:token>/vote/", ballots.ballot_link, name="ballot_link"),
    path("<str:token>/outcome/", after.outcome_link, name="outcome_link"),
    path("<str:secret>/calendar.ics", feeds.calendar_file, name="calendar_file"),
]
