"""Pause, go on, stop; and the undo before."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from newsletter.actions import (
    cancel_send,
    pause_sending,
    resume_sending,
    send_issue,
    settle_issues,
    stop_sending,
)
from newsletter.actions.running import State
from newsletter.models import NewsletterIssue
from newsletter.progress import progress_of
from outbox.actions import send_due
from outbox.models import Delivery, MailBatch
from tests.clock import next_noon
from tests.factories import make_member, make_staff
from tests.newsletter.makers import make_approved, subscribe

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def running(community, priya, dani, ally):
    """Two recipients in two editions, the first mails due now."""
    now = next_noon()
    for person in (dani, ally):
        subscribe(person, community)
    issue = make_approved(community, priya)
    send_issue(issue=issue, by=priya, now=now)
    issue.refresh_from_db()
    return issue, now + 6 * MINUTE


def states():
    return sorted(Delivery.objects.filter(kind="newsletter").values_list("state", flat=True))


def test_pause_sending_holds_all_editions_until_somebody_goes_on(running, priya, mailbox):
    issue, later = running

    assert pause_sending(issue=issue, by=priya, now=later, reason="A wrong date in it") == 2
    assert send_due(clock=lambda: later) == 0
    progress = progress_of(issue, now=later)
    assert (progress.is_paused, progress.pause_reason) == (True, "A wrong date in it")
    assert settle_issues(now=later) == 0

    assert resume_sending(issue=issue, by=priya, now=later) == 2
    assert send_due(clock=lambda: later) == 2
    assert settle_issues(now=later) == 1
    actions = AuditEvent.objects.filter(object_id=issue.public_id).values_list("action", flat=True)
    assert {"mail_held", "mail_released"} <= set(actions)


def test_pause_sending_twice_says_so(running, priya):
    issue, later = running
    pause_sending(issue=issue, by=priya, now=later)

    with pytest.raises(ActionError, match="paused already"):
        pause_sending(issue=issue, by=priya, now=later)


def test_resume_sending_that_runs_says_so(running, priya):
    issue, later = running

    with pytest.raises(ActionError, match="held"):
        resume_sending(issue=issue, by=priya, now=later)


def test_resume_sending_after_it_paused_by_itself(running, priya, mailbox):
    issue, later = running
    MailBatch.objects.update(state="paused", reason="too many failures")

    resume_sending(issue=issue, by=priya, now=later)

    assert send_due(clock=lambda: later) == 2


def test_stop_sending_leaves_out_the_rest(running, priya, dani, mailbox):
    issue, later = running
    rows = Delivery.objects.filter(kind="newsletter")
    rows.filter(person=dani).update(state="sent", ended_at=later)

    assert stop_sending(issue=issue, by=priya, now=later) == 1

    issue.refresh_from_db()
    assert issue.state == State.SENT
    assert states() == ["cancelled", "sent"]
    assert send_due(clock=lambda: later) == 0
    progress = progress_of(issue, now=later)
    assert (progress.sent, progress.stopped, progress.waiting) == (1, 1, 0)
    with pytest.raises(ActionError, match="not being sent"):
        resume_sending(issue=issue, by=priya, now=later)


def test_stop_sending_while_it_can_be_taken_back_says_so(running, priya):
    issue, later = running

    with pytest.raises(ActionError, match="take the sending back"):
        stop_sending(issue=issue, by=priya, now=later - 5 * MINUTE)
    assert states() == ["queued", "queued"]


@pytest.mark.parametrize("step", [pause_sending, resume_sending, stop_sending])
def test_steps_are_for_editors_and_coordinators(running, community, dani, step):
    issue, later = running
    MailBatch.objects.update(state="paused" if step is resume_sending else "sending")
    with pytest.raises(ActionError, match="Only editors"):
        step(issue=issue, by=dani, now=later)

    step(issue=issue, by=make_staff(community, "editor"), now=later)


@pytest.mark.parametrize("state", ["approved", "scheduled", "sent", "closed", "draft"])
@pytest.mark.parametrize("step", [pause_sending, resume_sending, stop_sending])
def test_steps_need_an_issue_on_its_way(running, priya, step, state):
    issue, later = running
    NewsletterIssue.objects.update(state=state, scheduled_at=later)

    with pytest.raises(ActionError, match="not being sent"):
        step(issue=issue, by=priya, now=later)


def test_cancel_send_of_a_paused_issue_takes_all_back(running, priya):
    issue, later = running
    pause_sending(issue=issue, by=priya, now=later - 5 * MINUTE)

    cancel_send(issue=issue, by=priya, now=later - 4 * MINUTE)

    issue.refresh_from_db()
    assert issue.state == "approved"
    assert states() == ["cancelled", "cancelled"]


@pytest.mark.django_db(transaction=True)
def test_two_browsers_one_stops_and_one_pauses(running, priya):
    """Whoever comes second is told; nothing is half stopped."""
    issue, later = running

    def press(step):
        try:
            step(issue=issue, by=priya, now=later)
        except ActionError as error:
            return str(error)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(press, [stop_sending, stop_sending, stop_sending, stop_sending]))

    assert said.count("") == 1
    assert states() == ["cancelled", "cancelled"]


def test_progress_counts_what_waits_for_a_morning(running, community, priya):
    issue, later = running
    rows = Delivery.objects.filter(kind="newsletter")
    first = rows.first()
    rows.filter(pk=first.pk).update(due_at=later + timedelta(hours=9))

    progress = progress_of(issue, now=later)

    assert (progress.total, progress.waiting, progress.later) == (2, 2, 1)
    assert progress.last_due == later + timedelta(hours=9)
    assert progress.minutes_left is None


def test_progress_estimates_the_minutes_left(running, community, priya):
    issue, later = running
    batch = MailBatch.objects.get(key__endswith=":members")
    people = [make_member(community, f"M{n}") for n in range(30)]
    Delivery.objects.bulk_create(
        Delivery(
            key=f"x:{n}", purpose="newsletter", kind="newsletter", priority=1, person=one,
            scope=community.public_id, due_at=later, mailing_list=batch.mailing_list, batch=batch,
            state="sent" if n < 20 else "queued", ended_at=later if n < 20 else None,
        )
        for n, one in enumerate(people)
    )  # fmt: skip

    progress = progress_of(issue, now=later + 5 * MINUTE / 10)

    # Twenty in a minute and a half, twelve to go.
    assert progress.sent == 20
    assert progress.waiting == 12
    assert progress.minutes_left == 1
