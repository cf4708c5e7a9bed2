from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cop.core.time import is_quiet
from meetings.actions import cancel_meeting, restore_meeting, update_meeting
from meetings.actions import invitations as sending
from meetings.actions.invitations import count_invited, keep_invitations
from meetings.models import Meeting, TopicProposal
from newsletter.digests import Harvest
from outbox.actions import update_subscriptions
from outbox.actions.pauses import pause_mail, take_fewer
from outbox.addresses import address_hash
from outbox.models import Delivery, MailHold, Subscription, Suppression
from outbox.readers import Reader
from tests.factories import make_member, make_organization, make_person
from tests.meetings.conftest import DAY, NOW, START

MINUTE = timedelta(minutes=1)


def takes(person, community, *kinds, now=NOW):
    update_subscriptions(
        person=person, scope=community.public_id, kinds=kinds or ("invitations",), source="t",
        now=now,
    )  # fmt: skip


@pytest.fixture
def announced(meeting, dani, ally):
    for person in (dani, ally):
        takes(person, meeting.community)
    Meeting.objects.filter(pk=meeting.pk).update(announced_at=NOW)
    return Meeting.objects.get(pk=meeting.pk)


def invitations():
    return Delivery.objects.filter(kind="invitation").order_by("person")


def waiting():
    return invitations().filter(state="queued")


def invited():
    return {mail.person.get_short_name() for mail in waiting().select_related("person")}


def test_an_announced_meeting_is_told_once(announced):
    assert keep_invitations(now=NOW) == 2
    announced.refresh_from_db()
    assert announced.invited_at == NOW
    for minutes in range(3):
        assert keep_invitations(now=NOW + minutes * MINUTE) == 0
    assert invited() == {"Dani", "Femi"}


def test_the_mail_says_what_when_where_and_what_to_do(announced, dani):
    topic = TopicProposal.objects.create(
        community=announced.community, title="Nights", source="survey", proposed_at=NOW
    )
    Meeting.objects.filter(pk=announced.pk).update(
        topic=topic, capacity=12, content_note="We talk about loss.", dial_in="555-0100"
    )
    type(dani).objects.filter(pk=dani.pk).update(timezone="America/Edmonton")
    keep_invitations(now=NOW)
    mail = invitations().get(person=dani)

    for part in (mail.text, mail.html):
        for words in ("A good night", "11:00 a.m. to 12:30 p.m.", "(10:00 to 11:30 a.m. Pacific",
                      "/rsvp/?answer=going", "/rsvp/?answer=not_going",
                      "/rsvp/?answer=send_materials", "answers to a survey", "12 seats",
                      "We talk about loss.", "%%UNSUBSCRIBE_URL%%",
                      "You get this because"):  # fmt: skip
            assert words in part, words
        assert "secret-room" not in part
        assert "555-0100" not in part
    assert mail.subject.startswith("Will you be there? ")
    # The answer brings the entry: a request would stand in work calendars before anybody said yes.
    assert not mail.calendar
    assert (mail.budgeted, mail.priority, mail.purpose) == (True, 31, "newsletter")
    assert mail.mailing_list.kind == "invitations"
    assert (mail.digest_title, mail.digest_path) == (announced.title, announced.get_absolute_url())
    assert mail.expires_at == announced.starts_at


def test_who_gets_none(announced, dani, ally, community, funder, say):
    takes(funder, community)
    ended, closed, no = (make_member(community, name) for name in ("Ed", "Cleo", "No"))
    for person in (ended, closed):
        takes(person, community)
    ended.memberships.update(state="left", ended_on="2026-12-01")
    closed.is_active = False
    closed.save(update_fields=["is_active"])
    walled = make_member(community, "Wall", organization=make_organization(
        is_regulator_or_funder=True))  # fmt: skip
    takes(walled, community)
    say(ally, "not_going")

    assert keep_invitations(now=NOW) == 1
    assert invited() == {"Dani"}
    assert no.deliveries.count() == 0


@pytest.mark.parametrize(
    ("audience", "names"),
    [
        ("members_only", {"Dani"}),
        ("members_and_allies", {"Dani", "Femi"}),
        ("public", {"Dani", "Femi"}),
    ],
)
def test_the_audience(announced, community, audience, names):
    takes(make_person("Stranger"), community)
    Meeting.objects.filter(pk=announced.pk).update(audience=audience)
    keep_invitations(now=NOW)

    assert invited() == names


def test_a_working_group_invites_nobody_by_mail(announced):
    Meeting.objects.filter(pk=announced.pk).update(kind="working_group")
    announced.refresh_from_db()

    assert keep_invitations(now=NOW) == 0
    assert count_invited(announced, now=NOW).total == 0


@pytest.mark.parametrize("status", ["paused", "archived"])
def test_a_silent_community_waits(announced, community, status):
    type(community).objects.update(status=status)
    assert keep_invitations(now=NOW) == 0
    type(community).objects.update(status="open")
    assert keep_invitations(now=NOW + DAY) == 2


@pytest.mark.parametrize("state", ["draft", "cancelled", "held", "wrapped"])
def test_only_what_is_to_come(announced, state):
    Meeting.objects.filter(pk=announced.pk).update(state=state, cancel_reason="Storm")
    assert keep_invitations(now=NOW) == 0


