from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions import answer_request, request_information, withdraw_application
from members.actions import joining as module
from members.models import Affiliation, Evidence, Membership, MembershipApplication, Organization
from outbox.models import Consent, Delivery, Subscription
from tests.factories import NOW, make_community, make_member
from tests.members.conftest import apply


def verify(house, criterion):
    return Evidence.objects.create(
        organization=house, criterion=criterion, state="verified", submitted_at=NOW, checked_at=NOW
    )


def own_domain(person, house):
    domain = person.email.partition("@")[2]
    Organization.objects.filter(pk=house.pk).update(domains=[domain])
    house.refresh_from_db()


def test_submit_application_keeps_claim_evidence_and_history(application, newcomer, house):
    evidence = application.evidence.get()
    affiliation = newcomer.affiliations.get()

    assert application.state == "submitted"
    assert application.due_on == date(2026, 12, 3)
    assert (affiliation.organization, affiliation.state) == (house, "claimed")
    assert (evidence.state, evidence.reference, evidence.document_name) == (
        "submitted", "Moss Stair", "licence.png",
    )  # fmt: skip
    assert "licence" not in evidence.document.name
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {
        "affiliation_claimed", "application_submitted", "evidence_submitted",
    }  # fmt: skip
    assert Delivery.objects.get().kind == "application_received"


def test_submit_application_unticked_boxes_leave_no_row_at_all(application):
    assert not Subscription.objects.exists()
    assert not Consent.objects.exists()


def test_submit_application_ticked_boxes_are_consents_with_their_wording(
    community, newcomer, house
):
    apply(community, newcomer, organization=house, lists={"newsletter"})

    consent = Consent.objects.get()
    assert consent.subscription.mailing_list.kind == "newsletter"
    assert consent.given
    assert consent.source == "application"


def test_submit_application_twice_is_refused_in_words(application, community, newcomer, house):
    with pytest.raises(ActionError, match="already have an open application"):
        apply(community, newcomer, organization=house)

    assert MembershipApplication.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_submit_application_proposes_an_organization(community, newcomer):
    application = apply(community, newcomer, proposed_name="Lantern Street", proposed_city="Surrey")

    house = application.organization
    assert (house.name, house.city, house.status) == ("Lantern Street", "Surrey", "proposed")
    assert not house.is_regulator_or_funder


def test_submit_application_from_government_stands_behind_the_wall(community, newcomer):
    application = apply(
        community, newcomer, proposed_name="A ministry", proposed_city="Victoria",
        applying_as="ally_government", criterion=None,
    )  # fmt: skip

    assert application.organization.is_regulator_or_funder
    assert newcomer.is_walled()


def test_submit_application_own_mail_and_eligible_house_is_fast(
    community, newcomer, house, criterion
):
    verify(house, criterion)
    own_domain(newcomer, house)

    application = apply(community, newcomer, organization=house, criterion=None)

    assert application.state == "approved"
    assert Membership.objects.get(person=newcomer).category == "member"
    assert newcomer.affiliations.get().confirmed_by == "email_domain"
    assert [row.kind for row in Delivery.objects.all()] == ["welcome"]


@pytest.mark.parametrize("missing", ["domain", "evidence", "verified", "provider"])
def test_submit_application_is_reviewed_when_one_thing_is_missing(
    community, newcomer, house, criterion, missing
):
    if missing != "evidence":
        verify(house, criterion)
    if missing != "domain":
        own_domain(newcomer, house)
    if missing == "verified":
        EmailAddress.objects.update(verified=False)
    kind = "ally_peer" if missing == "provider" else "provider"

    application = apply(community, newcomer, organization=house, applying_as=kind)

    assert application.state == "submitted"
    assert not Membership.objects.exists()


def test_submit_application_open_community_takes_everybody(newcomer, house):
    community = make_community("open-one", admission_policy="open")

    assert apply(community, newcomer, organization=house, criterion=None).state == "approved"


@pytest.mark.parametrize("changes", [{"status": "paused"}, {"admission_policy": "invitation"}])
def test_submit_application_is_refused_where_nobody_can_join(newcomer, house, changes):
    community = make_community("closed", **changes)

    with pytest.raises(ActionError, match="takes no applications"):
        apply(community, newcomer, organization=house)


def test_submit_application_member_is_told_so(community, house):
    person = make_member(community, "Mei")

    with pytest.raises(ActionError, match="already belong"):
        apply(community, person, organization=house)


def test_submit_application_failure_leaves_nothing(community, newcomer, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError("another constraint")

    monkeypatch.setattr(module, "queue_application_email", fail)
    with pytest.raises(IntegrityError):
        apply(community, newcomer, proposed_name="Half", proposed_city="Way")

    for model in (MembershipApplication, Organization, Affiliation, Evidence, AuditEvent):
        assert not model.objects.exists()


def test_answer_request_goes_back_to_the_reviewer(application, newcomer, reviewer, checked_photo):
    request_information(
        application=application, by=reviewer, seen_version=1, message="Which house?",
        reason_codes=["UNREADABLE"], now=NOW,
    )  # fmt: skip

    answer_request(
        application=application, person=newcomer, answer="The blue one.", reference="AL-1", now=NOW
    )

    application.refresh_from_db()
    assert (application.state, application.answer) == ("in_review", "The blue one.")
    assert list(application.evidence.order_by("pk").values_list("reference", "state")) == [
        ("Moss Stair", "doubtful"), ("AL-1", "submitted"),
    ]  # fmt: skip
    with pytest.raises(ActionError, match="waits for no answer"):
        answer_request(application=application, person=newcomer, answer="Again", now=NOW)


def test_withdraw_application_is_final_and_open_again(application, newcomer, community, house):
    withdraw_application(application=application, person=newcomer, now=NOW)

    application.refresh_from_db()
    assert application.state == "withdrawn"
    with pytest.raises(ActionError, match="closed already"):
        withdraw_application(application=application, person=newcomer, now=NOW)
    assert apply(community, newcomer, organization=house).state == "submitted"


def test_withdraw_application_of_somebody_else_is_refused(application):
    other = make_member(application.community, "Other")

    with pytest.raises(ActionError):
        withdraw_application(application=application, person=other, now=NOW)
