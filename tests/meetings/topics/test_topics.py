"""Topics from the proposal to the meeting: who sees what, what looks alike, who decides (2.11)."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cop.core.errors import ActionError
from meetings.actions.topics import (
    attach_topic,
    keep_topics,
    merge_topics,
    moderate_topic,
    propose_topic,
    withdraw_topic,
)
from meetings.models import Ballot, BallotMark, BallotOption, BallotPaper, TopicProposal
from meetings.queries.topics import due_on, similar_topics, thread_of, visible_topics
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import make_meeting, make_member

NOW = datetime(2026, 12, 3, 16, 0, tzinfo=UTC)
LIST = reverse("meetings:topic_list", args=["every-door"])
NEW = reverse("meetings:topic_create", args=["every-door"])


def topic(community, title="Sleep after nights", **fields):
    values = {"state": "open", "proposed_at": NOW} | fields
    return TopicProposal.objects.create(community=community, title=title, **values)


def choose(row, place=1):
    """A vote that is over chose it."""
    ballot = Ballot.objects.create(
        community=row.community, title="V", opens_at=NOW - timedelta(days=20),
        closes_at=NOW - timedelta(days=9), state="published", electorate=20, published_at=NOW,
    )  # fmt: skip
    BallotOption.objects.create(ballot=ballot, topic=row, order=1, rank=1, place=place)
    TopicProposal.objects.filter(pk=row.pk).update(state="shortlisted")


def propose(community, person, title="Sleep after nights", now=NOW, **values):
    return propose_topic(
        community=community, person=person, now=now, values={"title": title, **values}
    )


@pytest.mark.parametrize("who", CAST)
def test_topics_are_for_members_and_allies(request, community, sign_in, who):
    topic(community)
    answer = sign_in(request.getfixturevalue(who)).get(LIST)
    inside = who in {"dani", "ally", "priya"}
    if inside:
        assert "Sleep after nights" in answer.content.decode()
    elif who != "admin":
        assert answer.status_code in {302, 404}


def test_nobody_sees_whose_it_was_unless_they_said_so(community, dani, ally, sign_in):
    mine = topic(community, proposed_by=dani)
    shown = topic(community, "Pets in the house", proposed_by=dani, show_name=True)
    client = sign_in(ally)
    for url in (LIST, mine.get_absolute_url()):
        page = client.get(url).content.decode()
        assert ("Dani" in page) is (url == LIST and "Pets" in page)
    assert "Dani Achebe-Roy proposed it" in client.get(shown.get_absolute_url()).content.decode()
    assert "a member proposed it" in client.get(mine.get_absolute_url()).content.decode()


def test_what_nobody_has_read_is_seen_by_its_proposer_alone(community, dani, ally):
    row = propose(community, dani)
    assert row.state == "proposed"
    assert TopicProposal.objects.visible_to(dani).filter(pk=row.pk).exists()
    assert not TopicProposal.objects.visible_to(ally).filter(pk=row.pk).exists()


def test_a_double_press_is_one_topic_and_there_are_bounds(community, dani):
    assert propose(community, dani).pk == propose(community, dani, "  Sleep  after nights").pk
    for n in range(4):
        propose(community, dani, f"Topic {n}")
    with pytest.raises(ActionError, match="five topics in one day"):
        propose(community, dani, "One more")
    for n in range(5):
        propose(community, dani, f"Later {n}", now=NOW + timedelta(days=2))
    with pytest.raises(ActionError, match="Ten of your topics"):
        propose(community, dani, "Again", now=NOW + timedelta(days=4))


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_one_topic(community, dani):
    def press():
        try:
            propose(community, dani)
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert TopicProposal.objects.count() == 1


def test_those_behind_the_wall_propose_nothing(community, funder, newcomer):
    for person in (funder, newcomer):
        with pytest.raises(ActionError, match="members and allies"):
            propose(community, person)


def test_what_looks_alike_is_found_without_accents_and_with_slips(community, dani):
    near = topic(community, "Sommeil après les quarts de nuit")
    topic(community, "Budgets and reserves for small societies")
    topic(community, "Sommeil joined", state="merged", merged_into=near)
    assert similar_topics(dani, community, "SOMMEIL APRES LES QUARTS") == [near]
    assert similar_topics(dani, community, "sommeill aprés quart de nuit") == [near]
    assert similar_topics(dani, community, "so") == []
    assert similar_topics(dani, community, "Tobacco") == []


def test_the_form_shows_those_that_look_alike_once(community, dani, sign_in):
    topic(community, "Night staff and sleep")
    client = sign_in(dani)
    typed = {"title": "Sleep of night staff", "wished_kind": "either"}
    page = client.post(NEW, typed).content.decode()
    assert "Is it one of these?" in page
    assert not TopicProposal.objects.filter(proposed_by=dani).exists()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert client.post(NEW, typed | {"seen": seen}).status_code == 302
    assert TopicProposal.objects.get(proposed_by=dani).state == "proposed"
    alike = reverse("meetings:topics_alike", args=["every-door"])
    assert "Night staff" in client.get(alike, {"title": "night staff"}).content.decode()


@pytest.mark.parametrize("title", ["", "   ", "x" * 141])
def test_a_title_that_cannot_be(community, dani, sign_in, title):
    answer = sign_in(dani).post(NEW, {"title": title, "wished_kind": "either"})
    assert answer.status_code == 200
    assert not TopicProposal.objects.exists()


def test_hostile_words_stay_words(community, dani, ally, sign_in):
    row = topic(community, "<script>alert(1)</script> ʔa \u202e", description="<img src=x>")
    page = sign_in(ally).get(row.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_taken_back_while_nobody_has_read_it(community, dani, ally, sign_in):
    row = propose(community, dani, now=timezone.now())
    url = reverse("meetings:topic_withdraw", args=["every-door", row.public_id])
    assert sign_in(ally).post(url).status_code == 404
    sign_in(dani).post(url)
    assert not TopicProposal.objects.exists()
    with pytest.raises(ActionError, match="has been read"):
        withdraw_topic(topic=topic(community, proposed_by=dani), by=dani)


@pytest.mark.parametrize("to", ["open", "parked", "declined"])
def test_the_proposer_is_told_privately(community, dani, priya, to):
    row = propose(community, dani)
    moderate_topic(topic=row, to=to, by=priya, now=NOW, reason="A group takes it up")
    row.refresh_from_db()
    assert row.state == to
    assert row.reason == ("" if to == "open" else "A group takes it up")
    assert Delivery.objects.get(kind="topic_news").person == dani


def test_putting_aside_needs_a_reason_and_a_vote_holds_it(community, dani, priya):
    row = propose(community, dani)
    with pytest.raises(ActionError, match="in a few words why"):
        moderate_topic(topic=row, to="declined", by=priya, now=NOW)
    voted = topic(community, "In a vote", state="on_ballot")
    with pytest.raises(ActionError, match="it stays"):
        moderate_topic(topic=voted, to="declined", reason="No", by=priya, now=NOW)


def test_two_become_one_and_the_thread_shows_it(community, dani, ally, priya):
    one, other = topic(community, proposed_by=dani), topic(community, "Sleep on nights")
    merge_topics(topic=one, into=other, by=priya, now=NOW)
    assert [t.title for t in thread_of(other, ally).joined] == [one.title]
    assert list(visible_topics(ally, community)) == [other]
    assert Delivery.objects.get(kind="topic_news").person == dani
    with pytest.raises(ActionError, match="another topic"):
        merge_topics(topic=other, into=other, by=priya, now=NOW)


def test_topics_with_dots_are_not_joined(community, dani, priya):
    one, other = topic(community, state="on_ballot"), topic(community, "B", state="on_ballot")
    ballot = Ballot.objects.create(
        community=community, title="V", opens_at=NOW, closes_at=NOW + timedelta(days=9),
        state="open", electorate=1,
    )  # fmt: skip
    option = BallotOption.objects.create(ballot=ballot, topic=one, order=1)
    paper = BallotPaper.objects.create(ballot=ballot, person=dani)
    BallotMark.objects.create(paper=paper, option=option, dots=2)
    with pytest.raises(ActionError, match="when its result is published"):
        merge_topics(topic=one, into=other, by=priya, now=NOW)


def test_a_meeting_takes_a_topic_gives_it_back_and_covers_it(community, dani, priya):
    row = topic(community, proposed_by=dani)
    choose(row)
    draft = make_meeting(community, state="draft")
    attach_topic(meeting=draft, topic=row, by=priya, now=NOW)
    row.refresh_from_db()
    assert row.state == "scheduled"
    assert Delivery.objects.filter(kind="topic_news", person=dani).count() == 1
    attach_topic(meeting=draft, topic=None, by=priya, now=NOW)
    row.refresh_from_db()
    assert row.state == "shortlisted"
    attach_topic(meeting=draft, topic=row, by=priya, now=NOW)
    type(draft).objects.filter(pk=draft.pk).update(state="held")
    keep_topics(now=NOW)
    row.refresh_from_db()
    assert row.state == "covered"


def test_a_cancelled_meeting_gives_its_topic_back(community, priya):
    row = topic(community)
    choose(row)
    meeting = make_meeting(community)
    attach_topic(meeting=meeting, topic=row, by=priya, now=NOW)
    type(meeting).objects.filter(pk=meeting.pk).update(state="cancelled", cancel_reason="Ill")
    keep_topics(now=NOW)
    row.refresh_from_db()
    assert row.state == "shortlisted"


def test_three_business_days_to_read_it(community):
    friday = datetime(2026, 12, 4, 18, 0, tzinfo=UTC)
    assert due_on(topic(community, proposed_at=friday)).isoformat() == "2026-12-09"


def test_the_desk_decides_and_others_do_not(community, dani, priya, ally, sign_in):
    row = propose(community, dani, now=timezone.now())
    url = reverse("admin:meetings_topicproposal_word", args=[row.pk])
    assert sign_in(ally).get(url).status_code in {302, 404}
    client = sign_in(priya)
    assert "Dani Achebe-Roy" in client.get(url).content.decode()
    assert "1 topic waits for a word" in client.get("/desk/").content.decode()
    page = client.post(url, {"do": "declined"}).content.decode()
    assert "in a few words why" in page
    client.post(url, {"do": "parked", "reason": "Later", "revisit_on": "2027-01-10"})
    row.refresh_from_db()
    assert (row.state, row.reason) == ("parked", "Later")


def test_many_topics_ask_as_often_as_few(community, dani, sign_in):
    client = sign_in(dani)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    for n in range(2):
        topic(community, f"T {n}", proposed_by=make_member(community, f"P {n}"), show_name=True)
    queries()
    few = queries()
    for n in range(40):
        topic(community, f"U {n}", proposed_by=make_member(community, f"Q {n}"), show_name=True)
    assert queries() == few
    page = client.get(LIST).content.decode()
    assert "Show more" in page
