import pytest

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from newsletter.actions import approve_issue, hold_issue, resume_issue, send_test, update_issue
from newsletter.items import HEAD, IssueText, ItemText
from outbox.models import Delivery
from tests.factories import NOW, make_meeting, make_staff
from tests.newsletter.makers import SECRET, make_issue, make_item, make_resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def tomasz(community):
    return make_staff(community, "editor", "Tomasz Iverson")


def edit(issue, by, *items, **fields):
    values = {"subject": issue.subject, "intro": issue.intro}
    values |= {name: fields.pop(name) for name in list(fields) if name in HEAD}
    text = IssueText(**values, items=items)
    return update_issue(issue=issue, text=text, by=by, now=NOW, **fields)


def test_update_issue_saves_and_adds_texts(community, tomasz):
    issue = make_issue(community, state="draft")
    item = make_item(issue)

    saved = edit(
        issue,
        tomasz,
        ItemText(item.pk, "Changed", "New words", 20, is_included=False, edition="members"),
        ItemText(None, "Practical", "Bring a mug.", 30),
        intro="Hello",
    )

    assert saved.changed
    assert list(issue.items.order_by("position").values_list("title", "kind", "edition")) == [
        ("Changed", "own_text", "members"),
        ("Practical", "own_text", "public"),
    ]
    issue.refresh_from_db()
    assert (issue.intro, issue.edited_by, issue.version) == ("Hello", tomasz, 2)
    assert AuditEvent.objects.get(action="issue_edited").actor_id == tomasz.pk


def test_update_issue_any_edit_drops_the_approval_and_no_edit_keeps_it(community, priya, tomasz):
    issue = make_issue(community, state="approved", approved_by=priya)

    assert not edit(issue, tomasz).changed
    issue.refresh_from_db()
    assert issue.state == "approved"

    edit(issue, tomasz, subject="Another subject")
    issue.refresh_from_db()
    assert (issue.state, issue.approved_by) == ("editing", None)


@pytest.mark.parametrize("state", ["sending", "sent", "closed"])
def test_update_issue_refuses_what_has_left(community, priya, state):
    issue = make_issue(community, state=state)

    with pytest.raises(ActionError):
        edit(issue, priya, intro="too late")


def test_update_issue_keeps_the_first_of_two_who_change_the_same_words(community, priya, tomasz):
    issue = make_issue(community, state="draft")
    edit(issue, tomasz, intro="first", version=1)

    saved = edit(issue, priya, intro="second", version=1)

    issue.refresh_from_db()
    assert (issue.intro, saved.changed, saved.version) == ("first", False, 2)
    assert [(one.mine, one.theirs) for one in saved.conflicts] == [("second", "first")]


def test_update_issue_refuses_items_of_another_issue(community, priya):
    other = make_item(make_issue(community, number=4, period_from=NOW.date()))

    with pytest.raises(ActionError):
        edit(make_issue(community), priya, ItemText(other.pk, "Mine now"))


def test_update_issue_keeps_members_things_from_the_public(community, priya):
    issue = make_issue(community, state="draft")
    resource = make_resource(community, visibility="members")
    item = make_item(issue, source=f"resource:{resource.public_id}", edition="members")

    with pytest.raises(ActionError, match="narrower"):
        edit(issue, priya, ItemText(item.pk, item.title, edition="public"))


@pytest.mark.parametrize(
    "text",
    [
        f"Join at {SECRET}",
        "Join at HTTPS://Video.example/join/secret-room?pwd=abc",
        "Answer here: http://localhost:8000/m/abc/rsvp/",
    ],
)
def test_update_issue_refuses_secret_links(community, priya, text):
    make_meeting(community)
    issue = make_issue(community, state="draft")

    with pytest.raises(ActionError, match="link"):
        edit(issue, priya, intro=text)


@pytest.mark.parametrize("who", ["dani", "ally", "lapsed", "stranger", "outsider", "newcomer"])
def test_update_issue_is_for_editors_of_this_community(request, community, who):
    issue = make_issue(community)

    with pytest.raises(ActionError):
        edit(issue, request.getfixturevalue(who), intro="mine")


def test_approve_issue_needs_a_second_pair_of_eyes(community, priya, tomasz):
    issue = make_issue(community, state="draft")
    edit(issue, priya, intro="Priya wrote this")

    with pytest.raises(ActionError, match="You wrote the last change"):
        approve_issue(issue=issue, by=priya, now=NOW)
    approve_issue(issue=issue, by=tomasz, now=NOW)

    issue.refresh_from_db()
    assert (issue.state, issue.approved_by) == ("approved", tomasz)


def test_approve_issue_alone_is_allowed_where_nobody_else_could(community, priya):
    issue = make_issue(community, state="draft")
    edit(issue, priya, intro="Priya wrote this")

    approve_issue(issue=issue, by=priya, now=NOW)

    issue.refresh_from_db()
    assert issue.state == "approved"


def test_approve_issue_needs_a_coordinator_among_the_two(community, priya, tomasz):
    other = make_staff(community, "editor", "Ewa Editor")
    issue = make_issue(community, state="draft")
    edit(issue, tomasz, intro="Tomasz wrote this")

    with pytest.raises(ActionError, match="coordinator"):
        approve_issue(issue=issue, by=other, now=NOW)
    approve_issue(issue=issue, by=priya, now=NOW)


def test_approve_issue_needs_a_subject_a_draft_and_the_text_one_saw(community, priya):
    for fields in ({"subject": " "}, {"state": "held"}, {"version": 3}):
        community.issues.all().delete()
        issue = make_issue(community, **({"state": "draft"} | fields))
        with pytest.raises(ActionError):
            approve_issue(
                issue=issue, by=priya, version=2 if "version" in fields else None, now=NOW
            )


def test_send_test_goes_to_the_one_who_asks_in_each_language(community, priya):
    issue = make_issue(community, state="draft")
    make_item(issue, "For members", edition="members")

    send_test(issue=issue, by=priya, now=NOW)

    mails = Delivery.objects.filter(person=priya, kind="newsletter_test")
    assert mails.count() == 2
    assert all(mail.subject.endswith("] Kinder house rules") for mail in mails)
    assert all("For members" in mail.text for mail in mails)
    assert "UNSUBSCRIBE" not in mails[0].html
    issue.refresh_from_db()
    assert issue.state == "test_sent"


def test_hold_issue_and_take_it_up_again(community, priya):
    issue = make_issue(community, state="approved", approved_by=priya)

    hold_issue(issue=issue, by=priya)
    issue.refresh_from_db()
    assert (issue.state, issue.approved_by) == ("held", None)
    with pytest.raises(ActionError):
        hold_issue(issue=issue, by=priya)

    resume_issue(issue=issue, by=priya)
    issue.refresh_from_db()
    assert issue.state == "editing"
