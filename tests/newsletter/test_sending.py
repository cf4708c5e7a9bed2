from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.models import Membership
from newsletter.actions import cancel_send, close_issues, send_issue, settle_issues, update_issue
from newsletter.deliveries import deliveries_of
from newsletter.items import IssueText
from newsletter.models import NewsletterIssue
from outbox.actions import send_due, unsubscribe_subscription
from outbox.addresses import address_hash
from outbox.models import Delivery, MailBatch, Subscription, Suppression
from tests.clock import next_noon
from tests.factories import NOW, make_meeting, make_member, make_person
from tests.newsletter.makers import (
    SECRET,
    make_approved,
    make_issue,
    make_item,
    make_resource,
    newsletter_list,
    subscribe,
)

pytestmark = pytest.mark.django_db


def editions():
    """Who gets which edition: name or address -> edition."""
    rows = Delivery.objects.filter(kind="newsletter").select_related("person", "batch")
    return {
        row.person.display_name if row.person else row.address: row.batch.key.rpartition(":")[2]
        for row in rows
    }


def address_only(community, address, state="subscribed"):
    return Subscription.objects.create(
        mailing_list=newsletter_list(community), address=address, state=state, changed_at=NOW
    )


def test_send_issue_gives_each_the_edition_they_may_see(
    community, priya, dani, ally, funder, lapsed, stranger
):
    for person in (priya, dani, ally, funder, lapsed):
        subscribe(person, community)
    address_only(community, "reader@people.example")
    issue = make_approved(community, priya)

    assert send_issue(issue=issue, by=priya, now=NOW) == 6

    assert editions() == {
        "Priya Lindqvist": "members",
        "Dani Achebe-Roy": "members",
        "Femi Calloway": "members_and_allies",
        # Behind the wall, and no longer a member: what everybody may read.
        "Beth Kowalchuk": "public",
        "Lars Lapsed": "public",
        "reader@people.example": "public",
    }
    issue.refresh_from_db()
    assert (issue.state, issue.sent_at) == ("sending", NOW + timedelta(minutes=5))
    assert AuditEvent.objects.get(action="issue_sent").reason == "6"


def test_send_issue_editions_hold_what_they_may(community, priya, dani, ally, funder):
    for person in (dani, ally, funder):
        subscribe(person, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=NOW)

    seen = {}
    for batch in MailBatch.objects.all():
        body = batch.contents["en"]["text"] + batch.contents["en"]["html"]
        titles = ("Open to all", "For us and allies", "For members")
        seen[batch.key.rpartition(":")[2]] = [title for title in titles if title in body]
        # Title and link only, even for those who may read it on the site (N1).
        assert "Inside words" not in body
        assert "Members&#x27; words" not in body
        assert "Members' words" not in body

    assert seen == {
        "public": ["Open to all"],
        "members_and_allies": ["Open to all", "For us and allies"],
        "members": ["Open to all", "For us and allies", "For members"],
    }


def test_send_issue_follows_what_became_private_since_the_draft(community, priya, funder):
    subscribe(funder, community)
    issue = make_approved(community, priya)
    resource = make_resource(community, title="Was public", visibility="members")
    make_item(issue, "Was public", source=f"resource:{resource.public_id}", edition="public")
    gone = make_meeting(community, state="cancelled", cancel_reason="snow", audience="public")
    make_item(issue, "Cancelled talk", source=f"meeting:{gone.public_id}", edition="public")

    send_issue(issue=issue, by=priya, now=NOW)

    body = str(MailBatch.objects.get(recipients=1).contents)
    assert "Open to all" in body
    assert "Was public" not in body
    assert "Cancelled talk" not in body


def test_send_issue_twice_sends_once(community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=NOW)

    with pytest.raises(ActionError, match="on its way"):
        send_issue(issue=issue, by=priya, now=NOW)

    assert Delivery.objects.filter(kind="newsletter").count() == 1


@pytest.mark.django_db(transaction=True)
def test_send_issue_at_the_same_moment_sends_once(community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)

    def press(_click):
        try:
            return send_issue(issue=issue, by=priya, now=NOW)
        except ActionError:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(press, range(4)))

    assert sorted(sent) == [0, 0, 0, 1]
    assert Delivery.objects.filter(kind="newsletter").count() == 1


@pytest.mark.parametrize("state", ["collecting", "draft", "test_sent", "held", "sent", "closed"])
def test_send_issue_needs_the_approval(community, priya, dani, state):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    NewsletterIssue.objects.filter(pk=issue.pk).update(state=state, sent_at=NOW)

    with pytest.raises(ActionError):
        send_issue(issue=issue, by=priya, now=NOW)

    assert not Delivery.objects.exists()


def test_send_issue_writes_to_nobody_who_did_not_ask(community, priya, dani, ally):
    subscribe(dani, community)
    stopped = subscribe(ally, community)
    unsubscribe_subscription(subscription=stopped, source="test", now=NOW)
    make_member(community, "Never Asked")
    for state in ("pending_confirm", "suspended_bounce", "complained", "unsubscribed"):
        address_only(community, f"{state}@people.example", state=state)
    blocked = make_member(community, "Bo Blocked")
    subscribe(blocked, community)
    Suppression.objects.create(address_hash=address_hash(blocked.email), cause="bounce", at=NOW)
    closed = make_member(community, "Carla Closed", is_active=False)
    subscribe(closed, community)

    send_issue(issue=make_approved(community, priya), by=priya, now=NOW)

    assert list(editions()) == ["Dani Achebe-Roy"]


