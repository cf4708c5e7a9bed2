"""Two years of the demo community by the clock: twelve drafts, each on its day (journey 3.3)."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cop.core.time import to_instant
from cop.demo.load import load_demo
from library.models import Resource
from meetings.models import Meeting
from members.models import Community
from newsletter.actions import make_due_drafts, settle_issues
from newsletter.calendar import same_tuesday
from newsletter.models import IssueItem, NewsletterIssue
from outbox.models import Delivery
from tests.factories import make_community, make_meeting
from tests.newsletter.makers import make_resource

pytestmark = pytest.mark.django_db
START = date(2026, 11, 23)
# The fixtures name the next two; after them the third Tuesday of each second month, by hand.
SENDS = [
    date(2027, 1, 19), date(2027, 3, 16), date(2027, 5, 18), date(2027, 7, 20),
    date(2027, 9, 21), date(2027, 11, 16), date(2028, 1, 18), date(2028, 3, 21),
    date(2028, 5, 16), date(2028, 7, 18), date(2028, 9, 19), date(2028, 11, 21),
]  # fmt: skip


def live(community: Community, day: date) -> None:
    """What goes on there: a meeting every second week, something for the library each week."""
    if day.weekday() == 3 and day.isocalendar().week % 2 == 0:
        make_meeting(
            community, title=f"Meeting {day}", local_date=day + timedelta(days=14),
            local_time=time(10), audience="public",
        )  # fmt: skip
    if day.weekday() == 0:
        make_resource(
            community, title=f"Card {day}", visibility="public",
            published_at=to_instant(day, time(12), community.timezone),
        )  # fmt: skip
    Meeting.objects.filter(community=community, state="scheduled", local_date__lt=day).update(
        state="held"
    )


def leave_by_hand(community: Community, day: date) -> None:
    """On its day somebody sends what is written."""
    ready = community.issues.filter(state="draft", send_on=day)
    ready.update(state="sent", sent_at=to_instant(day, time(10), community.timezone))


def two_years(community: Community, hours: tuple[int, ...] = (1, 9, 23)) -> dict[int, datetime]:
    """Number of the issue -> when its draft was made."""
    for offset in range(730):
        day = START + timedelta(days=offset)
        live(community, day)
        for hour in hours:
            now = to_instant(day, time(hour), community.timezone)
            settle_issues(now=now)
            make_due_drafts(now=now)
        leave_by_hand(community, day)
    rows = community.issues.exclude(drafted_at=None).order_by("number")
    return dict(rows.values_list("number", "drafted_at"))


@pytest.fixture
def every_door(settings: Any, tmp_path: Any) -> Community:
    settings.MEDIA_ROOT = str(tmp_path)
    load_demo(today=START)
    community = Community.objects.get(slug="every-door")
    Community.objects.exclude(pk=community.pk).update(newsletter_interval_months=0)
    return community


def test_two_years_of_the_demo_give_twelve_drafts_on_the_right_days(every_door):
    known = set(every_door.issues.exclude(drafted_at=None).values_list("number", flat=True))
    mails = set(Delivery.objects.values_list("pk", flat=True))

    made = {number: at for number, at in two_years(every_door).items() if number not in known}

    zone = ZoneInfo(every_door.timezone)
    days = [at.astimezone(zone).date() for at in made.values()]
    assert days == [send - timedelta(days=14) for send in SENDS]
    issues = list(every_door.issues.filter(number__in=made).order_by("number"))
    assert [issue.send_on for issue in issues] == SENDS
    # Nothing left by itself: the only mail says that a draft is ready.
    new = Delivery.objects.exclude(pk__in=mails)
    assert set(new.values_list("kind", flat=True)) == {"newsletter_draft_ready"}
    no_gap_and_no_overlap(issues)
    nothing_is_told_twice(every_door)
    assert all(issue.items.count() >= 3 for issue in issues)


def no_gap_and_no_overlap(issues: list[NewsletterIssue]) -> None:
    for last, issue in pairwise(issues):
        assert issue.period_from == last.period_to + timedelta(days=1)
        assert issue.period_from <= issue.period_to < issue.send_on


def nothing_is_told_twice(community: Community) -> None:
    """A meeting may be told of twice: that it comes, and what it left behind."""
    rows = IssueItem.objects.filter(issue__community=community).exclude(source="")
    told = list(rows.exclude(issue__state="collecting").values_list("kind", "source"))
    assert len(told) == len(set(told))


@pytest.mark.parametrize("zone", ["America/St_Johns", "Pacific/Auckland", "America/Vancouver"])
def test_the_day_is_the_day_of_the_community_wherever_it_is(zone):
    community = make_community(timezone=zone)
    make_issue_before(community)

    made = two_years(community, hours=(0, 12))

    days = [at.astimezone(ZoneInfo(zone)) for at in made.values()]
    assert [day.date() for day in days][:12] == [send - timedelta(days=14) for send in SENDS]
    # At the first look of that very day, on either side of the change of clocks.
    assert {day.hour for day in days} == {0}


def make_issue_before(community: Community) -> None:
    NewsletterIssue.objects.create(
        community=community, number=1, state="sent", period_from=date(2026, 9, 12),
        period_to=date(2026, 11, 13), send_on=date(2026, 11, 17),
        sent_at=datetime(2026, 11, 17, 18, tzinfo=ZoneInfo("UTC")),
    )  # fmt: skip


def test_weeks_without_a_clock_are_covered_by_one_issue_that_nobody_sends():
    community = make_community()
    make_issue_before(community)
    for offset in range(0, 300, 7):
        make_resource(
            community, title=f"Card {offset}", visibility="public",
            published_at=to_instant(START + timedelta(days=offset), time(9), community.timezone),
        )  # fmt: skip
    now = to_instant(START + timedelta(days=300), time(9), community.timezone)

    make_due_drafts(now=now)
    make_due_drafts(now=now)

    issue = community.issues.get(number=2)
    assert issue.period_from == date(2026, 11, 14)
    assert issue.send_on >= now.date()
    assert not Delivery.objects.filter(kind="newsletter").exists()


def test_a_community_that_closes_plans_no_issue_after_its_last_day():
    community = make_community(closes_on=date(2027, 1, 10), status="closing")
    make_issue_before(community)
    make_due_drafts(now=to_instant(START, time(9), community.timezone))
    assert not community.issues.filter(number=2).exists()


@pytest.mark.parametrize("months", [1, 2, 3, 4, 6, 12])
def test_the_same_tuesday_for_twenty_years(months):
    day = date(2026, 11, 17)
    for _step in range(240 // months):
        later = same_tuesday(day, months)
        assert later.weekday() == 1
        assert (later.day - 1) // 7 == 2
        assert (later.year - day.year) * 12 + later.month - day.month == months
        day = later


def test_a_fifth_tuesday_becomes_a_fourth():
    assert same_tuesday(date(2026, 12, 29), 2) == date(2027, 2, 23)


def test_resources_of_the_demo_are_real():
    """The sum above rests on it: what `live` publishes is what the draft looks for."""
    community = make_community()
    live(community, date(2026, 11, 23))
    assert Resource.objects.published().filter(community=community).exists()
