"""The board of outgoing mail at the desk: who sees what, what stands there, what the buttons do."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cop.core.mail import Email
from cop.core.models import AuditEvent
from meetings.actions import answer_rsvp
from meetings.forecast import planned_reminders
from newsletter.forecast import next_digest, planned_newsletters
from outbox.actions import find_mailing_list, queue_batch, queue_email, update_subscriptions
from outbox.models import Delivery, MailAlarm, MailBatch, MailHold, Purpose, SendGate, Subscription
from tests.conftest import CAST
from tests.factories import NOW, make_meeting, make_member, make_person, make_staff
from tests.newsletter.makers import make_issue

BOARD = "/desk/outgoing/"
HELLO = Email(subject="It moved", text="Hello", html="<p>Hello</p>")
DAY = timedelta(days=1)
PACIFIC = ZoneInfo("America/Vancouver")
PAGES = ["", "look/", "why/", "sending/"]


@pytest.fixture
def meeting(community):
    """In three days, at a time of day that is nobody's night."""
    day = timezone.now().astimezone(PACIFIC).date() + 3 * DAY
    return make_meeting(community, title="A calmer night shift", local_date=day)


@pytest.fixture
def going(meeting, dani):
    return answer_rsvp(meeting=meeting, person=dani, answer="going", now=timezone.now())


def queue(person, community, key="changed:abc:1:1", **fields):
    values = {"kind": "changed", "purpose": Purpose.TRANSACTIONAL, "email": HELLO} | fields
    queue_email(key=key, person=person, scope=community.public_id, **values)
    return Delivery.objects.get(key=key)


def make_batch(community, issue, people, now=None, **fields):
    now = now or timezone.now()
    for person in people:
        update_subscriptions(
            person=person, scope=community.public_id, kinds={"newsletter"}, source="t", now=now
        )
    listing = find_mailing_list(community.public_id, "newsletter")
    batch = queue_batch(
        key=f"newsletter:{issue.public_id}:1:members", kind="newsletter", mailing_list=listing,
        contents={"en": {"subject": issue.subject, "text": "N", "html": "<p>N</p>"}},
        recipients=Subscription.objects.filter(mailing_list=listing), now=now,
    )  # fmt: skip
    MailBatch.objects.filter(pk=batch.pk).update(**fields)
    return batch


def page(client, path=""):
    response = client.get(BOARD + path)
    assert response.status_code == 200, response
    return response.content.decode()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", CAST)
def test_outgoing_pages_are_for_coordinators_and_editors(request, sign_in, community, who, path):
    response = sign_in(request.getfixturevalue(who)).get(BOARD + path)
    allowed = who in {"priya", "outsider", "admin"}
    assert (response.status_code == 200) == allowed


@pytest.mark.parametrize(
    ("role", "status"),
    [("editor", 200), ("reviewer", 404), ("facilitator", 404), ("librarian", 404)],
)
def test_outgoing_pages_by_role(sign_in, community, role, status):
    client = sign_in(make_staff(community, role))
    assert client.get(BOARD).status_code == status
    target = {"mail": f"{community.public_id}|weekly_digest:abc:"}
    assert client.post(BOARD + "hold/", target).status_code == (302 if status == 200 else 404)


def test_editors_see_and_touch_newsletters_and_digests_only(sign_in, community, going, meeting):
    client = sign_in(make_staff(community, "editor"))
    assert "A calmer night shift" not in page(client)
    target = {"mail": f"{community.public_id}|reminder:{meeting.public_id}:"}
    for path in ("hold/", "release/", "stop/"):
        assert client.post(BOARD + path, target).status_code == 404
    for kind in ("rsvp_confirmed", "weekly_digest"):
        Delivery.objects.create(
            key=f"x:{kind}", kind=kind, purpose="transactional", person=going.person,
            subject=f"About {kind}", due_at=NOW, scope=community.public_id, priority=10,
        )  # fmt: skip
    listed = client.get("/desk/outbox/delivery/").content.decode()
    assert "About weekly_digest" in listed
    assert "About rsvp_confirmed" not in listed
    other = Delivery.objects.get(key="x:rsvp_confirmed")
    assert client.get(f"/desk/outbox/delivery/{other.pk}/change/").status_code in {302, 404}


