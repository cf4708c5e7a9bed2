"""The demo as it stands after loading: the numbers of the fixtures, and no mail of the past."""

from collections import Counter
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from cop.demo.cast import STARTERS
from cop.demo.dates import DemoCalendar, slots_around
from cop.demo.load import read
from library.models import Resource
from meetings.models import Meeting, Rsvp
from members.models import Community, Evidence, Membership, MembershipApplication, User
from members.queries import organization_is_eligible
from newsletter.models import NewsletterIssue
from outbox.models import Consent, Delivery, Subscription
from tests.cop.demo.conftest import AS_OF


def test_demo_has_the_numbers_of_the_fixtures(every_door: Community) -> None:
    current = every_door.memberships.filter(state__in=Membership.CURRENT_STATES)
    assert Counter(current.values_list("category", flat=True)) == {"member": 112, "ally": 13}
    houses = {
        evidence.organization
        for evidence in Evidence.objects.filter(criterion__community=every_door)
    }
    eligible = [one for one in houses if organization_is_eligible(one, every_door, AS_OF)]
    assert len(eligible) == 46
    states = Counter(
        MembershipApplication.objects.filter(community=every_door).values_list("state", flat=True)
    )
    assert (states["submitted"], states["declined"], states["info_requested"]) == (4, 1, 1)
    held = every_door.meetings.filter(state__in=["held", "wrapped"])
    assert held.count() == 7
    assert list(held.order_by("starts_at").values_list("going_count", flat=True)) == [
        52, 49, 24, 58, 45, 61, 50,
    ]  # fmt: skip
    assert NewsletterIssue.objects.sent().count() == 4
    assert Resource.objects.published().filter(community=every_door).count() == 39


def test_demo_sends_no_mail_of_the_past(every_door: Community) -> None:
    assert not Delivery.objects.exists()


def test_seats_and_answers_agree(every_door: Community) -> None:
    for meeting in Meeting.objects.all():
        assert meeting.going_count == meeting.rsvps.filter(holds_seat=True).count()
    assert not Meeting.objects.filter(going_count__gt=F("capacity")).exists()
    assert Rsvp.objects.filter(state="waitlisted").count() == 4


def test_every_subscription_has_its_consent(every_door: Community) -> None:
    assert Subscription.objects.exists()
    assert not Subscription.objects.filter(state="subscribed", consents__isnull=True).exists()
    assert Consent.objects.filter(given=True).count() >= Subscription.objects.count() - 1


def test_people_to_sign_in_as_exist_and_stand_as_told(every_door: Community) -> None:
    people = {key: User.objects.get(email=one.email) for key, one in STARTERS.items()}
    assert people["coordinator"].is_staff
    assert every_door.memberships.filter(person=people["member"], state="active").exists()
    assert not people["newcomer"].memberships.exists()


def test_addresses_and_numbers_are_invented(every_door: Community) -> None:
    assert not User.objects.exclude(email__endswith=".example").exists()
    assert all(email.isascii() for email in User.objects.values_list("email", flat=True))


@pytest.mark.parametrize("today", [AS_OF, date(2027, 6, 1), date(2027, 12, 31), date(2028, 2, 29)])
def test_today_always_falls_between_meetings_seven_and_eight(today: date) -> None:
    rows = read("every_door.yaml")["meetings"]
    days = DemoCalendar(today, AS_OF, tuple(row["date"] for row in rows))
    assert days.meeting(7) <= today < days.meeting(8)
    assert all(day.weekday() == 3 and 8 <= day.day <= 14 for day in days.meetings)
    assert all(day.month not in (7, 12) for day in days.meetings)
    assert days.registry_end() > today


def test_written_dates_follow_the_rule_of_the_series() -> None:
    rows = read("every_door.yaml")["meetings"]
    assert slots_around(AS_OF) == [row["date"] for row in rows]


def test_load_demo_refuses_where_data_is(every_door: Community) -> None:
    before = User.objects.count()
    call_command("load_demo", "--if-empty")
    with pytest.raises(CommandError, match="make reset"):
        call_command("load_demo")
    assert User.objects.count() == before
