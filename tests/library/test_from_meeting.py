"""What came of a meeting goes into the library, with those who are in it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from library.actions import bring_from_meeting
from library.actions.from_meeting import NotFromMeeting
from library.models import Resource
from library.queries.from_meeting import candidates, first_words, kinds_of, visibilities
from meetings.models import MeetingNotes, MeetingRole
from tests.factories import NOW, make_meeting, make_member, make_staff
from tests.library.factories import make_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder(community):
    return make_member(community, "Hana Holder")


@pytest.fixture
def meeting(community, holder):
    meeting = make_meeting(
        community, title="Nights, and what helps", local_date=NOW.date() - timedelta(days=9),
        recording_policy="full", audience="members_and_allies",
        facilitator=make_member(community, "Fay Facilitator"), state="held",
    )  # fmt: skip
    MeetingRole.objects.create(meeting=meeting, person=holder, part="issue_holder")
    MeetingRole.objects.create(meeting=meeting, name="Guest Gil", part="speaker")
    MeetingRole.objects.create(meeting=meeting, name="Gone", part="speaker", state="withdrawn")
    return meeting


def address(meeting, kind=""):
    path = f"/{meeting.community.slug}/library/from-meeting/{meeting.public_id}/"
    return f"{path}?kind={kind}" if kind else path


WORDS = {
    "what": "url", "url": "https://video.example/1", "title": "Recording: Nights", "summary": "S",
    "language": "en", "topics": "nights", "visibility": "members", "rights": "own",
}  # fmt: skip


def test_the_facilitator_brings_a_recording(sign_in, meeting, holder):
    client = sign_in(meeting.facilitator)
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert address(meeting) in page
    assert "Recording" in client.get(address(meeting)).content.decode()
    page = client.get(address(meeting, "recording")).content.decode()
    assert "Recording: Nights, and what helps" in page
    assert "Hana Holder" in page
    assert "Guest Gil" in page
    assert "Gone" not in page

    keys = [one.key for one in candidates(meeting, "recording")]
    for _ in range(2):
        done = client.post(address(meeting, "recording"), {**WORDS, "people": keys})
        assert done.status_code == 302
    resource = Resource.objects.get(title="Recording: Nights")
    assert (resource.state, resource.kind, resource.meeting) == ("in_review", "recording", meeting)
    assert resource.date_of_source == meeting.local_date
    assert sorted(row.who for row in resource.credits.all()) == [
        "Fay Facilitator", "Guest Gil", "Hana Holder"
    ]  # fmt: skip
    assert {row.consent for row in resource.credits.all()} == {"missing"}


def test_notes_begin_with_what_the_holder_agreed_to(sign_in, meeting, holder):
    notes = MeetingNotes.objects.create(
        meeting=meeting, state="with_holder", questions="Who sleeps?", ideas="A lamp."
    )
    assert first_words(meeting, "meeting_notes")["body"] == ""
    MeetingNotes.objects.filter(pk=notes.pk).update(state="approved")
    assert "Who sleeps?" in first_words(meeting, "meeting_notes")["body"]

    client = sign_in(meeting.facilitator)
    words = {**WORDS, "what": "body", "body": "Text", "people": []}
    page = client.post(address(meeting, "meeting_notes"), words).content.decode()
    assert "Show it to the facilitator first" in page
    keys = [one.key for one in candidates(meeting, "meeting_notes")]
    words |= {"approved": "on", "people": keys}
    assert client.post(address(meeting, "meeting_notes"), words).status_code == 302
    (credit,) = Resource.objects.get(meeting=meeting).credits.all()
    assert (credit.person, credit.part) == (holder, "story")


def test_titles_fit_and_are_in_the_language_of_the_meeting(meeting):
    meeting.title, meeting.language = "É" * 160, "fr"
    words = first_words(meeting, "meeting_notes")
    assert len(words["title"]) <= 160
    assert words["language"] == "fr"


def test_no_recording_of_what_was_not_recorded(sign_in, meeting):
    type(meeting).objects.filter(pk=meeting.pk).update(recording_policy="none")
    meeting.refresh_from_db()
    assert "recording" not in kinds_of(meeting)
    page = sign_in(meeting.facilitator).get(address(meeting, "recording")).content.decode()
    assert "announced as not recorded" in page
    with pytest.raises(NotFromMeeting):
        bring(meeting, meeting.facilitator)


def bring(meeting, by, **more):
    fields = {
        "kind": "recording", "title": "R", "summary": "S", "url": "https://v.example/1",
        "visibility": "members", "language": "en", "rights": "own", "people": [],
    } | more  # fmt: skip
    return bring_from_meeting(meeting=meeting, by=by, now=NOW, **fields)


def test_never_wider_than_the_meeting_was_and_never_before_it(meeting):
    assert visibilities(meeting) == ["members", "members_and_allies"]
    with pytest.raises(NotFromMeeting, match="could come"):
        bring(meeting, meeting.facilitator, visibility="public")
    type(meeting).objects.filter(pk=meeting.pk).update(state="cancelled", cancel_reason="Snow")
    meeting.refresh_from_db()
    with pytest.raises(NotFromMeeting, match="not taken place"):
        bring(meeting, meeting.facilitator)


def test_before_it_took_place_the_page_says_so(sign_in, community, priya):
    ahead = make_meeting(community)
    page = sign_in(priya).get(address(ahead, "slides")).content.decode()
    assert "not taken place yet" in page


def test_for_whom(sign_in, community, meeting, dani, priya):
    assert sign_in(dani).get(address(meeting)).status_code == 403
    assert address(meeting) not in sign_in(dani).get(meeting.get_absolute_url()).content.decode()
    for person in (priya, make_staff(community, "librarian")):
        assert sign_in(person).get(address(meeting)).status_code == 200


def test_the_meeting_lists_what_came_of_it(sign_in, client, community, meeting, dani):
    make_resource(community, title="Out", meeting=meeting, visibility="members")
    make_resource(community, title="Waits", meeting=meeting, state="in_review")
    reader = sign_in(dani)
    page = reader.get(meeting.get_absolute_url()).content.decode()
    assert "Out" in page
    assert "Waits" not in page

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            reader.get(meeting.get_absolute_url())
        return len(seen)

    one = queries()
    for _ in range(20):
        make_resource(community, meeting=meeting, visibility="members")
    assert queries() == one
