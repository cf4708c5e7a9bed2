from datetime import date, timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from meetings.actions import answer_rsvp
from meetings.queries import my_upcoming, next_meeting
from tests.conftest import CAST
from tests.factories import make_meeting, make_member, make_organization
from tests.meetings.conftest import NOW

CARD = Template("{% load meetings %}{% next_meeting_card community %}")
WEEK = timedelta(days=2)
INSIDE = {"dani", "ally", "priya"}


def card(community, person, zone="America/Vancouver"):
    request = RequestFactory().get("/")
    request.user, request.zone = person, zone
    return CARD.render(Context({"request": request, "community": community}))


def soon(days):
    return timezone.now().date() + timedelta(days=days)


@pytest.mark.parametrize("who", CAST)
def test_next_meeting_card_hides_the_title_from_those_outside(request, community, who):
    make_meeting(community, title="Grief in the house", local_date=soon(5))
    text = card(community, request.getfixturevalue(who))

    assert ("Grief in the house" in text) == (who in INSIDE)
    assert ("for members and allies." in text) == (who not in INSIDE)


def test_next_meeting_card_shows_a_public_one_and_the_line_before_it(community, visitor, dani):
    make_meeting(community, title="Members first", audience="members_only", local_date=soon(3))
    make_meeting(community, title="Open evening", audience="public", local_date=soon(5))

    text = card(community, visitor)
    assert "Open evening" in text
    assert "Come as a guest" in text
    assert "for members." in text
    assert "Members first" not in text
    assert "Members first" in card(community, dani)


def test_next_meeting_card_without_a_meeting_says_so(community, visitor):
    assert "not set yet" in card(community, visitor)


def test_next_meeting_card_has_the_three_answers_for_those_inside(community, dani, visitor):
    make_meeting(community, local_date=soon(5))

    assert card(community, dani).count('name="answer"') == 3
    assert card(community, visitor).count('name="answer"') == 0


@pytest.mark.parametrize("coming", [0, 7])
def test_next_meeting_card_asks_as_often_whoever_comes(
    community, dani, coming, django_assert_num_queries
):
    meeting = make_meeting(community, local_date=soon(5))
    house = make_organization("House")
    for _ in range(coming):
        person = make_member(community, organization=house)
        answer_rsvp(meeting=meeting, person=person, answer="going", now=meeting.starts_at - WEEK)
    dani.is_walled()

    with django_assert_num_queries(4 if coming else 5):
        html = card(community, dani)

    assert ("7 people are coming, from 1 organization" in html) is bool(coming)


def test_next_meeting_is_the_soonest_that_is_not_over(community, dani):
    make_meeting(community, local_date=date(2026, 12, 2))
    make_meeting(community, title="Off", local_date=date(2026, 12, 4), state="cancelled",
                 cancel_reason="Snow")  # fmt: skip
    later = make_meeting(community, local_date=date(2026, 12, 8))
    make_meeting(community, local_date=date(2026, 12, 9))

    assert next_meeting(community, dani, NOW) == later


def test_my_upcoming_is_what_one_said_yes_to(community, other_community, dani, say):
    mine = make_meeting(community)
    make_meeting(community, title="Not answered")
    elsewhere = make_meeting(other_community, audience="public", local_date=date(2026, 12, 9))
    declined = make_meeting(community)
    say(dani, meeting=mine)
    say(dani, meeting=elsewhere)
    say(dani, "not_going", meeting=declined)

    assert my_upcoming(dani, NOW) == [elsewhere, mine]
