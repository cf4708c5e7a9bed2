from django.urls import path

from library.views import (
    collections,
    detail,
    exports,
    feed,
    files,
    from_meeting,
    listing,
    translations,
    using,
    versions,
)
from library.views import resources as views

app_name = "library"
urlpatterns = [
    path("<slug:slug>/library/", listing.resource_list, name="resource_list"),
    path("<slug:slug>/library/add/", views.resource_create, name="resource_create"),
    path("<slug:slug>/library/feed.atom", feed.library_feed, name="feed"),
    path("<slug:slug>/library/collections/", collections.collection_list, name="collection_list"),
    path(
        "<slug:slug>/library/collections/<slug:public_id>/",
        collections.collection_detail,
        name="collection_detail",
    ),
    path("<slug:slug>/library/export.csv", exports.export_csv, name="export_csv"),
    path("<slug:slug>/library/export.zip", exports.export_zip, name="export_zip"),
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
    path("<slug:slug>/library/<slug:public_id>/file/", files.resource_file, name="resource_file"),
    path("<slug:slug>/library/<slug:public_id>/view/", files.resource_view, name="resource_view"),
    path(
        "<slug:slug>/library/<slug:public_id>/page/<int:number>/",
        files.resource_page,
        name="resource_page",
    ),
    path(
        "<slug:slug>/library/<slug:public_id>/captions.vtt",
        files.resource_captions,
        name="resource_captions",
    ),
    path(
        "<slug:slug>/library/<slug:public_id>/versions/<int:number>/",
        versions.version_detail,
        name="version_detail",
    ),
    path(
        "<slug:slug>/library/<slug:public_id>/versions/<int:number>/file/",
        versions.version_file,
        name="version_file",
    ),
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
