"""A double click is one application, and two taps on an invitation are one membership."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from cop.core.errors import ActionError
from members.actions import submit_application
from members.actions.invitations import accept_invitation
from members.models import Invitation, Membership, MembershipApplication
from outbox.models import Delivery
from tests.factories import NOW, make_community, make_organization, make_person

pytestmark = pytest.mark.django_db(transaction=True)
TAPS = 6


def at_once(work: Any) -> list[str]:
    """The same act from several threads; what each of them heard."""

    def _one(_number: int) -> str:
        try:
            work()
        except ActionError as error:
            return str(error)
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(TAPS) as pool:
        return list(pool.map(_one, range(TAPS)))


def test_many_taps_are_one_application() -> None:
    community, person = make_community(), make_person()
    house = make_organization()

    heard = at_once(
        lambda: submit_application(
            community=community, person=person, organization=house, applying_as="provider",
            agreement=community.agreements.get(), now=NOW,
        )
    )  # fmt: skip

    assert sorted(heard)[-1] == "done"
    assert heard.count("done") == 1
    assert MembershipApplication.objects.count() == 1
    assert Delivery.objects.filter(kind="application_received").count() == 1


def test_many_taps_of_an_individual_are_one_membership() -> None:
    community, person = make_community(admission_policy="open"), make_person()

    heard = at_once(
        lambda: submit_application(
            community=community, person=person, applying_as="individual",
            agreement=community.agreements.get(), now=NOW,
        )
    )  # fmt: skip

    assert heard.count("done") == 1
    assert Membership.objects.count() == MembershipApplication.objects.count() == 1


def test_many_taps_accept_once() -> None:
    community = make_community(admission_policy="invitation")
    person = make_person(email="invited@people.example")
    row = Invitation.objects.create(
        community=community, email=person.email, sent_at=NOW,
        expires_on=NOW.date() + timedelta(days=30),
    )  # fmt: skip

    heard = at_once(lambda: accept_invitation(invitation=row, person=person, now=NOW))

    assert set(heard) == {"done"}
    assert Membership.objects.count() == 1
    assert Delivery.objects.filter(kind="welcome").count() == 1
