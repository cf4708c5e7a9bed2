from datetime import UTC, date, datetime, timedelta

import pytest

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions import (
    answer_request,
    approve_application,
    decline_application,
    request_information,
)
from members.actions.decisions import AlreadyDecided
from members.models import Affiliation, Community, Membership, MembershipApplication
from outbox.models import Delivery
from tests.factories import NOW, make_staff
from tests.members.conftest import apply


def approve(application, by, **changes):
    values = {"seen_version": 1, "now": NOW, "verify_evidence": True} | changes
    if values["verify_evidence"]:
        values = {"check_method": "public_register", "valid_to": date(2027, 3, 31)} | values
    return approve_application(application=application, by=by, **values)


def decide(action, application, by, **changes):
    values = {
        "seen_version": 1, "now": NOW, "message": "Please send the registry page.",
        "reason_codes": ["NO_CRITERION_MET"],
    } | changes  # fmt: skip
    return action(application=application, by=by, **values)


def mails():
    return list(Delivery.objects.order_by("created_at", "pk").values_list("kind", flat=True))


def test_approve_application_verifies_and_welcomes(application, reviewer, newcomer, house):
    membership = approve(application, reviewer, message="Good to have you.")

    application.refresh_from_db()
    evidence = application.evidence.get()
    assert (application.state, application.reviewer) == ("approved", reviewer)
    assert (membership.category, membership.state) == ("member", "active")
    assert (evidence.state, evidence.checked_by, evidence.check_method) == (
        "verified", reviewer, "public_register",
    )  # fmt: skip
    assert newcomer.affiliations.get().state == "confirmed"
    welcome = Delivery.objects.get(kind="welcome")
    assert "Good to have you." in welcome.text
    assert "you are a member" in welcome.text
    assert {"application_approved", "evidence_verified", "membership_began"} <= set(
        AuditEvent.objects.filter(actor=reviewer).values_list("action", flat=True)
    )


def test_approve_application_without_eligible_house_makes_an_ally(application, reviewer):
    assert approve(application, reviewer, verify_evidence=False).category == "ally"
    assert "you are an ally" in Delivery.objects.get(kind="welcome").text


def test_approve_application_where_no_allies_are_taken_changes_nothing(
    application, reviewer, community
):
    Community.objects.filter(pk=community.pk).update(allies_allowed=False)
    application.community.refresh_from_db()

    with pytest.raises(ActionError, match="not eligible yet"):
        approve(application, reviewer, verify_evidence=False)

    application.refresh_from_db()
    assert application.state == "submitted"


def test_approve_application_makes_a_proposed_organization_active(community, newcomer, reviewer):
    application = apply(community, newcomer, proposed_name="New House", proposed_city="Hope")

    approve(application, reviewer)

    application.organization.refresh_from_db()
    assert application.organization.status == "active"


def test_approve_application_paper_alone_is_not_enough_where_a_register_is(
    application, reviewer, criterion
):
    criterion.check_url = "https://registry.example/"
    criterion.save(update_fields=["check_url"])

    with pytest.raises(ActionError, match="document alone is not enough"):
        approve(application, reviewer, check_method="document_only")


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"check_method": ""}, "how you checked"), ({"valid_to": NOW.date() - timedelta(1)}, "past")],
)
def test_approve_application_asks_for_a_whole_check(application, reviewer, changes, words):
    with pytest.raises(ActionError, match=words):
        approve(application, reviewer, **changes)


def test_approve_application_takes_up_a_lapsed_person_again(application, reviewer, newcomer):
    Membership.objects.create(
        community=application.community, person=newcomer, state="lapsed",
        joined_on=date(2025, 1, 1), ended_on=date(2026, 1, 1),
    )  # fmt: skip

    approve(application, reviewer)

    assert newcomer.memberships.filter(state="active").count() == 1


def test_request_information_says_why_and_keeps_it_open(application, reviewer):
    decide(request_information, application, reviewer, reason_codes=["WRONG_REGISTRATION_TYPE"])

    application.refresh_from_db()
    evidence = application.evidence.get()
    mail = Delivery.objects.get(kind="information_requested")
    assert (application.state, application.decided_at) == ("info_requested", None)
    assert (evidence.state, evidence.reason_code) == ("doubtful", "WRONG_REGISTRATION_TYPE")
    assert "Please send the registry page." in mail.text
    assert "society or charity number" in mail.text
    assert mail.reply_to == application.community.contact_email


