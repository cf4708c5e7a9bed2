"""The run sheet is a page of the site: it is used on a phone, by people without a desk too."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from meetings.admin.tabs import Tab
from meetings.models import Meeting
from members.desk import CommunityAdmin


def run_sheet_view(admin: CommunityAdmin, request: HttpRequest, meeting: Meeting) -> HttpResponse:
    return redirect("meetings:run_sheet", meeting.community.slug, meeting.public_id)


TABS = [Tab("runsheet", gettext_lazy("Run sheet"), run_sheet_view)]
