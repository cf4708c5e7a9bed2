"""AM5: one meeting as a guest, while an application is being looked at."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.errors import ActionError
from meetings.actions import answer_rsvp, free_seats_of_former
from meetings.models import Meeting, Rsvp
from members.models import Membership, MembershipApplication
from tests.factories import make_meeting, make_organization


@pytest.fixture
def now(db):
    return timezone.now()


def meet(community, now, days, **fields):
    return make_meeting(community, local_date=now.date() + timedelta(days=days), **fields)


def wait(community, person, now, **fields):
    values = {
        "state": "submitted", "submitted_at": now - timedelta(hours=1), "due_on": now.date()
    } | fields  # fmt: skip
    return MembershipApplication.objects.create(
        community=community, person=person, organization=make_organization(), **values
    )


def seen(person):
    # As the next request would ask: the answer about the wall is remembered for one only.
    fresh = type(person).objects.get(pk=person.pk)
    return list(Meeting.objects.visible_to(fresh).order_by("starts_at"))


@pytest.fixture
def meetings(community, now):
    """Members only, then two that are open to allies."""
    return [
        meet(community, now, 5, audience="members_only", title="Inside"),
        meet(community, now, 10, title="First"),
        meet(community, now, 20, title="Second"),
    ]


@pytest.mark.parametrize(
    ("state", "opens"),
    [
        ("submitted", True),
        ("in_review", True),
        ("info_requested", True),
        ("declined", False),
        ("withdrawn", False),
        ("lapsed", False),
        ("appealed", False),
    ],
)
def test_guest_sees_the_next_one_while_waiting(community, newcomer, now, meetings, state, opens):
    decided = None if opens else now
    wait(community, newcomer, now, state=state, decided_at=decided)

    assert seen(newcomer) == ([meetings[1]] if opens else [])


def test_guest_has_one_meeting_and_no_other(community, newcomer, now, meetings):
    wait(community, newcomer, now)
    answer_rsvp(meeting=meetings[1], person=newcomer, answer="going", now=now)

    assert seen(newcomer) == [meetings[1]]
    for other in (meetings[0], meetings[2]):
        with pytest.raises(ActionError, match="open to other people"):
            answer_rsvp(meeting=other, person=newcomer, answer="going", now=now)

    # Once it is over, theirs is used up until the decision.
    Meeting.objects.filter(pk=meetings[1].pk).update(
        starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=1), state="held"
    )
    assert seen(newcomer) == [meetings[1]]


@pytest.mark.parametrize("why", ["gave it back", "cancelled"])
def test_guest_may_take_another_when_the_first_comes_to_nothing(
    community, newcomer, now, meetings, why
):
    wait(community, newcomer, now)
    answer_rsvp(meeting=meetings[1], person=newcomer, answer="going", now=now)
    if why == "cancelled":
        Meeting.objects.filter(pk=meetings[1].pk).update(state="cancelled", cancel_reason="Snow.")
        assert meetings[2] in seen(newcomer)
    else:
        answer_rsvp(meeting=meetings[1], person=newcomer, answer="not_going", now=now)
        assert seen(newcomer) == [meetings[1]]


def test_guest_is_written_to_like_everybody_who_comes(community, newcomer, now, meetings):
    wait(community, newcomer, now)
    rsvp = answer_rsvp(meeting=meetings[1], person=newcomer, answer="going", now=now)

    assert list(Rsvp.objects.still_admitted()) == [rsvp]
    assert free_seats_of_former(now=now) == 0

    MembershipApplication.objects.update(state="declined", decided_at=now)
    assert not Rsvp.objects.still_admitted().exists()
    assert free_seats_of_former(now=now) == 1
    rsvp.refresh_from_db()
    assert rsvp.state == "not_going"


def test_guest_of_one_community_is_no_guest_of_another(
    community, other_community, newcomer, now, meetings
):
    wait(other_community, newcomer, now)

    assert seen(newcomer) == []


def test_guest_from_behind_the_wall_waits(community, newcomer, now, meetings):
    wait(community, newcomer, now)
    fund = make_organization("Fund", is_regulator_or_funder=True)
    newcomer.affiliations.create(organization=fund)

    assert seen(newcomer) == []


@pytest.mark.parametrize("state", ["removed", "suspended"])
def test_who_was_put_out_is_no_guest(community, newcomer, now, meetings, state):
    wait(community, newcomer, now)
    Membership.objects.create(
        community=community, person=newcomer, state=state, joined_on=now.date(),
        suspended_until=now.date() if state == "suspended" else None,
    )  # fmt: skip

    assert seen(newcomer) == []


def test_what_a_former_member_had_answered_stays_closed(community, newcomer, now, meetings):
    wait(community, newcomer, now)
    Rsvp.objects.create(
        meeting=meetings[2], person=newcomer, state="going", holds_seat=True,
        answered_at=now - timedelta(days=90),
    )  # fmt: skip

    Meeting.objects.filter(pk=meetings[2].pk).update(going_count=1)
    assert seen(newcomer) == [meetings[1]]
    assert not Rsvp.objects.still_admitted().exists()


def test_working_groups_take_no_guests(community, newcomer, now):
    meet(community, now, 5, kind="working_group")
    wait(community, newcomer, now)

    assert seen(newcomer) == []


def test_waiting_page_offers_the_seat(sign_in, community, newcomer, now, meetings):
    application = wait(community, newcomer, now)
    client = sign_in(newcomer)

    page = client.get(application.get_absolute_url()).content.decode()
    assert "Until you hear from us you can come to one meeting as a guest." in page
    assert "First" in page
    assert "Inside" not in page
    assert "Second" not in page

    url = f"{meetings[1].get_absolute_url()}rsvp/"
    client.post(url, {"answer": "going"})
    text = client.get(meetings[1].get_absolute_url()).content.decode()
    assert "You come as a guest" in text
    assert "secret-room" not in text
    for other in (meetings[0], meetings[2]):
        assert client.get(other.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("who", ["dani", "ally", "priya"])
def test_those_who_belong_are_no_guests(request, sign_in, community, now, meetings, who):
    client = sign_in(request.getfixturevalue(who))

    assert b"You come as a guest" not in client.get(meetings[1].get_absolute_url()).content