def test_request_information_deletes_a_file_that_shows_clients(
    application, reviewer, django_capture_on_commit_callbacks
):
    evidence = application.evidence.get()
    path, storage = evidence.document.name, evidence.document.storage
    assert storage.exists(path)

    with django_capture_on_commit_callbacks(execute=True):
        decide(request_information, application, reviewer, reason_codes=["CONTAINS_CLIENT_INFO"])

    evidence.refresh_from_db()
    assert not storage.exists(path)
    assert (evidence.state, evidence.document.name, evidence.document_name) == ("rejected", "", "")
    assert evidence.document_purged_at
    assert AuditEvent.objects.filter(action="evidence_purged", actor=reviewer).exists()


def test_decline_application_tells_reason_words_and_way_back(application, reviewer):
    decide(decline_application, application, reviewer)

    application.refresh_from_db()
    mail = Delivery.objects.get(kind="declined")
    assert (application.state, application.reason_codes) == ("declined", ["NO_CRITERION_MET"])
    assert application.evidence.get().state == "rejected"
    assert not Membership.objects.exists()
    for words in (
        "None of the ways",
        "Please send the registry page.",
        "apply again",
        "26 December 2026",
    ):
        assert words in mail.text
        assert words in mail.html
    assert AuditEvent.objects.get(action="application_declined").reason == "NO_CRITERION_MET"


@pytest.mark.parametrize("changes", [{"message": "  "}, {"reason_codes": []}])
def test_decline_application_needs_a_reason_and_words(application, reviewer, changes):
    with pytest.raises(ActionError):
        decide(decline_application, application, reviewer, **changes)

    assert mails() == ["application_received"]


def test_decisions_are_refused_about_one_s_own_organization(application, reviewer, house):
    Affiliation.objects.create(person=reviewer, organization=house, state="claimed")

    for action in (request_information, decline_application):
        with pytest.raises(ActionError, match="You belong to Moss Stair"):
            decide(action, application, reviewer)
    with pytest.raises(ActionError, match="You belong to Moss Stair"):
        approve(application, reviewer)


def test_decisions_are_refused_about_one_s_own_application(community, reviewer, house):
    application = apply(community, reviewer, organization=house)

    with pytest.raises(ActionError, match="your own application"):
        approve(application, reviewer)


@pytest.mark.parametrize("who", ["dani", "newcomer", "outsider", "facilitator"])
def test_decisions_are_refused_without_the_role(request, application, community, who):
    by = (
        make_staff(community, "facilitator", "Samir")
        if who == "facilitator"
        else request.getfixturevalue(who)
    )

    with pytest.raises(ActionError):
        decide(decline_application, application, by)


def test_decide_second_reviewer_is_told_who_was_faster(application, reviewer, priya):
    stale = MembershipApplication.objects.get(pk=application.pk)
    decide(decline_application, application, reviewer)

    with pytest.raises(AlreadyDecided, match=r"Anneke Sorrell was faster.*Declined"):
        approve(stale, priya)

    assert not Membership.objects.exists()
    assert mails() == ["application_received", "declined"]


def test_decide_refuses_what_changed_since_it_was_read(application, reviewer, newcomer):
    decide(request_information, application, reviewer)
    answer_request(application=application, person=newcomer, answer="Here", now=NOW)

    with pytest.raises(AlreadyDecided):
        decide(decline_application, application, reviewer, seen_version=2)


def test_what_begins_tomorrow_counts_from_tomorrow_where_the_community_is(
    application, reviewer, house
):
    """In the evening of British Columbia it is tomorrow already in UTC."""
    evening = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)  # the 26th, 18:00 in Vancouver
    approve_application(
        application=application, by=reviewer, seen_version=1, now=evening, verify_evidence=True,
        check_method="public_register", valid_from=date(2026, 11, 27), valid_to=date(2027, 3, 31),
    )  # fmt: skip

    assert Membership.objects.get(person=application.person).category == "ally"
