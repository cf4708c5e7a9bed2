import pytest
from django.db import transaction

from cop.core.models import AuditEvent
from cop.core.uploads import check_upload
from library.actions import (
    Incomplete,
    NotNow,
    TooMany,
    WouldWiden,
    edit_resource,
    publish_resource,
    resubmit_resource,
    return_resource,
    submit_resource,
    withdraw_resource,
)
from library.models import Resource
from outbox.models import Delivery
from tests.core.uploads import PDF, upload
from tests.factories import NOW
from tests.library.factories import make_resource

FIELDS = {
    "kind": "tool", "title": "Handover card", "summary": "For nights.", "language": "en",
    "visibility": "members", "rights": "own",
}  # fmt: skip


def history(resource: Resource) -> list[tuple[str, str, str]]:
    rows = AuditEvent.objects.filter(object_id=resource.public_id).order_by("pk")
    return list(rows.values_list("action", "old", "new"))


def test_submit_resource_waits_for_the_librarian(community, dani):
    resource = submit_resource(
        community=community, person=dani, now=NOW, url="https://a.example", **FIELDS
    )

    resource.refresh_from_db()
    assert (resource.state, resource.published_at) == ("in_review", None)
    assert history(resource) == [("library.resource_submitted", "", "in_review")]
    assert not Delivery.objects.exists()


def test_submit_resource_publishes_at_once_for_the_librarian(community, priya):
    resource = submit_resource(
        community=community, person=priya, now=NOW, publish=True, body="word " * 600, **FIELDS
    )

    assert (resource.state, resource.published_at) == ("published", NOW)
    assert resource.reading_minutes == 3


def test_submit_resource_keeps_a_file_under_a_random_name(community, dani, own_media):
    checked = check_upload(upload("../../Plan.pdf", PDF))
    resource = submit_resource(community=community, person=dani, now=NOW, upload=checked, **FIELDS)

    resource.refresh_from_db()
    assert (resource.file_name, resource.file_type, resource.file_size) == (
        "Plan.pdf", "pdf", len(PDF),
    )  # fmt: skip
    assert resource.file.name.startswith("library/")
    assert "Plan" not in resource.file.name
    assert (own_media / resource.file.name).read_bytes() == PDF


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"url": "https://a.example", "body": "text"},
        {"url": "https://a.example", "summary": "  "},
        {"body": "text", "rights": "link_only"},
    ],
)
def test_submit_resource_refuses_what_is_incomplete(community, dani, more):
    with pytest.raises(Incomplete), transaction.atomic():
        submit_resource(community=community, person=dani, now=NOW, **(FIELDS | more))

    assert not Resource.objects.exists()


def test_submit_resource_takes_twenty_at_most(community, dani):
    for _number in range(20):
        make_resource(community, state="in_review", submitted_by=dani)

    with pytest.raises(TooMany):
        submit_resource(community=community, person=dani, now=NOW, body="text", **FIELDS)


def test_publish_resource_tells_its_sender_once(community, dani, priya):
    resource = make_resource(
        community, state="in_review", submitted_by=dani, kind="guideline", publisher="Health"
    )

    publish_resource(resource=resource, by=priya, now=NOW)
    with pytest.raises(NotNow):
        publish_resource(resource=resource, by=priya, now=NOW)

    resource.refresh_from_db()
    assert (resource.state, resource.published_at) == ("published", NOW)
    assert resource.review_due_on.year == 2027
    mail = Delivery.objects.get()
    assert (mail.person, mail.kind, mail.purpose) == (dani, "resource_published", "transactional")
    assert resource.title in mail.subject
    assert resource.get_absolute_url() in mail.text
    assert mail.scope == community.public_id


def test_return_resource_sends_the_reason_each_time(community, ally, priya):
    resource = make_resource(community, state="in_review", submitted_by=ally)

    return_resource(resource=resource, by=priya, reason="Who made <this>?", now=NOW)
    resource.refresh_from_db()
    resubmit_resource(resource=resource, by=ally, source="We did")
    return_resource(resource=resource, by=priya, reason="And when?", now=NOW.replace(hour=20))

    resource.refresh_from_db()
    assert (resource.state, resource.return_reason) == ("returned", "And when?")
    first, second = Delivery.objects.order_by("created_at")
    assert "Who made <this>?" in first.text
    assert "Who made &lt;this&gt;?" in first.html
    assert "And when?" in second.text
    assert f"/library/{resource.public_id}/edit/" in second.text


def test_return_resource_needs_a_reason(community, dani, priya):
    resource = make_resource(community, state="in_review", submitted_by=dani)

    with pytest.raises(Incomplete):
        return_resource(resource=resource, by=priya, reason="  ", now=NOW)


def test_withdraw_resource_keeps_the_reason(community, priya):
    resource = make_resource(community)

    withdraw_resource(resource=resource, by=priya, reason="The card is out of date.")

    resource.refresh_from_db()
    assert (resource.state, resource.return_reason) == ("withdrawn", "The card is out of date.")
    assert history(resource) == [("library.resource_withdrawn", "published", "withdrawn")]
    assert AuditEvent.objects.get().reason == "The card is out of date."


@pytest.mark.parametrize("state", ["published", "withdrawn", "archived", "draft"])
def test_actions_refuse_other_states(community, dani, priya, state):
    resource = make_resource(community, state=state, submitted_by=dani)

    with pytest.raises(NotNow):
        publish_resource(resource=resource, by=priya, now=NOW)
    with pytest.raises(NotNow):
        return_resource(resource=resource, by=priya, reason="Why", now=NOW)
    with pytest.raises(NotNow):
        resubmit_resource(resource=resource, by=dani, title="Other")


@pytest.mark.parametrize(
    ("now_sees", "asked", "refused"),
    [
        ("members", "members_and_allies", True),
        ("members", "public", True),
        ("members_and_allies", "public", True),
        ("public", "members", False),
        ("members_and_allies", "members_and_allies", False),
    ],
)
def test_edit_resource_never_widens(community, dani, priya, now_sees, asked, refused):
    resource = make_resource(community, visibility=now_sees, submitted_by=dani)

    if refused:
        with pytest.raises(WouldWiden):
            edit_resource(resource=resource, by=priya, now=NOW, visibility=asked)
    else:
        edit_resource(resource=resource, by=priya, now=NOW, visibility=asked)

    resource.refresh_from_db()
    assert resource.visibility == (now_sees if refused else asked)


def test_edit_resource_lets_the_sender_widen(community, priya):
    resource = make_resource(community, visibility="members", submitted_by=priya)

    edit_resource(resource=resource, by=priya, now=NOW, visibility="public")

    resource.refresh_from_db()
    assert resource.visibility == "public"


def test_edit_resource_changes_the_named_fields_only(community, priya):
    resource = make_resource(community)
    Resource.objects.filter(pk=resource.pk).update(title="Changed meanwhile")

    edit_resource(resource=resource, by=priya, now=NOW, summary="Better words.", topics=["nights"])

    resource.refresh_from_db()
    assert (resource.title, resource.summary) == ("Changed meanwhile", "Better words.")
    assert resource.topics == ["nights"]


def test_edit_resource_swaps_the_main_content(community, priya):
    resource = make_resource(community, state="in_review")

    edit_resource(resource=resource, by=priya, now=NOW, upload=check_upload(upload("a.pdf", PDF)))
    resource.refresh_from_db()
    assert (resource.url, resource.file_name) == ("", "a.pdf")

    edit_resource(resource=resource, by=priya, now=NOW, url="https://b.example")
    resource.refresh_from_db()
    assert (resource.url, resource.file.name, resource.file_name) == ("https://b.example", "", "")
