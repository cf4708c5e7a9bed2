"""The preparation call as a calendar entry: read by a second library, whatever the names."""

from datetime import timedelta

import pytest
import vobject
from django.utils import timezone

from meetings.models import PrepCall
from meetings.prep_ics import prep_entry
from tests.factories import make_meeting, make_member


@pytest.mark.parametrize(
    "name",
    ["Dani", "Da\"ni; O'Brien, X:Y", "One\r\nATTENDEE:mailto:evil@x.example", "ʔakisq̓nuk " * 8],
)
@pytest.mark.parametrize("is_cancelled", [False, True])
def test_one_event_for_one_person(community, name, is_cancelled):
    person = make_member(community, "Somebody")
    person.display_name = name
    meeting = make_meeting(community, title="After a death in the house")
    call = PrepCall(
        meeting=meeting, local_date=meeting.local_date - timedelta(days=7),
        local_time=meeting.local_time, timezone=meeting.timezone, sequence=3,
        is_cancelled=is_cancelled, updated_at=timezone.now(),
    )  # fmt: skip
    call.derive_instants()
    text, method = prep_entry(call, person, is_off=is_cancelled)

    [event] = vobject.readOne(text).vevent_list
    assert method == ("CANCEL" if is_cancelled else "REQUEST")
    assert event.attendee.value == f"mailto:{person.email}"
    assert len(event.attendee_list) == 1
    assert event.dtstart.value == call.starts_at
    assert event.dtend.value - event.dtstart.value == timedelta(minutes=20)
    assert event.sequence.value == "3"
    # Calendars are read by others: what it is about stands in the mail alone.
    assert "death" not in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
