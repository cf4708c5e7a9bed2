from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone
from icalendar import Calendar

from cop.core.links import make_token
from meetings.actions import replace_calendar_feed
from meetings.emails import rsvp_url
from meetings.models import CalendarFeed, Meeting
from tests.conftest import CAST
from tests.factories import make_meeting


@pytest.fixture
def coming(community):
    return make_meeting(community, local_date=timezone.now().date() + timedelta(days=7))


def link(meeting, person):
    return rsvp_url(meeting, person).removeprefix("http://localhost:8000")


def start_in(meeting, **delta):
    starts_at = timezone.now() + timedelta(**delta)
    ends_at = starts_at + timedelta(minutes=90)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=starts_at, ends_at=ends_at)


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("answer", ["", "?answer=going", "?answer=not_going"])
def test_rsvp_link_looking_changes_nothing(client, coming, dani, method, answer):
    response = getattr(client, method)(link(coming, dani) + answer)

    assert response.status_code == 200
    assert not coming.rsvps.exists()


def test_rsvp_link_shows_what_was_tapped_and_asks_once_more(client, coming, dani):
    text = client.get(link(coming, dani) + "?answer=send_materials").content.decode()

    assert "You are answering for D…" in text
    assert "Achebe" not in text
    assert "Yes, send me the materials" in text
    assert "secret-room" not in text


def test_rsvp_link_of_a_full_meeting_promises_no_seat(client, coming, dani, ally, say):
    Meeting.objects.update(capacity=1)
    say(ally, meeting=coming, now=timezone.now())
    text = client.get(link(coming, dani) + "?answer=going").content.decode()

    assert "Put me on the waitlist" in text
    assert "Yes, I&#x27;ll be there" not in text


def test_rsvp_link_posts_without_signing_in(client, coming, dani):
    url = link(coming, dani)
    response = client.post(url, {"answer": "going"}, follow=True)

    assert response.redirect_chain == [(url, 302)]
    rsvp = coming.rsvps.get()
    assert (rsvp.person, rsvp.state, rsvp.answered_via) == (dani, "going", "mail_link")
    assert "You are coming" in response.content.decode()


def test_rsvp_link_is_refused_alike_whatever_is_wrong(client, coming, dani, stranger):
    good = make_token("rsvp", [coming.public_id, dani.public_id])
    tokens = [
        good[:-1],
        make_token("unsubscribe", [coming.public_id, dani.public_id]),
        make_token("rsvp", [coming.public_id, "nobody"]),
        make_token("rsvp", ["nothing", dani.public_id]),
        make_token("rsvp", [coming.public_id, stranger.public_id]),
        make_token("rsvp", 7),
        signing.dumps("x"),
    ]
    for token in tokens:
        assert client.get(f"/m/{token}/rsvp/").status_code == 404
        assert client.post(f"/m/{token}/rsvp/", {"answer": "going"}).status_code == 404
    assert not coming.rsvps.exists()


def test_rsvp_link_ends_a_day_after_the_start(client, coming, dani):
    start_in(coming, hours=-23)
    assert "is over" in client.get(link(coming, dani)).content.decode()

    start_in(coming, hours=-25)
    response = client.post(link(coming, dani), {"answer": "going"})
    assert response.status_code == 410
    assert not coming.rsvps.exists()


def test_rsvp_link_of_somebody_who_left_is_dead(client, coming, dani):
    dani.memberships.update(state="left")

    assert client.get(link(coming, dani)).status_code == 404


def test_rsvp_link_of_a_cancelled_meeting_says_so(client, coming, dani):
    Meeting.objects.update(state="cancelled", cancel_reason="Snow.")
    response = client.post(link(coming, dani), {"answer": "going"}, follow=True)

    assert "Snow." in response.content.decode()
    assert not coming.rsvps.exists()


def test_rsvp_link_speaks_the_person_s_language(client, coming, dani):
    dani.language = "fr"
    dani.save(update_fields=["language"])

    assert "heure du Pacifique" in client.get(link(coming, dani)).content.decode()


