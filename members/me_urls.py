from django.urls import path

from members import me_views
from members.views import choices, naming, organizations, panels, work

urlpatterns = [
    path("", me_views.me_home, name="me_home"),
    path("mail/", me_views.mail_choices, name="mail_choices"),
    path("profile/", me_views.profile_edit, name="profile_edit"),
    path("streams/<slug:public_id>/", choices.stream_follow, name="stream_follow"),
    path("consents/<slug:slug>/", choices.consent_renew, name="consent_renew"),
    path("work/", work.my_work, name="my_work"),
    path("work/add/", work.work_add, name="work_add"),
    path("work/<slug:public_id>/left/", work.work_left, name="work_left"),
    path("work/<slug:public_id>/main/", work.work_primary, name="work_primary"),
    path("organizations/", organizations.my_organizations, name="my_organizations"),
    path("organizations/<slug:public_id>/", organizations.my_organization, name="my_organization"),
    path(
        "organizations/<slug:public_id>/papers/",
        organizations.organization_send,
        name="organization_send",
    ),
    path(
        "organizations/<slug:public_id>/papers/<slug:evidence_id>/",
        organizations.organization_document,
        name="organization_document",
    ),
    path(
        "organizations/<slug:public_id>/people/<slug:tie_id>/",
        organizations.organization_person,
        name="organization_person",
    ),
    path(
        "organizations/<slug:public_id>/people/<slug:tie_id>/left/",
        organizations.organization_person_left,
        name="organization_person_left",
    ),
    path(
        "organizations/<slug:public_id>/naming/<slug:community_id>/",
        naming.organization_naming,
        name="organization_naming",
    ),
    path("appeals/", panels.my_appeals, name="my_appeals"),
    path("appeals/<slug:public_id>/", panels.panel_appeal, name="panel_appeal"),
    path("appeals/<slug:public_id>/leave/", panels.panel_leave, name="panel_leave"),
    path(
        "appeals/<slug:public_id>/papers/<slug:evidence_id>/",
        panels.panel_document,
        name="panel_document",
    ),
    path("appeals/<slug:public_id>/files/<slug:file_id>/", panels.panel_file, name="panel_file"),
]