@pytest.mark.parametrize("who", CAST)
def test_each_sees_the_mail_of_their_own_communities(
    request, sign_in, going, meeting, who, mailbox
):
    response = sign_in(request.getfixturevalue(who)).get(BOARD)
    assert (b"A calmer night shift" in response.content) == (who in {"priya", "admin"})


def test_board_shows_planned_reminders_by_day(sign_in, priya, going):
    html = page(sign_in(priya))
    for words in (
        "Reminder, the day before",
        "Reminder with the link",
        "to 1 person",
        "9:30 a.m. Pacific time",
        "10:00 a.m. Pacific time",
        "Planned",
    ):
        assert words in html
    assert "MST" not in html


def test_planned_reminders_follow_everybodys_quiet_hours(community, meeting, dani, going):
    """At six in the morning the day before, Vancouver sleeps and Halifax does not."""
    early = make_meeting(community, local_time=time(6), local_date=meeting.local_date)
    for name, zone in (("Pam", "America/Vancouver"), ("Hal", "America/Halifax")):
        person = make_member(community, name, timezone=zone)
        answer_rsvp(meeting=early, person=person, answer="going", now=timezone.now())

    lines = planned_reminders(None, now=timezone.now(), until=timezone.now() + 7 * DAY)

    eve, link, thanks = (line for line in lines if line.about == early)
    assert (eve.count, link.count, thanks.count) == (2, 2, 2)
    assert thanks.at_most
    assert thanks.first_at == early.ends_at + timedelta(hours=1)
    assert eve.last_at == early.starts_at - DAY
    assert eve.first_at.astimezone(PACIFIC).strftime("%H:%M") == "19:59"
    assert link.first_at == early.starts_at - timedelta(minutes=30)


def test_planned_reminders_leave_out_who_does_not_get_one(community, meeting, lapsed, ally):
    answer_rsvp(meeting=meeting, person=ally, answer="not_going", now=timezone.now())
    [eve, _link, _thanks] = planned_reminders(
        None, now=timezone.now(), until=timezone.now() + 7 * DAY
    )
    assert eve.count == 0
    community.status = "paused"
    community.save(update_fields=["status"])
    assert planned_reminders(None, now=timezone.now(), until=timezone.now() + 7 * DAY) == []


def test_planned_newsletters_and_digest(community, dani, ally):
    issue = make_issue(community, send_on=(NOW + 2 * DAY).date(), state="approved")
    for person, kinds in ((dani, {"newsletter", "weekly_digest"}), (ally, {"newsletter"})):
        update_subscriptions(
            person=person, scope=community.public_id, kinds=kinds, source="t", now=NOW
        )
    lines = planned_newsletters([community], now=NOW, until=NOW + 7 * DAY)
    news, digest = lines
    assert (news.about, news.count, news.first_at) == (issue, 2, None)
    assert (digest.kind, digest.count, digest.at_most) == ("weekly_digest", 1, True)
    assert digest.on.astimezone(PACIFIC).strftime("%a %H:%M") == "Tue 09:00"
    assert next_digest("America/Vancouver", digest.on) == digest.on + 7 * DAY


def test_hold_and_release_of_planned_reminders(sign_in, priya, going, meeting):
    client = sign_in(priya)
    target = {"mail": f"{meeting.community.public_id}|reminder:{meeting.public_id}:"}

    told = client.post(BOARD + "hold/", target, follow=True).content.decode()
    assert "its reminders are on hold" in told
    assert "Somebody of the team put it on hold." in told
    assert MailHold.objects.get().action == "hold"
    event = AuditEvent.objects.get(action="mail_held")
    assert (event.object_type, event.object_id) == ("meetings.meeting", meeting.public_id)

    told = client.post(BOARD + "release/", target, follow=True).content.decode()
    assert "will be sent when its time comes" in told
    assert not MailHold.objects.exists()


def test_stop_asks_first_and_can_be_undone_for_what_is_planned(sign_in, priya, going, meeting):
    client = sign_in(priya)
    target = {"mail": f"{meeting.community.public_id}|reminder:{meeting.public_id}:"}

    asked = client.get(BOARD + "stop/", target).content.decode()
    assert "No reminder of this meeting will leave" in asked
    assert not MailHold.objects.exists()

    told = client.post(BOARD + "stop/", target, follow=True).content.decode()
    assert "Will not be sent" in told
    assert "Send it after all" in told
    client.post(BOARD + "release/", target)
    assert "Planned" in page(client)


