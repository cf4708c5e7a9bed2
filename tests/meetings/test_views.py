from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.actions import answer_rsvp
from meetings.models import Meeting, Rsvp
from tests.conftest import CAST
from tests.factories import make_meeting, make_member, make_organization

LIST = "/every-door/meetings/"
INSIDE = {"dani", "ally", "priya"}
LONG = "Rencontre très longue « Où dormir ? » avec Théodore-Amédée Québécois-Lévesque " * 2


def soon(days=7):
    return timezone.now().date() + timedelta(days=days)


@pytest.fixture
def coming(community):
    """A meeting in a week, whatever day the tests run on."""
    return make_meeting(community, local_date=soon())


def page(sign_in, person, url=LIST):
    return sign_in(person).get(url)


# --- The list ---------------------------------------------------------------------------------


@pytest.mark.parametrize("who", CAST)
def test_meeting_list_shows_to_each_what_the_audience_allows(request, community, sign_in, who):
    make_meeting(community, title="For all the world", audience="public", local_date=soon())
    make_meeting(community, title="For allies too", local_date=soon(8))
    make_meeting(community, title="For members", audience="members_only", local_date=soon(9))
    make_meeting(community, title="Just a draft", state="draft", local_date=soon(10))
    text = page(sign_in, request.getfixturevalue(who)).content.decode()

    assert "For all the world" in text
    assert ("For allies too" in text) == (who in INSIDE)
    assert ("For members" in text) == (who in {"dani", "priya"})
    assert "Just a draft" not in text


def test_meeting_list_of_nothing_says_what_will_be_here(community, sign_in, visitor):
    response = page(sign_in, visitor)

    assert "No meeting is planned yet" in response.content.decode()


@pytest.mark.parametrize("meetings", [1, 4])
def test_meeting_list_query_count_is_constant(
    community, dani, sign_in, meetings, django_assert_num_queries
):
    for n in range(meetings):
        ahead = make_meeting(community, local_date=soon(n + 1), capacity=3)
        make_meeting(community, local_date=soon(-n - 1))
        Rsvp.objects.create(
            meeting=ahead, person=dani, state="not_going", answered_at=timezone.now()
        )
    client = sign_in(dani)
    client.get(LIST)

    # Session, person, community, the wall, meetings ahead, meetings past.
    with django_assert_num_queries(6):
        response = client.get(LIST)
    assert response.content.count(b'class="row-link"') == 2 * meetings


def test_meeting_list_says_the_time_twice_where_clocks_differ(community, sign_in, dani):
    make_meeting(community, local_date=date(2027, 1, 14), audience="public")
    make_member(community, "Eli")
    dani.timezone = "America/Edmonton"
    dani.save(update_fields=["timezone"])
    text = page(sign_in, dani).content.decode()

    assert "11:00 a.m. to 12:30 p.m. East Kootenay and Alberta time" in text
    assert "(10:00 to 11:30 a.m. Pacific time)" in text


def test_meeting_list_shows_one_s_own_answer_and_the_seats(community, coming, dani, sign_in):
    Meeting.objects.filter(pk=coming.pk).update(capacity=2, going_count=1)
    Rsvp.objects.create(
        meeting=coming, person=dani, state="going", holds_seat=True, answered_at=timezone.now()
    )
    text = page(sign_in, dani).content.decode()

    assert "1 of 2 seats is free" in text
    assert "I&#x27;ll be there" in text