def test_send_issue_one_mail_for_each_address(community, priya, dani):
    subscribe(dani, community)
    address_only(community, dani.email.upper())
    quiet = make_person("Quinn Quiet")
    unsubscribe_subscription(subscription=subscribe(quiet, community), source="test", now=NOW)
    # Quinn said stop with an account; the older row of the bare address must not undo that.
    address_only(community, quiet.email)

    assert send_issue(issue=make_approved(community, priya), by=priya, now=NOW) == 1


def test_send_issue_few_items_must_be_confirmed(community, priya, dani):
    subscribe(dani, community)
    issue = make_issue(community, state="approved")
    make_item(issue)
    make_item(issue, "Out", is_included=False)
    make_item(issue, "Out too", is_included=False)

    with pytest.raises(ActionError, match="Fewer than three"):
        send_issue(issue=issue, by=priya, now=NOW)
    assert NewsletterIssue.objects.get(pk=issue.pk).state == "approved"

    assert send_issue(issue=issue, by=priya, now=NOW, confirmed=True) == 1


def test_send_issue_needs_a_postal_address(community, priya, dani, settings):
    subscribe(dani, community)
    settings.POSTAL_ADDRESS = ""
    issue = make_approved(community, priya)

    with pytest.raises(ActionError, match="postal address"):
        send_issue(issue=issue, by=priya, now=NOW)

    type(community).objects.update(postal_address="1 Cedar Way, Nelson BC")
    send_issue(issue=issue, by=priya, now=NOW)
    assert "1 Cedar Way" in MailBatch.objects.get(recipients=1).contents["en"]["text"]


def test_send_issue_refused_for_a_paused_community_and_without_readers(community, priya, dani):
    issue = make_approved(community, priya)
    with pytest.raises(ActionError, match="nobody"):
        send_issue(issue=issue, by=priya, now=NOW)

    subscribe(dani, community)
    type(community).objects.update(status="paused")
    with pytest.raises(ActionError, match="paused"):
        send_issue(issue=issue, by=priya, now=NOW)


def test_send_issue_never_holds_a_join_link(community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    meeting = make_meeting(community, audience="public")
    make_item(
        issue,
        "Next",
        kind="meeting_next",
        source=f"meeting:{meeting.public_id}",
        path=meeting.get_absolute_url(),
    )
    leak = make_item(issue, "Leak", text=f"[here]({SECRET})")

    with pytest.raises(ActionError, match="meeting room"):
        send_issue(issue=issue, by=priya, now=NOW)
    leak.delete()
    send_issue(issue=issue, by=priya, now=NOW)

    assert "secret-room" not in str(list(MailBatch.objects.values_list("contents")))
    link = issue.links.get(url__endswith=meeting.get_absolute_url())
    text = MailBatch.objects.get(recipients=1).contents["en"]["text"]
    assert f"/newsletter/5/go/{link.public_id}/" in text


def test_send_issue_refuses_what_mail_programs_cut_off(community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    make_item(issue, "Long", text="Words and more words. " * 5000)

    with pytest.raises(ActionError, match="long"):
        send_issue(issue=issue, by=priya, now=NOW)


def test_cancel_send_takes_all_back_and_allows_sending_again(community, priya, dani, ally):
    subscribe(dani, community)
    subscribe(ally, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=NOW)
    issue.refresh_from_db()

    cancel_send(issue=issue, by=priya, now=NOW + timedelta(minutes=4))

    issue.refresh_from_db()
    assert (issue.state, issue.sent_at) == ("approved", None)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
    later = NOW + timedelta(hours=1)
    assert send_issue(issue=issue, by=priya, now=later) == 2
    issue.refresh_from_db()
    assert set(deliveries_of(issue).values_list("state", flat=True)) == {"queued"}
    assert Delivery.objects.count() == 4


def test_cancel_send_is_refused_after_five_minutes(community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=NOW)

    with pytest.raises(ActionError, match="too late"):
        cancel_send(issue=issue, by=priya, now=NOW + timedelta(minutes=5))

    assert Delivery.objects.get().state == "queued"


def test_sending_leaves_after_five_minutes_and_asks_consent_again(
    community, priya, dani, ally, mailbox
):
    now = next_noon()
    subscribe(dani, community)
    row = subscribe(ally, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=now)
    assert send_due(clock=lambda: now + timedelta(minutes=4)) == 0
    unsubscribe_subscription(subscription=row, source="mail link", now=now)

    assert send_due(clock=lambda: now + timedelta(minutes=6)) == 1

    message = mailbox.last
    body = message.get_body(("plain",)).get_content()
    assert message["To"] == dani.email
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "%%" not in body
    assert "/unsubscribe/" in body
    assert settle_issues(now=now + timedelta(minutes=7)) == 1
    issue.refresh_from_db()
    assert issue.state == "sent"
    assert close_issues(now=now + timedelta(days=8)) == 1
    issue.refresh_from_db()
    assert issue.state == "closed"


def test_settle_issues_waits_for_the_last_mail(community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=NOW)

    assert settle_issues(now=NOW + timedelta(hours=1)) == 0


def test_what_has_left_is_fixed(community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=NOW)

    with pytest.raises(ActionError):
        update_issue(issue=issue, text=IssueText("x"), by=priya, now=NOW)


def test_send_issue_of_someone_who_left_meanwhile_is_public_only(community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    Membership.objects.filter(person=dani).update(state="lapsed", ended_on=NOW.date())

    send_issue(issue=issue, by=priya, now=NOW)

    assert editions() == {"Dani Achebe-Roy": "public"}


def test_taking_back_twice_says_so(community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=NOW)
    cancel_send(issue=issue, by=priya, now=NOW)
    with pytest.raises(ActionError, match="taken back already"):
        cancel_send(issue=issue, by=priya, now=NOW)
