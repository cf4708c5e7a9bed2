"""The weekly digest: when it comes, what stands in it, for whom, and that nothing is told twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from itertools import count

import pytest
from django.db import connection

from cop.core.time import to_instant
from library.models import Resource
from meetings.models import Meeting
from members.models import Community, Membership, User
from newsletter.actions import queue_weekly_digests, send_issue
from newsletter.digests import cut_for
from outbox.actions import (
    find_mailing_list,
    send_due,
    unsubscribe_subscription,
    update_subscriptions,
)
from outbox.models import Delivery, MailHold, Subscription
from tests.conftest import CAST
from tests.factories import NOW, make_meeting, make_member
from tests.newsletter.makers import make_approved, make_resource, subscribe

pytestmark = pytest.mark.django_db
VANCOUVER = "America/Vancouver"
TUESDAY = date(2026, 12, 1)
CUT = to_instant(TUESDAY, time(9), VANCOUVER)
WEEK = timedelta(weeks=1)
_numbers = count(1)
# However many people, mails and things there are.
QUESTIONS = 17


def take_digest(person, community, *more):
    """Subscribed a month ago, so that only what a test makes is new or held."""
    kinds = {"weekly_digest", *more}
    update_subscriptions(
        person=person,
        scope=community.public_id,
        kinds=kinds,
        source="test",
        now=CUT - timedelta(days=30),
    )
    return Subscription.objects.get(person=person, mailing_list__kind="weekly_digest")


def hold_back(person, community, title="Invitation", reason="moved to the digest", **fields):
    values = {
        "key": f"held:{next(_numbers)}",
        "purpose": "newsletter",
        "kind": "invitation",
        "priority": 31,
        "mailing_list": find_mailing_list(community.public_id, "invitations"),
        "scope": community.public_id,
        "budgeted": True,
        "digest_title": title,
        "digest_path": "/every-door/meetings/",
        "due_at": CUT,
        "state": "skipped",
        "reason": reason,
        "ended_at": CUT - timedelta(days=1),
    }
    return Delivery.objects.create(person=person, **values | fields)


def new_resource(community, title, at=CUT - timedelta(days=2), **fields):
    return make_resource(community, title=title, published_at=at, **fields)


def new_meeting(community, title, at=CUT - timedelta(days=2), **fields):
    meeting = make_meeting(community, title=title, **fields)
    Meeting.objects.filter(pk=meeting.pk).update(updated_at=at)
    return meeting


def digests(person=None):
    rows = Delivery.objects.filter(kind="weekly_digest").order_by("created_at", "pk")
    return list(rows.filter(person=person) if person else rows)


def titles(delivery):
    """The lines of the text part that begin with a star."""
    return [line[2:] for line in delivery.text.splitlines() if line.startswith("* ")]


def test_digest_tells_what_was_held_back_and_what_is_new(community, dani):
    take_digest(dani, community)
    hold_back(dani, community, "A night on call: come on 10 December")
    new_resource(community, "Drill card")
    meeting = new_meeting(community, "Good sleep")

    assert queue_weekly_digests(now=CUT) == 1

    [digest] = digests()
    assert titles(digest) == ["A night on call: come on 10 December", "Good sleep", "Drill card"]
    assert (
        digest.subject == "Every Door this week: A night on call: come on 10 December, and 2 more"
    )
    assert "Thursday 10 December, 10:00 to 11:30 a.m. Pacific time" in digest.text
    assert f"http://localhost:8000{meeting.get_absolute_url()}" in digest.text
    assert (digest.purpose, digest.budgeted, digest.state) == ("newsletter", True, "queued")
    assert digest.key == f"weekly_digest:{community.public_id}:{dani.public_id}:2026-W49"
    assert (digest.due_at, digest.expires_at) == (CUT, CUT + timedelta(days=3))
    assert digest.mailing_list.kind == "weekly_digest"


def test_nothing_new_means_no_mail(community, dani):
    take_digest(dani, community)
    new_resource(community, "Old news", at=CUT - timedelta(days=60))
    new_meeting(community, "Over", local_date=date(2026, 11, 20))

    assert queue_weekly_digests(now=CUT) == 0
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("hours", "queued"), [(-0.01, 0), (0, 1), (5, 1), (8.99, 1), (9, 0), (24, 0), (-24, 0)]
)
def test_digest_comes_on_tuesday_from_nine_to_six(community, dani, hours, queued):
    take_digest(dani, community)
    new_resource(community, "Drill card")

    assert queue_weekly_digests(now=CUT + timedelta(hours=hours)) == queued


def test_digest_comes_at_nine_on_each_wall_clock(community):
    zones = [VANCOUVER, "America/Edmonton", "America/Toronto", "America/St_Johns"]
    for zone in zones:
        take_digest(make_member(community, zone, timezone=zone), community)
    new_resource(community, "Drill card")
    came = {}

    for minutes in range(0, 12 * 60, 30):
        now = to_instant(TUESDAY, time(4), VANCOUVER) + timedelta(minutes=minutes)
        queue_weekly_digests(now=now)
        for row in digests():
            came.setdefault(row.person.timezone, now)

    assert came == {zone: to_instant(TUESDAY, time(9), zone) for zone in zones}
    assert len(digests()) == len(zones)


def test_cut_follows_the_change_of_clocks():
    """A zone that still changes its clocks: 2 and 9 March 2027 in Toronto."""
    cuts = [
        cut_for("America/Toronto", to_instant(day, time(12), "America/Toronto"))
        for day in (date(2027, 3, 9), date(2027, 3, 16))
    ]
    assert [cut.hour for cut in cuts] == [14, 13]


def test_repeating_changes_nothing(community, dani):
    take_digest(dani, community)
    hold_back(dani, community)
    queue_weekly_digests(now=CUT)

    # What comes after nine is of next week, and makes no second mail.
    new_resource(community, "Later today", at=CUT + timedelta(hours=1))
    assert queue_weekly_digests(now=CUT + timedelta(hours=2)) == 0

    [digest] = digests()
    assert titles(digest) == ["Invitation"]


def test_what_comes_after_nine_waits_for_next_week(community, dani):
    take_digest(dani, community)
    new_resource(community, "Later today", at=CUT + timedelta(minutes=1))
    hold_back(dani, community, "Held at nine sharp", ended_at=CUT)

    assert queue_weekly_digests(now=CUT + timedelta(hours=5)) == 0
    assert queue_weekly_digests(now=CUT + WEEK) == 1
    assert titles(digests()[0]) == ["Held at nine sharp", "Later today"]


def test_each_held_mail_stands_in_one_digest(community, dani):
    """Over ten weeks, some of them missed, each exactly once and in the first that came."""
    take_digest(dani, community)
    for day in range(70):
        hold_back(dani, community, f"Day {day}", ended_at=CUT + timedelta(days=day, hours=day % 24))
    for week in (0, 1, 2, 5, 6, 8, 10):
        for hours in (0, 3, 8):
            queue_weekly_digests(now=CUT + week * WEEK + timedelta(hours=hours))

    told = [title for digest in digests(dani) for title in titles(digest)]
    assert sorted(told) == sorted(f"Day {day}" for day in range(70))
    assert len(digests(dani)) == 6


@pytest.mark.parametrize("state", ["skipped", "cancelled", "failed"])
def test_content_of_a_digest_that_told_nobody_goes_into_the_next(community, dani, state):
    take_digest(dani, community)
    hold_back(dani, community, "Held")
    queue_weekly_digests(now=CUT)
    Delivery.objects.filter(kind="weekly_digest").update(state=state, ended_at=CUT)

    queue_weekly_digests(now=CUT + timedelta(hours=1))
    assert len(digests()) == 1
    queue_weekly_digests(now=CUT + WEEK)

    assert titles(digests()[1]) == ["Held"]


@pytest.mark.parametrize("state", ["queued", "claimed", "paused", "sent", "uncertain"])
def test_content_of_a_digest_that_may_have_come_is_not_repeated(community, dani, state):
    take_digest(dani, community)
    hold_back(dani, community, "Held")
    queue_weekly_digests(now=CUT)
    Delivery.objects.filter(kind="weekly_digest").update(
        state=state, ended_at=CUT, owner=1, claimed_at=CUT
    )

    queue_weekly_digests(now=CUT + WEEK)

    assert len(digests()) == 1


def test_held_back_for_other_reasons_is_not_told(community, dani, ally):
    take_digest(dani, community)
    hold_back(dani, community, "a", reason="over budget")
    hold_back(dani, community, "b", reason="not subscribed")
    hold_back(dani, community, "c", state="sent", reason="")
    hold_back(dani, community, "d", expires_at=CUT - timedelta(minutes=1))
    hold_back(ally, community, "e")
    hold_back(dani, community, "f", scope="another")
    hold_back(dani, community, "g", reason="in the weekly digest")

    queue_weekly_digests(now=CUT)

    assert titles(digests()[0]) == ["g"]


def test_after_a_pause_comes_what_is_still_of_use(community, dani):
    row = take_digest(dani, community)
    hold_back(dani, community, "In the pause", reason="paused by the person")
    hold_back(
        dani,
        community,
        "Over by then",
        reason="paused by the person",
        expires_at=CUT + timedelta(days=3),
    )
    Subscription.objects.filter(pk=row.pk).update(paused_until=CUT + timedelta(days=5))

    assert queue_weekly_digests(now=CUT) == 0
    assert queue_weekly_digests(now=CUT + WEEK) == 1
    assert titles(digests()[0]) == ["In the pause"]


def test_held_and_new_is_told_once_with_its_day(community, dani):
    take_digest(dani, community)
    meeting = new_meeting(community, "Good sleep")
    hold_back(dani, community, "You are invited", digest_path=meeting.get_absolute_url())

    queue_weekly_digests(now=CUT)

    [digest] = digests()
    assert titles(digest) == ["Good sleep"]
    assert "Thursday 10 December" in digest.text


def test_held_newsletter_is_told_with_the_page_of_its_issue(community, priya, dani, mailbox):
    """From the sending to the digest, over the fence: who chose "fewer" gets one mail a week."""
    take_digest(dani, community, "newsletter")
    Subscription.objects.filter(mailing_list__kind="newsletter").update(in_digest=True)
    subscribe(priya, community)
    issue = make_approved(community, priya, subject="Kinder house rules")
    send_issue(issue=issue, by=priya, now=NOW)
    assert send_due(clock=lambda: NOW + timedelta(minutes=6)) == 1
    held = Delivery.objects.get(person=dani)
    assert (held.state, held.reason) == ("skipped", "in the weekly digest")

    queue_weekly_digests(now=CUT)
    assert send_due(clock=lambda: CUT) == 1

    message = mailbox.to(dani.email)[-1]
    text = message.get_body(("plain",)).get_content()
    assert "* Kinder house rules" in text
    assert issue.get_absolute_url() in text
    assert "%%" not in text
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("who", [one for one in CAST if one != "visitor"])
def test_digest_shows_each_of_the_cast_what_they_may_see(request, community, who):
    person = request.getfixturevalue(who)
    take_digest(person, community)
    for visibility in ("public", "members_and_allies", "members"):
        new_resource(community, f"resource {visibility}", visibility=visibility)
    for audience in ("public", "members_and_allies", "members_only"):
        new_meeting(community, f"meeting {audience}", audience=audience)
    new_meeting(community, "A draft", state="draft")
    new_resource(community, "Withdrawn", state="withdrawn", visibility="public")

    queue_weekly_digests(now=CUT)

    shown = {row.title for row in Meeting.objects.visible_to(person)}
    shown |= {row.title for row in Resource.objects.visible_to(person)}
    assert set(titles(digests(person)[0])) == shown
    assert "secret-room" not in digests(person)[0].text + digests(person)[0].html


def test_digest_only_for_those_who_take_it_now(community, dani, ally, lapsed, stranger):
    new_resource(community, "Drill card", visibility="public")
    take_digest(dani, community)
    unsubscribe_subscription(subscription=take_digest(ally, community), source="t", now=NOW)
    closed = make_member(community, "Carla Closed", is_active=False)
    take_digest(closed, community)
    subscribe(lapsed, community)

    assert queue_weekly_digests(now=CUT) == 1
    assert digests()[0].person == dani


@pytest.mark.parametrize(("status", "queued"), [("open", 1), ("closing", 1), ("paused", 0)])
def test_digest_only_of_communities_that_write(community, dani, status, queued):
    take_digest(dani, community)
    new_resource(community, "Drill card")
    Community.objects.update(status=status)

    assert queue_weekly_digests(now=CUT) == queued


def test_digest_needs_a_postal_address(community, dani, settings):
    take_digest(dani, community)
    new_resource(community, "Drill card")
    settings.POSTAL_ADDRESS = ""

    assert queue_weekly_digests(now=CUT) == 0


def test_digest_of_each_community_is_its_own(community, other_community, dani):
    Membership.objects.create(
        community=other_community, person=dani, category="member", joined_on=TUESDAY
    )
    for one in (community, other_community):
        update_subscriptions(
            person=dani, scope=one.public_id, kinds={"weekly_digest"}, source="test", now=NOW
        )
        new_resource(one, f"Of {one}")

    assert queue_weekly_digests(now=CUT) == 2
    assert sorted(titles(row) for row in digests()) == [["Of Every Door"], ["Of Social R&D"]]


def test_trouble_of_one_community_does_not_stop_the_others(
    community, other_community, dani, stranger, monkeypatch
):
    for person, one in ((dani, community), (stranger, other_community)):
        update_subscriptions(
            person=person, scope=one.public_id, kinds={"weekly_digest"}, source="test", now=NOW
        )
        new_resource(one, "Drill card")
    make = "newsletter.actions.digests.digest_email"
    from newsletter.emails import digest_email

    def fail_here(found, *rest):
        if found == community:
            raise ValueError("broken")
        return digest_email(found, *rest)

    monkeypatch.setattr(make, fail_here)

    assert queue_weekly_digests(now=CUT) == 1
    assert digests()[0].person == stranger


def test_first_digest_reaches_back_a_week_before_the_choice(community, dani):
    take_digest(dani, community)
    Subscription.objects.update(changed_at=CUT - timedelta(days=1))
    new_resource(community, "Before", at=CUT - timedelta(days=9))
    new_resource(community, "Since", at=CUT - timedelta(days=7))

    queue_weekly_digests(now=CUT)

    assert titles(digests()[0]) == ["Since"]


def test_hold_of_staff_counts(community, dani):
    take_digest(dani, community)
    new_resource(community, "Drill card")
    MailHold.objects.create(
        scope=community.public_id,
        prefix=f"weekly_digest:{community.public_id}:",
        action="cancel",
        at=NOW,
    )
    queue_weekly_digests(now=CUT)

    assert (digests()[0].state, digests()[0].reason) == ("cancelled", "stopped by staff")


def test_digest_in_french(community):
    amelie = make_member(community, "Amélie", language="fr")
    take_digest(amelie, community)
    new_meeting(community, "Bon sommeil")

    queue_weekly_digests(now=CUT)

    [digest] = digests()
    assert digest.language == "fr"
    assert "jeudi 10 décembre" in digest.text
    assert 'lang="fr"' in digest.html


def test_digest_is_short_and_light(community, dani):
    take_digest(dani, community)
    title = (
        "An uncommonly long title of a thing that was long in the making & is here at last. " * 2
    )
    for number in range(200):
        hold_back(dani, community, f"{number} {title}"[:200])
        new_resource(community, f"{number} {title}"[:160])

    queue_weekly_digests(now=CUT)

    [digest] = digests()
    assert len(titles(digest)) == 60
    assert "And 340 more in the library" in digest.text
    assert len(digest.html.encode()) < 100_000
    assert len(digest.subject) <= 255


def test_digest_leaves_most_of_many_to_the_library(community, dani):
    take_digest(dani, community)
    for number in range(32):
        new_resource(community, f"Card {number}")

    queue_weekly_digests(now=CUT)

    [digest] = digests()
    assert len(titles(digest)) == 20
    assert "And 12 more in the library:\nhttp://localhost:8000/every-door/library/" in digest.text


def test_hostile_titles_are_inert(community, dani):
    take_digest(dani, community)
    hold_back(
        dani, community, "<script>x</script>\r\nBcc: a@b.example\n\n* not a line {{ settings }}"
    )

    queue_weekly_digests(now=CUT)

    [digest] = digests()
    assert "<script>" not in digest.html
    assert "\n" not in digest.subject
    assert len(titles(digest)) == 1


@pytest.mark.parametrize("people", [1, 12])
def test_digest_asks_the_same_number_of_questions(community, people, django_assert_num_queries):
    for number in range(people):
        person = make_member(community, f"Member {number}")
        take_digest(person, community)
        for _ in range(people):
            hold_back(person, community)
    for number in range(people):
        new_resource(community, f"Card {number}")
        new_meeting(community, f"Meeting {number}")

    with django_assert_num_queries(QUESTIONS):
        assert queue_weekly_digests(now=CUT) == people


def test_six_other_days_ask_two_questions(community, dani, django_assert_num_queries):
    take_digest(dani, community)

    with django_assert_num_queries(2):
        queue_weekly_digests(now=CUT + timedelta(days=2))


@pytest.mark.django_db(transaction=True)
def test_four_clocks_at_once_queue_each_digest_once(community):
    for number in range(5):
        take_digest(make_member(community, f"Member {number}"), community)
    new_resource(community, "Drill card")

    def tick(_number):
        try:
            return queue_weekly_digests(now=CUT)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        queued = list(pool.map(tick, range(4)))

    assert sum(queued) == 5
    assert len(digests()) == 5
    assert User.objects.filter(deliveries__kind="weekly_digest").distinct().count() == 5
