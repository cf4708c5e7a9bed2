"""ICS-7, 3.6: feeds that programs fetch for years, mostly for nothing."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import models
from django.utils import timezone, translation
from icalendar import Calendar

from meetings import ics
from meetings.actions import choose_about_meetings, replace_calendar_feed
from meetings.models import Meeting, MeetingChoices, Rsvp
from meetings.queries import feeds
from members.models import Community, MembershipApplication, User
from tests.factories import make_meeting, make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


@pytest.fixture
def url(dani):
    return f"/m/{replace_calendar_feed(person=dani).secret}/calendar.ics"


@pytest.fixture
def going(meeting, dani):
    return come(meeting, dani)


def come(meeting, person):
    now = timezone.now()
    row = Rsvp.objects.create(
        meeting=meeting, person=person, state="going", holds_seat=True, answered_at=now
    )
    Meeting.objects.filter(pk=meeting.pk).update(going_count=1)
    return row


def knows(client, url, etag, **headers):
    return client.get(url, headers={"if-none-match": etag, **headers})


# --- Without building it ----------------------------------------------------------------------


def test_who_has_it_gets_304_and_nothing_is_built(
    client, url, going, monkeypatch, django_assert_num_queries
):
    first = client.get(url)
    cache.clear()
    monkeypatch.setattr(ics, "feed", None)
    with django_assert_num_queries(2):
        again = knows(client, url, first.headers["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert not first.headers["ETag"].startswith("W/")
    for response in (first, again):
        assert response.headers["Cache-Control"] == "private, max-age=900"
        assert response.headers["Referrer-Policy"] == "no-referrer"


def test_who_has_it_not_gets_what_was_built_for_another(client, url, going, monkeypatch):
    first = client.get(url)
    monkeypatch.setattr(ics, "feed", None)
    assert client.get(url).content == first.content


def test_without_the_cache_it_is_built(client, url, going, monkeypatch):
    monkeypatch.setattr("meetings.views.feeds.store.get", lambda *_: None)
    assert b"A good night's work" in client.get(url).content


def test_if_none_match_wins_over_the_date(client, url, going):
    etag = client.get(url).headers["ETag"]
    long_ago, far_off = "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
    assert knows(client, url, etag, **{"if-modified-since": long_ago}).status_code == 304
    assert knows(client, url, '"other"', **{"if-modified-since": far_off}).status_code == 200
    assert knows(client, url, f'"other", {etag}').status_code == 304


def test_head_says_what_get_says(client, url, going):
    get, head = client.get(url), client.head(url)
    assert head.content == b""
    for name in ("ETag", "Cache-Control", "Content-Type", "Content-Length", "Referrer-Policy"):
        assert head.headers[name] == get.headers[name]
    assert client.post(url).status_code == 405


@pytest.mark.parametrize("meetings", [0, 1, 25])
def test_two_queries_whatever_there_is(
    client, community, dani, url, meetings, django_assert_num_queries
):
    for __ in range(meetings):
        come(make_meeting(community), dani)
    client.get(url)
    cache.clear()
    with django_assert_num_queries(2):
        assert client.get(url).content.count(b"BEGIN:VEVENT") == meetings


# --- The ETag changes whenever the bytes would --------------------------------------------------

OTHER = {
    models.BooleanField: lambda value: not value,
    models.DateTimeField: lambda value: (value or timezone.now()) + timedelta(days=1, minutes=1),
    models.DateField: lambda value: value and value + timedelta(days=1),
    models.PositiveIntegerField: lambda value: (value or 0) + 7,
    models.PositiveSmallIntegerField: lambda value: (value or 0) + 7,
}
STATES = {"state": {"going": "needs_confirmation", "scheduled": "held", "active": "left"}}
HELD_BY_RULES = {"going_count", "capacity", "target_capacity", "holds_seat", "wait_ticket"}


def another(field, value):
    """A different value of the same kind, or None where there is none to try."""
    if field.is_relation or field.primary_key or field.name in HELD_BY_RULES:
        return None
    if field.name == "starts_at":
        return value - timedelta(minutes=5)
    if field.name in STATES:
        return STATES[field.name].get(value)
    if field.choices or field.name in {"timezone", "language"}:
        values = [one for one, _label in field.flatchoices if one != value]
        return values[-1] if values else None
    for kind, change in OTHER.items():
        if type(field) is kind:
            return change(value)
    if isinstance(field, models.CharField | models.TextField):
        return f"x{(value or '')[:15]}" if field.name != "secret" else None
    return None


def fields_of(*kinds):
    return [(kind, field.name) for kind in kinds for field in kind._meta.concrete_fields]


def bytes_now(person):
    """Built afresh from whole rows, by the rules of today."""
    person = User.objects.select_related("meeting_choices").get(pk=person.pk)
    wanted = [row[0] for row in feeds.asked_anew(person, timezone.now())]
    rows = Meeting.objects.filter(public_id__in=wanted).with_my_answer(person)
    rows = rows.select_related("community").order_by("starts_at", "pk")
    with translation.override(person.language):
        return ics.feed(person, rows).encode()


@pytest.mark.parametrize(
    ("kind", "name"),
    fields_of(Meeting, Community, Rsvp, User, MeetingChoices),
    ids=lambda one: getattr(one, "__name__", one),
)
def test_etag_changes_whenever_the_bytes_do(client, dani, url, going, kind, name):
    """Each field alone, by an UPDATE that tells nobody: no `updated_at`, no signal."""
    Meeting.objects.update(mode="hybrid", place="Hall")
    choose_about_meetings(person=dani, has_discreet_titles=False, wants_link_mail=True)
    row = {Rsvp: going, Meeting: going.meeting, Community: going.meeting.community, User: dani,
           MeetingChoices: MeetingChoices.objects.get()}[kind]  # fmt: skip
    row.refresh_from_db()
    before = client.get(url)
    assert before.content == bytes_now(dani)
    value = another(kind._meta.get_field(name), getattr(row, name))
    if value is None:
        pytest.skip("nothing else to put there")
    kind.objects.filter(pk=row.pk).update(**{name: value})
    after = knows(client, url, before.headers["ETag"])

    if kind is User and name == "is_active":
        assert after.status_code == 404
        return
    fresh = bytes_now(dani)
    assert (after.status_code == 304) <= (fresh == before.content)
    if after.status_code == 200:
        assert after.content == fresh


def test_control_without_the_rows_the_etag_lies(client, dani, url, going, monkeypatch):
    """What the test above would find, if the title were not among the columns."""
    without = tuple(one for one in feeds.COLUMNS if one != "updated_at")
    monkeypatch.setattr("meetings.views.feeds._etag", lambda kind, about, rows: f'"{len(rows)}"')
    before = client.get(url)
    Meeting.objects.update(title="Another")
    assert knows(client, url, before.headers["ETag"]).status_code == 304
    assert bytes_now(dani) != before.content
    assert len(without) < len(feeds.COLUMNS)


def test_no_column_is_fetched_for_nothing_or_missing(going, dani):
    """An entry is made of these columns alone: everything else may be gone."""
    row = feeds.feed_rows(dani, timezone.now())[0]
    meeting = Meeting.objects.with_my_answer(dani).select_related("community").get()
    assert ics.feed(dani, [feeds.meeting_of(row)]) == ics.feed(dani, [meeting])


CHANGES = ["", "left", "funder", "role", "archived", "old", "guest", "put out", "closed"]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("who", ["dani", "ally", "priya", "newcomer", "funder", "lapsed"])
def test_feed_admits_whom_the_rule_admits(request, community, who, change):
    """Asked for one person and written once a process, it says what `still_admitted` says."""
    person = request.getfixturevalue(who)
    for audience in ("public", "members_and_allies", "members_only"):
        for state in ("scheduled", "held", "cancelled", "draft"):
            come(make_meeting(community, audience=audience, state=state, cancel_reason="x"), person)
    now = timezone.now()
    alter(community, person, change, now)
    later = now + timedelta(days=500) if change == "old" else now
    rows = feeds.feed_rows(person, later)
    assert rows == list(feeds.asked_anew(person, later))

    ruled = Rsvp.objects.filter(person=person).involved().still_admitted()
    ruled = ruled.exclude(meeting__state="draft").exclude(meeting__community__status="archived")
    if change == "old":
        ruled = ruled.none()
    if change != "closed":  # find_feed has said no by then
        wanted = set(ruled.values_list("meeting__public_id", flat=True))
        assert {row[0] for row in rows} == wanted


def alter(community, person, change, now):
    if change == "left":
        person.memberships.update(state="left")
    elif change == "funder":
        person.affiliations.create(organization=make_organization(is_regulator_or_funder=True))
    elif change == "role":
        person.role_grants.update(ends_on=now.date() - timedelta(days=1))
    elif change == "archived":
        Community.objects.filter(pk=community.pk).update(status="archived")
    elif change == "closed":
        User.objects.filter(pk=person.pk).update(is_active=False)
    elif change in {"guest", "put out"}:
        MembershipApplication.objects.create(
            community=community, person=person, organization=make_organization(),
            state="submitted", submitted_at=now - timedelta(hours=1), due_on=now.date(),
        )  # fmt: skip
        if change == "put out":
            person.memberships.update(state="removed")


# --- Its address --------------------------------------------------------------------------------


def test_replaced_address_is_dead_at_once_whatever_is_cached(client, dani, url, going):
    etag = client.get(url).headers["ETag"]
    new = replace_calendar_feed(person=dani).secret
    assert client.get(url).status_code == 404
    assert knows(client, url, etag).status_code == 404
    assert client.get(f"/m/{new}/calendar.ics").status_code == 200


def test_revoked_and_never_given_look_alike(client, dani, url, django_assert_num_queries):
    replace_calendar_feed(person=dani)
    pages = []
    for path in (url, "/m/neverGivenToAnybodyInThisWorld00/calendar.ics"):
        with django_assert_num_queries(1):
            response = client.get(path)
        pages.append((response.status_code, dict(response.headers)))
    assert pages[0] == pages[1]


def test_its_address_is_not_logged(client, url, going, caplog, capsys):
    client.get(url)
    client.get("/m/neverGivenToAnybodyInThisWorld00/calendar.ics")
    said = caplog.text + capsys.readouterr().err
    assert url.split("/")[2] not in said
    assert "neverGivenToAnybody" not in said
    assert len(url.split("/")[2]) >= 22  # 128 bits in base64


# --- The public feed ----------------------------------------------------------------------------


def test_public_feed_has_what_anybody_may_come_to(client, community, other_community, dani):
    make_meeting(community, title="Open to all", audience="public")
    make_meeting(community, title="Called off", audience="public", state="cancelled",
                 cancel_reason="Snow.")  # fmt: skip
    make_meeting(community, title="Members", audience="members_only")
    make_meeting(community, title="Allies")
    make_meeting(community, title="Draft", audience="public", state="draft")
    make_meeting(other_community, title="Elsewhere", audience="public")
    client.force_login(dani)
    response = client.get("/every-door/meetings/public.ics")
    found = Calendar.from_ical(response.content).walk("VEVENT")

    assert {str(one["SUMMARY"]): str(one["STATUS"]) for one in found} == {
        "Open to all": "CONFIRMED", "Called off": "CANCELLED",
    }  # fmt: skip
    assert {str(one["CLASS"]) for one in found} == {"PUBLIC"}
    assert b"secret-room" not in response.content
    assert b"ATTENDEE" not in response.content
    assert response.headers["Cache-Control"] == "public, max-age=900"


def test_public_feed_is_found_from_the_list(client, community):
    page = client.get("/every-door/meetings/").content.decode()
    assert '<link rel="alternate" type="text/calendar"' in page
    assert page.count("/every-door/meetings/public.ics") >= 2


def test_public_feed_answers_304(client, community, monkeypatch):
    meeting = make_meeting(community, audience="public")
    first = client.get("/every-door/meetings/public.ics")
    monkeypatch.setattr(ics, "public_feed", None)
    etag = first.headers["ETag"]
    assert knows(client, "/every-door/meetings/public.ics", etag).status_code == 304
    monkeypatch.undo()
    Meeting.objects.filter(pk=meeting.pk).update(title="Other")
    assert knows(client, "/every-door/meetings/public.ics", etag).status_code == 200
    Community.objects.update(name="Renamed")
    text = client.get("/every-door/meetings/public.ics").content.decode()
    assert "X-WR-CALNAME:Open meetings · Renamed" in text
    Community.objects.update(status="archived")
    assert client.get("/every-door/meetings/public.ics").status_code == 404


def test_public_feed_speaks_the_language_of_the_community(client, community):
    Community.objects.update(languages=["fr", "en"])
    make_meeting(community, audience="public")
    response = client.get("/every-door/meetings/public.ics", headers={"accept-language": "en"})
    assert "heure du Pacifique" in response.content.decode().replace("\r\n ", "")
    assert response.headers["Content-Language"] == "fr"


# --- What a person chose ------------------------------------------------------------------------


def test_choices_are_kept_and_read_back(sign_in, dani):
    client = sign_in(dani)
    assert not MeetingChoices.objects.exists()
    for __ in range(2):
        client.post("/me/calendar/choices/", {"has_discreet_titles": "on", "is_staff": "1"})
    choices = MeetingChoices.objects.get()
    assert (choices.has_discreet_titles, choices.wants_link_mail) == (True, False)
    form = client.get("/me/calendar/").context["form"]
    assert form.initial == {"has_discreet_titles": True, "wants_link_mail": False}


def test_without_a_choice_the_link_mail_is_wanted(sign_in, dani):
    form = sign_in(dani).get("/me/calendar/").context["form"]
    assert form.initial == {"has_discreet_titles": False, "wants_link_mail": True}
