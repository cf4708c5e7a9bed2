"""“Why did this person not get it?”: one search, a true sentence for each mail."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cop.core.mail import Email
from cop.core.models import AuditEvent
from meetings.models import Meeting, Rsvp
from members.models import Membership, User
from outbox.actions import find_mailing_list, queue_email, update_subscriptions
from outbox.addresses import address_hash
from outbox.models import (
    Consent,
    Delivery,
    MailHold,
    Purpose,
    Subscription,
    Suppression,
)
from tests.conftest import CAST
from tests.factories import make_meeting, make_member
from tests.newsletter.makers import make_issue

WHY = "/desk/outgoing/why/"
HELLO = Email(subject="It moved", text="Secret words", html="<p>Secret words</p>")
DAY = timedelta(days=1)
PACIFIC = ZoneInfo("America/Vancouver")


def today():
    return timezone.now().astimezone(PACIFIC).date()


@pytest.fixture
def ask(sign_in, priya):
    """`ask(dani)`: the page about Dani as Priya reads it."""

    def _ask(person, about="", by=None):
        response = sign_in(by or priya).get(f"{WHY}{person.public_id}/", {"about": about})
        assert response.status_code == 200
        return response.content.decode().replace("&#x27;", "'")

    return _ask


def queue(person, community, key="changed:abc:1:1", **fields):
    values = {"kind": "changed", "purpose": Purpose.TRANSACTIONAL, "email": HELLO} | fields
    queue_email(key=key, person=person, scope=community.public_id, **values)
    return Delivery.objects.get(key=key)


def say(meeting, person, state="going", *, days_ago=8, **fields):
    return Rsvp.objects.create(
        meeting=meeting, person=person, state=state, holds_seat=state == "going",
        wait_ticket=1 if state == "waitlisted" else None,
        answered_at=timezone.now() - days_ago * DAY, **fields,
    )  # fmt: skip


def subscribe(person, community, *, days_ago, kinds=("newsletter",)):
    update_subscriptions(
        person=person, scope=community.public_id, kinds=set(kinds), source="t",
        now=timezone.now() - days_ago * DAY,
    )  # fmt: skip


@pytest.fixture
def past(community):
    return make_meeting(community, title="Night staff and sleep", local_date=today() - 2 * DAY)


@pytest.fixture
def issue(community):
    return make_issue(
        community, state="sent", sent_at=timezone.now() - 5 * DAY, subject="Kinder house rules"
    )


# Who may look, and at whom


@pytest.mark.parametrize("who", CAST)
def test_only_staff_of_a_shared_community_look_at_a_person(request, sign_in, dani, who):
    response = sign_in(request.getfixturevalue(who)).get(f"{WHY}{dani.public_id}/")
    assert (response.status_code == 200) == (who in {"priya", "admin"})


@pytest.mark.parametrize("who", ["outsider", "stranger", "newcomer"])
def test_search_finds_nobody_of_other_communities(request, sign_in, priya, dani, who):
    other = request.getfixturevalue(who)
    html = sign_in(priya).post(WHY, {"who": other.email}).content.decode()
    assert "Nobody found" in html


def test_search_by_name_and_address(sign_in, priya, dani, ally, community):
    client = sign_in(priya)
    person = f"{WHY}{dani.public_id}/"
    assert client.post(WHY, {"who": "achebe"})["Location"] == person
    assert client.post(WHY, {"who": dani.email.upper()})["Location"] == person
    many = client.post(WHY, {"who": "people.example"}).content.decode()
    assert person in many
    assert ally.email in many
    assert "at least 2" in client.post(WHY, {"who": "a"}).content.decode()
    assert client.get(WHY, {"who": "achebe"}).status_code == 200


def test_search_finds_an_address_without_an_account(sign_in, priya, outsider, community):
    row = Subscription.objects.create(
        mailing_list=find_mailing_list(community.public_id, "newsletter"),
        address="reader@people.example", state="pending_confirm", changed_at=timezone.now(),
    )  # fmt: skip
    client = sign_in(priya)
    page = f"{WHY}address/{row.pk}/"
    assert page in client.post(WHY, {"who": "reader@"}).content.decode()
    assert "not confirmed yet" in client.get(page).content.decode()
    assert sign_in(outsider).get(page).status_code == 404


def test_each_look_is_written_down(ask, dani, priya, community):
    ask(dani)
    event = AuditEvent.objects.get(action="mail_looked_up")
    assert (event.actor, event.object_id, event.scope) == (
        priya,
        dani.public_id,
        community.public_id,
    )


def test_mail_of_other_communities_and_codes_stay_hidden(
    ask, dani, admin, community, other_community
):
    queue(dani, community, key="a")
    queue(dani, other_community, key="b", email=Email("Elsewhere", "x", "x"))
    queue(dani, community, key="c", purpose=Purpose.SECURITY, email=Email("482911", "x", "x"))

    html = ask(dani)
    assert "It moved" in html
    for hidden in ("Elsewhere", "482911", "Secret words", "Sign-in mail"):
        assert hidden not in html
    html = ask(dani, by=admin)
    assert "Sign-in mail" in html
    assert "482911" not in html


# Where there is a row


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "sent"}, "their mail server took it."),
        ({"state": "sent", "reason": "possible repeat"}, "It may have left twice."),
        ({"state": "queued", "due_at": 2}, "it leaves."),
        ({"state": "queued", "reason": "waits for room", "due_at": 2}, "as soon as there is room"),
        ({"state": "queued", "attempts": 2, "due_at": 1}, "the mail server asked us to wait"),
        ({"state": "paused", "reason": "held by staff"}, "Somebody of the team put it on hold."),
        ({"state": "paused", "reason": "waits for release"}, "then release the mail"),
        ({"state": "skipped", "reason": "not subscribed"}, "They did not ask for it."),
        ({"state": "skipped", "reason": "over budget"}, "two mails that week"),
        ({"state": "skipped", "reason": "paused by the person"}, "They paused their mail."),
        ({"state": "cancelled", "reason": "stopped by staff"}, "Somebody of the team stopped it."),
        ({"state": "failed", "reason": "bad address"}, "There is no such address."),
        ({"state": "uncertain", "reason": "the server did not answer"}, "May have got it: on"),
    ],
)
def test_a_mail_that_exists_is_told_in_a_sentence(ask, dani, community, fields, words):
    row, now = queue(dani, community), timezone.now()
    fields = dict(fields)
    due_at = now + fields.pop("due_at", 0) * DAY
    ended = now if fields["state"] not in ("queued", "paused") else None
    Delivery.objects.filter(pk=row.pk).update(due_at=due_at, ended_at=ended, **fields)
    assert words in ask(dani)


def test_a_word_finds_the_mail(ask, dani, community):
    queue(dani, community, key="a")
    queue(dani, community, key="b", kind="welcome", email=Email("Good to have you", "x", "x"))
    assert "It moved" not in ask(dani, about="good to")
    assert "Good to have you" in ask(dani, about="welcome")
    assert "We find no mail with this word" in ask(dani, about="zebra")


# Where there is none: meetings


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("not_going", "they said that they cannot come"),
        ("send_materials", "they said that they cannot come"),
        ("waitlisted", "they were in line for a seat"),
        ("needs_confirmation", "did not say again"),
    ],
)
def test_no_reminder_because_of_the_answer(ask, dani, past, state, words):
    say(past, dani, state)
    html = ask(dani)
    assert words in html
    assert "Both reminders" in html


def test_no_reminder_without_an_answer(ask, dani, past):
    assert "they did not answer" in ask(dani)


def test_no_reminder_for_who_was_no_member_then(ask, lapsed, past):
    assert "they were not a member then" in ask(lapsed)


def test_no_reminder_after_leaving(ask, dani, past, community):
    say(past, dani)
    Membership.objects.filter(person=dani).update(state="left", ended_on=date(2026, 11, 3))
    assert "they left the community on 3 November 2026" in ask(dani)


def test_no_reminder_for_a_late_answer(ask, dani, past):
    say(past, dani)
    Rsvp.objects.update(answered_at=past.starts_at - timedelta(minutes=10))
    html = ask(dani)
    assert html.count("after the reminder was due") == 1
    assert "Both reminders" in html


def test_no_reminder_as_the_change_told_it(ask, dani, past):
    say(past, dani)
    Meeting.objects.update(sequence_at=past.starts_at - timedelta(hours=3))
    html = ask(dani)
    assert "changed after it was due" in html
    assert "cannot tell why" in html


def test_no_reminder_of_a_cancelled_or_stopped_meeting_or_a_paused_community(ask, dani, past):
    say(past, dani)
    community = past.community
    community.status = "paused"
    community.save(update_fields=["status"])
    assert "writes to nobody" in ask(dani)
    community.status = "open"
    community.save(update_fields=["status"])
    MailHold.objects.create(
        scope=community.public_id, prefix=f"reminder:{past.public_id}:", action="cancel",
        at=timezone.now(),
    )  # fmt: skip
    assert "stopped the reminders of this meeting" in ask(dani)
    Meeting.objects.update(state="cancelled", cancel_reason="Snow")
    assert "the meeting was cancelled" in ask(dani)


def test_the_personal_reason_comes_before_what_the_team_did(ask, dani, past):
    MailHold.objects.create(
        scope=past.community.public_id, prefix=f"reminder:{past.public_id}:", action="cancel",
        at=timezone.now(),
    )  # fmt: skip
    assert "they did not answer" in ask(dani)


def test_no_reminder_yet(ask, dani, community):
    coming = make_meeting(community, local_date=today() + 4 * DAY)
    say(coming, dani, days_ago=1)
    assert ask(dani).count("Not yet: on") == 2


def test_a_reminder_that_went_is_told_once(ask, dani, past):
    say(past, dani)
    for kind in ("day_before", "link"):
        key = f"reminder:{past.public_id}:{dani.pk}:{kind}:0"
        queue(dani, past.community, key=key, kind=f"reminder_{kind}", purpose=Purpose.REMINDER)
    assert "None was sent" not in ask(dani)
    assert ask(dani, about="night staff").count("Has not got it yet") == 2


# Where there is none: newsletters


def test_no_newsletter_without_the_tick(ask, dani, issue):
    html = ask(dani)
    assert "Kinder house rules" in html
    assert "an unticked box means no" in html


def test_no_newsletter_after_stopping_it(ask, dani, issue, community):
    subscribe(dani, community, days_ago=30)
    subscribe(dani, community, days_ago=20, kinds=())
    assert "They had stopped the newsletter on" in ask(dani)


def test_no_newsletter_before_asking_for_it(ask, dani, issue, community):
    subscribe(dani, community, days_ago=1)
    assert "They asked for the newsletter later" in ask(dani)


def test_no_newsletter_after_the_end_of_the_consent(ask, dani, issue, community):
    subscribe(dani, community, days_ago=300)
    listing = find_mailing_list(community.public_id, "newsletter")
    Consent.objects.create(
        mailing_list=listing, address_hash=address_hash(dani.email), given=True, basis="implied",
        proof="sheet", at=timezone.now() - 200 * DAY, expires_at=timezone.now() - 9 * DAY,
    )  # fmt: skip
    assert "it had passed" in ask(dani)


def test_no_newsletter_to_an_address_that_bounces(ask, dani, issue, community):
    subscribe(dani, community, days_ago=30)
    Suppression.objects.create(
        address_hash=address_hash(dani.email), cause="bounced", at=timezone.now() - 7 * DAY
    )
    html = ask(dani)
    assert "Their address was barred since" in html
    assert "nothing but sign-in mail goes to this address" in html


def test_no_newsletter_in_a_pause_or_after_closing_the_account(ask, dani, issue, community):
    subscribe(dani, community, days_ago=30)
    User.objects.filter(pk=dani.pk).update(is_active=False)
    assert "They closed their account." in ask(dani)
    Subscription.objects.update(paused_until=timezone.now() + DAY)
    html = ask(dani)
    assert "They paused their mail until" in html
    assert "paused by them until" in html


def test_number_of_queries_is_bounded(sign_in, priya, dani, community):
    client, page = sign_in(priya), f"{WHY}{dani.public_id}/"
    client.get(page)

    def fill(first, last):
        for number in range(first, last):
            meeting = make_meeting(community, local_date=today() - DAY, title=f"M{number}")
            say(meeting, dani)
            queue(dani, community, key=f"k{number}")
            make_issue(
                community, number=number + 9, state="sent", sent_at=timezone.now() - DAY,
                period_from=today() + number * DAY,
            )  # fmt: skip

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    fill(0, 1)
    one = count()
    fill(1, 9)
    assert count() == one


def test_a_stranger_word_in_a_name_is_harmless(ask, community):
    person = make_member(community, "<script>alert(1)</script> " + "x" * 80)
    html = ask(person)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_search_finds_names_without_their_accents(sign_in, priya, community):
    person = make_member(community, "Jean-François Côté")
    answer = sign_in(priya).post(WHY, {"who": "jean-francois cote"})
    assert person.public_id in answer["Location"]
