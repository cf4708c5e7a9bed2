"""The mails of a vote, by the clock: to whom, when, once, and what the digest tells."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from meetings.actions import ballot_clock
from meetings.actions.ballot_clock import keep_ballots
from meetings.actions.ballots import extend_ballot
from meetings.models import Ballot
from members.models import Community
from newsletter.digests import Harvest
from outbox.actions import update_subscriptions
from outbox.models import Delivery
from tests.factories import make_member
from tests.meetings.ballots.voting import DAYS, make_draft, make_open, vote

pytestmark = pytest.mark.django_db
# Thursday, 9:00 in Vancouver.
NOW = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)


def takes_mails(person, community, *, now=NOW):
    update_subscriptions(
        person=person, scope=community.public_id, kinds={"ballots"}, source="t", now=now
    )


def kinds(kind):
    return Delivery.objects.filter(kind=kind)


def test_only_those_who_take_mails_about_votes(community, priya, dani, ally):
    other = make_member(community, "Other")
    for person in (dani, ally):
        takes_mails(person, community)
    make_open(community, priya, now=NOW)
    for _again in range(3):
        keep_ballots(now=NOW)
    row = kinds("ballot_open").get()
    assert row.person == dani
    assert (row.budgeted, row.mailing_list.kind) == (True, "ballots")
    assert row.digest_title == "January to March"
    assert not Delivery.objects.filter(person=other).exists()
    assert "/m/" in row.text
    assert not mail.outbox


def test_the_mail_waits_for_the_morning_where_the_reader_lives(community, priya, dani):
    takes_mails(dani, community)
    night = NOW + timedelta(hours=12)
    make_open(community, priya, now=night)
    keep_ballots(now=night)
    assert kinds("ballot_open").get().due_at == datetime(2026, 11, 27, 14, 0, tzinfo=UTC)


def test_last_day_is_for_those_who_have_not_voted(community, priya, dani):
    voted, late = make_member(community, "Voted"), make_member(community, "Late")
    for person in (dani, voted, late):
        takes_mails(person, community)
    # Closes on a Monday at 9:00.
    ballot = make_open(community, priya, now=NOW, closes_at=NOW + 11 * DAYS)
    vote(ballot, voted, 1, now=NOW)
    before = ballot.closes_at - DAYS
    keep_ballots(now=before - timedelta(minutes=1))
    assert not kinds("ballot_last_day").exists()
    for _again in range(3):
        keep_ballots(now=before)
    assert set(kinds("ballot_last_day").values_list("person", flat=True)) == {dani.pk, late.pk}

    vote(ballot, late, 1, now=before)
    state = kinds("ballot_last_day").get(person=late)
    assert (state.state, state.reason) == ("cancelled", "has voted")


def test_a_vote_that_ends_at_night_reminds_in_the_evening_before(community, priya, dani):
    takes_mails(dani, community)
    # Closes at 2:00 in Vancouver: a day before is night, so it comes the evening before that.
    end = datetime(2026, 12, 9, 9, 0, tzinfo=UTC)
    make_open(community, priya, now=NOW, closes_at=end)
    evening = datetime(2026, 12, 8, 2, 59, tzinfo=UTC)
    keep_ballots(now=evening - timedelta(minutes=1))
    assert not kinds("ballot_last_day").exists()
    keep_ballots(now=evening)
    assert kinds("ballot_last_day").count() == 1


def test_more_time_makes_a_new_last_day(community, priya, dani):
    takes_mails(dani, community)
    ballot = make_open(community, priya, now=NOW)
    before = ballot.closes_at - timedelta(hours=20)
    keep_ballots(now=before)
    extend_ballot(ballot=ballot, closes_at=ballot.closes_at + 7 * DAYS, by=priya, now=before)
    assert kinds("ballot_last_day").get().state == "cancelled"
    keep_ballots(now=before + 7 * DAYS)
    assert sorted(kinds("ballot_last_day").values_list("state", flat=True)) == [
        "cancelled", "queued",
    ]  # fmt: skip


def test_after_an_outage_nothing_useless_is_sent(community, priya, dani):
    takes_mails(dani, community)
    ballot = make_open(community, priya, now=NOW)
    keep_ballots(now=NOW + 5 * DAYS)
    assert not kinds("ballot_open").exists(), "the news is old"
    keep_ballots(now=ballot.closes_at - timedelta(minutes=30))
    assert not kinds("ballot_last_day").exists()
    keep_ballots(now=ballot.closes_at + 3 * DAYS)
    assert Ballot.objects.get().state == "closed"


def test_silent_community_closes_without_a_word(community, priya, dani):
    takes_mails(dani, community)
    ballot = make_open(community, priya, now=NOW)
    Community.objects.update(status="paused")
    keep_ballots(now=NOW)
    assert not Delivery.objects.filter(kind__startswith="ballot").exists()
    keep_ballots(now=ballot.closes_at)
    assert Ballot.objects.get().state == "closed"


def test_many_mails_go_in_parts(community, priya, monkeypatch):
    monkeypatch.setattr(ballot_clock, "CHUNK", 3)
    people = [make_member(community, f"P{n}") for n in range(10)]
    for person in people:
        takes_mails(person, community)
    make_open(community, priya, now=NOW)
    keep_ballots(now=NOW)
    assert kinds("ballot_open").count() == 10


def test_quiet_tick_asks_the_same_however_many_there_are(
    community, priya, dani, django_assert_max_num_queries
):
    takes_mails(dani, community)
    for _n in range(3):
        make_draft(community, priya, now=NOW)
    make_open(community, priya, now=NOW)
    keep_ballots(now=NOW)
    with django_assert_max_num_queries(7):
        keep_ballots(now=NOW + timedelta(minutes=1))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_mail_speaks_the_readers_language(community, priya, dani, language):
    dani.language = language
    dani.save(update_fields=["language"])
    takes_mails(dani, community)
    make_open(community, priya, now=NOW)
    keep_ballots(now=NOW)
    row = kinds("ballot_open").get()
    assert row.language == language
    assert "January to March" in row.subject


def test_digest_tells_of_votes_and_results(community, priya, dani):
    now = timezone.now()
    ballot = make_open(community, priya, now=now - DAYS)
    news = Harvest(community, cut=now, zones=["America/Vancouver"]).news
    assert [(one.line.kind, one.line.title) for one in news] == [("ballot", "January to March")]
    Ballot.objects.update(state="published", published_at=now - timedelta(hours=1))
    news = Harvest(community, cut=now, zones=["America/Vancouver"]).news
    assert [one.line.kind for one in news] == ["ballot_result"]
    assert news[0].line.path == ballot.get_absolute_url()
    assert news[0].edition == "members_and_allies"
