from datetime import date, timedelta

import pytest

from cop.core.errors import ActionError
from newsletter.actions import make_draft, make_due_drafts, update_issue
from newsletter.items import IssueText, ItemText
from newsletter.models import IssueItem, NewsletterIssue
from outbox.models import Delivery
from tests.factories import NOW, make_meeting, make_staff
from tests.newsletter.makers import (
    SECRET,
    make_issue,
    make_item,
    make_past_meeting,
    make_resource,
)

pytestmark = pytest.mark.django_db


def told(issue):
    rows = issue.items.order_by("position")
    return [(row.kind, row.title, row.edition) for row in rows]


def test_make_draft_tells_what_comes_what_was_and_what_is_new(community):
    issue = make_issue(community)
    make_meeting(community, title="Peer input", audience="public")
    make_past_meeting(community, audience="members_only")
    make_resource(community, visibility="members_and_allies")

    assert make_draft(issue=issue, now=NOW) == 3

    assert told(issue) == [
        ("meeting_next", "Peer input", "public"),
        ("meeting_recap", "Night staff and sleep", "members"),
        ("new_resource", "Ten-minute drill card", "members_and_allies"),
    ]
    issue.refresh_from_db()
    assert issue.state == "draft"
    assert issue.drafted_at == NOW
    assert all(item.why and item.source for item in issue.items.all())


def test_make_draft_leaves_out_what_is_not_news(community, other_community):
    issue = make_issue(community)
    make_meeting(community, state="draft")
    make_meeting(community, state="cancelled", cancel_reason="snow")
    make_meeting(community, kind="working_group")
    make_meeting(other_community)
    make_past_meeting(community, local_date=date(2026, 11, 12))
    make_resource(community, state="in_review", published_at=None)
    make_resource(community, published_at=NOW - timedelta(days=60))
    make_resource(community, published_at=NOW + timedelta(hours=1))

    assert make_draft(issue=issue, now=NOW) == 0
    issue.refresh_from_db()
    assert issue.state == "draft"


def test_make_draft_twice_adds_nothing_twice_and_keeps_edits(community, priya):
    issue = make_issue(community)
    make_resource(community)
    make_draft(issue=issue, now=NOW)
    item = issue.items.get()
    mine = ItemText(item.pk, "My own title", "My words", 5, is_included=False, edition="members")
    update_issue(
        issue=issue, text=IssueText("My subject", intro="Hello", items=(mine,)), by=priya, now=NOW
    )
    make_resource(community, title="A second one")

    assert make_draft(issue=issue, now=NOW, by=priya) == 1
    assert make_draft(issue=issue, now=NOW, by=priya) == 0

    item.refresh_from_db()
    issue.refresh_from_db()
    assert (item.title, item.text, item.is_included) == ("My own title", "My words", False)
    assert issue.subject == "My subject"
    assert issue.items.count() == 2


def test_make_draft_takes_nothing_an_earlier_issue_had(community):
    meeting = make_past_meeting(community)
    resource = make_resource(community)
    earlier = make_issue(
        community,
        number=4,
        state="sent",
        period_from=date(2026, 9, 12),
        period_to=date(2026, 11, 13),
    )
    make_item(earlier, kind="meeting_next", source=f"meeting:{meeting.public_id}")
    make_item(earlier, kind="new_resource", source=f"resource:{resource.public_id}")
    issue = make_issue(community)

    make_draft(issue=issue, now=NOW)

    # The announcement of a meeting does not stand for the look back at it.
    assert told(issue) == [("meeting_recap", "Night staff and sleep", "members_and_allies")]


def test_make_draft_takes_along_what_a_held_issue_had(community):
    resource = make_resource(community, published_at=NOW - timedelta(days=40))
    held = make_issue(
        community,
        number=4,
        state="held",
        period_from=date(2026, 9, 12),
        period_to=date(2026, 11, 13),
    )
    make_item(held, kind="new_resource", source=f"resource:{resource.public_id}")
    make_issue(
        community,
        number=3,
        state="closed",
        period_from=date(2026, 7, 11),
        period_to=date(2026, 9, 11),
    )
    issue = make_issue(community)

    assert make_draft(issue=issue, now=NOW) == 1


def test_make_draft_turns_a_meeting_that_took_place_into_a_look_back(community):
    issue = make_issue(community)
    make_meeting(community)
    make_draft(issue=issue, now=NOW)

    make_draft(issue=issue, now=NOW + timedelta(days=30))

    assert issue.items.get().kind == "meeting_recap"


def test_make_draft_never_copies_a_join_link(community):
    issue = make_issue(community)
    make_meeting(community, description=f"Come in: {SECRET}?pwd=1", audience="public")

    make_draft(issue=issue, now=NOW)

    item = issue.items.get()
    assert item.text == ""
    assert "secret-room" not in item.path


