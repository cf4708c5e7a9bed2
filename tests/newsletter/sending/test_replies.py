"""Answers come to the community's own mailbox; whoever reads it says how many there were."""

import pytest
from django.urls import reverse

from cop.core.errors import ActionError
from newsletter.actions import note_replies
from tests.newsletter.makers import make_issue

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(community):
    return make_issue(community, state="closed")


def address(issue, name="report"):
    return reverse(f"admin:newsletter_issue_{name}", args=[issue.pk])


def test_the_report_tells_what_was_counted(issue, priya, sign_in):
    client = sign_in(priya)
    assert "as you counted them" not in client.get(address(issue)).content.decode()
    body = client.post(address(issue), {"replies": "5"}, follow=True).content.decode()
    assert "Answers, as you counted them" in body
    issue.refresh_from_db()
    assert issue.replies == 5
    table = client.get(address(issue, "report-csv")).content.decode()
    assert '"Answers, as you counted them",5' in table or "counted them,5" in table


@pytest.mark.parametrize("typed", ["", "-1", "five", "1.5", "999999999999", "²"])
def test_no_number_is_refused(issue, priya, sign_in, typed):
    body = sign_in(priya).post(address(issue), {"replies": typed}, follow=True).content.decode()
    assert "Write a number" in body
    issue.refresh_from_db()
    assert issue.replies is None


def test_only_those_who_make_it_and_only_after_it_left(community, issue, priya, dani):
    with pytest.raises(ActionError):
        note_replies(issue=issue, count=1, by=dani)
    draft = make_issue(community, number=6, period_from="2027-01-16", state="draft")
    with pytest.raises(ActionError, match="not left"):
        note_replies(issue=draft, count=1, by=priya)
