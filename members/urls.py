from django.urls import path

from members.views import applications, communities, confirmations, joining

app_name = "members"

urlpatterns = [
    path(
        "me/applications/<slug:public_id>/",
        applications.application_detail,
        name="application_detail",
    ),
    path(
        "me/applications/<slug:public_id>/withdraw/",
        applications.application_withdraw,
        name="application_withdraw",
    ),
    path(
        "me/applications/<slug:public_id>/documents/<slug:evidence_id>/",
        applications.application_document,
        name="application_document",
    ),
    path("m/<str:token>/still-here/", confirmations.still_here, name="still_here"),
    path("<slug:slug>/", communities.community_detail, name="community_detail"),
    path("<slug:slug>/join/", joining.community_join, name="community_join"),
    path("<slug:slug>/join/organizations/", joining.join_organizations, name="join_organizations"),
]
