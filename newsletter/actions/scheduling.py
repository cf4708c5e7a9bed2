"""The day and the hour: an approved issue waits for them, and may be called back."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cop.core.errors import ActionError
from cop.core.time import clock_gap, to_instant
from members.models import User
from newsletter.actions.sending import State, check_everything, record
from newsletter.models import NewsletterIssue
from newsletter.rules import check_editor

# Unless somebody says otherwise: the planned day, at this hour where the community is.
USUAL_HOUR = time(10)
SOONEST, LATEST = timedelta(minutes=10), timedelta(days=60)


def planned_instant(issue: NewsletterIssue) -> datetime:
    """The planned day at the usual hour, in the zone of the community."""
    return to_instant(issue.send_on, USUAL_HOUR, issue.community.timezone)


def _lock(issue: NewsletterIssue) -> NewsletterIssue:
    rows = NewsletterIssue.objects.select_related("community")
    return rows.select_for_update(of=("self",)).get(pk=issue.pk)


@transaction.atomic
def schedule_issue(
    *,
    issue: NewsletterIssue,
    by: User,
    day: date,
    wall: time,
    now: datetime,
    confirmed: bool = False,
) -> datetime:
    """Let an approved issue leave at a wall time of the community's zone. Returns the instant.

    Another moment for one that is scheduled replaces the first. `confirmed`: although it holds
    fewer than three items (N9). Raises ActionError.
    """
    issue = _lock(issue)
    check_editor(by, issue.community)
    if issue.state not in (State.APPROVED, State.SCHEDULED) or issue.approved_by_id is None:
        raise ActionError(
            _("Only an approved issue can be scheduled. Load the page again to see its state.")
        )
    moment = _moment(day, wall, issue.community.timezone, now)
    check_everything(issue, now=now, confirmed=confirmed)
    old, issue.state = issue.state, State.SCHEDULED
    issue.scheduled_at, issue.scheduled_by, issue.is_thin_confirmed = moment, by, confirmed
    issue.save(update_fields=["state", "scheduled_at", "scheduled_by", "is_thin_confirmed"])
    record(issue, "issue_scheduled", by=by, old=old, reason=f"{day:%Y-%m-%d} {wall:%H:%M}")
    return moment


def _moment(day: date, wall: time, zone: str, now: datetime) -> datetime:
    if clock_gap(day, wall, zone) is not None:
        raise ActionError(
            _("The clocks go forward that day, and this hour is left out. Choose another one.")
        )
    moment = to_instant(day, wall, zone)
    if moment <= now:
        raise ActionError(_("This moment has gone by. Choose a later one."))
    if moment < now + SOONEST:
        raise ActionError(
            _("Choose a moment at least ten minutes from now. To send it sooner, use “Send now”.")
        )
    if moment > now + LATEST:
        raise ActionError(_("This is more than 60 days away. Choose an earlier day."))
    return moment


@transaction.atomic
def unschedule_issue(*, issue: NewsletterIssue, by: User) -> None:
    """It stays approved and waits for somebody to send it."""
    issue = _lock(issue)
    check_editor(by, issue.community)
    if issue.state != State.SCHEDULED:
        raise ActionError(
            _("This issue is not scheduled any more. Load the page again to see its state.")
        )
    back_to_approved(issue, "issue_unscheduled", by=by)


def back_to_approved(
    issue: NewsletterIssue, action: str, *, by: User | None, reason: str = ""
) -> None:
    issue.state, issue.scheduled_at = State.APPROVED, None
    issue.is_thin_confirmed = False
    issue.save(update_fields=["state", "scheduled_at", "is_thin_confirmed"])
    record(issue, action, by=by, old=State.SCHEDULED, reason=reason)
