import pytest
from django.utils import timezone

from newsletter.models import NewsletterIssue
from newsletter.tasks import make_due_drafts_task
from tests.newsletter.makers import make_issue

pytestmark = pytest.mark.django_db


def test_make_due_drafts_task_settles_and_drafts(community):
    today = timezone.now().date()
    left = make_issue(community, number=1, state="sending", sent_at=timezone.now(), send_on=today)
    due = make_issue(community, number=2, send_on=today, period_from=today)

    make_due_drafts_task()
    make_due_drafts_task()

    states = dict(NewsletterIssue.objects.values_list("number", "state"))
    assert states[left.number] == "sent"
    assert states[due.number] == "draft"


def test_make_due_drafts_task_goes_on_after_the_trouble_of_one(
    community, other_community, monkeypatch
):
    def fail_here(found, today):
        if found == community:
            raise ValueError("broken")
        make_issue(found, number=1)

    monkeypatch.setattr("newsletter.actions.drafting._ensure_next_issue", fail_here)

    make_due_drafts_task()

    assert NewsletterIssue.objects.get().community == other_community