def test_buttons_of_another_community_do_nothing(sign_in, outsider, going, meeting, dani):
    row = queue(dani, meeting.community)
    client = sign_in(outsider)
    mine = outsider.role_grants.get().community.public_id
    for target in (
        f"{meeting.community.public_id}|changed:abc:",
        f"{mine}|reminder:{meeting.public_id}:",
        "nonsense",
        f"{mine}|reminder:%",
    ):
        for verb in ("hold", "release", "stop", "move"):
            assert client.post(f"{BOARD}{verb}/", {"mail": target}).status_code == 404
    row.refresh_from_db()
    assert row.state == "queued"


def test_buttons_do_nothing_by_get(sign_in, priya, dani, community):
    queue(dani, community)
    client, target = sign_in(priya), {"mail": f"{community.public_id}|changed:abc:"}
    assert client.get(BOARD + "hold/", target).status_code == 405
    assert client.get(BOARD + "release/", target).status_code == 405
    assert client.get(BOARD + "stop/", target).status_code == 200
    assert Delivery.objects.get().state == "queued"


def test_buttons_ask_for_the_token_of_the_form(priya, dani, community, sign_in):
    from django.test import Client

    queue(dani, community)
    signed_in = sign_in(priya)
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in.cookies
    answer = client.post(BOARD + "hold/", {"mail": f"{community.public_id}|changed:abc:"})
    assert answer.status_code == 403


def test_move_warns_at_night_and_keeps_to_the_end(sign_in, priya, dani, community):
    row = queue(dani, community, expires_at=timezone.now() + 3 * DAY)
    client, target = sign_in(priya), f"{community.public_id}|changed:abc:"
    tomorrow = (timezone.now().astimezone(PACIFIC) + DAY).date()

    html = client.post(
        BOARD + "move/", {"mail": target, "day": tomorrow, "at": "23:00"}
    ).content.decode()
    assert "8 in the evening" in html
    assert "Yes, at night" in html
    client.post(BOARD + "move/", {"mail": target, "day": tomorrow, "at": "10:15"})
    row.refresh_from_db()
    assert row.due_at.astimezone(PACIFIC).strftime("%H:%M") == "10:15"
    told = client.post(
        BOARD + "move/", {"mail": target, "day": tomorrow + 3 * DAY, "at": "10:15"}, follow=True
    )
    assert "of no use any more" in told.content.decode()


def test_reminders_cannot_be_moved(sign_in, priya, going, meeting):
    target = f"{meeting.community.public_id}|reminder:{meeting.public_id}:"
    assert sign_in(priya).get(BOARD + "move/", {"mail": target}).status_code == 404


def test_personal_mail_is_one_line(sign_in, priya, dani, ally, community):
    for number, person in enumerate((dani, ally, dani)):
        queue(person, community, key=f"rsvp:{number}", kind=f"kind{number}")
    queue(None, community, key="code", purpose=Purpose.SECURITY, address="x@people.example")
    html = page(sign_in(priya))
    assert html.count("Answers and personal mail") == 1
    assert "3 mails" in html
    assert dani.email not in html


def test_progress_of_a_newsletter_never_says_done_alone(sign_in, priya, community, dani, ally):
    issue = make_issue(community, state="sending", sent_at=timezone.now())
    funder = make_member(community, "Una")
    batch = make_batch(community, issue, [dani, ally, funder])
    rows = list(batch.deliveries.order_by("key"))
    now = timezone.now()
    Delivery.objects.filter(pk=rows[0].pk).update(state="sent", ended_at=now)
    Delivery.objects.filter(pk=rows[1].pk).update(
        state="skipped", reason="unsubscribed", ended_at=now
    )
    Delivery.objects.filter(pk=rows[2].pk).update(due_at=now)
    client = sign_in(priya)

    html = page(client)
    assert "Being sent" in html
    assert 'hx-trigger="every 5s"' in html
    for words in (
        "<strong>1</strong> sent",
        "<strong>1</strong> skipped",
        "<strong>0</strong> unclear",
    ):
        assert words in html
    assert "They stopped this kind of mail." in html
    fragment = page(client, "sending/")
    assert "<html" not in fragment
    assert 'hx-trigger="every 5s"' in fragment

    Delivery.objects.filter(pk=rows[2].pk).update(state="sent", ended_at=now)
    assert 'hx-trigger="every 5s"' not in page(client)
    assert "Sent to many in the last days" in page(client)
    assert 'hx-trigger="every 5s"' not in page(client, "sending/")


