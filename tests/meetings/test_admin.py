from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cop.core.models import AuditEvent
from meetings.models import Meeting, MeetingSeries, Rsvp
from members.models import Stream
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import make_meeting, make_staff

LIST = reverse("admin:meetings_meeting_changelist")
ADD = reverse("admin:meetings_meeting_add")
STAFF = {"priya", "admin"}


def soon(days=30):
    return timezone.now().date() + timedelta(days=days)


@pytest.fixture
def draft(community, priya):
    return make_meeting(
        community, title="Night staff", state="draft", facilitator=priya, local_date=soon()
    )


def url(meeting, step="change"):
    return reverse(f"admin:meetings_meeting_{step}", args=[meeting.pk])


def typed(meeting, **changes):
    """What the browser would send back for this meeting, with some fields changed."""
    values = {
        "stream": "", "title": meeting.title, "description": meeting.description,
        "kind": meeting.kind, "language": meeting.language,
        "facilitator": meeting.facilitator_id or "", "local_date": meeting.local_date,
        "local_time": meeting.local_time, "timezone": meeting.timezone,
        "duration": meeting.duration, "audience": meeting.audience,
        "capacity": meeting.capacity or "", "mode": meeting.mode, "place": meeting.place,
        "join_url": meeting.join_url, "dial_in": meeting.dial_in,
        "content_note": meeting.content_note, "support_person": meeting.support_person,
        "circles": meeting.circles, "recording_policy": meeting.recording_policy,
        "rsvps-TOTAL_FORMS": "0", "rsvps-INITIAL_FORMS": "0",
    }  # fmt: skip
    return values | changes


@pytest.mark.parametrize("who", CAST)
def test_the_desk_shows_meetings_to_their_own_staff_only(request, draft, sign_in, who):
    person = request.getfixturevalue(who)
    client = sign_in(person)
    listing, page = client.get(LIST), client.get(url(draft))
    steps = [client.get(url(draft, step)) for step in ("publish", "cancel", "held")]

    # Strangers are sent to sign in; staff of another community land on an empty list.
    assert listing.status_code == (200 if who in {*STAFF, "outsider"} else 302)
    assert (draft.title in listing.content.decode()) == (who in STAFF)
    assert (page.status_code == 200) == (who in STAFF)
    for step in steps:
        assert (step.status_code == 200) == (who in STAFF)


def test_a_librarian_has_no_business_with_meetings(community, draft, sign_in):
    client = sign_in(make_staff(community, "librarian"))

    assert client.get(LIST).status_code == 403
    assert client.post(url(draft, "publish")).status_code in {302, 403, 404}
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_the_list_query_count_is_constant(community, priya, sign_in):
    client, counts = sign_in(priya), []
    for n in range(5):
        make_meeting(community, local_date=soon(n))
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))

    # The first visit also begins the session of the desk.
    assert len(set(counts[1:])) == 1


def test_adding_a_meeting_makes_a_draft(community, priya, sign_in):
    new = Meeting(title="Night staff", local_date=soon(60), local_time=time(10))
    data = typed(new, community=community.pk, facilitator=priya.pk, join_url="https://v.example/x")
    response = sign_in(priya).post(ADD, data)

    assert response.status_code == 302
    meeting = Meeting.objects.get()
    assert (meeting.state, meeting.starts_at.hour) == ("draft", 17)
    assert AuditEvent.objects.get(action="meeting_drafted").actor_id == priya.pk


def test_adding_a_meeting_in_the_past_is_told_at_the_day(community, priya, sign_in):
    new = Meeting(title="Night staff", local_date=soon(-3), local_time=time(10))
    response = sign_in(priya).post(ADD, typed(new, community=community.pk, facilitator=priya.pk))

    form = response.context["adminform"].form
    assert "gone by" in form.errors["local_date"][0]
    assert "Some fields need another look" in response.content.decode()
    assert not Meeting.objects.exists()


@pytest.mark.parametrize("state", ["held", "wrapped", "cancelled"])
def test_what_is_over_keeps_its_time_and_title(community, priya, sign_in, state):
    meeting = make_meeting(
        community, state=state, facilitator=priya, local_date=soon(-9), cancel_reason="Ill"
    )
    client = sign_in(priya)
    form = client.get(url(meeting)).context["adminform"].form
    assert not form.fields.keys() & {"local_date", "local_time", "duration", "title", "join_url"}

    client.post(url(meeting), typed(meeting, title="Another", description="How it went"))
    meeting.refresh_from_db()
    assert (meeting.title != "Another", meeting.description) == (True, "How it went")


