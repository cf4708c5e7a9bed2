from typing import Any

import pytest
from django.utils import timezone

from cop.leaving import leave
from meetings.actions import answer_rsvp
from members.models import Community, Membership, User
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import NOW, make_meeting, make_member


def test_leaving_hands_the_seat_on_and_stops_all_mail(community: Community, dani: User) -> None:
    meeting = make_meeting(community, capacity=1)
    waiting = make_member(community, "Next in line")
    answer_rsvp(meeting=meeting, person=dani, answer="going", now=NOW)
    answer_rsvp(meeting=meeting, person=waiting, answer="going", now=NOW)
    membership = dani.memberships.get()

    leave(membership=membership, now=timezone.now())

    membership.refresh_from_db()
    assert membership.state == Membership.State.LEFT
    assert meeting.rsvps.get(person=waiting).state == "going"
    assert not Delivery.objects.waiting().filter(person=dani).exists()


@pytest.mark.parametrize("who", CAST)
def test_only_those_who_belong_can_leave(
    community: Community, request: pytest.FixtureRequest, sign_in: Any, who: str
) -> None:
    client = sign_in(request.getfixturevalue(who))
    belongs = who in {"dani", "ally", "funder"}
    expected = 302 if who == "visitor" else 200 if belongs else 404
    assert client.get("/me/leave/every-door/").status_code == expected
    assert community.memberships.filter(state="left").count() == 0


def test_leaving_by_the_page_takes_one_confirmation(
    community: Community, dani: User, sign_in: Any
) -> None:
    response = sign_in(dani).post("/me/leave/every-door/", follow=True)
    assert "You have left" in response.content.decode()
    assert dani.memberships.get().state == "left"
