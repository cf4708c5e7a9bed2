"""The organization says who works there: by a tap from the mail, and the rest follows (A1, AM1)."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from members.actions import submit_application
from members.actions.affiliations import keep_affiliations
from members.models import Affiliation, Evidence, Membership, MembershipApplication, ReviewTask
from outbox.models import Delivery
from tests.factories import NOW, make_organization, make_person


@pytest.fixture
def house(community):
    house = make_organization("Cedar Lantern", city="Surrey")
    Evidence.objects.create(
        organization=house, criterion=community.criteria.get(), state="verified",
        submitted_at=NOW, checked_at=NOW, valid_to=date(2027, 3, 31),
    )  # fmt: skip
    return house


@pytest.fixture
def contact(house):
    person = make_person("Joan Merriweather", email="joan@cedarlantern.example")
    Affiliation.objects.create(
        person=person, organization=house, state="confirmed", is_contact=True
    )
    return person


def apply(community, house, name="Dani Achebe-Roy", now=NOW, email=None):
    fields = {"email": email} if email else {}
    return submit_application(
        community=community, person=make_person(name, **fields), applying_as="provider",
        organization=house, agreement=community.agreements.get(), now=now,
    )  # fmt: skip


def link():
    mail = Delivery.objects.filter(kind="affiliation_check").latest("created_at")
    return re.search(r"http://localhost:8000(/m/\S+-here/)", mail.text)[1]


def answer(do, path=None, tie=None):
    tie = tie or Affiliation.objects.filter(asked_at__isnull=False).latest("pk")
    return Client().post(path or link(), {"tie": tie.public_id, "do": do})


def kinds(person=None):
    rows = Delivery.objects.order_by("created_at")
    rows = rows.filter(person=person) if person else rows
    return list(rows.values_list("kind", flat=True))


def test_yes_of_the_contact_welcomes_without_a_reviewer(community, house, contact):
    application = apply(community, house)
    assert kinds(contact) == ["affiliation_check"]
    path = link()
    for method in (Client().get, Client().head):
        assert method(path).status_code == 200
    application.refresh_from_db()
    assert application.state == "submitted"
    assert "Dani Achebe-Roy" in Client().get(path).content.decode()

    answer("yes", path)
    answer("yes", path)

    application.refresh_from_db()
    assert (application.state, application.is_automatic) == ("approved", True)
    assert Membership.objects.get(person=application.person).category == "member"
    assert kinds(application.person) == ["application_received", "welcome"]
    tie = application.person.affiliations.get()
    assert (tie.state, tie.confirmed_by) == ("confirmed", "org_contact")
    assert "nothing more to answer" in Client().get(path).content.decode()


def test_no_is_a_matter_for_the_reviewers_and_no_mail_says_so(community, house, contact):
    application = apply(community, house)
    answer("no")
    application.refresh_from_db()
    assert application.state == "submitted"
    assert application.person.affiliations.get().state == "disputed"
    task = ReviewTask.objects.exclude(kind="sample").get()
    assert (task.kind, task.due_on) == ("affiliation_disputed", task.due_on)
    assert kinds(application.person) == ["application_received"]
    # Yes after all: the same link.
    answer("yes", tie=application.person.affiliations.get())
    application.refresh_from_db()
    assert application.state == "approved"
    task.refresh_from_db()
    assert task.done_at, "nobody needs to hear both any more"


def test_own_mail_domain_needs_nobody(community, house, contact):
    house.domains = ["cedarlantern.example"]
    house.save(update_fields=["domains"])
    application = apply(community, house, email="dani@cedarlantern.example")
    application.refresh_from_db()
    assert application.state == "approved"
    assert kinds(contact) == []


def test_one_mail_a_day_and_one_reminder_then_the_reviewers(community, house, contact):
    apply(community, house, "First Fay")
    apply(community, house, "Second Sol", now=NOW + timedelta(hours=1))
    assert kinds(contact) == ["affiliation_check"]
    keep_affiliations(now=NOW + timedelta(hours=2))
    assert kinds(contact) == ["affiliation_check"]
    # The next day the second one is asked about.
    keep_affiliations(now=NOW + timedelta(days=1))
    assert kinds(contact) == ["affiliation_check"] * 2
    assert "Second Sol" in Delivery.objects.filter(person=contact).latest("created_at").text
    keep_affiliations(now=NOW + timedelta(days=3, hours=1))
    keep_affiliations(now=NOW + timedelta(days=4, hours=2))
    keep_affiliations(now=NOW + timedelta(days=5))
    assert kinds(contact) == ["affiliation_check"] * 4
    assert not ReviewTask.objects.exclude(kind="sample").exists()
    # Thursday 26 November and five business days: from Friday 4 December on.
    keep_affiliations(now=NOW + timedelta(days=7))
    assert not ReviewTask.objects.exclude(kind="sample").exists()
    keep_affiliations(now=NOW + timedelta(days=9))
    keep_affiliations(now=NOW + timedelta(days=10))
    assert set(ReviewTask.objects.values_list("kind", flat=True)) == {"affiliation_silent"}
    assert ReviewTask.objects.exclude(kind="sample").count() == 2


def test_link_ends_when_they_no_longer_speak_for_the_house(community, house, contact):
    apply(community, house)
    path = link()
    contact.affiliations.update(is_contact=False)
    assert Client().get(path).status_code == 404
    assert answer("yes", path).status_code == 404


def test_link_answers_for_its_own_house_only(community, house, contact):
    apply(community, house)
    path = link()
    other = apply(community, make_organization("Other House"), "Other Ola")
    tie = other.person.affiliations.get()
    assert answer("yes", path, tie).status_code == 404
    tie.refresh_from_db()
    assert tie.state == "claimed"
    assert answer("maybe", path).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "a:b:c", "é" * 30])
def test_forged_links_are_not_found(token):
    assert Client().get(reverse("members:works_here", args=[token])).status_code == 404


def test_house_that_is_not_eligible_is_still_reviewed(community, house, contact):
    Evidence.objects.update(state="expired")
    application = apply(community, house)
    answer("yes")
    application.refresh_from_db()
    assert application.state == "submitted"
    assert application.person.affiliations.get().state == "confirmed"
    assert MembershipApplication.objects.count() == 1


def test_nobody_to_ask_leaves_it_to_the_reviewers(community, house):
    application = apply(community, house)
    assert application.person.affiliations.get().asked_at is None
    assert kinds() == ["application_received"]
