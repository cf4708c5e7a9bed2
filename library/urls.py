from django.urls import path

from library.views import detail, from_meeting, listing, translations, using
from library.views import resources as views

app_name = "library"
urlpatterns = [
    path("<slug:slug>/library/", listing.resource_list, name="resource_list"),
    path("<slug:slug>/library/add/", views.resource_create, name="resource_create"),
    path("<slug:slug>/library/kept/", using.kept, name="kept"),
    path("<slug:slug>/library/topics/follow/", using.follow, name="follow_topic"),
    path(
        "<slug:slug>/library/from-meeting/<slug:public_id>/",
        from_meeting.from_meeting,
        name="from_meeting",
    ),
    path(
        "<slug:slug>/library/<slug:public_id>/side-by-side/",
        translations.side_by_side,
        name="resource_side_by_side",
    ),
    path("<slug:slug>/library/<slug:public_id>/", detail.resource_detail, name="resource_detail"),
    path("<slug:slug>/library/<slug:public_id>/edit/", views.resource_edit, name="resource_edit"),
    path("<slug:slug>/library/<slug:public_id>/file/", views.resource_file, name="resource_file"),
    path("<slug:slug>/library/<slug:public_id>/helped/", using.say_helped, name="say_helped"),
    path("<slug:slug>/library/<slug:public_id>/used/", using.say_used, name="say_used"),
    path("<slug:slug>/library/<slug:public_id>/keep/", using.keep, name="keep"),
    path(
        "<slug:slug>/library/<slug:public_id>/stories/<int:pk>/hide/",
        using.hide_story,
        name="hide_story",
    ),
    path(
        "<slug:slug>/library/<slug:public_id>/cite.bib",
        using.cite,
        {"form": "bib"},
        name="cite_bib",
    ),
    path(
        "<slug:slug>/library/<slug:public_id>/cite.ris",
        using.cite,
        {"form": "ris"},
        name="cite_ris",
    ),
]
