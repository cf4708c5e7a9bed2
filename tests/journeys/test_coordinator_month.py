"""Journey 3.2, a coordinator's month: a chosen topic gets a draft, a format and an issue holder;
it is announced, answered, joined, held; feedback, notes and the wrap follow."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from meetings.actions.held import keep_held
from meetings.actions.invitations import keep_invitations
from meetings.actions.thanks import keep_thanks
from meetings.links import join_url
from meetings.models import Meeting, MeetingRole, TopicProposal
from members.models import Community
from outbox.actions import update_subscriptions
from tests.clock import next_noon
from tests.factories import make_meeting, make_member, make_staff
from tests.journeys.conftest import DESKTOP, PHONE, link_of, no_sideways_scroll

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOM = "https://video.example/secret-room"


def move_to(meeting: Meeting, starts_at: Any) -> None:
    """The clock of the browser is the real one, so the meeting comes to it."""
    values = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=75)}
    Meeting.objects.filter(pk=meeting.pk).update(**values)


def test_a_coordinator_s_month(
    community: Community, open_browser: Any, page_of: Any, post: Any
) -> None:
    priya = make_staff(community, "coordinator", "Priya Lindqvist")
    dani = make_member(community, "Dani Achebe-Roy")
    bea = make_member(community, "Bea Castellano")
    update_subscriptions(
        person=dani, scope=community.public_id, kinds={"invitations"}, source="test",
        now=timezone.now(),
    )  # fmt: skip
    topic = TopicProposal.objects.create(
        community=community, title="Night staff", state="shortlisted", proposed_by=dani,
        proposed_at=timezone.now(),
    )  # fmt: skip
    meeting = make_meeting(
        community, title="Peer Input: night staff", state="draft", facilitator=priya, format=None,
        local_date=timezone.now().date() + timedelta(days=45), duration=75,
        audience="members_only", join_url=ROOM, dial_in="236-555-0142",
    )  # fmt: skip
    desk, phone = page_of(priya, DESKTOP), open_browser(PHONE)
    page = f"/desk/meetings/meeting/{meeting.pk}/"

    # Topic, format, people.
    desk.goto(f"{page}change/")
    assert desk.get_by_text("It cannot be announced yet.").is_visible()
    desk.goto(f"{page}topic/")
    desk.get_by_label("Topic").select_option(label="Night staff")
    desk.get_by_role("button", name="Set the topic").click()
    desk.goto(f"{page}agenda/")
    desk.get_by_label("Peer Input Process").check()
    desk.get_by_role("button", name="Take this format").click()
    assert desk.get_by_text("75 of 75 minutes").is_visible()
    desk.goto(f"{page}roles/")
    desk.get_by_label("Part", exact=True).select_option("issue_holder")
    desk.get_by_label("Person").select_option(label="Bea Castellano")
    desk.get_by_role("button", name="Give the part").click()
    desk.get_by_role("button", name="Ask by mail").click()

    # The issue holder says yes on a phone, without signing in, and writes the brief.
    phone.goto(link_of(post(bea.email), "/part/"))
    no_sideways_scroll(phone)
    phone.get_by_role("button", name="Yes, I take it on").click()
    phone.get_by_label("My question in one sentence").fill("How do I keep night staff?")
    phone.get_by_role("button", name="Keep my brief").click()
    assert MeetingRole.objects.get().question == "How do I keep night staff?"

    # Announced, with a look at who gets it; the invitation is answered from the mail.
    desk.goto(f"{page}publish/")
    assert desk.get_by_text("1 member").first.is_visible()
    desk.locator("form.desk-card button[type=submit], input[type=submit].default").last.click()
    meeting.refresh_from_db()
    assert meeting.state == "scheduled"
    noon = next_noon()
    keep_invitations(now=noon)
    mail = post(dani.email, now=noon + timedelta(minutes=20))
    assert ROOM not in str(mail)
    phone.goto(link_of(mail, "answer=going"))
    phone.get_by_role("button", name="Yes, I'll be there").click()
    assert meeting.rsvps.get().state == "going"

    # The day: the run sheet, the personal link.
    move_to(meeting, timezone.now() - timedelta(minutes=10))
    meeting.refresh_from_db()
    desk.goto(f"/every-door/meetings/{meeting.public_id}/run-sheet/")
    assert desk.get_by_role("button", name="Start").is_visible()
    phone.context.route("https://video.example/**", lambda route: route.fulfill(body="in"))
    phone.goto(join_url(meeting, dani))
    phone.get_by_role("button", name="Join now").click()
    phone.wait_for_url(f"{ROOM}**")
    assert meeting.attendances.get().person == dani

    # Afterwards: the list of the video service, held, feedback.
    desk.goto(f"{page}attendance/")
    listing = f"Name,Email,Duration\nBea,{bea.email},70\nCaller,,20\n"
    desk.locator("#list").set_input_files(
        {"name": "zoom.csv", "mimeType": "text/csv", "buffer": listing.encode()}
    )
    desk.get_by_role("button", name="Match this list").click()
    desk.get_by_role("button", name="Save attendance").click()
    assert meeting.attendances.count() == 2
    move_to(meeting, timezone.now() - timedelta(hours=4))
    keep_held(now=timezone.now())
    meeting.refresh_from_db()
    assert (meeting.state, meeting.unidentified_count) == ("held", 1)
    keep_thanks(now=noon)
    phone.goto(link_of(post(dani.email, now=noon + timedelta(minutes=20)), "/feedback/"))
    phone.get_by_role("group", name="It was worth my time").get_by_label("5").check()
    phone.get_by_role("button", name="Send my answers").click()
    assert phone.get_by_text("Thank you, that helps").is_visible()

    # The notes: the holder's word, then published; wrapped up.
    notes = f"/every-door/meetings/{meeting.public_id}/notes/"
    desk.goto(notes)
    desk.get_by_label("Ideas").fill("A buddy by phone")
    desk.get_by_role("button", name="Save the notes").click()
    desk.get_by_role("button", name="Show them to the issue holder").click()
    phone.goto(link_of(post(bea.email, now=noon + timedelta(minutes=30)), "/notes/"))
    phone.get_by_role("button", name="Yes, share them with members").click()
    desk.goto(notes)
    desk.get_by_role("button", name="Publish the notes").click()
    desk.goto(f"{page}wrap/")
    desk.locator("form.desk-card button[type=submit], input[type=submit].default").last.click()
    meeting.refresh_from_db()
    assert meeting.state == "wrapped"

    # What came of it, on one page, for a member.
    member = page_of(dani)
    member.goto(f"/every-door/meetings/{meeting.public_id}/")
    no_sideways_scroll(member)
    assert member.get_by_text("A buddy by phone").is_visible()
    member.get_by_role("link", name="Night staff", exact=True).click()
    member.wait_for_url(f"**/topics/{topic.public_id}/")
    assert member.get_by_text("you proposed it").is_visible()
