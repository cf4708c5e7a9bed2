"""Voting on the site and by the link from the mail; who sees what."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from meetings.actions.ballots import cancel_ballot
from meetings.actions.counting import close_ballot, publish_ballot
from meetings.links import ballot_url
from meetings.models import Ballot, BallotMark, BallotPaper
from members.models import Membership
from tests.factories import make_member
from tests.meetings.ballots.voting import DAYS, make_open, make_topics, options, paper, vote

pytestmark = pytest.mark.django_db


def link(ballot, person):
    return "/m/" + ballot_url(paper(ballot, person)).partition("/m/")[2]


def sent(ballot, *dots, version=0):
    marks = {f"dots-{pk}": n for pk, n in zip(options(ballot), dots, strict=False)}
    return {"version": version, **marks}


def finish(ballot, by):
    close_ballot(ballot=ballot, now=ballot.closes_at)
    chosen = ballot.options.filter(place__isnull=False).order_by("place")
    order = list(chosen.values_list("pk", flat=True))
    return publish_ballot(ballot=ballot, order=order, reasons={}, by=by, now=ballot.closes_at)


@pytest.mark.parametrize("way", ["link", "site"])
def test_vote_look_change(sign_in, community, priya, dani, way):
    ballot = make_open(community, priya)
    client, url = (
        (Client(), link(ballot, dani)) if way == "link"
        else (sign_in(dani), ballot.get_absolute_url())
    )  # fmt: skip
    page = client.get(url)
    assert page.status_code == 200
    assert not BallotPaper.objects.exclude(cast_at=None).exists(), "GET changes nothing"
    for _double_click in range(2):
        assert client.post(url, sent(ballot, 2, 1)).status_code == 302
    page = client.get(url).content.decode()
    assert "Your vote so far" in page
    assert "Nights alone: 2 dots" in page
    client.post(url, sent(ballot, 0, 0, 1, version=1))
    assert list(BallotMark.objects.values_list("option__order", "dots")) == [(3, 1)]


@pytest.mark.parametrize(
    ("dots", "words"),
    [((3,), "At most 2"), ((2, 2), "and gave 4"), (("x",), "not part"), (("-1",), "not part"),
     (("1" * 40,), "not part"), (("²",), "not part"), ((), "at least one")],
)  # fmt: skip
def test_wrong_papers_are_told_and_nothing_is_lost(sign_in, community, priya, dani, dots, words):
    ballot = make_open(community, priya)
    answer = sign_in(dani).post(ballot.get_absolute_url(), sent(ballot, *dots))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not BallotMark.objects.exists()
    if dots == (2, 2):
        assert [n for _option, n in answer.context["lines"]] == [2, 2, 0]


def test_an_option_that_is_not_there(sign_in, community, priya, dani):
    ballot = make_open(community, priya)
    for name in ("dots-999999", "dots-", "dots-x", "dots-٣"):
        answer = sign_in(dani).post(ballot.get_absolute_url(), {"version": 0, name: "1"})
        assert "not part" in answer.content.decode()


def test_two_windows_show_both(sign_in, community, priya, dani):
    ballot = make_open(community, priya)
    client, url = sign_in(dani), ballot.get_absolute_url()
    client.post(url, sent(ballot, 2))
    answer = client.post(url, sent(ballot, 0, 2))
    page = answer.content.decode()
    assert "another window" in page
    assert "Nights alone: 2 dots" in page
    assert [n for _option, n in answer.context["lines"]] == [0, 2, 0]
    client.post(url, sent(ballot, 0, 2, version=answer.context["paper"].version))
    assert list(BallotMark.objects.values_list("option__order", "dots")) == [(2, 2)]


def test_after_the_end(sign_in, community, priya, dani):
    ballot = make_open(community, priya)
    vote(ballot, dani, 2)
    Ballot.objects.update(opens_at=timezone.now() - 9 * DAYS, closes_at=timezone.now())
    client, url = sign_in(dani), ballot.get_absolute_url()
    page = client.post(url, sent(ballot, 0, 2, version=1)).content.decode()
    assert "This vote is closed. What you had sent before that counts." in page
    assert "Nights alone: 2 dots" in page
    assert list(BallotMark.objects.values_list("option__order", "dots")) == [(1, 2)]


def test_totals_are_for_nobody_before_the_result(sign_in, community, priya, dani, ally):
    people = [make_member(community, f"P{n}") for n in range(10)]
    ballot = make_open(community, priya)
    for person in people:
        vote(ballot, person, 2, 1)
    for state in ("open", "closed"):
        if state == "closed":
            close_ballot(ballot=ballot, now=ballot.closes_at)
        for person in (dani, ally, priya):
            answer = sign_in(person).get(ballot.get_absolute_url())
            assert answer.context["result"] is None
            page = answer.content.decode()
            assert not re.search(
                r"\b(20|10|2|1) (dots?|voters?|people)", page.partition("<form")[0]
            )


def test_result_for_members_and_allies(sign_in, community, priya, dani, ally):
    people = [make_member(community, f"P{n}") for n in range(10)]
    ballot = make_open(community, priya)
    for person in people[:5]:
        vote(ballot, person, 2, 1)
    vote(ballot, dani, 0, 1)
    finish(ballot, priya)
    for person in (dani, ally, people[9]):
        page = sign_in(person).get(ballot.get_absolute_url()).content.decode()
        assert "6 of 11 members voted (55 %)." in page
        assert "Chosen, number 1" in page
    assert "You voted." in sign_in(dani).get(ballot.get_absolute_url()).content.decode()
    assert "did not vote" in Client().get(link(ballot, people[9])).content.decode()


def test_small_result_has_no_numbers(sign_in, community, priya, dani):
    ballot = make_open(community, priya)
    vote(ballot, dani, 2, 1)
    finish(ballot, priya)
    page = sign_in(dani).get(ballot.get_absolute_url()).content.decode()
    assert "order alone" in page
    assert "<progress" not in page
    assert "members voted" not in page


def test_allies_and_the_rest(sign_in, community, priya, dani, ally, funder, stranger, lapsed):
    ballot = make_open(community, priya)
    late = make_member(community, "Late")
    url = ballot.get_absolute_url()
    for person in (ally, late, priya):
        page = sign_in(person).get(url)
        assert b"Members vote" in page.content
        assert b"<fieldset" not in page.content
        assert sign_in(person).post(url, sent(ballot, 1)).status_code == 404
    for person in (funder, stranger, lapsed):
        assert sign_in(person).get(url).status_code == 404
    assert Client().get(url).status_code == 302
    assert sign_in(dani).get(url.replace(ballot.public_id, "nope")).status_code == 404


def test_who_left_finds_nothing_behind_the_link(community, priya, dani):
    ballot = make_open(community, priya)
    url = link(ballot, dani)
    Membership.objects.filter(person=dani).update(state="left")
    assert Client().get(url).status_code == 404
    assert Client().post(url, sent(ballot, 1)).status_code == 404


def test_called_off_says_why(sign_in, community, priya, dani):
    ballot = make_open(community, priya)
    cancel_ballot(ballot=ballot, reason="Two became one.", by=priya, now=timezone.now())
    page = sign_in(dani).get(ballot.get_absolute_url()).content.decode()
    assert "Two became one." in page
    assert "<fieldset" not in page


def test_card_on_the_front_page(sign_in, community, priya, dani, ally):
    ballot = make_open(community, priya)
    client, home = sign_in(dani), reverse("members:community_detail", args=[community.slug])
    assert "Vote: what should we talk about?" in client.get(home).content.decode()
    assert "It closes on" in client.get(home).content.decode()
    vote(ballot, dani, 1)
    assert "You have voted." in client.get(home).content.decode()
    for other in (ally, priya):
        assert b"what should we talk about" not in sign_in(other).get(home).content
    assert b"what should we talk about" not in Client().get(home).content
    finish(ballot, priya)
    Ballot.objects.update(published_at=timezone.now())
    assert "The vote is counted" in client.get(home).content.decode()
    Ballot.objects.update(published_at=timezone.now() - 15 * DAYS)
    assert "The vote is counted" not in client.get(home).content.decode()


@pytest.mark.parametrize("method", ["dots", "approval"])
def test_a_thousand_topics_ask_as_few_questions(
    sign_in, community, priya, dani, method, django_assert_max_num_queries
):
    few = make_open(community, priya, method=method)
    many = make_open(
        community, priya, make_topics(community, [f"ʔa T{n}" for n in range(1000)]), method=method
    )
    client = sign_in(dani)
    counts = []
    for ballot in (few, many):
        client.get(ballot.get_absolute_url())
        with django_assert_max_num_queries(14) as queries:
            assert client.get(ballot.get_absolute_url()).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_paper_without_topics(sign_in, community, priya, dani):
    ballot = make_open(community, priya)
    ballot.options.all().delete()
    assert sign_in(dani).get(ballot.get_absolute_url()).status_code == 200
    finish(ballot, priya)
    assert sign_in(dani).get(ballot.get_absolute_url()).status_code == 200
