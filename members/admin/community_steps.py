"""The steps of a community at the desk, each with what follows from it in words."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions import communities as actions
from members.actions.criteria import add_recovery_criteria
from members.actions.memberships import local_day
from members.actions.partners import change_host
from members.admin.community_forms import HostForm
from members.admin.steps import Step
from members.models import Community, Membership, Organization, User
from members.queries import known_organizations
from members.queries.communities import host_of

Status = Community.Status


def _open(row: Community, *, by: User, now: datetime) -> object:
    return actions.open_community(community=row, by=by, now=now)


def _pause(row: Community, *, by: User, now: datetime) -> object:
    return actions.pause_community(community=row, by=by, now=now)


def _resume(row: Community, *, by: User, now: datetime) -> object:
    return actions.resume_community(community=row, by=by, now=now)


def _close(row: Community, *, by: User, now: datetime) -> object:
    return actions.start_closing(community=row, by=by, now=now)


def _archive(row: Community, *, by: User, now: datetime) -> object:
    return actions.archive_community(community=row, by=by, now=now)


def _new_host(row: Community, *, by: User, now: datetime, organization: Organization) -> object:
    return change_host(community=row, organization=organization, by=by, now=now)


def _add_criteria(row: Community, *, by: User, now: datetime) -> object:
    return add_recovery_criteria(community=row, by=by)


def _close_text(row: Community) -> str:
    now = timezone.now()
    last = local_day(row, now) + actions.NOTICE
    people = row.memberships.filter(state__in=Membership.CURRENT_STATES).count()
    return _(
        "Everybody who belongs (%(people)s) gets a mail today: the community ends, and its pages "
        "close on %(day)s, after sixty days. From now on it takes nobody new. Meetings and mail "
        "go on until then. Twelve months later personal data is deleted. "
        "This cannot be taken back."
    ) % {"people": people, "day": date_format(last, "j F Y")}


def _host_text(row: Community) -> str:
    old = host_of(row)
    return _(
        "%(host)s is the host now. The host is the legal sender of the mail and holds what "
        "people told the community. From today on that is the new one. Everybody who belongs "
        "gets a mail. Whoever agreed to be in the directory with the old host is asked again, "
        "and hidden until they say yes. Put the new postal address under the mails, too."
    ) % {"host": old.organization if old else ""}


def host_form(request: HttpRequest, row: Community) -> forms.Form:
    form = HostForm(request.POST if request.method == "POST" else None)
    mine = Community.objects.staffed_by(request.user, "coordinator")
    known = Organization.objects.all() if request.user.is_superuser else known_organizations(mine)
    rows = known.filter(status=Organization.Status.ACTIVE, is_regulator_or_funder=False)
    form.fields["organization"].queryset = rows.order_by("name", "pk")
    return form


OPEN = Step(
    "open", gettext_lazy("Open the community"),
    gettext_lazy(
        "It takes people in from now on, by the way of admission that you chose. Meetings can be "
        "announced, and reminders and newsletters go out. Those who applied while it was planned "
        "wait in the queue as before."
    ),
    gettext_lazy("The community is open."), _open,
)  # fmt: skip
PAUSE = Step(
    "pause", gettext_lazy("Pause"),
    gettext_lazy(
        "No reminders and no newsletters leave, and nobody new can apply. Members can read "
        "everything. Meetings that are announced stay in the calendar: cancel those that will "
        "not take place. You can go on at any time."
    ),
    gettext_lazy("The community is paused."), _pause,
)  # fmt: skip
RESUME = Step(
    "resume", gettext_lazy("Go on after the pause"),
    gettext_lazy("Reminders, newsletters and applications work again from now on."),
    gettext_lazy("The community is open again."), _resume,
)  # fmt: skip
CLOSE = Step(
    "close", gettext_lazy("Close with sixty days of notice"), _close_text,
    gettext_lazy("The sixty days of notice have begun. Everybody is told by mail."), _close,
    is_grave=True,
)  # fmt: skip
ARCHIVE = Step(
    "archive", gettext_lazy("Archive"),
    gettext_lazy(
        "Its pages close for everybody; staff still find its records at the desk. This cannot be "
        "taken back."
    ),
    gettext_lazy("The community is archived."), _archive, is_grave=True,
)  # fmt: skip
HOST = Step(
    "host", gettext_lazy("Change the host"), _host_text,
    gettext_lazy("It has a new host. Consents that named the old one are asked again."),
    _new_host, host_form, is_grave=True,
)  # fmt: skip


CRITERIA = Step(
    "criteria", gettext_lazy("Begin with the four criteria of recovery services"),
    gettext_lazy(
        "Licensed, registered, funded by the province, funded by the federal side: each with what "
        "counts, examples, what is not enough, who issues it, and how long it holds. Change them "
        "afterwards as you like, and add the public pages where your reviewers look things up."
    ),
    gettext_lazy("The four criteria are there. Add the pages where reviewers look things up."),
    _add_criteria,
)  # fmt: skip


def steps_of(row: Any) -> list[Step]:  # noqa: ANN401
    steps = {
        Status.PLANNING: [OPEN],
        Status.OPEN: [PAUSE, CLOSE],
        Status.PAUSED: [RESUME, CLOSE],
        Status.CLOSING: [],
        Status.ARCHIVED: [],
    }[row.status]
    by_criteria = row.admission_policy == Community.Admission.CRITERIA
    if by_criteria and row.status != Status.ARCHIVED and not row.criteria.exists():
        steps = [CRITERIA, *steps]
    if row.status == Status.PLANNING and not row.memberships.exists():
        steps = [*steps, ARCHIVE]
    if row.status != Status.ARCHIVED and host_of(row) is not None:
        steps = [*steps, HOST]
    return steps
