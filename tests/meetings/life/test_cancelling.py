"""Called off with a reason and a new day, and taken up again (MT6, ICS-2)."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from meetings.actions import (
    cancel_meeting,
    queue_reminders,
    restore_meeting,
    schedule_meeting,
    update_meeting,
)
from meetings.models import Meeting
from members.models import User
from outbox.models import Delivery
from tests.factories import make_meeting, make_member
from tests.meetings.conftest import DAY, NOW, START, states


def mails(kind: str) -> Any:
    return Delivery.objects.filter(kind=kind, state="queued")


def entry(mail: Delivery) -> Any:
    return Calendar.from_ical(mail.calendar).walk("VEVENT")[0]


def cancel(meeting: Meeting, by: User, **more: Any) -> Meeting:
    return cancel_meeting(meeting=meeting, reason="Snow", by=by, now=NOW, **more)


def test_a_make_up_day_is_a_draft_with_all_that_was_prepared(
    community: Any, priya: User, dani: User, ally: User
) -> None:
    meeting = make_meeting(
        community, facilitator=priya, circles=2, capacity=12, content_note="Loss", dial_in="555",
        materials="Slides", recording_policy="presentation_only",
    )  # fmt: skip
    step = meeting.agenda.get()
    step.note, step.is_flexible = "Began late", True
    step.save(update_fields=["note", "is_flexible"])
    holder = {"context": "Nights", "question": "How?", "brief_at": NOW, "state": "accepted"}
    meeting.roles.create(part="issue_holder", person=dani, **holder)
    meeting.roles.create(part="timekeeper", person=ally, state="withdrawn")
    cancel(meeting, priya, make_up_date=date(2026, 12, 17), make_up_time=time(13))

    new = Meeting.objects.get(make_up_for=meeting)
    assert (new.state, new.local_date, new.local_time) == ("draft", date(2026, 12, 17), time(13))
    for name in ("title", "format_id", "facilitator_id", "circles", "capacity", "content_note",
                 "dial_in", "materials", "recording_policy", "join_url", "audience"):  # fmt: skip
        assert getattr(new, name) == getattr(meeting, name), name
    assert (new.public_id != meeting.public_id, new.sequence, new.going_count) == (True, 0, 0)
    copied = new.agenda.get()
    assert (copied.title, copied.minutes, copied.is_flexible) == ("We meet", 90, True)
    assert copied.note == "", "notes were about the other day"
    role = new.roles.get()
    assert (role.person, role.context, role.question) == (dani, "Nights", "How?")
    assert role.state == "planned", "the yes was for the other day"
    assert meeting.agenda.count() == 1
    assert meeting.roles.count() == 2
    schedule_meeting(meeting=new, by=priya, now=NOW)


def test_the_mail_names_the_new_day_on_both_clocks(
    community: Any, meeting: Meeting, priya: User, say: Any
) -> None:
    person = make_member(community, "Kai", timezone="America/Toronto")
    say(person)
    cancel(meeting, priya, make_up_date=date(2026, 12, 17))

    mail = mails("cancelled").get()
    for part in (mail.text, mail.html):
        assert "A new day is planned:" in part
        # The year stands there only where it is not this one.
        said = part.replace(" 2026", "")
        assert "Thursday 17 December, 12:00 to 1:30 p.m. Eastern time" in said
        assert "10:00 to 11:30 a.m. Pacific time" in part
    assert mail.calendar_method == "CANCEL"


def test_a_make_up_day_that_has_gone_by_is_refused_and_nothing_is_cancelled(
    meeting: Meeting, priya: User
) -> None:
    with pytest.raises(ActionError, match="make-up day has gone by"):
        cancel(meeting, priya, make_up_date=date(2026, 12, 1))

    assert Meeting.objects.get().state == "scheduled"


def test_restored_it_has_the_same_entry_with_a_higher_number_and_the_same_people(
    meeting: Meeting, priya: User, dani: User, ally: User, say: Any
) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(capacity=1)
    say(dani)
    say(ally)
    cancel(meeting, priya)
    called_off = entry(mails("cancelled").get(person=dani))
    Delivery.objects.filter(kind="cancelled").update(state="sent", ended_at=NOW)
    restore_meeting(meeting=meeting, by=priya, now=NOW + DAY)

    meeting.refresh_from_db()
    assert (meeting.state, meeting.sequence, meeting.cancel_reason) == ("scheduled", 2, "")
    assert {mail.person for mail in mails("restored")} == {dani, ally}
    mail = mails("restored").get(person=dani)
    again = entry(mail)
    assert (mail.calendar_method, again["STATUS"]) == ("REQUEST", "CONFIRMED")
    assert (again["UID"], again["SEQUENCE"]) == (called_off["UID"], called_off["SEQUENCE"] + 1)
    assert mails("restored").get(person=ally).calendar == ""
    assert states(meeting) == {"Dani": "going", "Femi": "waitlisted"}
    assert AuditEvent.objects.get(action="meeting_restored").new == "scheduled"
    assert "takes place" in mail.text
    # Its reminders come anew, and the cancelled ones stay cancelled.
    queue_reminders(now=START - timedelta(hours=20))
    reminders = Delivery.objects.filter(kind__startswith="reminder", state="queued", person=dani)
    assert [key[-2:] for key in reminders.values_list("key", flat=True)] == [":2"]


def test_a_cancellation_that_had_not_left_does_not_follow_the_good_news(
    meeting: Meeting, priya: User, dani: User, say: Any
) -> None:
    say(dani)
    cancel(meeting, priya)
    restore_meeting(meeting=meeting, by=priya, now=NOW)

    assert not mails("cancelled").exists()
    assert mails("restored").count() == 1
    cancel(meeting, priya)
    assert not mails("restored").exists()
    assert mails("cancelled").get().key.endswith(":3")


def test_a_draft_that_was_cancelled_comes_back_as_a_draft(community: Any, priya: User) -> None:
    meeting = make_meeting(community, state="draft", facilitator=priya)
    cancel(meeting, priya)

    assert restore_meeting(meeting=meeting, by=priya, now=NOW).state == "draft"


@pytest.mark.parametrize(
    ("state", "now", "words"),
    [("cancelled", START, "would have begun"), ("scheduled", NOW, "not cancelled")],
)
def test_only_what_is_off_and_still_to_come_is_restored(
    community: Any, priya: User, state: str, now: Any, words: str
) -> None:
    meeting = make_meeting(community, state=state, cancel_reason="Snow")
    with pytest.raises(ActionError, match=words):
        restore_meeting(meeting=meeting, by=priya, now=now)


def test_an_open_change_ends_with_the_cancellation(
    meeting: Meeting, priya: User, dani: User, say: Any
) -> None:
    say(dani)
    update_meeting(meeting=meeting, changes={"local_time": time(14)}, by=priya, now=NOW)
    cancel(meeting, priya)

    meeting.refresh_from_db()
    assert (meeting.change_before, meeting.change_due_at) == (None, None)
    assert not mails("changed").exists()
