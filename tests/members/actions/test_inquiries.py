"""Asking the office that issued a paper: never without the applicant's yes."""

import pytest

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions.inquiries import (
    agree_to_inquiry,
    note_inquiry_answer,
    propose_inquiry,
    refuse_inquiry,
)
from members.models import Affiliation, IssuerInquiry, MembershipApplication
from outbox.models import Delivery
from tests.factories import NOW, make_person

OFFICE = "licensing@office.example"


def propose(application, by, **changes):
    values = {
        "application": application, "issuer": "Licensing Office", "email": OFFICE,
        "question": "Is it licensed?", "by": by, "now": NOW,
    }  # fmt: skip
    return propose_inquiry(**values | changes)


def test_nothing_goes_to_the_office_before_the_yes(application, reviewer, newcomer):
    inquiry = propose(application, reviewer)

    assert Delivery.objects.filter(kind="inquiry_proposed").get().person == newcomer
    assert not Delivery.objects.filter(kind="issuer_inquiry").exists()
    agree_to_inquiry(inquiry=inquiry, person=newcomer, now=NOW)
    mail = Delivery.objects.get(kind="issuer_inquiry")
    assert (mail.address, mail.person) == (OFFICE, None)
    assert "Is it licensed?" in mail.text
    assert "Newcomer Nia" in mail.text


def test_a_second_yes_sends_nothing_more(application, reviewer, newcomer):
    inquiry = propose(application, reviewer)
    agree_to_inquiry(inquiry=inquiry, person=newcomer, now=NOW)
    with pytest.raises(ActionError):
        agree_to_inquiry(inquiry=inquiry, person=newcomer, now=NOW)
    assert Delivery.objects.filter(kind="issuer_inquiry").count() == 1


def test_after_a_no_the_same_office_is_not_named_again(application, reviewer, newcomer):
    refuse_inquiry(inquiry=propose(application, reviewer), person=newcomer, now=NOW)

    with pytest.raises(ActionError, match="said no"):
        propose(application, reviewer, email=OFFICE.upper())
    propose(application, reviewer, email="other@office.example")
    assert not Delivery.objects.filter(kind="issuer_inquiry").exists()


def test_one_question_at_a_time(application, reviewer):
    propose(application, reviewer)
    with pytest.raises(ActionError, match="waits"):
        propose(application, reviewer, email="other@office.example")


def test_only_the_applicant_answers_and_only_while_it_is_open(application, reviewer, newcomer):
    inquiry = propose(application, reviewer)
    for act in (agree_to_inquiry, refuse_inquiry):
        with pytest.raises(ActionError):
            act(inquiry=inquiry, person=make_person("Else"), now=NOW)
    MembershipApplication.objects.update(state="withdrawn", decided_at=NOW)
    with pytest.raises(ActionError):
        agree_to_inquiry(inquiry=inquiry, person=newcomer, now=NOW)
    assert not Delivery.objects.filter(kind="issuer_inquiry").exists()


def test_strangers_and_people_of_the_house_ask_nobody(application, reviewer, dani, outsider):
    Affiliation.objects.create(person=reviewer, organization=application.organization)
    for person in (reviewer, dani, outsider):
        with pytest.raises(ActionError):
            propose(application, person)
    assert not IssuerInquiry.objects.exists()


def test_a_closed_application_asks_nobody(application, reviewer):
    MembershipApplication.objects.update(state="declined", decided_at=NOW)
    with pytest.raises(ActionError, match="closed"):
        propose(application, reviewer)


def test_the_answer_is_kept_once_and_by_reviewers(application, reviewer, newcomer, dani):
    inquiry = propose(application, reviewer)
    with pytest.raises(ActionError):
        note_inquiry_answer(inquiry=inquiry, answer="Yes", by=reviewer, now=NOW)
    agree_to_inquiry(inquiry=inquiry, person=newcomer, now=NOW)
    for answer, by in ((" ", reviewer), ("Yes", dani), ("Yes", newcomer)):
        with pytest.raises(ActionError):
            note_inquiry_answer(inquiry=inquiry, answer=answer, by=by, now=NOW)
    note_inquiry_answer(inquiry=inquiry, answer=" Until March ", by=reviewer, now=NOW)
    with pytest.raises(ActionError):
        note_inquiry_answer(inquiry=inquiry, answer="Other", by=reviewer, now=NOW)

    assert IssuerInquiry.objects.get().answer == "Until March"
    told = AuditEvent.objects.filter(object_id=inquiry.public_id).order_by("pk")
    steps = ["inquiry_proposed", "inquiry_sent", "inquiry_answered"]
    assert list(told.values_list("action", flat=True)) == steps
