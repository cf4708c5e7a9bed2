"""What a meeting still needs, and what each lack keeps from happening (MT1, MT2, F1, F4)."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from cop.core.errors import ActionError
from meetings.actions import schedule_meeting
from meetings.models import Meeting, MeetingRole
from meetings.queries.lacking import without_a_role, without_full_agenda
from meetings.queries.readiness import (
    Blocks,
    is_ready,
    readiness,
    what_stops,
)
from members.models import User
from tests.factories import make_format, make_meeting
from tests.meetings.conftest import NOW, START

LONG_AGO = START - timedelta(days=60)


@pytest.fixture
def draft(community: Any, priya: User) -> Meeting:
    return make_meeting(
        community, state="draft", facilitator=priya, dial_in="604 555 0100", content_note="Loss",
        support_person="Ravi", access_by=date(2026, 12, 1), capacity=20,
    )  # fmt: skip


def checks(meeting: Meeting, now: Any = LONG_AGO) -> dict[str, Any]:
    fresh = Meeting.objects.get(pk=meeting.pk)
    return {check.code: check for check in readiness(fresh, now=now)}


def set_to(meeting: Meeting, **values: Any) -> Meeting:
    Meeting.objects.filter(pk=meeting.pk).update(**values)
    meeting.refresh_from_db()
    return meeting


def test_a_well_prepared_meeting_has_nothing_left(draft: Meeting) -> None:
    assert [check.words for check in checks(draft).values() if not check.is_done] == []
    assert is_ready(list(checks(draft).values()))


@pytest.mark.parametrize(
    ("lack", "thing"),
    [
        ({"format": None}, "a format"),
        ({"facilitator": None}, "a facilitator"),
        ({"join_url": ""}, "a join link"),
        ({"mode": "in_person"}, "a place"),
        ({"duration": 75}, "an agenda that fills its 75 minutes"),
    ],
)
def test_announcing_is_refused_in_words_and_by_the_same_list(
    draft: Meeting, priya: User, lack: dict[str, Any], thing: str
) -> None:
    set_to(draft, **lack)

    assert [check.thing for check in what_stops(draft)] == [thing]
    stops = [check.thing for check in checks(draft).values() if check.stops]
    assert stops == [thing]
    with pytest.raises(ActionError, match=thing):
        schedule_meeting(meeting=draft, by=priya, now=LONG_AGO)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        ([], "The agenda is empty"),
        ([30, 45], "The agenda has 75 of 90 minutes: add some"),
        ([60, 31], "The agenda has 91 minutes, the meeting only 90"),
        ([60, 30], "The agenda fills the 90 minutes"),
    ],
)
def test_the_agenda_sums_to_the_duration(draft: Meeting, minutes: list[int], words: str) -> None:
    draft.agenda.all().delete()
    for number, length in enumerate(minutes, 1):
        draft.agenda.create(order=number, title="Step", minutes=length)

    assert checks(draft)["agenda"].words == words
    lacking = without_full_agenda(Meeting.objects.all())
    assert (draft in lacking) == (not words.startswith("The agenda fills"))


@pytest.mark.parametrize(
    ("before", "done", "words"),
    [
        (timedelta(days=21), True, "21 days ahead"),
        (timedelta(days=20), False, "20 days ahead: people plan their shifts three weeks ahead"),
        (timedelta(hours=47), False, "Less than two days ahead"),
        (timedelta(0), False, "have gone by"),
    ],
)
def test_notice(draft: Meeting, before: timedelta, done: bool, words: str) -> None:
    found = checks(draft, START - before)["notice"]

    assert (found.is_done, words in found.words) == (done, True)
    assert found.stops == (before == timedelta(0))


def test_a_part_without_anybody_blocks_ready_and_not_announcing(
    community: Any, draft: Meeting, priya: User, dani: User
) -> None:
    roles = ["facilitator", "issue_holder", "timekeeper", "inner_circle", "topic_hosts"]
    set_to(draft, format=make_format(community, code="peer", roles=roles))
    found = checks(draft)

    lacks = {code for code, check in found.items() if not check.is_done}
    assert lacks == {"role_issue_holder", "role_timekeeper"}, "some parts are taken on the spot"
    assert {found[code].blocks for code in lacks} == {Blocks.READY}
    assert not is_ready(list(found.values()))
    assert draft in without_a_role(Meeting.objects.all())
    schedule_meeting(meeting=draft, by=priya, now=LONG_AGO)

    draft.roles.create(part="issue_holder", person=dani, is_backup=True)
    draft.roles.create(part="timekeeper", name="A guest", state=MeetingRole.State.WITHDRAWN)
    assert not checks(draft)["role_issue_holder"].is_done, "a backup is not the holder"
    assert not checks(draft)["role_timekeeper"].is_done
    draft.roles.create(part="issue_holder", person=priya, state="accepted")
    draft.roles.create(part="timekeeper", name="Sam")
    assert is_ready(list(checks(draft).values()))
    assert draft not in without_a_role(Meeting.objects.all())


def test_each_circle_needs_its_own_facilitator_and_holder(
    community: Any, draft: Meeting, priya: User, dani: User, ally: User
) -> None:
    roles = ["facilitator", "issue_holder", "note_taker"]
    set_to(draft, format=make_format(community, code="peer", roles=roles), circles=2)
    draft.roles.create(part="issue_holder", person=dani)
    draft.roles.create(part="note_taker", person=dani)
    # The facilitator of the meeting, named once more among the roles, is still one person.
    draft.roles.create(part="facilitator", person=priya)
    found = checks(draft)

    assert found["role_facilitator"].words == "Facilitator: 1 of 2, one for each circle"
    assert found["role_issue_holder"].words == "Issue holder: 1 of 2, one for each circle"
    assert found["role_note_taker"].is_done
    draft.roles.create(part="facilitator", person=ally)
    draft.roles.create(part="issue_holder", name="A guest")
    assert is_ready(list(checks(draft).values()))


@pytest.mark.parametrize(
    ("circles", "capacity", "going", "words"),
    [
        (1, 24, 0, None),
        (1, 34, 0, "Set 2 circles, or 24 seats with a waitlist"),
        (2, 34, 0, None),
        (1, None, 30, "Set 2 circles, or 24 seats with a waitlist"),
        (1, None, 3, "Set 24 seats, so that the others are in line"),
    ],
)
def test_more_people_than_the_format_carries(
    community: Any, draft: Meeting, circles: int, capacity: int | None, going: int, words: Any
) -> None:
    meeting = set_to(
        draft, format=make_format(community, code="peer", max_people=24), circles=circles,
        capacity=capacity,
    )  # fmt: skip
    meeting = Meeting.objects.get(pk=meeting.pk)
    meeting.going_count = going
    found = {check.code: check for check in readiness(meeting, now=LONG_AGO)}["capacity"]

    assert found.is_done == (words is None)
    assert words is None or words in found.words
    assert found.blocks == Blocks.NOTHING


def test_care_only_asks_and_blocks_nothing(draft: Meeting) -> None:
    lacks = {
        "content_note": "", "dial_in": "", "access_by": None,
        "kind": "dialogue_session", "recording_policy": "presentation_only",
    }  # fmt: skip
    set_to(draft, **lacks)
    found = checks(draft)

    open_ones = {code for code, check in found.items() if not check.is_done}
    assert open_ones == {"content_note", "dial_in", "access_by", "recording_policy"}
    assert {found[code].blocks for code in open_ones} == {Blocks.NOTHING}
    set_to(draft, content_note="Loss", support_person="")
    assert not checks(draft)["support_person"].is_done


def test_a_dialogue_by_its_format_is_not_announced_as_recorded(
    community: Any, draft: Meeting, priya: User
) -> None:
    dialogue = make_format(community, code="peer", kind="dialogue_session")
    set_to(draft, format=dialogue, recording_policy="full")

    assert checks(draft)["recording_policy"].stops
    with pytest.raises(ActionError, match="that a dialogue is not recorded"):
        schedule_meeting(meeting=draft, by=priya, now=LONG_AGO)


def test_an_hour_that_comes_twice_says_which_is_meant(draft: Meeting) -> None:
    set_to(
        draft, timezone="America/Toronto", local_date=date(2027, 11, 7), local_time=time(1, 30)
    )  # fmt: skip

    words = checks(draft)["clock"].words
    assert words == "The clocks go back: 1:30 a.m. comes twice that night. The first one is meant."


def test_it_asks_three_times_whatever_there_is(
    draft: Meeting, django_assert_max_num_queries: Any
) -> None:
    meeting = Meeting.objects.select_related("format").get(pk=draft.pk)
    with django_assert_max_num_queries(2):
        readiness(meeting, now=NOW)
