from datetime import timedelta

import pytest

from cop.core.errors import ActionError
from meetings.access import admits
from meetings.links import join_url
from meetings.models import Meeting
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import make_meeting, make_member
from tests.meetings.conftest import NOW, START, states


def keys():
    return sorted(Delivery.objects.values_list("key", flat=True))


def room(meeting, seats):
    Meeting.objects.filter(pk=meeting.pk).update(capacity=seats)


def test_answer_rsvp_takes_a_seat_and_confirms_once(meeting, dani, say):
    rsvp = say(dani)

    meeting.refresh_from_db()
    assert (states(meeting), meeting.going_count) == ({"Dani": "going"}, 1)
    mail = Delivery.objects.get()
    assert mail.key == f"rsvp:{meeting.public_id}:{dani.pk}:confirmed:{rsvp.version}"
    assert (mail.kind, mail.purpose, mail.person) == ("rsvp_confirmed", "transactional", dani)
    assert "When: Thursday 10 December" in mail.text
    assert "10:00 to 11:30 a.m. Pacific time" in mail.text
    assert "METHOD:REQUEST" in mail.calendar
    assert mail.expires_at == meeting.starts_at


def test_answer_rsvp_twice_changes_nothing(meeting, dani, say):
    first = say(dani)
    second = say(dani, now=NOW + timedelta(minutes=1))

    assert (first.pk, first.version, first.answered_at) == (
        second.pk, second.version, second.answered_at,
    )  # fmt: skip
    assert len(keys()) == 1


@pytest.mark.parametrize("answer", ["not_going", "send_materials"])
def test_answer_rsvp_no_gives_the_seat_back_without_a_mail(meeting, dani, say, answer):
    say(dani)
    say(dani, answer)

    meeting.refresh_from_db()
    assert (states(meeting), meeting.going_count) == ({"Dani": answer}, 0)
    assert len(keys()) == 1


def test_answer_rsvp_yes_again_confirms_again(meeting, dani, say):
    say(dani)
    say(dani, "not_going")
    say(dani)

    assert [key.rpartition(":")[2] for key in keys()] == ["1", "3"]


def test_answer_rsvp_waits_when_full_without_a_mail(meeting, dani, ally, say):
    room(meeting, 1)
    say(dani)
    waiting = say(ally)

    assert states(meeting) == {"Dani": "going", "Femi": "waitlisted"}
    assert (waiting.wait_ticket, len(keys())) == (1, 1)


def test_answer_rsvp_twice_keeps_the_place_in_line(meeting, dani, ally, priya, say):
    room(meeting, 1)
    for person in (dani, ally, priya, ally):
        say(person)

    line = meeting.rsvps.waiting().order_by("wait_ticket")
    assert [rsvp.person for rsvp in line] == [ally, priya]


def test_answer_rsvp_no_hands_the_seat_to_the_first_in_line(meeting, dani, ally, priya, say):
    room(meeting, 1)
    for person in (dani, ally, priya):
        say(person)
    say(dani, "not_going")

    meeting.refresh_from_db()
    assert states(meeting) == {"Dani": "not_going", "Femi": "going", "Priya": "waitlisted"}
    assert meeting.going_count == 1
    promoted = Delivery.objects.get(kind="promoted")
    assert promoted.person == ally
    assert "METHOD:REQUEST" in promoted.calendar


def test_answer_rsvp_leaving_the_line_frees_no_seat(meeting, dani, ally, priya, say):
    room(meeting, 1)
    for person in (dani, ally, priya):
        say(person)
    say(ally, "not_going")

    assert states(meeting) == {"Dani": "going", "Femi": "not_going", "Priya": "waitlisted"}


def test_answer_rsvp_newcomers_do_not_jump_the_line(meeting, dani, ally, priya, say):
    """A free seat while somebody waits (it should not happen) is not for the next to press."""
    room(meeting, 1)
    say(dani)
    say(ally)
    room(meeting, 2)

    assert say(priya).state == "waitlisted"


def test_answer_rsvp_in_the_last_hours_seats_are_for_whoever_presses(
    meeting, dani, ally, priya, say
):
    """RS3: up to 3 hours before, a freed seat goes to the line; later it goes to whoever comes."""
    room(meeting, 1)
    for person in (dani, ally, priya):
        say(person)
    late = START - timedelta(hours=2)
    say(dani, "not_going", now=late)
    assert states(meeting)["Femi"] == "waitlisted"

    assert say(priya, now=late).state == "going"
    assert say(ally, now=late).state == "waitlisted"


