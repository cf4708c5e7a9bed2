"""What a topic may not do: tell outsiders of itself, be joined away, claim a vote it never had."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cop.core.errors import ActionError
from meetings.actions.topics import attach_topic, keep_topics, merge_topics
from meetings.models import TopicProposal
from members.history_words import ACTIONS
from tests.conftest import CAST
from tests.factories import make_meeting
from tests.meetings.topics.test_topics import LIST, NOW, topic


@pytest.mark.parametrize("who", CAST)
def test_a_public_meeting_does_not_tell_the_topic_of_members(request, community, sign_in, who):
    row = topic(community, "A wish of members", state="scheduled")
    meeting = make_meeting(community, topic=row, audience="public")
    client = sign_in(request.getfixturevalue(who))
    page = client.get(meeting.get_absolute_url())
    inside = client.get(row.get_absolute_url()).status_code == 200
    assert page.status_code == 200
    assert ("A wish of members" in page.content.decode()) is inside


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_topic_no_vote_chose_is_open_again_without_its_meeting(community, priya, is_cancelled):
    row, meeting = topic(community), make_meeting(community)
    attach_topic(meeting=meeting, topic=row, by=priya, now=NOW)
    if is_cancelled:
        type(meeting).objects.filter(pk=meeting.pk).update(state="cancelled", cancel_reason="Ill")
        keep_topics(now=NOW)
    else:
        attach_topic(meeting=meeting, topic=None, by=priya, now=NOW)
    row.refresh_from_db()
    assert row.state == "open"


@pytest.mark.parametrize("state", ["scheduled", "covered"])
def test_a_topic_with_a_meeting_is_not_joined_away(community, priya, state):
    row, other = topic(community, state=state), topic(community, "Other")
    with pytest.raises(ActionError, match="cannot be joined"):
        merge_topics(topic=row, into=other, by=priya, now=NOW)


def test_what_was_joined_is_not_joined_again(community, priya):
    one, other, third = (topic(community, title) for title in "ABC")
    merge_topics(topic=one, into=other, by=priya, now=NOW)
    with pytest.raises(ActionError, match="cannot be joined"):
        merge_topics(topic=one, into=third, by=priya, now=NOW)


def test_a_topic_in_an_open_vote_waits_for_its_result(community, priya):
    row, draft = topic(community, state="on_ballot"), make_meeting(community, state="draft")
    with pytest.raises(ActionError, match="Wait for the result"):
        attach_topic(meeting=draft, topic=row, by=priya, now=NOW)


def test_more_is_shown_though_the_last_row_moved_on(community, dani, sign_in):
    rows = [topic(community, f"T {n}", proposed_at=NOW - timedelta(hours=n)) for n in range(25)]
    TopicProposal.objects.filter(pk=rows[19].pk).update(state="covered")
    url = f"{LIST}?show=open&before={rows[19].public_id}"
    page = sign_in(dani).get(url).content.decode()
    assert "T 20" in page
    assert "T 18" not in page


def test_a_parked_topic_comes_up_again_on_its_day(community, priya, sign_in):
    topic(community, "Newer", proposed_at=timezone.now())
    day = timezone.localdate() - timedelta(days=1)
    topic(community, "Parked", state="parked", reason="Later", revisit_on=day)
    page = sign_in(priya).get(reverse("admin:meetings_topicproposal_changelist")).content.decode()
    assert page.index("Parked</a>") < page.index("Newer</a>")


@pytest.mark.parametrize("action", [
    "topic_proposed", "topic_withdrawn", "topic_added", "topic_moderated", "topic_merged",
    "meeting_topic_chosen",
])  # fmt: skip
def test_the_history_has_words_for_it(action):
    assert action in ACTIONS
