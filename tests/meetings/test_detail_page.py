"""The page of one meeting: what it says, in which order, and what it costs."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from meetings.actions import say_access_need
from meetings.actions.attendance import note_arrival
from meetings.models import Meeting
from tests.factories import make_meeting, make_member, make_organization

VISITOR, SIGNED_IN = 8, 10


@pytest.fixture
def rich(community, priya):
    """A meeting that has everything."""
    return make_meeting(
        community, local_date=timezone.now().date() + timedelta(days=7), audience="public",
        content_note="We talk about loss.", support_person="Ravi", has_captions=True,
        interpretation="French and English", sign_language="lsq", pre_reading="Two pages.",
        materials="[Slides](https://files.example/slides)", facilitator=priya, capacity=40,
        recording_policy="presentation_only", description="Nights.",
        access_by=date(2027, 1, 1), dial_in="555-0100",
    )  # fmt: skip


def text_of(sign_in, person, meeting):
    return sign_in(person).get(meeting.get_absolute_url()).content.decode()


def move(meeting, **delta):
    starts_at = timezone.now() + timedelta(**delta)
    ends_at = starts_at + timedelta(minutes=90)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=starts_at, ends_at=ends_at)


@pytest.mark.parametrize("answers", [1, 25])
@pytest.mark.parametrize(
    ("who", "budget"),
    [("visitor", VISITOR), ("dani", SIGNED_IN), ("priya", SIGNED_IN), ("newcomer", SIGNED_IN)],
)
def test_the_page_keeps_to_its_budget_of_queries(
    request, rich, community, sign_in, say, who, budget, answers, django_assert_max_num_queries
):
    house = make_organization()
    people = [make_member(community, f"P{n}", organization=house) for n in range(answers)]
    for person in people:
        say(person, meeting=rich, now=timezone.now())
        say_access_need(meeting=rich, person=person, need="Captions", now=timezone.now())
    person = request.getfixturevalue(who)
    if who != "visitor":
        say(person, meeting=rich, now=timezone.now())
    client, url = sign_in(person), rich.get_absolute_url()
    client.get(url)

    for delta in ({"days": 7}, {"minutes": 5}, {"hours": -3}):
        move(rich, **delta)
        with django_assert_max_num_queries(budget):
            assert client.get(url).status_code == 200


def test_the_page_is_in_the_order_of_a_phone(rich, dani, sign_in):
    text = text_of(sign_in, dani, rich)
    parts = [
        "<h1", "We talk about loss.", "Ravi is there to talk to", "Will you come?",
        "What it is about", "To read before", "Taking part", "Put it into your calendar",
        'class="page-action',
    ]  # fmt: skip
    places = [text.index(part) for part in parts]

    assert places == sorted(places)
    for words in (
        "Live captions", "Interpretation: French and English", "Quebec Sign Language",
        "Only the presentation is recorded", "Priya Lindqvist",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(
    ("answer", "shows"),
    [("going", True), ("send_materials", True), ("not_going", False), (None, False)],
)
def test_materials_come_afterwards_to_those_who_came_or_asked(
    rich, dani, sign_in, say, answer, shows
):
    if answer:
        say(dani, answer, meeting=rich, now=timezone.now())
    assert "files.example/slides" not in text_of(sign_in, dani, rich)
    move(rich, hours=-3)

    assert ("files.example/slides" in text_of(sign_in, dani, rich)) == shows


def test_materials_come_to_walk_ins_too(rich, dani, sign_in):
    move(rich, minutes=-5)
    rich.refresh_from_db()
    note_arrival(meeting=rich, person=dani, source="link", now=timezone.now())
    move(rich, hours=-3)

    assert "files.example/slides" in text_of(sign_in, dani, rich)


def test_the_main_action_follows_the_moment(rich, dani, sign_in, say):
    def action():
        return text_of(sign_in, dani, rich).partition('class="page-action')[2][:900]

    assert "ll be there" in action()
    say(dani, meeting=rich, now=timezone.now())
    assert action() == ""
    move(rich, minutes=5)
    assert "Join the meeting" in action()
    move(rich, hours=-3)
    assert action() == ""