def test_make_draft_drops_the_approval_only_if_something_is_new(community, priya):
    issue = make_issue(community, state="approved", approved_by=priya, drafted_at=NOW)

    make_draft(issue=issue, now=NOW, by=priya)
    issue.refresh_from_db()
    assert issue.state == "approved"

    make_resource(community)
    make_draft(issue=issue, now=NOW, by=priya)
    issue.refresh_from_db()
    assert (issue.state, issue.approved_by) == ("editing", None)


def test_make_draft_refuses_a_sent_issue_and_strangers(community, priya, dani):
    with pytest.raises(ActionError):
        make_draft(issue=make_issue(community, state="sent"), now=NOW, by=priya)
    with pytest.raises(ActionError):
        make_draft(issue=make_issue(community, number=6, period_from=NOW.date()), now=NOW, by=dani)


def test_make_due_drafts_makes_the_next_issue_and_mails_the_editors_once(community, priya):
    editor = make_staff(community, "editor", "Tomasz Iverson")
    make_staff(community, "librarian", "Lib")
    make_issue(
        community,
        number=4,
        state="sent",
        period_from=date(2026, 9, 12),
        period_to=date(2026, 11, 13),
        send_on=date(2026, 11, 17),
    )
    make_due_drafts(now=NOW)
    issue = community.issues.get(number=5)
    assert (issue.send_on, issue.state) == (date(2027, 1, 19), "collecting")
    assert not Delivery.objects.exists()

    # Day -14: 5 January 2027.
    day = NOW.replace(year=2027, month=1, day=5)
    assert make_due_drafts(now=day) == 1
    assert make_due_drafts(now=day) == 0

    issue.refresh_from_db()
    assert issue.state == "draft"
    mails = Delivery.objects.filter(kind="newsletter_draft_ready")
    assert {mail.person for mail in mails} == {priya, editor}
    assert f"/newsletterissue/{issue.pk}/change/" in mails[0].text
    assert community.issues.count() == 2


def test_make_due_drafts_offers_a_missed_issue_and_sends_nothing(community, priya):
    missed = make_issue(community, send_on=date(2026, 11, 17), period_to=date(2026, 11, 15))

    make_due_drafts(now=NOW)

    missed.refresh_from_db()
    assert missed.state == "draft"
    assert "gone by" in Delivery.objects.get().text
    assert community.issues.count() == 2
    assert not Delivery.objects.filter(kind="newsletter").exists()


def test_make_due_drafts_leaves_paused_communities_alone(community, other_community):
    type(community).objects.update(status="paused")

    make_due_drafts(now=NOW)

    assert not NewsletterIssue.objects.exists()


def test_an_issue_holds_a_source_once(community):
    issue = make_issue(community)
    rows = [IssueItem(issue=issue, title="x", source="meeting:abc") for _ in range(2)]

    with pytest.raises(Exception, match="item_source_once"):
        IssueItem.objects.bulk_create(rows)


def test_nothing_falls_between_a_draft_and_the_end_of_its_period(community):
    """What came after the last draft was made is news, though its period went on."""
    make_issue(
        community, number=4, state="sent", period_from=date(2026, 9, 12),
        period_to=date(2026, 11, 25), drafted_at=NOW - timedelta(days=14),
    )  # fmt: skip
    make_resource(community, published_at=NOW - timedelta(days=5))
    make_resource(community, published_at=NOW - timedelta(days=15))
    issue = make_issue(community)

    assert make_draft(issue=issue, now=NOW) == 1


def test_a_held_issue_hands_on_its_items_as_they_were_edited(community):
    resource = make_resource(community, published_at=NOW - timedelta(days=40))
    gone = make_resource(community, state="withdrawn")
    held = make_issue(
        community, number=4, state="held", period_from=date(2026, 9, 12),
        period_to=date(2026, 11, 13),
    )  # fmt: skip
    picture = held.pictures.create(
        alt="A kettle", content_type="image/png", content=b"x", width=1, height=1, added_at=NOW
    )
    make_item(held, "Our own", title_fr="À nous", text="Words", position=1, picture=picture)
    source = f"resource:{resource.public_id}"
    make_item(held, "Edited title", kind="new_resource", source=source, position=2)
    make_item(held, "Withdrawn", source=f"resource:{gone.public_id}", position=3)
    make_item(held, "Taken out", is_included=False, position=4)
    issue = make_issue(community)
    make_item(issue, "Was here first", position=10)

    assert make_draft(issue=issue, now=NOW) == 2
    assert make_draft(issue=issue, now=NOW) == 0

    kept = list(issue.items.order_by("position"))
    assert [item.title for item in kept] == ["Was here first", "Our own", "Edited title"]
    assert (kept[1].title_fr, kept[1].picture.issue, kept[1].picture.alt) == (
        "À nous", issue, "A kettle",
    )  # fmt: skip
