"""Who joins: from a new organization that may be known, or for themselves; and in how many taps."""

import re
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client

from members.models import (
    Evidence,
    Membership,
    MembershipApplication,
    Organization,
    RoleGrant,
)
from outbox.actions import send_due
from outbox.models import Delivery
from tests.factories import NOW, make_community, make_member, make_organization, make_person

JOIN = "/every-door/join/"
FORM = {"applying_as": "provider", "role_group": "front_line", "agreement": "on"}
NEW = FORM | {"proposed_name": "Maison Theberge", "proposed_city": "Surrey"}
NAMES = [
    "ʔakisq̓nuk Recovery House",
    "Maison Élisabeth-Thérèse de l'Île " * 4,
    "בית מחסה",
    "مركز التعافي",
    "<b>House & Sons</b>",
]


@pytest.fixture
def client(sign_in, newcomer):
    return sign_in(newcomer)


def text_of(response):
    return response.content.decode()


def test_name_like_a_known_one_is_asked_about(client, community):
    known = make_organization("Maison Théberge", city="Montréal")
    make_organization("Maison Théberge du Nord", status="proposed")

    response = client.post(f"{JOIN}?new=", NEW)
    text = text_of(response)

    assert "Is it one of these?" in text
    assert "Maison Théberge, Montréal" in text
    assert "du Nord" not in text
    assert not MembershipApplication.objects.exists()

    client.post(f"{JOIN}?new=", NEW | {"same_as": known.public_id})
    assert MembershipApplication.objects.get().organization == known
    assert Organization.objects.count() == 2


def test_name_like_a_known_one_may_be_new_all_the_same(client, community):
    make_organization("Maison Théberge", city="Montréal")

    client.post(f"{JOIN}?new=", NEW | {"same_as": "new"})

    organization = MembershipApplication.objects.get().organization
    assert (organization.name, organization.status) == ("Maison Theberge", "proposed")


def test_answer_about_another_name_is_asked_again(client, community):
    make_organization("Maison Théberge")

    response = client.post(f"{JOIN}?new=", NEW | {"same_as": "of-before"})

    assert "We know one with a name much like it" in text_of(response)


def test_a_known_house_that_counts_is_not_asked_for_paper_again(client, community, criterion):
    known = make_organization("Maison Théberge")
    Evidence.objects.create(
        organization=known, criterion=criterion, state="verified", submitted_at=NOW, checked_at=NOW
    )
    shown = {"criterion": "REGISTERED", "REGISTERED-reference": "Maison"}

    client.post(f"{JOIN}?new=", NEW | shown | {"same_as": known.public_id})

    assert MembershipApplication.objects.get().organization == known


@pytest.mark.parametrize("name", NAMES)
def test_any_name_goes_through_every_page(client, community, name):
    name = " ".join(name.split())[:160]

    response = client.post(f"{JOIN}?new=", NEW | {"proposed_name": name}, follow=True)

    application = MembershipApplication.objects.get()
    assert application.organization.name == name
    assert response.redirect_chain
    known = Organization.objects.filter(pk=application.organization_id)
    known.update(status="active")
    MembershipApplication.objects.all().update(state="withdrawn", decided_at=NOW)
    assert text_of(client.get(JOIN, {"q": name[:12]})).count("row-link") == 1
    assert client.get(f"{JOIN}?org={known.get().public_id}").status_code == 200


@pytest.fixture
def open_community(db):
    return make_community("open-door", admission_policy="open")


def test_individual_joins_an_open_community(client, newcomer, open_community):
    assert "?alone=1" in text_of(client.get("/open-door/join/"))
    form = text_of(client.get("/open-door/join/?alone=1"))
    assert "role_group" not in form
    assert "proposed_name" not in form

    response = client.post("/open-door/join/?alone=1", {"agreement": "on"}, follow=True)

    application = MembershipApplication.objects.get()
    assert (application.applying_as, application.organization) == ("individual", None)
    assert application.state == "approved"
    assert Membership.objects.get().person == newcomer
    assert not newcomer.affiliations.exists()
    assert response.status_code == 200
    assert Delivery.objects.get().kind == "welcome"
    assert client.get(application.get_absolute_url()).status_code == 200


def test_individual_is_told_where_organizations_are_needed(client, community):
    text = text_of(client.get(JOIN))

    assert "?alone=1" not in text
    assert "welcome as an ally" in text
    asked = client.post(f"{JOIN}?alone=1", {"agreement": "on", "applying_as": "individual"})
    assert "members/join_organization.html" in [template.name for template in asked.templates]
    assert not MembershipApplication.objects.exists()


@pytest.mark.parametrize("state", ["submitted", "info_requested", "declined", "lapsed"])
def test_pages_bear_an_application_without_organization(
    client, newcomer, open_community, sign_in, admin, state
):
    open_ones = {"submitted", "info_requested"}
    application = MembershipApplication.objects.create(
        community=open_community, person=newcomer, applying_as="individual", state=state,
        submitted_at=NOW, due_on=NOW.date(), decided_at=None if state in open_ones else NOW,
    )  # fmt: skip

    text = text_of(client.get(application.get_absolute_url()))
    assert "None" not in text
    assert "without an organization" in text
    desk = sign_in(admin)
    for path in ("", f"{application.pk}/change/"):
        assert desk.get(f"/desk/members/membershipapplication/{path}").status_code == 200


def test_from_the_first_tap_to_waiting_are_six_screens(community, house, mailbox):
    """Screens that somebody sees after the tap on "Join"; a redirect shows nothing."""
    cache.clear()
    client, screens = Client(), []

    def see(response):
        assert response.status_code == 200
        screens.append(response.request["PATH_INFO"])
        return response

    see(client.get(JOIN))
    see(client.get(f"/account/signup/?next={JOIN}"))
    person = {"email": "new@people.example", "display_name": "ʔa Nía", "next": JOIN}
    see(client.post("/account/signup/", person, follow=True))
    send_due()
    code = re.search(r"\b(\d{6})\b", mailbox.last.get_body(("plain",)).get_content())[1]
    where = see(client.post(screens[-1], {"code": code, "next": JOIN}, follow=True))
    assert "members/join_organization.html" in [template.name for template in where.templates]
    see(client.get(f"{JOIN}?org={house.public_id}"))
    see(client.post(f"{JOIN}?org={house.public_id}", FORM, follow=True))

    assert screens[-1] == MembershipApplication.objects.get().get_absolute_url()
    assert len(screens) <= 6
    send_due()
    mails = Delivery.objects.filter(person__email="new@people.example")
    assert mails.count() <= 2


def test_welcome_names_who_greets(client, newcomer, open_community):
    greeter = make_member(open_community, "Gale Greeter")
    RoleGrant.objects.create(
        community=open_community, person=greeter, role="greeter", starts_on=date(2026, 4, 1)
    )

    page = client.post("/open-door/join/?alone=1", {"agreement": "on"}, follow=True)

    assert "Gale Greeter greets new people here" in text_of(page)
    assert "Gale Greeter greets new people here." in Delivery.objects.get(kind="welcome").text
    own = client.get(MembershipApplication.objects.get().get_absolute_url())
    assert "Gale Greeter" in text_of(own)


def test_waiting_page_says_who_was_asked(client, newcomer, community):
    house = make_organization("Lantern House")
    contact = make_person("Connie Contact")
    contact.affiliations.create(organization=house, state="confirmed", is_contact=True)

    page = client.post(f"{JOIN}?org={house.public_id}", FORM, follow=True)

    assert "We asked Lantern House whether you work or volunteer there." in text_of(page)
    assert "Connie" not in text_of(page)
