"""The run sheet: who opens it, the hours of the clock, and notes that are never lost."""

import re
from typing import Any

import pytest
from django.urls import reverse

from meetings.actions.step_notes import StepGone, save_step_note
from meetings.models import AgendaStep, Attendance, Meeting, MeetingRole
from members.models import Community, User
from tests.factories import make_member, make_staff


@pytest.fixture
def address(meeting: Meeting) -> str:
    meeting.agenda.all().delete()
    for order, minutes in enumerate([10, 25, 55], start=1):
        AgendaStep.objects.create(
            meeting=meeting, order=order, title=f"Step {order}", minutes=minutes,
            lead="issue_holder" if order == 2 else "facilitator",
        )  # fmt: skip
    return reverse("meetings:run_sheet", args=[meeting.community.slug, meeting.public_id])


def give_role(meeting: Meeting, person: User, part: str = "timekeeper", **other: Any) -> None:
    MeetingRole.objects.create(meeting=meeting, person=person, part=part, **other)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_hours_names_and_question(
    address: str, meeting: Meeting, dani: User, priya: User, sign_in: Any
) -> None:
    give_role(meeting, dani, "issue_holder", question="Who keeps the night calm?")

    page = text(sign_in(priya).get(address))

    found = re.findall(r"sheet-hours\">(\d+:\d+).*? – (\d+:\d+)", page)
    assert found == [("10:00", "10:10"), ("10:10", "10:35"), ("10:35", "11:30")]
    assert f"Issue holder: {dani}" in page
    assert "Who keeps the night calm?" in page


def test_first_timers_are_counted_and_not_named(
    address: str, meeting: Meeting, dani: User, priya: User, sign_in: Any
) -> None:
    Attendance.objects.create(meeting=meeting, person=dani, source="coordinator", is_first=True)

    page = text(sign_in(priya).get(address))

    assert "For the first time</dt><dd>1</dd>" in page
    assert dani.get_short_name() not in page


@pytest.mark.parametrize("state", ["planned", "invited", "accepted"])
def test_open_with_a_part_in_force(
    state: str, address: str, meeting: Meeting, dani: User, sign_in: Any
) -> None:
    give_role(meeting, dani, state=state)
    assert sign_in(dani).get(address).status_code == 200
    assert address in text(sign_in(dani).get(meeting.get_absolute_url()))


def test_closed_to_all_others(
    address: str, meeting: Meeting, dani: User, ally: User, funder: User, stranger: User,
    outsider: User, admin: User, sign_in: Any,
) -> None:  # fmt: skip
    give_role(meeting, dani, state="withdrawn")
    give_role(meeting, stranger)
    give_role(meeting, funder)
    for person in (dani, ally, funder, stranger, outsider, admin):
        assert sign_in(person).get(address).status_code == 404
        assert sign_in(person).post(address, {}).status_code == 404
    assert address not in text(sign_in(dani).get(meeting.get_absolute_url()))


def test_a_draft_is_for_the_staff(
    address: str, meeting: Meeting, community: Community, dani: User, priya: User, sign_in: Any
) -> None:
    give_role(meeting, dani)
    Meeting.objects.filter(pk=meeting.pk).update(state="draft")
    assert sign_in(dani).get(address).status_code == 404
    for person in (priya, make_staff(community, "facilitator")):
        assert sign_in(person).get(address).status_code == 200


def test_access_needs_are_not_for_each_role(
    address: str, meeting: Meeting, dani: User, priya: User, community: Community, say: Any,
    sign_in: Any,
) -> None:  # fmt: skip
    give_role(meeting, dani)
    rsvp = say(make_member(community, "Mira"))
    type(rsvp).objects.filter(pk=rsvp.pk).update(access_need="zqcaptions")
    assert "zqcaptions" in text(sign_in(priya).get(address))
    assert "zqcaptions" not in text(sign_in(dani).get(address))


def test_an_empty_agenda_says_what_to_do(
    address: str, meeting: Meeting, priya: User, sign_in: Any
) -> None:
    meeting.agenda.all().delete()
    assert "There is no agenda yet" in text(sign_in(priya).get(address))


def test_as_many_questions_with_forty_steps(
    address: str, meeting: Meeting, priya: User, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    for order in range(4, 40):
        AgendaStep.objects.create(meeting=meeting, order=order, title=f"Step {order}", minutes=1)
    client = sign_in(priya)
    client.get(address)
    with django_assert_max_num_queries(14):
        client.get(address)


def test_a_note_without_a_script(address: str, meeting: Meeting, priya: User, sign_in: Any) -> None:
    step = meeting.agenda.first()
    data = {"step": step.pk, "version": 0, "note": "A roster helps."}

    answer = sign_in(priya).post(address, data, follow=True)

    step.refresh_from_db()
    assert (step.note, step.note_version) == ("A roster helps.", 1)
    assert "The note is saved." in text(answer)


def test_a_refused_note_is_shown_again(address: str, priya: User, sign_in: Any) -> None:
    data = {"step": 999_999, "version": 0, "note": "Do not lose me"}
    answer = sign_in(priya).post(address, data)
    assert "no longer in the agenda" in text(answer)
    assert "Do not lose me" in text(answer)


@pytest.mark.parametrize(
    "data",
    [
        {}, {"step": "x", "version": "y", "note": "a"}, {"step": "1", "version": "-1"},
        {"step": "9" * 30, "version": "0", "note": "a"},
        {"step": "1", "version": "0", "note": "\0"},
        {"step": "1", "version": "0", "note": "a" * 10_001},
    ],
)  # fmt: skip
def test_nonsense_is_answered_with_a_sentence(
    data: dict[str, str], address: str, priya: User, sign_in: Any
) -> None:
    answer = sign_in(priya).post(address, data, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_a_stale_note_keeps_both(address: str, meeting: Meeting, dani: User, priya: User) -> None:
    step = meeting.agenda.first()
    write = {"meeting": meeting, "step": step.pk, "version": 0}
    save_step_note(**write, note="Mine", by=priya)

    saved = save_step_note(**write, note="Theirs", by=dani)

    assert saved.is_joined
    assert saved.step.note == f"Mine\n\n— {dani}:\nTheirs"
    assert saved.step.note_version == 2


def test_sent_twice_is_kept_once(address: str, meeting: Meeting, priya: User) -> None:
    """The answer was lost on the way, and the phone sends again; or had gone on typing."""
    step = meeting.agenda.first()
    write = {"meeting": meeting, "step": step.pk, "version": 0, "by": priya}
    save_step_note(**write, note="A roster")
    again = save_step_note(**write, note="A roster")
    assert (again.step.note, again.step.note_version, again.is_joined) == ("A roster", 1, False)
    longer = save_step_note(**write, note="A roster helps")
    assert (longer.step.note, longer.is_joined) == ("A roster helps", False)


def test_a_step_of_another_meeting(address: str, meeting: Meeting, priya: User) -> None:
    step = meeting.agenda.first()
    other = Meeting.objects.get(pk=meeting.pk)
    other.pk += 1
    with pytest.raises(StepGone):
        save_step_note(meeting=other, step=step.pk, note="x", version=0, by=priya)
