"""What leaves by the clock, what stays, and who is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection

from newsletter.actions import cancel_send, clock, schedule_issue, send_scheduled
from newsletter.actions.scheduling import back_to_approved, planned_instant
from newsletter.models import NewsletterIssue
from outbox.models import Delivery
from tests.factories import NOW, make_staff
from tests.newsletter.makers import SECRET, make_approved, make_issue, make_item, subscribe

pytestmark = pytest.mark.django_db
AT = datetime(2026, 12, 1, 17, tzinfo=UTC)
MINUTE, HOUR, DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def issue(community, priya, dani):
    subscribe(dani, community)
    issue = make_approved(community, priya)
    schedule_issue(issue=issue, by=priya, day=date(2026, 12, 1), wall=time(10), now=NOW)
    return issue


def state_of(issue):
    issue.refresh_from_db()
    return issue.state


def told(kind):
    return list(Delivery.objects.filter(kind=kind).order_by("pk"))


def test_send_scheduled_waits_until_five_minutes_before(issue):
    assert send_scheduled(now=AT - 6 * MINUTE) == 0
    assert send_scheduled(now=AT - 5 * MINUTE) == 1

    assert state_of(issue) == "sending"
    assert issue.sent_at == AT
    assert Delivery.objects.get(kind="newsletter").due_at == AT


def test_send_scheduled_late_still_leaves_time_to_take_it_back(issue):
    now = AT + 2 * HOUR

    assert send_scheduled(now=now) == 1

    issue.refresh_from_db()
    assert issue.sent_at == now + 5 * MINUTE


def test_send_scheduled_again_changes_nothing(issue):
    send_scheduled(now=AT)

    assert send_scheduled(now=AT + MINUTE) == 0
    assert Delivery.objects.filter(kind="newsletter").count() == 1


def test_send_scheduled_counts_who_stopped_it_until_the_last_minute(issue, community, ally):
    row = subscribe(ally, community)
    row.state = "unsubscribed"
    row.save()

    send_scheduled(now=AT - 5 * MINUTE)

    issue.refresh_from_db()
    assert issue.not_sent_to["unsubscribed"] == 1
    assert Delivery.objects.filter(kind="newsletter").count() == 1


def test_send_scheduled_six_hours_late_is_sent_and_later_is_not(issue, priya):
    assert send_scheduled(now=AT + 6 * HOUR + MINUTE) == 0

    assert state_of(issue) == "approved"
    assert issue.scheduled_at is None
    assert not Delivery.objects.filter(kind="newsletter").exists()
    [mail] = told("newsletter_missed")
    assert mail.person == priya
    assert "was not running" in mail.text
    assert f"/newsletterissue/{issue.pk}/change/" in mail.text
    # Nothing is caught up by the next tick.
    assert send_scheduled(now=AT + 7 * HOUR) == 0
    assert len(told("newsletter_missed")) == 1


def test_send_scheduled_exactly_six_hours_late_is_sent(issue):
    assert send_scheduled(now=AT + 6 * HOUR) == 1


def no_address(issue, settings):
    settings.POSTAL_ADDRESS = ""


def secret_link(issue, settings):
    make_item(issue, "Leak", text=f"[here]({SECRET})")
    from tests.factories import make_meeting

    make_meeting(issue.community, audience="public", join_url=SECRET)


def too_long(issue, settings):
    make_item(issue, "Long", text="Words and more words. " * 5000)


def too_few(issue, settings):
    issue.items.first().delete()


def paused(issue, settings):
    type(issue.community).objects.update(status="paused")


def nobody(issue, settings):
    from outbox.models import Subscription

    Subscription.objects.all().delete()


@pytest.mark.parametrize(
    ("spoil", "english", "french"),
    [
        (no_address, "postal address", "adresse postale"),
        (secret_link, "meeting room", "salle de réunion"),
        (too_long, "so long", ""),
        (too_few, "Fewer than three", ""),
        (paused, "paused or archived", ""),
        (nobody, "nobody to send it to", ""),
    ],
)
def test_send_scheduled_tells_each_editor_what_stops_it(
    issue, community, settings, spoil, english, french
):
    editor = make_staff(community, "editor")
    type(editor).objects.filter(pk=editor.pk).update(language="fr")
    spoil(issue, settings)

    assert send_scheduled(now=AT) == 0
    assert send_scheduled(now=AT) == 0

    assert state_of(issue) == "approved"
    assert not Delivery.objects.filter(kind="newsletter").exists()
    mails = {mail.language: mail for mail in told("newsletter_missed")}
    assert len(told("newsletter_missed")) == 2
    assert english in mails["en"].text
    assert english not in mails["fr"].text
    assert french.split(" ")[0] in mails["fr"].text


def test_send_scheduled_goes_on_after_the_trouble_of_one(issue, other_community, outsider, dani):
    subscribe(dani, other_community)
    other = make_approved(other_community, outsider)
    schedule_issue(issue=other, by=outsider, day=date(2026, 12, 1), wall=time(10), now=NOW)
    real = clock.freeze

    def fail_here(found, **more):
        if found.pk == issue.pk:
            raise ValueError("broken")
        return real(found, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "freeze", fail_here)
        assert send_scheduled(now=AT) == 1

    assert (state_of(issue), state_of(other)) == ("scheduled", "sending")


def tick_together(now):
    def tick(_number):
        try:
            return send_scheduled(now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(tick, range(4)))


@pytest.mark.django_db(transaction=True)
def test_clocks_that_tick_together_send_once(issue):
    assert tick_together(AT) == 1
    assert Delivery.objects.filter(kind="newsletter").count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_lock_and_condition_they_send_more_than_once(issue, monkeypatch):
    """The row lock, the conditional update and the unique keys gone: the same test must fail."""
    from newsletter.actions import sending

    def look_first(found):
        return NewsletterIssue.objects.select_related("community").get(pk=found.pk)

    def take(found, *, states, sent_at):
        sending.NewsletterIssue.objects.filter(pk=found.pk).update(state="sending", sent_at=sent_at)
        found.sent_at = sent_at

    counter = iter(range(100))
    monkeypatch.setattr(clock, "_lock", look_first)
    monkeypatch.setattr(sending, "_take", take)
    monkeypatch.setattr(sending, "batch_prefix", lambda found: f"newsletter:x:{next(counter)}:")
    monkeypatch.setattr(clock, "_due", lambda now: [NewsletterIssue.objects.get(pk=issue.pk)])

    assert tick_together(AT) > 1
    assert Delivery.objects.filter(kind="newsletter").count() > 1


def test_lock_passes_over_what_was_called_back_meanwhile(issue, priya):
    stale = NewsletterIssue.objects.get(pk=issue.pk)
    back_to_approved(issue, "issue_unscheduled", by=priya)

    assert clock._lock(stale) is None


# --- communities whose newsletters leave by themselves ---


@pytest.fixture
def own_way(community, priya, dani):
    """A draft that nobody approved, in a community that wants it to leave by itself."""
    type(community).objects.update(newsletter_sends_itself=True)
    subscribe(dani, community)
    issue = make_issue(community, state="draft", send_on=date(2026, 12, 8))
    for number in range(3):
        make_item(issue, f"Item {number}")
    return issue


def tell(issue):
    at = planned_instant(issue)
    send_scheduled(now=at - 3 * DAYS)
    Delivery.objects.filter(kind="newsletter_leaves_by_itself").update(state="sent", ended_at=NOW)
    return at


def test_editors_hear_three_days_before(own_way, priya):
    at = planned_instant(own_way)
    send_scheduled(now=at - 3 * DAYS - MINUTE)
    assert not told("newsletter_leaves_by_itself")

    send_scheduled(now=at - 3 * DAYS)
    send_scheduled(now=at - 3 * DAYS + MINUTE)

    [mail] = told("newsletter_leaves_by_itself")
    assert mail.person == priya
    assert "Tuesday 8 December, 10:00 a.m. Pacific time" in mail.text
    assert f"/newsletterissue/{own_way.pk}/change/" in mail.text
    assert mail.expires_at == at


@pytest.mark.parametrize("state", ["draft", "editing", "test_sent", "approved"])
def test_it_leaves_by_itself_on_its_day(own_way, state):
    NewsletterIssue.objects.update(state=state)
    at = tell(own_way)

    assert send_scheduled(now=at - 6 * MINUTE) == 0
    assert send_scheduled(now=at - 5 * MINUTE) == 1

    assert state_of(own_way) == "sending"
    assert own_way.sent_at == at
    assert not told("newsletter_missed")


@pytest.mark.parametrize("state", ["collecting", "held"])
def test_it_does_not_leave_when_somebody_held_it(own_way, state):
    at = tell(own_way)
    NewsletterIssue.objects.update(state=state)

    assert send_scheduled(now=at) == 0


def test_nothing_leaves_by_itself_where_nobody_chose_it(own_way, community):
    at = tell(own_way)
    type(community).objects.update(newsletter_sends_itself=False)

    assert send_scheduled(now=at) == 0
    assert not told("newsletter_missed")


def test_it_stays_when_nobody_could_be_told(own_way):
    at = planned_instant(own_way)

    assert send_scheduled(now=at) == 0

    [mail] = told("newsletter_missed")
    assert "Nobody could be told" in mail.text


def test_it_stays_when_the_notice_never_arrived(own_way):
    at = tell(own_way)
    Delivery.objects.update(state="failed")

    assert send_scheduled(now=at) == 0
    assert state_of(own_way) == "draft"


def test_it_stays_when_something_is_wrong_and_says_so_once(own_way):
    at = tell(own_way)
    own_way.items.first().delete()

    assert [send_scheduled(now=at + n * MINUTE) for n in range(3)] == [0, 0, 0]

    [mail] = told("newsletter_missed")
    assert "Fewer than three" in mail.text
    assert state_of(own_way) == "draft"


def test_it_stays_without_a_subject(own_way):
    at = tell(own_way)
    NewsletterIssue.objects.update(subject="")

    assert send_scheduled(now=at) == 0
    assert "no subject" in told("newsletter_missed")[0].text


def test_it_stays_after_an_outage(own_way):
    at = tell(own_way)

    assert send_scheduled(now=at + 7 * HOUR) == 0
    assert "was not running" in told("newsletter_missed")[0].text


def test_another_day_needs_another_notice(own_way):
    tell(own_way)
    NewsletterIssue.objects.update(send_on=date(2026, 12, 9))
    own_way.refresh_from_db()

    assert send_scheduled(now=planned_instant(own_way)) == 0


def test_taken_back_it_waits_for_a_person(own_way, priya):
    at = tell(own_way)
    send_scheduled(now=at - 5 * MINUTE)
    own_way.refresh_from_db()

    cancel_send(issue=own_way, by=priya, now=at - MINUTE)

    assert state_of(own_way) == "editing", "nobody ever approved it"
    assert send_scheduled(now=at) == 0
    assert set(Delivery.objects.filter(kind="newsletter").values_list("state", flat=True)) == {
        "cancelled"
    }