def test_meeting_list_pages_through_the_past(community, dani, sign_in):
    for n in range(45):
        # Several at the same moment: the edge of a page must lose none of them.
        make_meeting(community, title=f"Old {n:02}", local_date=soon(-7 - n // 9))
    client, url, seen = sign_in(dani), "", []
    for __ in range(4):
        response = client.get(LIST + url)
        seen += [meeting.title for meeting in response.context["past"]]
        url = response.context["past_url"]

    assert url == ""
    assert sorted(seen) == [f"Old {n:02}" for n in range(45)]


def test_meeting_list_refuses_a_made_up_place_in_the_list(community, dani, sign_in):
    assert page(sign_in, dani, f"{LIST}?before=nonsense").status_code == 404


def test_meeting_list_carries_long_names(community, sign_in, visitor):
    make_meeting(community, title=LONG[:160], audience="public", local_date=soon())

    assert "Théodore-Amédée" in page(sign_in, visitor).content.decode()


# --- The month --------------------------------------------------------------------------------


@pytest.mark.parametrize("who", CAST)
def test_meeting_month_shows_what_the_audience_allows(request, community, sign_in, who):
    make_meeting(community, title="Inside only")
    response = page(sign_in, request.getfixturevalue(who), f"{LIST}2026/12/")

    assert response.status_code == 200
    assert (b"Inside only" in response.content) == (who in INSIDE)


def test_meeting_month_counts_days_on_the_reader_s_clock(community, dani, sign_in):
    """23:30 on the 31st in Vancouver is the 1st in Toronto."""
    make_meeting(
        community, title="Midnight", local_date=date(2026, 12, 31), local_time=time(23, 30)
    )
    dani.timezone = "America/Toronto"
    dani.save(update_fields=["timezone"])
    client = sign_in(dani)

    weeks = client.get(f"{LIST}2027/1/").context["weeks"]
    first = next(day for week in weeks for day in week if day.day == date(2027, 1, 1))
    assert [meeting.title for meeting in first.meetings] == ["Midnight"]
    assert client.get(f"{LIST}2026/12/").context["meetings"] == []


@pytest.mark.parametrize("meetings", [1, 4])
def test_meeting_month_query_count_is_constant(
    community, dani, sign_in, meetings, django_assert_num_queries
):
    for n in range(meetings):
        make_meeting(community, local_date=date(2026, 12, 1 + n))
    client = sign_in(dani)

    with django_assert_num_queries(5):
        client.get(f"{LIST}2026/12/")


@pytest.mark.parametrize("path", ["2026/13/", "2026/0/", "1999/1/", "2101/1/"])
def test_meeting_month_knows_no_such_month(community, dani, sign_in, path):
    assert page(sign_in, dani, LIST + path).status_code == 404


def test_meeting_month_ends_somewhere(community, dani, sign_in):
    assert b'rel="next"' not in page(sign_in, dani, f"{LIST}2100/12/").content
    assert b'rel="prev"' not in page(sign_in, dani, f"{LIST}2000/1/").content


# --- One meeting ------------------------------------------------------------------------------


def expected(who, audience):
    allowed = {"members_only": {"dani", "priya"}, "members_and_allies": INSIDE}
    if audience == "public" or who in allowed[audience]:
        return 200
    # The answer to a visitor is the same for a meeting that there is not.
    return 302 if who == "visitor" else 404


@pytest.mark.parametrize("audience", ["public", "members_and_allies", "members_only"])
@pytest.mark.parametrize("who", CAST)
def test_meeting_detail_access(request, community, sign_in, who, audience):
    meeting = make_meeting(community, audience=audience)
    response = page(sign_in, request.getfixturevalue(who), meeting.get_absolute_url())

    assert response.status_code == expected(who, audience)


@pytest.mark.parametrize("who", CAST)
def test_meeting_ics_and_rsvp_access(request, community, sign_in, who):
    meeting = make_meeting(community, local_date=soon())
    client = sign_in(request.getfixturevalue(who))
    file = client.get(f"{meeting.get_absolute_url()}meeting.ics")
    answer = client.post(f"{meeting.get_absolute_url()}rsvp/", {"answer": "going"})

    assert file.status_code == (200 if who in INSIDE else 404)
    assert answer.status_code == (302 if who in {*INSIDE, "visitor"} else 404)
    assert meeting.rsvps.exists() == (who in INSIDE)


@pytest.mark.parametrize("who", CAST)
def test_a_draft_is_nobody_s_page(request, community, sign_in, who):
    meeting = make_meeting(community, state="draft", audience="public")
    response = page(sign_in, request.getfixturevalue(who), meeting.get_absolute_url())

    assert response.status_code == (302 if who == "visitor" else 404)


def test_meeting_detail_under_another_community_is_not_there(
    coming, other_community, dani, sign_in
):
    url = reverse("meetings:meeting_detail", args=[other_community.slug, coming.public_id])

    assert page(sign_in, dani, url).status_code == 404


@pytest.mark.parametrize(
    ("minutes", "state", "door"),
    [(16, "going", False), (14, "going", True), (-30, "going", True), (-91, "going", False),
     (14, "needs_confirmation", True), (14, "not_going", True), (14, None, True),
     (16, None, False), (-91, None, False)],
)  # fmt: skip
def test_meeting_detail_opens_the_door_when_it_is_time(
    community, dani, sign_in, minutes, state, door
):
    meeting = make_meeting(community, dial_in="555-0100 code 42")
    starts_at = timezone.now() + timedelta(minutes=minutes)
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=90), going_count=1
    )
    if state:
        Rsvp.objects.create(
            meeting=meeting, person=dani, state=state, answered_at=timezone.now(),
            holds_seat=state != "not_going",
        )  # fmt: skip
    Meeting.objects.filter(pk=meeting.pk).update(
        going_count=meeting.rsvps.filter(holds_seat=True).count()
    )
    text = page(sign_in, dani, meeting.get_absolute_url()).content.decode()

    assert (f"{meeting.get_absolute_url()}join/" in text) == door
    assert ("555-0100" in text) == door
    assert ("There is room, so come in" in text) == (
        door and state not in {"going", "needs_confirmation"}
    )
    assert "secret-room" not in text


