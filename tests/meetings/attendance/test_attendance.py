"""Who was there: by link, by checking in, by hand, by a list (AT1 to AT5)."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from cop.core.errors import ActionError
from meetings.actions.attendance import note_arrival, save_attendance, state_for
from meetings.actions.attendance_imports import (
    drop_attendance_import,
    finish_attendance_import,
    keep_attendance_imports,
    start_attendance_import,
)
from meetings.models import Attendance, AttendanceImport, AttendanceImportRow, Meeting, MeetingRole
from meetings.queries.attendance import first_timers
from tests.factories import make_meeting, make_member
from tests.meetings.conftest import NOW, START

MINUTE = timedelta(minutes=1)
END = START + 90 * MINUTE


def arrive(meeting, person, at, source="link"):
    return note_arrival(meeting=meeting, person=person, source=source, now=at)


@pytest.mark.parametrize(
    ("minutes", "duration", "state"),
    [(0, 90, "absent"), (1, 90, "partial"), (29, 90, "partial"), (30, 90, "present"),
     (14, 30, "partial"), (15, 30, "present"), (16, 31, "present"), (15, 31, "partial"),
     (1, 1, "present")],
)  # fmt: skip
def test_present_is_half_an_hour_or_half_of_it_whichever_is_less(minutes, duration, state):
    assert state_for(minutes, duration) == state


def test_nobody_arrives_earlier_than_fifteen_minutes_before(meeting, dani):
    with pytest.raises(ActionError, match="15 minutes"):
        arrive(meeting, dani, START - 15 * MINUTE - timedelta(seconds=1))
    assert arrive(meeting, dani, START - 15 * MINUTE).state == "present"


def test_who_comes_in_at_the_very_end_was_there_for_a_while(meeting, dani, ally):
    assert arrive(meeting, dani, END - 10 * MINUTE).state == "partial"
    with pytest.raises(ActionError, match="over"):
        arrive(meeting, ally, END + 3 * 60 * MINUTE)
    # Who checks in afterwards is taken at their word.
    assert arrive(meeting, ally, END + MINUTE, "self").state == "present"


def test_coming_in_twice_is_one_arrival(meeting, dani):
    first = arrive(meeting, dani, START)
    again = arrive(meeting, dani, START + 20 * MINUTE)
    assert (first.pk, first.joined_at) == (again.pk, again.joined_at)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_arrival(meeting, dani):
    def click():
        try:
            arrive(meeting, dani, START)
        finally:
            connection.close()

    threads = [Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Attendance.objects.count() == 1


def test_walk_ins_first_times_and_parts_are_noted(community, meeting, dani, ally, say):
    say(dani)
    MeetingRole.objects.create(meeting=meeting, part="note_taker", person=ally, state="accepted")
    assert not arrive(meeting, dani, START).is_walk_in
    row = arrive(meeting, ally, START)
    assert row.is_walk_in
    assert row.is_first
    assert row.part == "note_taker"

    later = make_meeting(community, local_date=meeting.local_date + timedelta(days=7))
    assert not arrive(later, ally, later.starts_at).is_first


def test_first_timers_are_those_who_come_and_never_came(community, meeting, dani, ally, say):
    say(dani)
    say(ally)
    before = make_meeting(community, local_date=meeting.local_date - timedelta(days=7))
    arrive(before, ally, before.starts_at)
    assert list(first_timers(meeting)) == [dani]


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_nothing_is_noted_for_a_meeting_that_does_not_take_place(community, dani, priya, state):
    reason = {"cancel_reason": "Ill"} if state == "cancelled" else {}
    meeting = make_meeting(community, state=state, **reason)
    with pytest.raises(ActionError, match="does not take place"):
        arrive(meeting, dani, START)
    with pytest.raises(ActionError, match="does not take place"):
        save_attendance(meeting=meeting, states={}, unidentified=0, by=priya, now=END)


def test_by_hand_only_what_was_touched_changes(meeting, dani, ally, priya, newcomer):
    arrive(meeting, dani, START)
    states = {ally.pk: "partial", newcomer.pk: "absent"}
    save_attendance(meeting=meeting, states=states, unidentified=3, by=priya, now=END)

    known = {a.person: (a.state, a.source) for a in meeting.attendances.all()}
    assert known == {
        dani: ("present", "link"),
        ally: ("partial", "coordinator"),
        newcomer: ("absent", "coordinator"),
    }
    meeting.refresh_from_db()
    assert (meeting.unidentified_count, meeting.attendance_saved_at) == (3, END)

    save_attendance(meeting=meeting, states={ally.pk: ""}, unidentified=0, by=priya, now=END)
    assert not meeting.attendances.filter(person=ally).exists()


@pytest.mark.parametrize("number", [-1, 10_000])
def test_a_number_of_unnamed_people_that_cannot_be(meeting, priya, number):
    with pytest.raises(ActionError, match="such as 2"):
        save_attendance(meeting=meeting, states={}, unidentified=number, by=priya, now=END)


def listing(rows):
    lines = [",".join(map(str, row)) for row in rows]
    return "\n".join(["Name,Email,Duration", *lines]).encode()


def matches(made):
    return {r.name: (r.match, r.person and r.person.get_short_name()) for r in made.rows.all()}


@pytest.fixture
def upload(meeting, priya):
    def _upload(*rows, now=END):
        return start_attendance_import(meeting=meeting, data=listing(rows), by=priya, now=now)

    return _upload


def test_a_list_is_matched_by_link_then_address_then_name(community, meeting, dani, ally, say,
                                                          upload):  # fmt: skip
    luc = make_member(community, "Luc Théberge")
    mei = make_member(community, "Mei Halloran")
    say(mei)
    arrive(meeting, ally, START)
    made = upload(
        ("Somebody else", dani.email.upper(), 80),
        (ally.display_name, "", 70),
        ("LUC THEBERGE", "", 60),
        ("Mei H", "", 50),
        ("16045550123", "", 20),
        ("iPad", "ipad@other.example", 20),
    )
    assert matches(made) == {
        "Somebody else": ("email", "Dani"),
        ally.display_name: ("link", "Femi"),
        "LUC THEBERGE": ("name", "Luc"),
        "Mei H": ("name", "Mei"),
        "16045550123": ("none", None),
        "iPad": ("none", None),
    }
    confirmed = {row.name for row in made.rows.filter(is_confirmed=True)}
    assert confirmed == {"Somebody else", ally.display_name}
    assert luc


def test_two_people_of_one_name_are_never_guessed(community, meeting, upload):
    make_member(community, "Sam Lee")
    make_member(community, "Sam Lee")
    assert matches(upload(("Sam Lee", "", 60))) == {"Sam Lee": ("none", None)}


def test_a_person_says_yes_or_no_and_the_rows_are_gone(community, meeting, dani, ally, priya,
                                                       upload):  # fmt: skip
    luc = make_member(community, "Luc Théberge")
    made = upload(
        ("Dani", dani.email, 12), ("Luc Théberge", "", 60), (ally.display_name, "", 60),
        ("Caller", "", 9), ("Dani phone", dani.email, 12),
    )  # fmt: skip
    rows = {row.name: row for row in made.rows.all()}
    # Of those by name: yes to Luc, no to the ally.
    chosen = {rows["Luc Théberge"].pk: luc.pk, rows[ally.display_name].pk: None}
    finish_attendance_import(listing=made, chosen=chosen, by=priya, now=END)

    known = {a.person: (a.state, a.minutes) for a in meeting.attendances.all()}
    assert known == {dani: ("partial", 24), luc: ("present", 60)}
    meeting.refresh_from_db()
    assert meeting.unidentified_count == 2
    assert meeting.attendance_saved_at == END
    assert not AttendanceImportRow.objects.exists()

    # The button pressed twice.
    finish_attendance_import(listing=made, chosen={}, by=priya, now=END)
    assert meeting.attendances.count() == 2


def test_what_was_written_by_hand_stands(meeting, dani, priya, upload):
    save_attendance(meeting=meeting, states={dani.pk: "absent"}, unidentified=0, by=priya, now=END)
    made = upload(("Dani", dani.email, 80))
    finish_attendance_import(listing=made, chosen={}, by=priya, now=END)
    row = meeting.attendances.get()
    assert (row.state, row.minutes) == ("absent", 80)


def test_nobody_from_outside_can_be_chosen(other_community, meeting, priya, upload):
    foreign = make_member(other_community, "Foreign Fay")
    made = upload(("Caller", "", 60))
    with pytest.raises(ActionError, match="does not belong here"):
        finish_attendance_import(
            listing=made, chosen={made.rows.get().pk: foreign.pk}, by=priya, now=END
        )
    assert made.rows.exists()


def test_a_second_list_replaces_an_unfinished_one_and_weeks_forget(meeting, dani, priya, upload):
    upload(("Dani", dani.email, 12))
    second = upload(("Dani", dani.email, 13))
    assert list(AttendanceImport.objects.all()) == [second]
    keep_attendance_imports(now=END + timedelta(days=6))
    assert second.rows.exists()
    keep_attendance_imports(now=END + timedelta(days=8))
    assert not AttendanceImportRow.objects.exists()


def test_a_list_can_be_dropped(meeting, dani, priya, upload):
    drop_attendance_import(listing=upload(("Dani", dani.email, 12)), by=priya)
    assert not AttendanceImport.objects.exists()
    assert not meeting.attendances.exists()


def test_a_list_before_the_meeting_is_refused(meeting, priya, dani, upload):
    with pytest.raises(ActionError, match="15 minutes"):
        upload(("Dani", dani.email, 12), now=NOW)


def test_matching_asks_as_often_for_many_as_for_few(
    community, meeting, priya, django_assert_max_num_queries
):
    people = [make_member(community, f"Person {n}") for n in range(25)]
    rows = [(person.display_name, person.email, 60) for person in people]
    with django_assert_max_num_queries(14):
        start_attendance_import(meeting=meeting, data=listing(rows), by=priya, now=END)


def test_an_arrival_counts_for_the_meeting_of_now(meeting, dani):
    """The clock of the test is the clock of the rule: nothing reads the wall."""
    assert timezone.now() != START
    assert arrive(Meeting.objects.get(), dani, START).joined_at == START
