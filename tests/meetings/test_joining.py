"""The door: by the personal link, by the page, with an answer or without (MT8, journey 3.2)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.links import make_token
from meetings.actions import join_meeting
from meetings.links import join_url
from meetings.models import Attendance, Meeting
from tests.conftest import CAST
from tests.factories import make_meeting, make_member
from tests.meetings.conftest import START

ADDRESS = "https://video.example/join/secret-room"
INSIDE = {"dani", "ally", "priya"}


def path_of(meeting, person):
    meeting.refresh_from_db()
    return join_url(meeting, person).removeprefix("http://localhost:8000")


def start_in(meeting, **delta):
    starts_at = timezone.now() + timedelta(**delta)
    ends_at = starts_at + timedelta(minutes=90)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=starts_at, ends_at=ends_at)
    meeting.refresh_from_db()


@pytest.fixture
def now_on(community):
    """A meeting whose door is open."""
    meeting = make_meeting(community, dial_in="555-0100 code 42")
    start_in(meeting, minutes=5)
    return meeting


def assert_leads_to_the_room(response):
    assert (response.status_code, response["Location"]) == (303, ADDRESS)
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_notes_nothing_and_names_no_address(client, now_on, dani, method):
    response = getattr(client, method)(path_of(now_on, dani))

    assert response.status_code == 200
    assert b"secret-room" not in response.content
    assert not Attendance.objects.exists()


def test_the_tap_notes_who_came_and_leads_on(client, now_on, dani, say):
    say(dani, meeting=now_on, now=timezone.now())
    url = path_of(now_on, dani)
    page = client.get(url)
    text = page.content.decode()
    assert "You are joining as D…" in text
    assert "Achebe" not in text
    assert "555-0100" in text
    # A browser follows the answer to a form only where `form-action` lets it.
    assert "form-action 'self' https:;" in page["Content-Security-Policy"] + ";"

    assert_leads_to_the_room(client.post(url))
    row = Attendance.objects.get()
    assert (row.person, row.source, row.is_walk_in) == (dani, "link", False)


def test_a_double_click_and_a_replayed_link_are_one_arrival(client, now_on, dani, say):
    say(dani, meeting=now_on, now=timezone.now())
    for __ in range(3):
        assert_leads_to_the_room(client.post(path_of(now_on, dani)))

    assert Attendance.objects.count() == 1


@pytest.mark.parametrize("state", [None, "not_going", "send_materials"])
def test_latecomers_without_an_answer_are_walk_ins(client, now_on, dani, say, state):
    if state:
        say(dani, state, meeting=now_on, now=timezone.now())
    assert_leads_to_the_room(client.post(path_of(now_on, dani)))

    assert Attendance.objects.get().is_walk_in


def test_before_the_door_opens_the_page_says_when(client, now_on, dani):
    start_in(now_on, hours=3)
    url = path_of(now_on, dani)
    text = client.get(url).content.decode()

    assert "The door opens at" in text
    assert "meeting.ics" in text
    assert "555-0100" not in text
    response = client.post(url)
    assert (response.status_code, Attendance.objects.count()) == (200, 0)
    assert b"secret-room" not in response.content


@pytest.mark.parametrize(("minutes", "opens"), [(16, False), (14, True), (-89, True), (-91, False)])
def test_the_door_is_open_from_fifteen_minutes_before_to_the_end(
    client, now_on, dani, minutes, opens
):
    start_in(now_on, minutes=minutes)
    url = path_of(now_on, dani)

    assert ("Join now" in client.get(url).content.decode()) == opens
    assert client.post(url).status_code == (303 if opens else 200)


def test_a_meeting_that_is_marked_held_while_it_runs_stays_open(client, now_on, dani):
    start_in(now_on, minutes=-40)
    Meeting.objects.update(state="held")

    assert_leads_to_the_room(client.post(path_of(now_on, dani)))


def test_after_the_end_it_is_over(client, now_on, dani):
    start_in(now_on, minutes=-91)

    assert "is over" in client.get(path_of(now_on, dani)).content.decode()


def test_a_cancelled_meeting_says_why(client, now_on, dani):
    Meeting.objects.update(state="cancelled", cancel_reason="Snow.")
    response = client.post(path_of(now_on, dani))

    assert "Snow." in response.content.decode()
    assert not Attendance.objects.exists()


def test_a_replaced_link_leads_nowhere_and_says_where_the_new_one_is(client, now_on, dani):
    old = path_of(now_on, dani)
    Meeting.objects.update(door_version=1)
    for response in (client.get(old), client.post(old)):
        text = response.content.decode()
        assert "This link was replaced." in text
        assert now_on.get_absolute_url() in text
        assert "555-0100" not in text
    assert not Attendance.objects.exists()
    assert_leads_to_the_room(client.post(path_of(now_on, dani)))


@pytest.mark.parametrize("who", [name for name in CAST if name != "visitor"])
def test_who_is_not_admitted_finds_nothing(request, client, now_on, who):
    person = request.getfixturevalue(who)
    url = path_of(now_on, person)

    assert client.get(url).status_code == (200 if who in INSIDE else 404)
    assert client.post(url).status_code == (303 if who in INSIDE else 404)


def test_who_left_since_finds_nothing(client, now_on, dani, say):
    say(dani, meeting=now_on, now=timezone.now())
    dani.memberships.update(state="left")

    assert client.get(path_of(now_on, dani)).status_code == 404


def test_a_token_for_another_purpose_is_refused_alike(client, now_on, dani):
    ids = [now_on.public_id, dani.public_id]
    for token in (
        make_token("rsvp", ids), make_token("join", ids), make_token("join", [*ids, 0, 0]),
        make_token("join", 7), make_token("join", ["x", dani.public_id, 0]), "x",
    ):  # fmt: skip
        assert client.get(f"/m/{token}/join/").status_code == 404
        assert client.post(f"/m/{token}/join/").status_code == 404


@pytest.mark.parametrize("who", CAST)
def test_the_button_on_the_page(request, now_on, sign_in, who):
    response = sign_in(request.getfixturevalue(who)).post(f"{now_on.get_absolute_url()}join/")

    if who in INSIDE:
        assert_leads_to_the_room(response)
    else:
        assert response.status_code == (302 if who == "visitor" else 404)
    assert Attendance.objects.count() == (who in INSIDE)


def test_the_button_pressed_too_early_says_so(community, sign_in, dani):
    meeting = make_meeting(community, local_date=timezone.now().date() + timedelta(days=3))
    response = sign_in(dani).post(f"{meeting.get_absolute_url()}join/", follow=True)

    assert "not open now" in response.content.decode()
    assert sign_in(dani).get(f"{meeting.get_absolute_url()}join/").status_code == 405


# --- The room ---------------------------------------------------------------------------------


def test_walk_ins_come_while_there_is_room(client, now_on, community, dani, ally, say):
    Meeting.objects.update(capacity=2)
    say(dani, meeting=now_on, now=timezone.now())
    late = [make_member(community, f"Late{n}") for n in range(2)]

    assert client.post(path_of(now_on, late[0])).status_code == 303
    response = client.post(path_of(now_on, late[1]))
    assert "All seats are taken just now" in response.content.decode()
    assert b"555-0100" not in response.content
    # Whose seat it is, and who was let in, may come back at any time.
    assert client.post(path_of(now_on, dani)).status_code == 303
    assert client.post(path_of(now_on, late[0])).status_code == 303


def test_the_page_of_a_full_meeting_shows_no_way_in(now_on, sign_in, dani, ally, say):
    Meeting.objects.update(capacity=1)
    say(dani, meeting=now_on, now=timezone.now())
    text = sign_in(ally).get(now_on.get_absolute_url()).content.decode()

    assert "All seats are taken just now" in text
    assert "555-0100" not in text
    assert "Join the meeting" not in text


def test_who_waits_comes_in_where_somebody_gave_the_seat_back(meeting, dani, ally, say):
    Meeting.objects.update(capacity=1)
    say(dani)
    say(ally)
    say(dani, "not_going", now=START - timedelta(minutes=20))
    at = START - timedelta(minutes=5)
    meeting.refresh_from_db()

    assert join_meeting(meeting=meeting, person=ally, now=at) == ADDRESS


def test_by_phone_alone_there_is_a_number_and_no_button(client, now_on, dani):
    Meeting.objects.update(join_url="")
    text = client.get(path_of(now_on, dani)).content.decode()

    assert "555-0100" in text
    assert "Join now" not in text
    assert client.post(path_of(now_on, dani)).status_code == 200
