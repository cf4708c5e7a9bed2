"""A vote from draft to result: TP1-TP8."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from meetings.actions.ballot_clock import keep_ballots
from meetings.actions.ballots import (
    cancel_ballot,
    change_ballot,
    confirm_ballot,
    draft_ballot,
    extend_ballot,
    unconfirm_ballot,
)
from meetings.actions.casting import PaperChanged, cast_paper
from meetings.actions.counting import close_ballot, publish_ballot
from meetings.models import Ballot, BallotMark, BallotPaper, TopicProposal
from meetings.queries.ballots import eligible_topics
from members.models import Affiliation, Community, Membership
from outbox.models import Delivery
from tests.factories import make_member, make_organization
from tests.meetings.ballots.voting import (
    DAYS,
    make_draft,
    make_open,
    make_topics,
    options,
    paper,
    vote,
)

pytestmark = pytest.mark.django_db


def close(ballot):
    return close_ballot(ballot=ballot, now=ballot.closes_at)


def publish(ballot, by, order=None, reasons=None):
    if order is None:
        chosen = ballot.options.filter(place__isnull=False).order_by("place")
        order = list(chosen.values_list("pk", flat=True))
    return publish_ballot(
        ballot=ballot, order=order, reasons=reasons or {}, by=by, now=ballot.closes_at
    )


def topic_states(ballot):
    return list(ballot.options.order_by("order").values_list("topic__state", flat=True))


def test_papers_are_for_members_in_good_standing(community, priya, dani, ally, funder, lapsed):
    grace = make_member(community, "Grace", state="grace")
    walled = make_member(community, "Walled", organization=make_organization(
        "Fund", is_regulator_or_funder=True))  # fmt: skip
    gone = make_member(community, "Gone", is_active=False)

    ballot = make_open(community, priya)

    voters = set(ballot.papers.values_list("person", flat=True))
    assert voters == {dani.pk, grace.pk}
    assert not voters & {ally.pk, funder.pk, lapsed.pk, walled.pk, gone.pk, priya.pk}
    assert (ballot.state, ballot.electorate) == ("open", 2)
    assert topic_states(ballot) == ["on_ballot"] * 3


def test_the_list_of_voters_is_of_one_moment(community, priya, dani):
    other = make_member(community, "Other")
    ballot = make_open(community, priya)
    vote(ballot, other, 2)

    late = make_member(community, "Late")
    Membership.objects.filter(person=other).update(state="left")
    keep_ballots(now=timezone.now() + DAYS)

    ballot.refresh_from_db()
    assert not BallotPaper.objects.filter(person=late).exists()
    assert (ballot.electorate, ballot.papers_cast) == (2, 1)
    with pytest.raises(ActionError, match="for members"):
        vote(ballot, other, 0, 2)
    assert close(ballot).options.get(order=1).dots == 2


def test_who_goes_behind_the_wall_votes_no_more(community, priya, dani):
    ballot = make_open(community, priya)
    fund = make_organization("Fund", is_regulator_or_funder=True)
    Affiliation.objects.create(person=dani, organization=fund, state="confirmed")
    with pytest.raises(ActionError):
        vote(ballot, dani, 1)


def test_it_opens_by_the_clock_once_somebody_said_yes(community, priya, dani):
    now = timezone.now()
    ballot = make_draft(community, priya, opens_at=now + DAYS)
    keep_ballots(now=now + 2 * DAYS)
    assert Ballot.objects.get().state == "draft", "nobody confirmed it"

    confirm_ballot(ballot=ballot, by=priya, now=now)
    keep_ballots(now=now)
    assert Ballot.objects.get().state == "draft"
    for _again in range(2):
        keep_ballots(now=now + DAYS)
    opened = Ballot.objects.get()
    assert (opened.state, opened.electorate) == ("open", 1)
    assert AuditEvent.objects.filter(action="ballot_opened").count() == 1


def test_planned_opening_is_taken_back(community, priya, dani):
    now = timezone.now()
    ballot = make_draft(community, priya, opens_at=now + DAYS)
    confirm_ballot(ballot=ballot, by=priya, now=now)
    unconfirm_ballot(ballot=ballot, by=priya)
    keep_ballots(now=now + 2 * DAYS)
    assert Ballot.objects.get().state == "draft"


def test_a_topic_put_aside_before_the_opening_is_not_in_the_vote(community, priya, dani):
    now = timezone.now()
    topics = make_topics(community)
    ballot = make_draft(community, priya, topics, opens_at=now + DAYS)
    confirm_ballot(ballot=ballot, by=priya, now=now)
    TopicProposal.objects.filter(pk=topics[0].pk).update(state="parked", reason="Later")
    keep_ballots(now=now + DAYS)
    assert ballot.options.count() == 2
    topics[0].refresh_from_db()
    assert topics[0].state == "parked"


@pytest.mark.parametrize("days", [0, 1, 6.99])
def test_a_week_at_least(community, priya, days):
    now = timezone.now()
    with pytest.raises(ActionError, match="seven days"):
        make_draft(community, priya, closes_at=now + timedelta(days=days), now=now)
    exactly = make_draft(community, priya, now=now, closes_at=now + 7 * DAYS)
    with pytest.raises(ActionError, match="Move the end"):
        confirm_ballot(ballot=exactly, by=priya, now=now + DAYS)


def test_confirming_asks_for_topics_and_voters(community, priya):
    ballot = make_draft(community, priya)
    with pytest.raises(ActionError, match="no member"):
        confirm_ballot(ballot=ballot, by=priya, now=timezone.now())
    make_member(community)
    TopicProposal.objects.update(state="declined", reason="No")
    with pytest.raises(ActionError, match="Nights alone"):
        confirm_ballot(ballot=ballot, by=priya, now=timezone.now())
    ballot.options.all().delete()
    with pytest.raises(ActionError, match="two topics"):
        confirm_ballot(ballot=ballot, by=priya, now=timezone.now())


def test_draft_changes_open_does_not(community, priya, dani, other_community):
    ballot = make_draft(community, priya)
    more = make_topics(community, ["One", "Two"])
    change_ballot(ballot=ballot, values={"title": "New"}, topics=more, by=priya)
    assert Ballot.objects.get().title == "New"
    assert ballot.options.count() == 2
    foreign = make_topics(other_community, ["Theirs"])
    with pytest.raises(ActionError, match="another community"):
        change_ballot(ballot=ballot, values={}, topics=foreign, by=priya)
    confirm_ballot(ballot=ballot, by=priya, now=timezone.now())
    with pytest.raises(ActionError, match="has opened"):
        change_ballot(ballot=ballot, values={"title": "Other"}, topics=more, by=priya)


def test_a_paper_can_be_changed_until_the_end(community, priya, dani):
    ballot = make_open(community, priya)
    vote(ballot, dani, 2, 1)
    vote(ballot, dani, 0, 1, 2)
    assert dict(BallotMark.objects.values_list("option__order", "dots")) == {2: 1, 3: 2}
    ballot.refresh_from_db()
    assert ballot.papers_cast == 1
    with pytest.raises(ActionError, match="closed"):
        vote(ballot, dani, 1, now=ballot.closes_at)
    assert dict(BallotMark.objects.values_list("option__order", "dots")) == {2: 1, 3: 2}


@pytest.mark.parametrize(
    ("dots", "words"),
    [((3,), "At most 2"), ((2, 2), "and gave 4"), ((), "at least one"), ((-1,), "not part")],
)
def test_the_server_counts_the_dots(community, priya, dani, dots, words):
    ballot = make_open(community, priya)
    with pytest.raises(ActionError, match=words):
        vote(ballot, dani, *dots)
    assert not BallotMark.objects.exists()
    assert Ballot.objects.get().papers_cast == 0


def test_topic_of_another_vote_is_refused(community, priya, dani):
    ballot = make_open(community, priya)
    other = make_open(community, priya, make_topics(community, ["A", "B"]))
    row = paper(ballot, dani)
    with pytest.raises(ActionError, match="not part"):
        cast_paper(paper=row, dots={options(other)[0]: 1}, version=0, now=timezone.now())


def test_approval_is_one_yes_each_for_as_many_as_one_likes(community, priya, dani):
    ballot = make_open(community, priya, method="approval", dots=1)
    with pytest.raises(ActionError, match="One yes"):
        vote(ballot, dani, 2)
    vote(ballot, dani, 1, 1, 1)
    assert [one.dots for one in close(ballot).options.all()] == [1, 1, 1]


def test_two_windows_and_a_double_click(community, priya, dani):
    ballot = make_open(community, priya)
    vote(ballot, dani, 2, version=0)
    vote(ballot, dani, 2, version=0)
    with pytest.raises(PaperChanged, match="another window"):
        vote(ballot, dani, 0, 2, version=0)
    assert vote(ballot, dani, 0, 2, version=1).version == 2
    assert Ballot.objects.get().papers_cast == 1


def test_nothing_is_counted_before_the_end(community, priya, dani):
    ballot = make_open(community, priya)
    vote(ballot, dani, 2, 1)
    close_ballot(ballot=ballot, now=ballot.closes_at - timedelta(seconds=1))
    assert set(ballot.options.values_list("dots", "voters", "rank", "place")) == {(None,) * 4}


def test_close_and_publish(community, priya, dani):
    people = [dani, *(make_member(community, f"P{n}") for n in range(3))]
    topics = make_topics(community, ["A", "B", "C", "D"], proposed_by=dani)
    ballot = make_open(community, priya, topics)
    vote(ballot, people[0], 2, 1)
    vote(ballot, people[1], 0, 1, 2)
    vote(ballot, people[2], 0, 1)

    for _again in range(2):
        keep_ballots(now=ballot.closes_at)
    ballot.refresh_from_db()
    assert (ballot.state, ballot.papers_cast) == ("closed", 3)
    found = list(ballot.options.order_by("rank").values_list("topic__title", "dots", "voters"))
    assert found == [("B", 3, 3), ("A", 2, 1), ("C", 2, 1), ("D", 0, 0)]
    assert BallotMark.objects.count() == 5

    publish(ballot, priya)
    publish(ballot, priya)
    assert topic_states(ballot) == ["shortlisted", "shortlisted", "open", "open"]
    assert list(TopicProposal.objects.order_by("pk").values_list("times_carried", flat=True)) == [
        0, 0, 1, 1,
    ]  # fmt: skip
    assert not BallotMark.objects.exists(), "nobody can say who gave which dots"
    told = Delivery.objects.filter(kind="topic_chosen")
    assert told.count() == 2
    assert {one.person_id for one in told} == {dani.pk}


def test_carried_over_once_then_parked(community, priya, dani):
    topics = make_topics(community, ["A", "B"])
    for turn, states in enumerate([("shortlisted", "open"), ("shortlisted", "parked")]):
        fresh = make_topics(community, [f"New {turn}"]) if turn else []
        chosen = [*fresh, topics[1]] if turn else topics
        ballot = make_open(community, priya, sorted(chosen, key=lambda t: t.proposed_at), seats=1)
        first = ballot.options.exclude(topic=topics[1]).get()
        cast_paper(paper=paper(ballot, dani), dots={first.pk: 1}, version=0, now=timezone.now())
        publish(close(ballot), priya)
        topics[1].refresh_from_db()
        assert topics[1].state == states[1]
    assert topics[1].reason.startswith("It stood in two votes")
    assert topics[1].revisit_on


def test_where_nobody_voted_nobody_was_passed_over(community, priya, dani):
    ballot = make_open(community, priya)
    publish(close(ballot), priya)
    assert topic_states(ballot) == ["open"] * 3
    assert not TopicProposal.objects.filter(times_carried__gt=0).exists()


def test_another_order_needs_a_public_reason(community, priya, dani):
    ballot = make_open(community, priya)
    vote(ballot, dani, 2, 1)
    close(ballot)
    first, second, third = options(ballot)
    for order in ([second, first], [second], [first], [first, third], []):
        with pytest.raises(ActionError, match="Write why"):
            publish(ballot, priya, order)
    with pytest.raises(ActionError, match="Each place"):
        publish(ballot, priya, [first, first])
    with pytest.raises(ActionError, match="chooses 2"):
        publish(ballot, priya, [first, second, third], {third: "Yes"})
    publish(ballot, priya, [second, first], {second: "The speaker is free in January only"})
    assert list(ballot.options.order_by("place").values_list("pk", flat=True)) == [
        second, first, third,
    ]  # fmt: skip
    assert ballot.options.get(pk=second).reason.startswith("The speaker")


def test_longer_never_shorter(community, priya, dani):
    ballot = make_open(community, priya)
    end, now = ballot.closes_at, timezone.now()
    for closes_at in (end, end - DAYS):
        with pytest.raises(ActionError, match="never gets shorter"):
            extend_ballot(ballot=ballot, closes_at=closes_at, by=priya, now=now)
    extend_ballot(ballot=ballot, closes_at=end + DAYS, by=priya, now=now)
    keep_ballots(now=end)
    assert Ballot.objects.get().state == "open"
    with pytest.raises(ActionError, match="not open"):
        extend_ballot(ballot=ballot, closes_at=end + 9 * DAYS, by=priya, now=end + 2 * DAYS)


@pytest.mark.parametrize("state", ["draft", "open", "closed"])
def test_called_off_with_a_reason(community, priya, dani, state):
    ballot = (make_draft if state == "draft" else make_open)(community, priya)
    if state != "draft":
        vote(ballot, dani, 2)
    if state == "closed":
        close(ballot)
    now = timezone.now()
    with pytest.raises(ActionError, match="Say why"):
        cancel_ballot(ballot=ballot, reason=" ", by=priya, now=now)
    for _again in range(2):
        cancel_ballot(ballot=ballot, reason="Two topics became one.", by=priya, now=now)
    ballot.refresh_from_db()
    assert (ballot.state, ballot.reason) == ("cancelled", "Two topics became one.")
    assert topic_states(ballot) == ["open"] * 3
    assert not BallotMark.objects.exists()


def test_published_stays(community, priya, dani):
    ballot = make_open(community, priya)
    vote(ballot, dani, 1)
    publish(close(ballot), priya)
    with pytest.raises(ActionError, match="is out"):
        cancel_ballot(ballot=ballot, reason="Oh", by=priya, now=timezone.now())


def test_carried_over_topics_come_first(community):
    make_topics(community, ["New"])
    make_topics(community, ["Again"], times_carried=1)
    make_topics(community, ["Now"], is_urgent=True)
    found = eligible_topics(Community.objects.all())
    assert [topic.title for topic in found] == ["Again", "New"]


def test_drafting_refuses_topics_of_others(community, other_community, priya):
    ballot = Ballot(community=community, title="X", opens_at=timezone.now(),
                    closes_at=timezone.now() + 8 * DAYS)  # fmt: skip
    with pytest.raises(ActionError, match="another community"):
        draft_ballot(ballot=ballot, topics=make_topics(other_community), by=priya)
