from django.urls import path

from members.views import (
    appeals,
    applications,
    communities,
    confirmations,
    directory,
    inquiries,
    invitations,
    joining,
    mentorship,
    papers,
    viewing,
    works_here,
)

app_name = "members"

urlpatterns = [
    path(
        "me/applications/<slug:public_id>/",
        applications.application_detail,
        name="application_detail",
    ),
    path(
        "me/applications/<slug:public_id>/reopen/",
        applications.application_reopen,
        name="application_reopen",
    ),
    path(
        "me/applications/<slug:public_id>/ally/",
        applications.application_ally,
        name="application_ally",
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
    path(
        "me/applications/<slug:public_id>/inquiries/<slug:inquiry_id>/",
        inquiries.application_inquiry,
        name="application_inquiry",
    ),
    path("me/applications/<slug:public_id>/appeal/", appeals.appeal, name="appeal"),
    path(
        "me/applications/<slug:public_id>/appeal/withdraw/",
        appeals.appeal_withdraw,
        name="appeal_withdraw",
    ),
    path(
        "me/applications/<slug:public_id>/appeal/files/<slug:file_id>/",
        appeals.appeal_file,
        name="appeal_file",
    ),
    path("m/<str:token>/paper/", papers.paper, name="paper"),
    path("m/<str:token>/works-here/", works_here.works_here, name="works_here"),
    path("m/<str:token>/invitation/", invitations.invitation, name="invitation"),
    path("m/<str:token>/still-here/", confirmations.still_here, name="still_here"),
    path("m/<str:token>/letter/", directory.answer_letter, name="answer_letter"),
    path("m/<str:token>/check-in/", mentorship.check_in, name="check_in"),
    path("communities/", communities.community_list, name="community_list"),
    path("communities/mine/", communities.community_switch, name="community_switch"),
    path("<slug:slug>/", communities.community_detail, name="community_detail"),
    path("<slug:slug>/directory/", directory.directory_list, name="directory_list"),
    path("<slug:slug>/directory/me/", directory.profile_switches, name="profile_switches"),
    path("<slug:slug>/directory/me/hide/", directory.profile_hide, name="profile_hide"),
    path("<slug:slug>/directory/<slug:public_id>/", directory.letter_write, name="letter_write"),
    path("<slug:slug>/mentorship/", mentorship.mentorship, name="mentorship"),
    path("<slug:slug>/mentorship/offer/", mentorship.mentor_offer, name="mentor_offer"),
    path("<slug:slug>/mentorship/wish/", mentorship.mentor_wish, name="mentor_wish"),
    path("<slug:slug>/mentorship/ask/<slug:public_id>/", mentorship.mentor_ask, name="mentor_ask"),
    path("<slug:slug>/mentorship/<slug:public_id>/", mentorship.match_answer, name="match_answer"),
    path("<slug:slug>/rules/", communities.agreement_accept, name="agreement_accept"),
    path("<slug:slug>/view-as-member/", viewing.member_view, name="member_view"),
    path("<slug:slug>/view-as-member/end/", viewing.member_view_end, name="member_view_end"),
    path("<slug:slug>/join/", joining.community_join, name="community_join"),
    path("<slug:slug>/join/organizations/", joining.join_organizations, name="join_organizations"),
]