def test_a_newsletter_is_paused_and_resumed_from_the_board(sign_in, priya, community, dani):
    issue = make_issue(community, state="sending", sent_at=timezone.now())
    batch = make_batch(community, issue, [dani])
    target = {"mail": f"{community.public_id}|newsletter:{issue.public_id}:1:"}
    client = sign_in(priya)

    client.post(BOARD + "hold/", target)
    batch.refresh_from_db()
    assert batch.state == "paused"
    html = page(client)
    assert "On hold" in html
    assert "Release" in html
    client.post(BOARD + "release/", target)
    batch.refresh_from_db()
    assert batch.state == "sending"
    told = client.post(BOARD + "stop/", target, follow=True).content.decode()
    assert "Stopped: 1 mail." in told
    assert AuditEvent.objects.filter(
        object_type="newsletter.newsletterissue", action="mail_cancelled"
    ).exists()


def test_needs_a_look_shows_what_stopped_by_itself(sign_in, priya, community, dani, ally):
    issue = make_issue(community, state="sending", sent_at=timezone.now())
    batch = make_batch(community, issue, [dani], state="paused", reason="too many failures")
    row = queue(ally, community)
    Delivery.objects.filter(pk=row.pk).update(
        state="uncertain", reason="the server did not answer", ended_at=timezone.now()
    )
    failed = queue(dani, community, key="rsvp:1")
    Delivery.objects.filter(pk=failed.pk).update(
        state="failed", reason="bad address", ended_at=timezone.now()
    )
    client = sign_in(priya)
    assert "2 things need a look" in page(client)

    html = page(client, "look/")
    for words in ("the sending stopped by itself", "Resume", "Send again", "Leave it",
                  "There is no such address."):  # fmt: skip
        assert words in html

    chosen = {"scope": community.public_id, "mail": row.pk, "then": "leave"}
    client.post(BOARD + "decide/", chosen)
    target = {"mail": f"{community.public_id}|newsletter:{issue.public_id}:1:", "back": "look"}
    response = client.post(BOARD + "release/", target)
    assert response["Location"] == BOARD + "look/"
    batch.refresh_from_db()
    assert (batch.state, batch.resumed_at is not None) == ("sending", True)
    assert "Send again" not in page(client, "look/")


def test_decide_sends_again_and_keeps_to_ones_own(sign_in, priya, outsider, community, dani):
    row = queue(dani, community)
    Delivery.objects.filter(pk=row.pk).update(state="uncertain", ended_at=timezone.now())
    chosen = {"scope": community.public_id, "mail": row.pk, "then": "again"}
    assert sign_in(outsider).post(BOARD + "decide/", chosen).status_code == 404
    other = {**chosen, "scope": outsider.role_grants.get().community.public_id}
    sign_in(outsider).post(BOARD + "decide/", other)
    row.refresh_from_db()
    assert row.state == "uncertain"
    sign_in(priya).post(BOARD + "decide/", chosen)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("queued", "possible repeat")
    assert sign_in(priya).post(BOARD + "decide/", {**chosen, "mail": "x"}).status_code == 404


def test_a_closed_gate_is_explained(sign_in, priya, admin, community):
    SendGate.objects.update_or_create(
        pk=1, defaults={"environment": "0" * 32, "changed_at": timezone.now()}
    )
    html = page(sign_in(priya), "look/")
    assert "No mail leaves this site" in html
    assert "adopt_database" not in html
    assert "adopt_database" in page(sign_in(admin), "look/")


def test_mail_set_aside_in_a_copy_is_released_as_one(sign_in, priya, community, dani):
    queue(dani, community, key="rsvp:1", held="restored copy")
    client = sign_in(priya)
    assert "Set aside when this copy" in page(client, "look/")
    client.post(BOARD + "release/", {"mail": f"{community.public_id}|", "back": "look"})
    assert Delivery.objects.get().state == "queued"


def test_the_tab_counts_what_stands_on_its_page(sign_in, priya, community, dani, meeting):
    queue(dani, community, key="rsvp:1", held="restored copy")
    queue(dani, community, key=f"changed:{meeting.public_id}:1:1", held="waits for release")
    queue(dani, community, key="changed:abc:1:1", held="held by staff")
    client = sign_in(priya)
    count = '<span class="outgoing-count">2</span>'
    assert count in page(client)
    html = page(client, "look/")
    assert count in html
    assert "Waits for your word" in html
    client.post(
        BOARD + "release/",
        {"mail": f"{community.public_id}|changed:{meeting.public_id}:", "back": "look"},
    )
    assert '<span class="outgoing-count">1</span>' in page(client)