def test_meeting_detail_says_how_many_from_how_many(community, coming, dani, priya, sign_in, say):
    houses = [make_organization(f"House {n}") for n in range(3)]
    people = [make_member(community, f"P{n}", organization=houses[n % 3]) for n in range(4)]
    for person in people:
        say(person, meeting=coming, now=timezone.now())
    url = coming.get_absolute_url()
    assert "people are coming" not in page(sign_in, dani, url).content.decode()
    assert "4 people are coming, from 3 organizations" in page(sign_in, priya, url).content.decode()

    say(dani, meeting=coming, now=timezone.now())
    assert "5 people are coming, from 3 organizations" in page(sign_in, dani, url).content.decode()


def test_meeting_detail_tells_the_place_in_line(community, coming, dani, ally, sign_in, say):
    Meeting.objects.filter(pk=coming.pk).update(capacity=1)
    say(dani, meeting=coming, now=timezone.now())
    say(ally, meeting=coming, now=timezone.now())
    text = page(sign_in, ally, coming.get_absolute_url()).content.decode()

    assert "The one seat is taken. You are number 1 in line" in text


def test_meeting_detail_of_a_cancelled_one_says_why(community, dani, sign_in):
    meeting = make_meeting(community, state="cancelled", cancel_reason="Snow on the pass.")
    text = page(sign_in, dani, meeting.get_absolute_url()).content.decode()

    assert "Snow on the pass." in text
    assert "Will you come?" not in text


def test_meeting_detail_hides_names_from_visitors(community, priya, sign_in, visitor, dani):
    meeting = make_meeting(community, audience="public", facilitator=priya, support_person="Ravi")

    text = page(sign_in, visitor, meeting.get_absolute_url()).content.decode()
    assert ("Priya" in text, "Ravi" in text) == (False, False)
    text = page(sign_in, dani, meeting.get_absolute_url()).content.decode()
    assert ("Priya" in text, "Ravi" in text) == (True, True)


def test_meeting_detail_keeps_hostile_words_harmless(community, dani, sign_in):
    evil = "<script>alert(1)</script>"
    meeting = make_meeting(community, title=evil, description=f"{evil} [x](javascript:y)")
    text = page(sign_in, dani, meeting.get_absolute_url()).content.decode()

    assert evil not in text
    assert 'href="javascript' not in text


# --- The answer -------------------------------------------------------------------------------


def test_rsvp_answer_says_what_happened(coming, dani, sign_in):
    client = sign_in(dani)
    url = f"{coming.get_absolute_url()}rsvp/"
    response = client.post(url, {"answer": "going"}, follow=True)

    assert response.redirect_chain == [(coming.get_absolute_url(), 302)]
    assert "You are coming, and we are sending you a mail" in response.content.decode()
    assert 'aria-pressed="true"' in response.content.decode()


def test_rsvp_answer_of_nonsense_is_refused_in_words(coming, dani, sign_in):
    url = f"{coming.get_absolute_url()}rsvp/"
    response = sign_in(dani).post(url, {"answer": "x"}, follow=True)

    assert "Choose one of the three buttons" in response.content.decode()


def test_rsvp_answer_is_not_for_looking(coming, dani, sign_in):
    assert page(sign_in, dani, f"{coming.get_absolute_url()}rsvp/").status_code == 405


@pytest.mark.parametrize("state", ["going", "not_going"])
def test_meeting_page_says_that_a_funder_takes_part(sign_in, community, funder, dani, state):
    meeting = make_meeting(community, audience="public")
    page = sign_in(dani).get(meeting.get_absolute_url())
    assert "funder or regulator takes part" not in page.content.decode()
    answer_rsvp(meeting=meeting, person=funder, answer=state, now=timezone.now())

    text = sign_in(dani).get(meeting.get_absolute_url()).content.decode()

    assert ("funder or regulator takes part" in text) == (state == "going")
    # That somebody comes is said; who, is not.
    assert "Beth Kowalchuk" not in text
    funder.affiliations.update(state="ended", ended_on="2026-04-02")
    text = sign_in(dani).get(meeting.get_absolute_url()).content.decode()
    assert "funder or regulator takes part" not in text


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        ("public", "funders and regulators may come too"),
        ("members_and_allies", "Not open to people of funders"),
        ("members_only", "Not open to people of funders"),
    ],
)
def test_meeting_page_says_whether_funders_may_come(sign_in, community, dani, audience, words):
    meeting = make_meeting(community, audience=audience)
    assert words in sign_in(dani).get(meeting.get_absolute_url()).content.decode()