def test_cancelling_what_nobody_answered_says_so(draft, priya, sign_in):
    text = sign_in(priya).get(url(draft, "cancel")).content.decode()

    assert "Nobody has answered yet, so nobody gets a mail." in text
    assert "Everybody who said yes" not in text


def test_the_next_meeting_stands_on_top(community, priya, sign_in):
    for days in (-40, 20, -2, 3):
        make_meeting(community, title=f"Day {days}", local_date=soon(days))
    rows = sign_in(priya).get(LIST).context["cl"].result_list

    assert [row.title for row in rows] == ["Day 3", "Day 20", "Day -2", "Day -40"]


def test_the_history_of_a_meeting_is_ours(draft, priya, outsider, sign_in):
    client = sign_in(priya)
    client.post(url(draft, "cancel"), {"reason": "No room."})

    assert "Cancelled · Priya" in client.get(url(draft, "history")).content.decode()
    assert sign_in(outsider).get(url(draft, "history")).status_code == 404


def test_a_series_shows_its_days_and_then_makes_the_drafts(community, priya, outsider, sign_in):
    stream = Stream.objects.create(community=community, kind="learn", name="Learn")
    series = MeetingSeries.objects.create(
        stream=stream, title="Second Thursday", weekday=3, nth=2, local_time=time(10)
    )
    page = reverse("admin:meetings_meetingseries_drafts", args=[series.pk])
    client = sign_in(priya)

    assert client.get(page).content.decode().count("<li>Thursday") == 12
    assert not Meeting.objects.exists()
    assert "12 drafts are new" in client.post(page, follow=True).content.decode()
    assert Meeting.objects.count() == 12
    assert sign_in(outsider).get(page).status_code in {302, 404}


def test_adding_a_meeting_to_another_community_is_refused(
    other_community, community, priya, sign_in
):
    new = Meeting(title="Elsewhere", local_date=date(2027, 1, 14), local_time=time(10))
    response = sign_in(priya).post(ADD, typed(new, community=other_community.pk))

    assert response.status_code == 200
    assert not Meeting.objects.exists()


def test_streams_and_facilitators_are_those_of_one_s_own(
    community, other_community, draft, priya, dani, stranger, newcomer, sign_in
):
    mine = Stream.objects.create(community=community, kind="learn", name="Ours")
    Stream.objects.create(community=other_community, kind="learn", name="Theirs")
    form = sign_in(priya).get(url(draft)).context["adminform"].form

    assert list(form.fields["stream"].queryset) == [mine]
    assert set(form.fields["facilitator"].queryset) == {priya, dani}


def test_publish_asks_first_and_then_announces(draft, priya, dani, sign_in):
    client = sign_in(priya)
    assert "Announce this meeting?" in client.get(url(draft, "publish")).content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"
    client.post(url(draft, "publish"))

    assert Meeting.objects.visible_to(dani).get() == draft


def test_publish_within_two_days_wants_a_tick(community, priya, sign_in):
    draft = make_meeting(community, state="draft", facilitator=priya, local_date=soon(1))
    client = sign_in(priya)
    client.post(url(draft, "publish"))
    draft.refresh_from_db()
    assert draft.state == "draft"

    client.post(url(draft, "publish"), {"short_notice_is_fine": "on"})
    draft.refresh_from_db()
    assert draft.state == "scheduled"


def test_publish_says_what_is_missing(community, priya, sign_in):
    draft = make_meeting(community, state="draft", local_date=soon())
    response = sign_in(priya).post(url(draft, "publish"), follow=True)

    assert "this meeting needs: a facilitator" in response.content.decode()


def test_a_change_of_the_time_goes_through_the_action(community, priya, dani, sign_in, say):
    meeting = make_meeting(community, facilitator=priya, local_date=soon())
    say(dani, meeting=meeting, now=timezone.now())
    client = sign_in(priya)
    response = client.post(url(meeting), typed(meeting, local_time="13:00"), follow=True)

    meeting.refresh_from_db()
    assert (meeting.sequence, meeting.local_time) == (1, time(13))
    assert meeting.rsvps.get().state == "needs_confirmation"
    assert Delivery.objects.filter(kind="changed").count() == 1
    assert "goes into the same mail" in response.content.decode().replace("\n", " ")


