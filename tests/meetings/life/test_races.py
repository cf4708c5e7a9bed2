"""Several coordinators at the same moment, with real threads and connections."""

from datetime import time
from typing import Any

import pytest

from cop.core.errors import ActionError
from meetings.actions import (
    cancel_meeting,
    keep_held,
    mark_held,
    replace_door,
    schedule_meeting,
    update_meeting,
)
from meetings.actions.changes import ChangedMeanwhile
from meetings.models import Meeting
from members.models import User
from outbox.models import Delivery
from tests.factories import make_community, make_meeting, make_member, make_staff
from tests.meetings.conftest import DAY, NOW, START
from tests.meetings.test_rsvp_race import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 6


@pytest.fixture
def staff() -> User:
    return make_staff(make_community("every-door"))


@pytest.fixture
def meeting(staff: User) -> Meeting:
    community = staff.role_grants.get().community
    meeting = make_meeting(community, facilitator=staff)
    person = make_member(community, "Dani")
    meeting.rsvps.create(person=person, state="going", holds_seat=True, answered_at=NOW)
    Meeting.objects.filter(pk=meeting.pk).update(going_count=1)
    return meeting


def test_of_those_who_had_the_same_page_open_one_saves(meeting: Meeting, staff: User) -> None:
    seen = meeting.updated_at

    def save(hour: int) -> Any:
        return update_meeting(
            meeting=meeting, changes={"local_time": time(hour)}, by=staff, now=NOW, seen=seen
        )  # fmt: skip

    results = at_once([lambda hour=hour: save(hour) for hour in range(11, 11 + CROWD)])

    saved = [row for row in results if isinstance(row, Meeting)]
    assert len(saved) == 1
    assert all(isinstance(row, ChangedMeanwhile) for row in results if row not in saved)
    meeting.refresh_from_db()
    assert (meeting.sequence, meeting.local_time) == (1, saved[0].local_time)
    assert Delivery.objects.filter(kind="changed", state="queued").count() == 1


def test_without_looking_no_number_is_used_twice_and_one_mail_leaves(
    meeting: Meeting, staff: User
) -> None:
    def save(minutes: int) -> Any:
        return update_meeting(
            meeting=meeting, changes={"duration": minutes}, by=staff, now=NOW
        )  # fmt: skip

    results = at_once([lambda m=m: save(m) for m in range(60, 60 + CROWD)])

    assert sorted(row.sequence for row in results) == list(range(1, CROWD + 1))
    meeting.refresh_from_db()
    mail = Delivery.objects.get(kind="changed", state="queued")
    assert mail.key.endswith(f":{CROWD}")
    assert meeting.change_before["facts"]["duration"] == 90


@pytest.mark.parametrize("step", ["publish", "cancel", "held", "door"])
def test_a_double_click_does_it_once(meeting: Meeting, staff: User, step: str) -> None:
    def press() -> Any:
        if step == "publish":
            return schedule_meeting(meeting=meeting, by=staff, now=NOW)
        if step == "cancel":
            return cancel_meeting(
                meeting=meeting, reason="Snow", by=staff, now=NOW,
                make_up_date=(START + 7 * DAY).date(),
            )  # fmt: skip
        if step == "held":
            return mark_held(meeting=meeting, by=staff, now=START)
        return replace_door(
            meeting=meeting, join_url="https://video.example/new", by=staff, now=NOW
        )  # fmt: skip

    if step == "publish":
        Meeting.objects.filter(pk=meeting.pk).update(state="draft")
    results = at_once([press] * 4)

    assert len([row for row in results if isinstance(row, Meeting)]) == 1
    assert len([row for row in results if isinstance(row, ActionError)]) == 3
    assert Meeting.objects.filter(make_up_for=meeting).count() == (step == "cancel")
    assert Delivery.objects.filter(kind__in=["cancelled", "link_replaced"]).count() == (
        step in {"cancel", "door"}
    )


def test_two_clocks_hold_it_once(meeting: Meeting, staff: User) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(unidentified_count=1)
    results = at_once([lambda: keep_held(now=START + DAY)] * 3)

    assert sum(results) == 1
