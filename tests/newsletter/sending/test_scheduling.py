"""A day and an hour on the wall clock of the community."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from newsletter.actions import schedule_issue, send_issue, unschedule_issue
from newsletter.actions.scheduling import planned_instant
from newsletter.models import NewsletterIssue
from outbox.models import Delivery
from tests.factories import NOW, make_staff
from tests.newsletter.makers import make_approved, make_issue, make_item, subscribe

pytestmark = pytest.mark.django_db
DAY, TEN = date(2026, 12, 1), time(10)


@pytest.fixture
def issue(community, priya, dani):
    subscribe(dani, community)
    return make_approved(community, priya)


def plan(issue, by, *, day=DAY, wall=TEN, now=NOW, **more):
    return schedule_issue(issue=issue, by=by, day=day, wall=wall, now=now, **more)


def test_schedule_issue_turns_wall_time_into_an_instant(issue, priya):
    at = plan(issue, priya)

    issue.refresh_from_db()
    # British Columbia stays at seven hours behind all year.
    assert at == issue.scheduled_at == datetime(2026, 12, 1, 17, tzinfo=UTC)
    assert (issue.state, issue.scheduled_by) == ("scheduled", priya)
    assert AuditEvent.objects.get(action="issue_scheduled").reason == "2026-12-01 10:00"
    assert not Delivery.objects.exists()


def test_planned_instant_is_ten_on_the_planned_day(issue):
    assert planned_instant(issue) == datetime(2027, 1, 19, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "wall", "hour"),
    [
        ("America/St_Johns", DAY, TEN, (13, 30)),
        ("America/Edmonton", DAY, TEN, (16, 0)),
        # Where the clocks still change: seven hours before, eight after the first of November.
        ("America/Los_Angeles", date(2026, 10, 31), TEN, (17, 0)),
        ("America/Los_Angeles", date(2026, 11, 2), TEN, (18, 0)),
        # An hour that comes twice: the first one.
        ("America/Los_Angeles", date(2026, 11, 1), time(1, 30), (8, 30)),
    ],
)
def test_schedule_issue_follows_the_zone(issue, priya, zone, day, wall, hour):
    type(issue.community).objects.filter(pk=issue.community_id).update(timezone=zone)

    at = plan(issue, priya, day=day, wall=wall, now=datetime(2026, 10, 20, tzinfo=UTC))

    assert at.astimezone(UTC).date() == day
    assert (at.hour, at.minute) == hour


def test_schedule_issue_refuses_an_hour_that_the_clocks_leave_out(issue, priya):
    type(issue.community).objects.filter(pk=issue.community_id).update(
        timezone="America/Los_Angeles"
    )
    now = datetime(2027, 3, 1, tzinfo=UTC)

    with pytest.raises(ActionError, match="left out"):
        plan(issue, priya, day=date(2027, 3, 14), wall=time(2, 30), now=now)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(0), "gone by"),
        (timedelta(hours=-1), "gone by"),
        (timedelta(minutes=9, seconds=59), "ten minutes"),
        (timedelta(days=60, minutes=1), "60 days"),
    ],
)
def test_schedule_issue_refuses_moments(issue, priya, ahead, words):
    at = datetime(2026, 12, 1, 17, tzinfo=UTC)

    with pytest.raises(ActionError, match=words):
        plan(issue, priya, now=at - ahead)

    issue.refresh_from_db()
    assert issue.state == "approved"


@pytest.mark.parametrize("ahead", [timedelta(minutes=10), timedelta(days=60)])
def test_schedule_issue_takes_the_first_and_the_last_moment(issue, priya, ahead):
    at = datetime(2026, 12, 1, 17, tzinfo=UTC)

    assert plan(issue, priya, now=at - ahead) == at


@pytest.mark.parametrize("state", ["collecting", "draft", "editing", "test_sent", "held", "sent"])
def test_schedule_issue_needs_the_approval(issue, priya, state):
    NewsletterIssue.objects.update(state=state, sent_at=NOW)

    with pytest.raises(ActionError, match="approved"):
        plan(issue, priya)


def test_schedule_issue_is_for_editors_and_coordinators(issue, dani, community):
    with pytest.raises(ActionError, match="Only editors"):
        plan(issue, dani)

    plan(issue, make_staff(community, "editor"))


def test_schedule_issue_of_few_items_must_be_confirmed(community, priya, dani):
    subscribe(dani, community)
    issue = make_issue(community, state="approved", approved_by=priya)
    make_item(issue)

    with pytest.raises(ActionError, match="Fewer than three"):
        plan(issue, priya)
    plan(issue, priya, confirmed=True)

    issue.refresh_from_db()
    assert issue.is_thin_confirmed


def test_schedule_issue_again_moves_it(issue, priya):
    plan(issue, priya)
    plan(issue, priya, wall=time(14))

    issue.refresh_from_db()
    assert issue.scheduled_at == datetime(2026, 12, 1, 21, tzinfo=UTC)


def test_unschedule_issue_keeps_the_approval(issue, priya):
    plan(issue, priya)

    unschedule_issue(issue=issue, by=priya)

    issue.refresh_from_db()
    assert (issue.state, issue.scheduled_at, issue.approved_by) == ("approved", None, priya)
    with pytest.raises(ActionError, match="not scheduled"):
        unschedule_issue(issue=issue, by=priya)


def test_a_scheduled_issue_can_be_sent_at_once(issue, priya):
    plan(issue, priya)

    assert send_issue(issue=issue, by=priya, now=NOW) == 1

    issue.refresh_from_db()
    assert issue.sent_at == NOW + timedelta(minutes=5)