def test_a_save_without_a_change_changes_nothing(community, priya, sign_in):
    meeting = make_meeting(community, facilitator=priya, local_date=soon())
    sign_in(priya).post(url(meeting), typed(meeting))

    assert Meeting.objects.get(pk=meeting.pk).updated_at == meeting.updated_at


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"capacity": "0"}, "Leave at least 1 seat"),
        ({"join_url": ""}, "it needs a join link"),
        ({"local_date": "2020-01-01"}, "This day and time have gone by"),
        ({"duration": "0"}, "5 minutes at least"),
    ],
)
def test_a_change_that_cannot_be_is_refused_on_the_form(
    community, priya, dani, ally, sign_in, say, changes, words
):
    meeting = make_meeting(community, facilitator=priya, local_date=soon(), capacity=5)
    for person in (dani, ally):
        say(person, meeting=meeting, now=timezone.now())
    response = sign_in(priya).post(url(meeting), typed(meeting, **changes))

    assert response.status_code == 200
    assert words in response.content.decode()
    assert Meeting.objects.get(pk=meeting.pk).sequence == 0


def test_more_seats_let_the_line_in(community, priya, dani, ally, sign_in, say):
    meeting = make_meeting(community, facilitator=priya, local_date=soon(), capacity=1)
    for person in (dani, ally):
        say(person, meeting=meeting, now=timezone.now())
    sign_in(priya).post(url(meeting), typed(meeting, capacity="2"))

    assert meeting.rsvps.filter(state="going").count() == 2


def test_cancel_wants_a_reason_and_then_tells(community, priya, dani, sign_in, say):
    meeting = make_meeting(community, facilitator=priya, local_date=soon())
    say(dani, meeting=meeting, now=timezone.now())
    client = sign_in(priya)
    assert client.post(url(meeting, "cancel"), {"reason": " "}).status_code == 200
    assert Meeting.objects.get(pk=meeting.pk).state == "scheduled"

    client.post(url(meeting, "cancel"), {"reason": "Samir is ill."})
    assert Meeting.objects.get(pk=meeting.pk).state == "cancelled"
    assert Delivery.objects.filter(kind="cancelled", person=dani).count() == 1


def test_held_is_offered_after_the_start_only(community, priya, sign_in):
    meeting = make_meeting(community, local_date=soon(-1))
    later = make_meeting(community, local_date=soon(1))
    client = sign_in(priya)

    assert "Mark as held" in client.get(url(meeting)).content.decode()
    assert "Mark as held" not in client.get(url(later)).content.decode()
    client.post(url(meeting, "held"))
    meeting.refresh_from_db()
    assert meeting.state == "held"


def test_answers_are_shown_and_cannot_be_typed(community, priya, dani, sign_in, say):
    meeting = make_meeting(community, facilitator=priya, local_date=soon())
    say(dani, meeting=meeting, now=timezone.now())
    rsvp = meeting.rsvps.get()
    client = sign_in(priya)

    assert "Dani Achebe-Roy" in client.get(url(meeting)).content.decode()
    data = typed(meeting) | {
        "rsvps-TOTAL_FORMS": "1", "rsvps-INITIAL_FORMS": "1", "rsvps-0-id": rsvp.pk,
        "rsvps-0-meeting": meeting.pk, "rsvps-0-state": "not_going", "rsvps-0-DELETE": "on",
    }  # fmt: skip
    client.post(url(meeting), data)
    assert Rsvp.objects.get().state == "going"


def test_no_inline_style_or_script_of_our_own(draft, priya, sign_in):
    client = sign_in(priya)
    for step in ("publish", "cancel", "held"):
        text = client.get(url(draft, step)).content.decode()
        assert " style=" not in text
        assert "<script>" not in text


def test_series_make_their_drafts_from_the_list(community, other_community, priya, sign_in):
    rows = [
        MeetingSeries.objects.create(
            stream=Stream.objects.create(community=place, kind="learn", name="Learn"),
            title="Second Thursday", weekday=3, nth=2, local_time=time(10),
        )
        for place in (community, other_community)
    ]  # fmt: skip
    data = {"action": "make_drafts", "_selected_action": [row.pk for row in rows]}
    listing = reverse("admin:meetings_meetingseries_changelist")
    client = sign_in(priya)
    response = client.post(listing, data, follow=True)

    assert "12 drafts are new" in response.content.decode()
    assert set(Meeting.objects.values_list("community", flat=True)) == {community.pk}
    response = client.post(listing, data, follow=True)
    assert "were there already" in response.content.decode()


@pytest.mark.parametrize("who", CAST)
def test_series_are_shown_to_their_own_staff_only(request, community, sign_in, who):
    stream = Stream.objects.create(community=community, kind="learn", name="Learn")
    MeetingSeries.objects.create(
        stream=stream, title="Second Thursday", weekday=3, nth=2, local_time=time(10)
    )
    response = sign_in(request.getfixturevalue(who)).get(
        reverse("admin:meetings_meetingseries_changelist")
    )

    assert ("Second Thursday" in response.content.decode()) == (who in STAFF)