@pytest.mark.parametrize(
    ("fields", "when", "words"),
    [
        ({"state": "cancelled", "cancel_reason": "Storm"}, NOW, "is cancelled"),
        ({"state": "draft"}, NOW, "not announced yet"),
        ({}, START, "has begun"),
        ({}, START + timedelta(hours=2), "is over"),
    ],
)
def test_answer_rsvp_is_refused_in_words(community, dani, say, fields, when, words):
    closed = make_meeting(community, **fields)

    with pytest.raises(ActionError, match=words):
        say(dani, meeting=closed, now=when)
    assert not closed.rsvps.exists()


def test_answer_rsvp_refuses_an_unknown_answer(dani, say):
    with pytest.raises(ActionError, match="three buttons"):
        say(dani, "perhaps")


MAY_ANSWER = {
    "public": {"newcomer", "dani", "ally", "funder", "lapsed", "stranger", "priya", "outsider",
               "admin"},
    "members_and_allies": {"dani", "ally", "priya"},
    "members_only": {"dani", "priya"},
}  # fmt: skip


@pytest.mark.parametrize("audience", MAY_ANSWER)
@pytest.mark.parametrize("who", [name for name in CAST if name != "visitor"])
def test_answer_rsvp_is_for_those_the_audience_admits(request, community, say, who, audience):
    meeting = make_meeting(community, audience=audience)
    person = request.getfixturevalue(who)

    if who in MAY_ANSWER[audience]:
        assert say(person, meeting=meeting).state == "going"
        assert list(meeting.rsvps.still_admitted()) == list(meeting.rsvps.all())
    else:
        with pytest.raises(ActionError, match="other people"):
            say(person, meeting=meeting)


@pytest.mark.parametrize("audience", MAY_ANSWER)
def test_still_admitted_follows_visible_to(request, community, audience):
    """The set-based rule of the reminders and the rule of the pages must not drift apart."""
    meeting = make_meeting(community, audience=audience)
    people = [request.getfixturevalue(name) for name in CAST if name not in {"visitor", "admin"}]
    meeting.rsvps.bulk_create(
        meeting.rsvps.model(meeting=meeting, person=person, state="not_going", answered_at=NOW)
        for person in people
    )

    admitted = {rsvp.person_id for rsvp in meeting.rsvps.still_admitted()}
    visible = {p.pk for p in people if Meeting.objects.visible_to(p).filter(pk=meeting.pk).exists()}
    assert admitted == visible
    # And the short way for one meeting that is at hand.
    assert {person.pk for person in people if admits(meeting, person)} == visible


def test_the_personal_link_is_in_no_confirmation_before_the_last_half_hour(
    meeting, dani, ally, say
):
    say(dani)
    say(ally, now=START - timedelta(minutes=10))

    early, late = Delivery.objects.order_by("created_at")
    assert "/join/" not in early.text + early.html + early.calendar
    link = join_url(meeting, ally)
    assert link in late.text
    assert link in late.html
    assert "/join/" not in late.calendar
    # The address itself stands in no mail at all (MT8).
    assert "secret-room" not in early.text + early.html + late.text + late.html + late.calendar


@pytest.mark.parametrize("answer", ["going", "nonsense"])
@pytest.mark.parametrize("state", ["scheduled", "cancelled", "held"])
def test_who_is_not_admitted_learns_nothing_of_a_meeting(
    community, sign_in, stranger, state, answer
):
    meeting = make_meeting(community, state=state, cancel_reason="Snow")
    response = sign_in(stranger).post(f"{meeting.get_absolute_url()}rsvp/", {"answer": answer})

    assert response.status_code == 404


def test_a_newcomer_passes_a_line_of_people_who_may_not_come_any_more(
    meeting, dani, ally, priya, say
):
    room(meeting, 1)
    say(dani)
    say(ally)
    Meeting.objects.update(audience="members_only", capacity=2)

    assert say(priya).state == "going"


def test_a_long_line_is_in_the_order_of_the_tickets(meeting, community, dani, say):
    room(meeting, 1)
    say(dani)
    people = [make_member(community, f"Person{n}") for n in range(5)]
    for person in people:
        say(person)
    for leaving in [dani, *people[:3]]:
        say(leaving, "not_going")

    assert states(meeting)["Person3"] == "going"
    assert states(meeting)["Person4"] == "waitlisted"


def test_answer_rsvp_who_may_not_come_any_more_holds_nobody_up(meeting, dani, ally, priya, say):
    """The meeting became one for members only: the ally in line is passed over, and may leave."""
    room(meeting, 1)
    for person in (dani, ally, priya):
        say(person)
    Meeting.objects.update(audience="members_only")
    say(dani, "not_going")

    assert states(meeting) == {"Dani": "not_going", "Femi": "waitlisted", "Priya": "going"}
    assert say(ally, "not_going").state == "not_going"
