"""Who belongs, and what waits at the desk: each page of it has something to show."""

import pytest
from django.test import Client

from members.models import (
    Appeal,
    Community,
    DirectoryProfile,
    Evidence,
    IssuerInquiry,
    Membership,
    MembershipApplication,
    MentorshipMatch,
    MentorshipRequest,
    ReviewTask,
    User,
)
from members.queries.directory import find_entries
from tests.cop.demo.conftest import AS_OF


def test_each_kind_of_thing_is_there(every_door: Community) -> None:
    states = Membership.objects.filter(community=every_door).values_list("state", flat=True)
    assert "grace" in states
    assert Membership.objects.get(state="grace").grace_until > AS_OF
    assert DirectoryProfile.objects.filter(is_listed=True).count() >= 8
    assert set(MentorshipMatch.objects.values_list("state", flat=True)) == {"active", "suggested"}
    assert MentorshipRequest.objects.filter(is_open=True).count() >= 2
    assert {partner.role for partner in every_door.partners.all()} >= {
        "host",
        "funder",
        "evaluator",
    }
    assert IssuerInquiry.objects.get().agreed_at is not None
    policies = Community.objects.values_list("admission_policy", flat=True)
    assert set(policies) == {"criteria", "open", "invitation"}


def test_the_desk_has_work_of_each_kind(every_door: Community) -> None:
    waiting = MembershipApplication.objects.filter(community=every_door, state="submitted")
    assert waiting.filter(claimed_by__isnull=False).count() == 1
    assert waiting.filter(held_until__gt=AS_OF).count() == 1
    open_tasks = ReviewTask.objects.filter(community=every_door, done_at=None)
    assert {"address_changed", "evidence_report", "sample"} <= {task.kind for task in open_tasks}
    panel = Appeal.objects.get(state="open").seats
    assert (panel.count(), panel.exclude(vote="").count()) == (3, 1)
    assert Appeal.objects.get(state="dismissed").reasons


def test_papers_end_at_each_step(every_door: Community) -> None:
    ending = Evidence.objects.filter(criterion__community=every_door, state="expiring")
    left = [(row.valid_to - AS_OF).days for row in ending]
    for after, until in [(0, 7), (7, 30), (30, 60)]:
        assert any(after < days <= until for days in left)


@pytest.mark.parametrize("words", ["theberge", "Théberge", "ʔa"])
def test_names_with_rare_letters_are_found(every_door: Community, words: str) -> None:
    reader = User.objects.get(email="ravi@pacificthistle.example")
    entries, _more = find_entries(every_door, reader, words, "")
    assert entries


@pytest.mark.parametrize(
    "path", ["directory/", "directory/me/", "mentorship/", "mentorship/offer/", "mentorship/wish/"]
)
def test_the_member_to_sign_in_as_sees_them(every_door: Community, path: str) -> None:
    client = Client()
    client.force_login(User.objects.get(email="ravi@pacificthistle.example"))
    assert client.get(f"/every-door/{path}").status_code == 200


def test_there_are_papers_to_open(every_door: Community) -> None:
    paper = Evidence.objects.exclude(document="").get()
    assert (paper.application.state, paper.scan_state) == ("submitted", "off")
    assert Appeal.objects.get(state="open").files.get().document_name == "new-letter.png"
