"""The cast. Tests that need people use the same ones; access tests walk them all.

visitor    nobody: not signed in
newcomer   has an account and belongs nowhere yet
dani       is a member of `community`
ally       is an ally there
funder     is an ally there too, but works for a funder: the wall (P4)
lapsed     was a member
stranger   is a member of another community: sees nothing of this one's inside
priya      coordinates `community`
outsider   coordinates the other community
admin      is the administrator of the whole site
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from members.models import Community, User
from tests.factories import (
    make_community,
    make_member,
    make_organization,
    make_person,
    make_staff,
)
from tests.smtp import Box, smtp_box

CAST = [
    "visitor",
    "newcomer",
    "dani",
    "ally",
    "funder",
    "lapsed",
    "stranger",
    "priya",
    "outsider",
    "admin",
]


@pytest.fixture
def community(db: None) -> Community:
    return make_community("every-door", name="Every Door")


@pytest.fixture
def other_community(db: None) -> Community:
    return make_community("social-rd", name="Social R&D")


@pytest.fixture
def visitor() -> AnonymousUser:
    return AnonymousUser()


@pytest.fixture
def newcomer(db: None) -> User:
    return make_person("Newcomer Nia")


@pytest.fixture
def dani(community: Community) -> User:
    return make_member(community, "Dani Achebe-Roy")


@pytest.fixture
def ally(community: Community) -> User:
    return make_member(community, "Femi Calloway", category="ally")


@pytest.fixture
def funder(community: Community) -> User:
    fund = make_organization("Coast Fund", kind="funder", is_regulator_or_funder=True)
    return make_member(community, "Beth Kowalchuk", category="ally", organization=fund)


@pytest.fixture
def lapsed(community: Community) -> User:
    return make_member(community, "Lars Lapsed", state="lapsed")


@pytest.fixture
def stranger(other_community: Community) -> User:
    return make_member(other_community, "Simone Stranger")


@pytest.fixture
def priya(community: Community) -> User:
    return make_staff(community, "coordinator", "Priya Lindqvist")


@pytest.fixture
def outsider(other_community: Community) -> User:
    return make_staff(other_community, "coordinator", "Olu Outsider")


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser("admin@people.example", display_name="Ada Admin")


@pytest.fixture
def sign_in() -> Any:
    """`sign_in(person)`: a browser of that person; staff have passed the second factor."""

    def _sign_in(person: Any) -> Client:
        client = Client()
        if person.is_authenticated:
            client.force_login(person)
            session = client.session
            session["account_authentication_methods_user"] = str(person.pk)
            session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": 0}]
            session.save()
        return client

    return _sign_in


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Box]:
    """A real SMTP server; `outbox.actions.send_due()` delivers into it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with smtp_box() as box:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        yield box