# --- The calendar feed ------------------------------------------------------------------------


@pytest.fixture
def feed(dani):
    return f"/m/{replace_calendar_feed(person=dani).secret}/calendar.ics"


def events(response):
    found = Calendar.from_ical(response.content).walk("VEVENT")
    return {str(event["SUMMARY"]): str(event["STATUS"]) for event in found}


def test_calendar_file_has_what_one_said_yes_to(client, community, dani, ally, feed, say):
    names = ["Going", "Waiting", "No", "Unanswered", "Called off"]
    rows = {name: make_meeting(community, title=name) for name in names}
    Meeting.objects.filter(title="Waiting").update(capacity=1)
    say(ally, meeting=rows["Waiting"])
    for name in ("Going", "Waiting", "Called off"):
        say(dani, meeting=rows[name])
    say(dani, "not_going", meeting=rows["No"])
    Meeting.objects.filter(title="Called off").update(
        state="cancelled", cancel_reason="Snow", updated_at=timezone.now()
    )

    assert events(client.get(feed)) == {
        "Going": "CONFIRMED", "Waiting": "TENTATIVE", "Called off": "CANCELLED",
    }  # fmt: skip
    Meeting.objects.filter(title="Called off").update(
        updated_at=timezone.now() - timedelta(days=31)
    )
    assert "Called off" not in events(client.get(feed))


def test_calendar_file_answers_304_to_who_has_it(
    client, community, dani, feed, say, django_assert_num_queries
):
    say(dani, meeting=make_meeting(community))
    first = client.get(feed)
    etag = first.headers["ETag"]

    assert first.headers["Cache-Control"] == "private, max-age=900"
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert not etag.startswith("W/")
    with django_assert_num_queries(2):
        again = client.get(feed, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(feed).headers["ETag"] == etag

    Meeting.objects.update(title="Another title", updated_at=timezone.now())
    assert client.get(feed, headers={"if-none-match": etag}).status_code == 200


@pytest.mark.parametrize("meetings", [1, 3])
def test_calendar_file_query_count_is_constant(
    client, community, dani, feed, say, meetings, django_assert_num_queries
):
    for __ in range(meetings):
        say(dani, meeting=make_meeting(community))

    with django_assert_num_queries(2):
        client.get(feed)


def test_calendar_file_forgets_what_one_may_not_see_any_more(client, meeting, dani, feed, say):
    say(dani)
    dani.memberships.update(state="left")

    assert events(client.get(feed)) == {}


def test_calendar_file_with_an_old_or_unknown_address_is_not_there(client, dani, feed):
    replace_calendar_feed(person=dani)

    assert client.get(feed).status_code == 404
    assert client.get("/m/nothing/calendar.ics").status_code == 404


def test_calendar_file_of_a_closed_account_is_not_there(client, dani, feed):
    dani.is_active = False
    dani.save(update_fields=["is_active"])

    assert client.get(feed).status_code == 404


# --- One's own page ---------------------------------------------------------------------------


@pytest.mark.parametrize("who", CAST)
def test_calendar_feed_page_is_for_everybody_with_an_account(request, db, sign_in, who):
    response = sign_in(request.getfixturevalue(who)).get("/me/calendar/")

    assert response.status_code == (302 if who == "visitor" else 200)
    assert not CalendarFeed.objects.exists()


def test_calendar_feed_is_made_and_replaced_by_a_button(sign_in, dani):
    client = sign_in(dani)
    client.post("/me/calendar/replace/")
    first = CalendarFeed.objects.get(person=dani).secret
    text = client.post("/me/calendar/replace/", follow=True).content.decode()

    second = CalendarFeed.objects.get(person=dani).secret
    assert first != second
    assert f"http://localhost:8000/m/{second}/calendar.ics" in text
    assert client.get("/me/calendar/replace/").status_code == 405