def test_never_after_the_start_and_not_for_what_was_announced_before(announced):
    assert keep_invitations(now=START) == 0
    Meeting.objects.filter(pk=announced.pk).update(announced_at=None)
    assert keep_invitations(now=NOW) == 0


def test_spread_over_ten_minutes_and_out_of_the_night(announced, community):
    zones = ["America/Vancouver", "America/Toronto", "America/St_Johns"]
    for number in range(30):
        takes(make_member(community, timezone=zones[number % 3]), community)
    night = datetime(2026, 12, 4, 11, 0, tzinfo=UTC)  # 3:00, 6:00, 7:30
    keep_invitations(now=night)

    first = {}
    for mail in waiting().select_related("person"):
        zone = mail.person.timezone
        local = mail.due_at.astimezone(ZoneInfo(zone)).time()
        assert not is_quiet(mail.due_at, zone)
        first.setdefault(zone, set()).add(mail.due_at)
        begin = time(7, 30) if zone == "America/St_Johns" else time(7)
        assert begin <= local < time(begin.hour, begin.minute + 10)
    assert all(len(moments) > 8 for moments in first.values())


def test_in_chunks_over_several_ticks(announced, community, monkeypatch):
    monkeypatch.setattr(sending, "CHUNK", 3)
    monkeypatch.setattr(sending, "PER_TICK", 6)
    for _number in range(13):
        takes(make_member(community), community)

    assert [keep_invitations(now=NOW + n * MINUTE) for n in range(4)] == [6, 6, 3, 0]
    assert waiting().count() == 15


def test_a_change_voids_what_waits_and_tells_it_anew(announced, dani, ally, priya):
    keep_invitations(now=NOW)
    invitations().filter(person=ally).update(state="sent", ended_at=NOW)
    later = NOW + 5 * MINUTE
    update_meeting(meeting=announced, changes={"local_time": time(12)}, by=priya, now=later)
    assert not waiting().exists()

    assert keep_invitations(now=later + MINUTE) == 1
    assert waiting().get().person == dani
    assert "12:00 to 1:30 p.m." in waiting().get().text
    assert keep_invitations(now=later + 2 * MINUTE) == 0


def test_called_off_and_on_again(announced, priya):
    keep_invitations(now=NOW)
    cancel_meeting(meeting=announced, reason="Snow", by=priya, now=NOW + MINUTE)
    assert not waiting().exists()
    assert keep_invitations(now=NOW + 2 * MINUTE) == 0
    restore_meeting(meeting=announced, by=priya, now=NOW + DAY)
    assert keep_invitations(now=NOW + DAY + MINUTE) == 2


def test_a_word_of_staff_counts_beforehand_and_stays(announced, priya):
    prefix, scope = f"invitation:{announced.public_id}:", announced.community.public_id
    MailHold.objects.create(scope=scope, prefix=prefix, action="cancel", by=priya, at=NOW)
    keep_invitations(now=NOW)
    Meeting.objects.update(sequence_at=NOW + MINUTE, sequence=1)
    keep_invitations(now=NOW + 2 * MINUTE)

    assert {mail.reason for mail in invitations()} == {"stopped by staff"}
    assert invitations().count() == 2


def test_what_is_kept_back_stands_in_the_digest(announced, dani, community):
    """By choice or by the budget: the reader of the digest finds it there, with its day."""
    takes(dani, community, "invitations", "weekly_digest")
    take_fewer(reader=Reader(dani), scope=community.public_id, source="t", now=NOW)
    keep_invitations(now=NOW)
    mail = invitations().filter(person=dani)
    mail.update(state="skipped", reason="in the weekly digest", ended_at=NOW)
    Meeting.objects.update(updated_at=NOW - 60 * DAY)

    harvest = Harvest(community, cut=NOW + 5 * DAY, zones=[dani.timezone])
    [(_at, line)] = harvest.held[dani.pk]
    assert (line.title, line.path) == (announced.title, announced.get_absolute_url())


def test_count_invited_says_who_and_why_not(announced, community, ally):
    for name in ("Digest", "Paused", "Bounced", "Suppressed", "Never"):
        person = make_member(community, name)
        if name != "Never":
            takes(person, community)
        rows = Subscription.objects.filter(person=person)
        if name == "Digest":
            rows.update(in_digest=True)
        elif name == "Paused":
            pause_mail(reader=Reader(person), scope=community.public_id, weeks=2, now=NOW)
        elif name == "Bounced":
            rows.update(state="suspended_bounce")
        elif name == "Suppressed":
            Suppression.objects.create(
                address_hash=address_hash(person.email), cause="bounced", at=NOW
            )
    count = count_invited(announced, now=NOW)

    assert (count.members, count.allies, count.total) == (1, 1, 2)
    # The coordinators belong too, and never chose.
    never = count.excluded.pop("no invitations")
    assert never >= 1
    assert count.excluded == {"digest": 1, "paused": 1, "bounces": 2}


@pytest.mark.parametrize("people", [1, 30])
def test_query_counts_do_not_grow(announced, community, people, django_assert_max_num_queries):
    for _number in range(people):
        takes(make_member(community), community)
    announced = Meeting.objects.select_related("community").get(pk=announced.pk)
    with django_assert_max_num_queries(7):
        count_invited(announced, now=NOW)
    with django_assert_max_num_queries(19):
        keep_invitations(now=NOW)
    with django_assert_max_num_queries(1):
        keep_invitations(now=NOW + MINUTE)
