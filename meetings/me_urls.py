from django.urls import path

from meetings import me_views

urlpatterns = [
    path("calendar/", me_views.calendar_feed, name="calendar_feed"),
    path("calendar/replace/", me_views.calendar_feed_replace, name="calendar_feed_replace"),
]
