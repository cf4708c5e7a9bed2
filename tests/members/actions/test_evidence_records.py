from datetime import date

import pytest

from cop.core.errors import ActionError
from members.actions.evidence_records import (
    last_day_by_rule,
    record_evidence,
    reject_evidence,
    send_evidence,
    verify_evidence,
)
from members.models import Affiliation, Criterion, Evidence, Organization, ReviewTask, Site
from members.queries import organization_is_eligible
from tests.factories import NOW, make_member, make_organization, make_person, make_staff


@pytest.fixture
def contact(house):
    person = make_person("Joan Contact")
    Affiliation.objects.create(
        person=person, organization=house, state="confirmed", is_contact=True
    )
    return person


def record(house, criterion, by, **changes):
    values = {"check_method": "public_register", "kind": "public_listing", "now": NOW} | changes
    return record_evidence(organization=house, criterion=criterion, by=by, **values)


def test_record_evidence_counts_at_once_until_the_day_of_the_rule(
    community, criterion, house, reviewer
):
    Criterion.objects.update(validity="next_31_march")

    row = record(house, community.criteria.get(), reviewer, reference="Moss Stair")

    assert (row.state, row.valid_to, row.checked_by) == ("verified", date(2027, 3, 31), reviewer)
    assert organization_is_eligible(house, community, NOW.date())


@pytest.mark.parametrize(
    ("validity", "start", "last"),
    [
        ("next_31_march", date(2026, 11, 26), date(2027, 3, 31)),
        ("next_31_march", date(2027, 3, 31), date(2027, 3, 31)),
        ("next_31_march", date(2027, 4, 1), date(2028, 3, 31)),
        ("twelve_months", date(2026, 11, 26), date(2027, 11, 25)),
        ("period", date(2028, 2, 29), date(2029, 2, 27)),
    ],
)
def test_last_day_by_rule(validity, start, last):
    assert last_day_by_rule(Criterion(validity=validity), start) == last


def test_record_evidence_takes_the_place_of_the_one_before_and_ends_grace(
    community, criterion, house, reviewer
):
    person = make_member(community, organization=house)
    old = record(house, criterion, reviewer, valid_to=date(2026, 12, 31))
    person.memberships.update(state="grace", grace_until=date(2027, 1, 5), grace_ground="evidence")

    record(house, criterion, reviewer)

    assert Evidence.objects.get(pk=old.pk).state == "superseded"
    assert person.memberships.get().state == "active"


def test_record_evidence_that_begins_later_leaves_the_present_one(criterion, house, reviewer):
    old = record(house, criterion, reviewer, valid_to=date(2026, 12, 31))

    record(house, criterion, reviewer, valid_from=date(2027, 1, 1))

    assert Evidence.objects.get(pk=old.pk).state == "verified"


def test_record_evidence_refuses_what_no_reviewer_may_decide(
    community, criterion, house, reviewer, dani
):
    def refused(words, by=reviewer, **changes):
        with pytest.raises(ActionError, match=words):
            record(house, Criterion.objects.get(pk=criterion.pk), by, **changes)

    refused("Only reviewers", by=dani)
    refused("Only reviewers", by=make_staff(community, "librarian"))
    refused("how you checked", check_method="")
    refused("in the past", valid_to=date(2026, 11, 1))
    refused("before the first", valid_from=date(2027, 2, 1), valid_to=date(2027, 1, 1))
    other = Site.objects.create(
        organization=make_organization(), name="H", city="Nelson", region="interior"
    )
    refused("another organization", site=other)
    Criterion.objects.update(check_links=["https://register.example/list"])
    refused("public register", check_method="document_only")
    Criterion.objects.update(accepted_kinds=["certificate"])
    refused("papers of this kind")
    Criterion.objects.update(level="site")
    refused("Choose which")
    Affiliation.objects.create(person=reviewer, organization=house)
    Criterion.objects.update(level="organization", accepted_kinds=[])
    refused("Somebody else decides")
    assert not Evidence.objects.exists()


def test_send_evidence_waits_for_a_reviewer(community, criterion, house, contact, checked_photo):
    row = send_evidence(
        organization=house, criterion=criterion, by=contact, now=NOW, reference="Moss Stair",
        valid_to=date(2028, 3, 31), document=checked_photo,
    )  # fmt: skip

    assert (row.state, row.kind, row.submitted_by) == ("submitted", "certificate", contact)
    assert row.document.read()
    assert not organization_is_eligible(house, community, NOW.date())
    task = ReviewTask.objects.get()
    assert (task.evidence, task.community, task.due_on) == (row, community, date(2026, 12, 3))


def test_send_evidence_is_for_contacts_with_something_to_show(criterion, house, contact, dani):
    with pytest.raises(ActionError, match="Only people who speak"):
        send_evidence(organization=house, criterion=criterion, by=dani, now=NOW, reference="x")
    with pytest.raises(ActionError, match="photo of the paper"):
        send_evidence(organization=house, criterion=criterion, by=contact, now=NOW, reference=" ")


def test_verify_evidence_of_a_contact_replaces_the_old_one_and_closes_the_task(
    criterion, house, reviewer, contact
):
    old = record(house, criterion, reviewer, valid_to=date(2026, 12, 31))
    new = send_evidence(
        organization=house, criterion=criterion, by=contact, now=NOW, reference="New",
        valid_to=date(2027, 12, 31),
    )  # fmt: skip

    verify_evidence(evidence=new, check_method="issuer_contact", by=reviewer, now=NOW, note="Ok.")

    new.refresh_from_db()
    assert (new.state, new.valid_to, new.note) == ("verified", date(2027, 12, 31), "Ok.")
    assert Evidence.objects.get(pk=old.pk).state == "superseded"
    assert ReviewTask.objects.get().done_by == reviewer
    with pytest.raises(ActionError, match="decided on it already"):
        verify_evidence(evidence=new, check_method="issuer_contact", by=reviewer, now=NOW)


def test_reject_evidence_with_client_data_deletes_the_file_at_once(
    criterion, house, reviewer, contact, checked_photo, django_capture_on_commit_callbacks
):
    row = send_evidence(
        organization=house, criterion=criterion, by=contact, now=NOW, document=checked_photo
    )

    with django_capture_on_commit_callbacks(execute=True):
        reject_evidence(evidence=row, reason_code="CONTAINS_CLIENT_INFO", by=reviewer, now=NOW)

    row.refresh_from_db()
    assert (row.state, row.reason_code, row.document.name) == (
        "rejected", "CONTAINS_CLIENT_INFO", ""
    )  # fmt: skip
    assert row.document_purged_at == NOW
    assert ReviewTask.objects.get().done_at


def test_evidence_of_one_s_own_house_is_decided_by_others(criterion, house, contact, reviewer):
    row = send_evidence(organization=house, criterion=criterion, by=contact, now=NOW, reference="x")
    Affiliation.objects.create(person=reviewer, organization=house)
    with pytest.raises(ActionError, match="Somebody else decides"):
        reject_evidence(evidence=row, reason_code="UNREADABLE", by=reviewer, now=NOW)
    assert Organization.objects.get(pk=house.pk).evidence.get().state == "submitted"
