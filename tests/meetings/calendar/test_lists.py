"""The list, the weeks and the month: who sees what, filters, places in the list, cost."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from cop.core.time import ZONES, say_span
from meetings.access import visible_meetings
from meetings.lines import LineMaker, say_elsewhere
from meetings.models import Meeting, Rsvp
from members.models import Community, MembershipApplication, Stream
from members.queries.communities import with_standing
from tests.conftest import CAST
from tests.factories import make_meeting, make_member, make_organization

pytestmark = pytest.mark.django_db
LIST, WEEKS = "/every-door/meetings/", "/every-door/meetings/weeks/"
PLACES = (LIST, WEEKS, "/every-door/meetings/{0.year}/{0.month}/")


def soon(days=7):
    return timezone.now().date() + timedelta(days=days)


def titles(response, name="upcoming"):
    return [line.title for line in response.context[name]]


def month_of(day):
    return f"{LIST}{day.year}/{day.month}/"


# --- Who sees what ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", CAST)
def test_what_was_read_with_the_community_says_the_same(request, community, visitor, who):
    """The short way of the lists and the rule itself, for everybody and every audience."""
    person = request.getfixturevalue(who)
    for audience in ("public", "members_and_allies", "members_only"):
        for state in ("draft", "scheduled", "held", "cancelled"):
            make_meeting(community, audience=audience, state=state, cancel_reason="x")
    for changed in ("", "walled", "archived"):
        if changed == "walled" and person.is_authenticated:
            person.affiliations.create(organization=make_organization(is_regulator_or_funder=True))
            person = type(person).objects.get(pk=person.pk)
        if changed == "archived":
            Community.objects.update(status="archived")
        read = with_standing(Community.objects.all(), person).get(pk=community.pk)
        assert set(visible_meetings(person, read)) == set(Meeting.objects.visible_to(person))


def test_guest_finds_the_one_meeting_in_the_list(sign_in, community, newcomer):
    make_meeting(community, title="First", local_date=soon(7))
    make_meeting(community, title="Second", local_date=soon(14))
    MembershipApplication.objects.create(
        community=community, person=newcomer, organization=make_organization(),
        state="submitted", submitted_at=timezone.now() - timedelta(hours=1), due_on=soon(),
    )  # fmt: skip
    assert titles(sign_in(newcomer).get(LIST)) == ["First"]


def test_member_s_eyes_see_what_a_member_sees(sign_in, community, priya):
    make_meeting(community, title="Inside", audience="members_only", local_date=soon())
    read = with_standing(Community.objects.all(), priya).get(pk=community.pk)
    priya.sees_as_member_of = community
    assert visible_meetings(priya, read).count() == 1
    priya.sees_as_member_of = Community(pk=0)
    assert visible_meetings(priya, read).count() == 0


# --- Places in the list -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["upcoming", "past"])
def test_pages_lose_nobody_at_their_edges(client, community, name):
    sign = 1 if name == "upcoming" else -1
    for n in range(50):
        make_meeting(
            community, title=f"M{n:02}", audience="public", local_date=soon(sign * (3 + n // 9))
        )
    url, seen, pages = LIST, [], 0
    while url:
        response = client.get(url)
        seen += titles(response, name)
        on = response.context[f"{name}_url"]
        url, pages = LIST + on if on else "", pages + 1
    assert sorted(seen) == [f"M{n:02}" for n in range(50)]
    assert pages == 4


@pytest.mark.parametrize(
    "query", ["before=x", "after=x", "before=", "after=%00", "after=" + "9" * 99]
)
def test_made_up_place_is_not_there(client, community, query):
    status = client.get(f"{LIST}?{query}").status_code
    assert status == (200 if query == "before=" else 404)


def test_edge_of_another_community_tells_nothing(client, community, other_community):
    other = make_meeting(other_community, audience="public", local_date=soon())
    hidden = make_meeting(community, local_date=soon())
    for meeting in (other, hidden):
        assert client.get(f"{LIST}?after={meeting.public_id}").status_code == 404


def test_meeting_that_goes_on_is_still_coming(client, community):
    meeting = make_meeting(community, audience="public")
    now = timezone.now()
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=now - timedelta(days=2), ends_at=now + timedelta(hours=1)
    )
    assert len(client.get(LIST).context["upcoming"]) == 1


# --- Filters ------------------------------------------------------------------------------------


@pytest.fixture
def streams(community):
    community.streams.all().delete()
    names = {"learn": "Learning", "share": "Sharing"}
    return [
        Stream.objects.create(community=community, kind=kind, name=name)
        for kind, name in names.items()
    ]


@pytest.fixture
def mixed(community, streams, dani):
    day = soon(1)
    make_meeting(community, title="L", stream=streams[0], local_date=day)
    make_meeting(community, title="S", stream=streams[1], local_date=day, kind="dialogue_session")
    mine = make_meeting(community, title="Mine", local_date=day, kind="dialogue_session")
    Rsvp.objects.create(
        meeting=mine, person=dani, state="going", holds_seat=True, answered_at=timezone.now()
    )
    Meeting.objects.filter(pk=mine.pk).update(going_count=1)
    return day


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, "L S Mine"),
        ({"stream": "0"}, "L"),
        ({"stream": "1"}, "S"),
        ({"kind": "dialogue_session"}, "S Mine"),
        ({"mine": "1"}, "Mine"),
        ({"mine": "1", "stream": "0"}, ""),
        ({"kind": "nonsense", "stream": "nonsense"}, "L S Mine"),
    ],
)
def test_filters_hold_in_all_three_views(sign_in, mixed, streams, dani, chosen, found):
    client = sign_in(dani)
    query = {
        name: streams[int(value)].public_id if value in {"0", "1"} and name == "stream" else value
        for name, value in chosen.items()
    }
    for place in PLACES:
        text = client.get(place.format(mixed), query).content.decode()
        seen = [name for name in ("L", "S", "Mine") if f'">{name}</a>' in text]
        assert seen == found.split(), place


def test_filters_go_along_to_every_other_page(sign_in, mixed, streams, dani):
    query = {"kind": "dialogue_session", "mine": "1", "stream": streams[0].public_id}
    for place in PLACES:
        text = sign_in(dani).get(place.format(mixed), query).content.decode()
        assert text.count("mine=1&amp;stream=") >= 3, place


def test_visitor_has_no_filter_of_one_s_own(client, community):
    make_meeting(community, audience="public", title="Open", local_date=soon())
    response = client.get(LIST, {"mine": "1"})
    assert titles(response) == ["Open"]
    assert b'name="mine"' not in response.content


# --- Weeks --------------------------------------------------------------------------------------


def test_weeks_are_grouped_by_the_reader_s_days(sign_in, community, dani):
    """23:30 in Vancouver is the next day in Toronto, and there it stands."""
    make_meeting(community, title="Late", local_date=date(2026, 12, 9), local_time=time(23, 30))
    for zone, day in (("America/Vancouver", 9), ("America/Toronto", 10)):
        dani.timezone = zone
        dani.save(update_fields=["timezone"])
        weeks = sign_in(dani).get(WEEKS, {"from": "2026-12-09"}).context["weeks"]
        assert weeks[0]["first"] == date(2026, 12, 7)
        assert [found[0] for found in weeks[0]["days"]] == [date(2026, 12, day)]


def test_weeks_without_a_meeting_lead_to_the_next(client, community):
    far = make_meeting(community, audience="public", local_date=soon(90))
    response = client.get(WEEKS)
    assert response.context["is_empty"]
    day = far.starts_at.astimezone(ZoneInfo("America/Vancouver")).date()
    assert f"from={day.isoformat()}" in response.content.decode()
    assert not client.get(WEEKS, {"from": day.isoformat()}).context["is_empty"]


@pytest.mark.parametrize("asked", ["nonsense", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_weeks_take_no_nonsense(client, community, asked):
    response = client.get(WEEKS, {"from": asked})
    assert response.status_code == 200
    assert response.context["today_url"] == ""


def test_weeks_at_both_ends_of_time(client, community):
    for asked in ("2001-01-01", "2099-12-31"):
        assert client.get(WEEKS, {"from": asked}).status_code == 200


# --- Month --------------------------------------------------------------------------------------


def test_month_is_chosen_without_a_script(client, community):
    response = client.get(f"{LIST}2026/12/", {"go": "2027-03", "kind": "dialogue_session"})
    assert response.headers["Location"] == f"{LIST}2027/3/?kind=dialogue_session"
    for nonsense in ("2027", "1492-10", "x", "2027-13"):
        assert client.get(f"{LIST}2026/12/", {"go": nonsense}).status_code == 200


def test_month_leads_back_to_today(client, community):
    today = timezone.now().astimezone(ZoneInfo("America/Vancouver"))
    other = client.get(f"{LIST}2030/5/")
    assert other.context["today_url"] == f"{LIST}{today.year}/{today.month}/"
    assert client.get(other.context["today_url"]).context["today_url"] == ""


# --- Words --------------------------------------------------------------------------------------


def test_lines_say_what_the_clock_says_everywhere(community):
    """Words kept for later are those of `say_span`, through every change of the clocks."""
    dice = random.Random(5)
    meeting = make_meeting(community)
    for zone in ZONES:
        for language in ("en", "fr"):
            for _ in range(40):
                start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(
                    minutes=15 * dice.randrange(4 * 24 * 700)
                )
                end = start + timedelta(minutes=dice.choice((15, 90, 600, 1500)))
                Meeting.objects.filter(pk=meeting.pk).update(starts_at=start, ends_at=end)
                with translation.override(language):
                    (line,) = LineMaker(community, zone).lines(Meeting.objects.all())
                    assert line.when == say_span(start, end, zone)
                    home = community.timezone
                    assert line.elsewhere == say_elsewhere(start, end, zone, home)


def test_seats_and_answers_stand_in_the_line(sign_in, community, dani):
    rows = {"free": (20, 19), "full": (2, 2), "one": (1, 1), "none": (None, 5)}
    for title, (capacity, taken) in rows.items():
        meeting = make_meeting(community, title=title, local_date=soon())
        for _ in range(taken):
            Rsvp.objects.create(
                meeting=meeting, person=make_member(community), state="going", holds_seat=True,
                answered_at=timezone.now(),
            )  # fmt: skip
        Meeting.objects.filter(pk=meeting.pk).update(capacity=capacity, going_count=taken)
    found = {line.title: line.about for line in sign_in(dani).get(LIST).context["upcoming"]}
    assert "1 of 20 seats is free" in found["free"]
    assert "All 2 seats are taken" in found["full"]
    assert "The one seat is taken" in found["one"]
    assert "seat" not in found["none"]


# --- Cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
def test_queries_are_few_and_the_same_however_many_meetings(
    sign_in, client, community, streams, dani, place
):
    url = place.format(soon(3))
    counts = []
    for more in (1, 40):
        for n in range(more):
            make_meeting(community, audience="public", local_date=soon(3 + n % 4))
            make_meeting(community, audience="public", local_date=soon(-3 - n % 4))
        member = sign_in(dani)
        member.get(url)
        pair = []
        for one in (client, member):
            if one is client:
                client.logout()
            else:
                one = sign_in(dani)
            with CaptureQueriesContext(connection) as asked:
                one.get(url)
            pair.append(len(asked))
        counts.append(pair)
    assert counts[0] == counts[1]
    assert counts[0][0] <= 6
    assert counts[0][1] <= 8


def test_pages_walk_an_index_whatever_lies_before(community, client):
    """A thousand meetings of the past cost the coming ones nothing: no scan, no OFFSET."""
    make_meeting(community, audience="public", local_date=soon())
    with CaptureQueriesContext(connection) as asked:
        client.get(LIST)
    rows = [one["sql"] for one in asked if "meetings_meeting" in one["sql"]]
    assert len(rows) == 2
    for sql in rows:
        assert "OFFSET" not in sql
        assert "LIMIT" in sql
        assert '"starts_at" <' in sql or '"starts_at" >' in sql