def test_alarms_are_told_once_in_words_to_whom_they_concern(sign_in, priya, admin, community):
    now, ours = timezone.now(), community.public_id
    for name, scope in (
        ("late", ""), ("bounce mailbox", ""), ("count:newsletter:x:1:members", ours),
        (f"held:{ours}", ours), (f"unclear:{ours}", ours), ("count:foreign", "elsewhere"),
    ):  # fmt: skip
        MailAlarm.objects.create(name=name, scope=scope, detail="3", since=now)
    html = page(sign_in(priya), "look/")
    assert "not the number of its recipients" in html
    for hidden in ("foreign", "held:", "unclear:", "half an hour", "returned mail"):
        assert hidden not in html
    html = page(sign_in(admin), "look/")
    for words in ("3 mails should have left", "returned mail comes in"):
        assert words in html


def count_queries(client, path=""):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(client, path)
    return len(queries)


@pytest.mark.parametrize("path", ["", "look/"])
def test_number_of_queries_does_not_grow(sign_in, priya, community, dani, path):
    client = sign_in(priya)
    page(client, path)
    day = timezone.now().astimezone(PACIFIC).date() + 2 * DAY

    def fill(first, last):
        for number in range(first, last):
            meeting = make_meeting(community, title=f"Meeting {number}", local_date=day)
            answer_rsvp(meeting=meeting, person=dani, answer="going", now=timezone.now())
            key = f"changed:{meeting.public_id}:1:1"
            queue(make_person(), community, key=key)
            row = queue(make_person(), community, key=f"rsvp:x{number}")
            Delivery.objects.filter(pk=row.pk).update(state="uncertain", ended_at=timezone.now())
            issue = make_issue(
                community, number=number + 10, state="sending", sent_at=timezone.now(),
                period_from=day + number * DAY,
            )  # fmt: skip
            make_batch(community, issue, [dani], state="paused", reason="policy")

    fill(0, 1)
    one = count_queries(client, path)
    fill(1, 6)
    assert count_queries(client, path) == one


def test_a_thousand_lines_and_long_names(sign_in, priya, community, dani):
    name = "Überlebenskunst " * 9
    meetings = [make_meeting(community, title=name[:160]) for _ in range(3)]
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(
            key=f"changed:{meetings[n % 3].public_id if n < 9 else n}:{n}:1", kind="changed",
            purpose="transactional", priority=10, scope=community.public_id, person=dani,
            due_at=now + timedelta(minutes=n),
        )
        for n in range(1000)
    )  # fmt: skip
    html = page(sign_in(priya))
    assert name.strip()[:100] in html
    assert "to 3 people" in html


def test_the_start_page_of_the_desk_leads_to_the_board(sign_in, priya, community):
    client = sign_in(priya)
    assert BOARD in client.get("/desk/").content.decode()
    assert client.get("/desk/outbox/")["Location"] == BOARD


def test_issue_that_has_not_begun_is_taken_back_on_its_page(sign_in, community, priya, dani):
    issue = make_issue(community, state="sending")
    later = timezone.now() + timedelta(minutes=30)
    make_batch(community, issue, [dani])
    Delivery.objects.update(due_at=later)

    html = page(sign_in(priya))

    assert "Take it back" in html
    assert f"/newsletter/newsletterissue/{issue.pk}/change/" in html
    assert "outgoing/stop/?mail" not in html


@pytest.mark.parametrize("path", ["outbox/delivery/", "outbox/subscription/"])
def test_lists_of_mail_find_names_without_their_accents(sign_in, community, priya, path):
    luc = make_member(community, "Luc Théberge ʔaƛ̓uy")
    make_batch(community, make_issue(community, state="sending"), [luc])
    client = sign_in(priya)
    for words in ("theberge", "Théberge luc", "ʔa"):
        assert "Luc Théberge" in client.get(f"/desk/{path}", {"q": words}).content.decode()
    assert "Luc Théberge" not in client.get(f"/desk/{path}", {"q": "nobody"}).content.decode()
