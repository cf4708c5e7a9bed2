"""A membership at the desk: on hold, back, ended; each mail is read before it goes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.actions.memberships import local_day
from members.models import Membership
from outbox.models import Delivery
from tests.conftest import CAST
from tests.factories import make_organization
from tests.members.conftest import apply


@pytest.fixture
def membership(dani):
    return Membership.objects.get(person=dani)


@pytest.fixture
def address(membership):
    return f"/desk/members/membership/{membership.pk}/change/"


@pytest.fixture
def hold(membership):
    until = local_day(membership.community, timezone.now()) + timedelta(days=10)
    return {"until": until.isoformat(), "reason": "You shouted & <left>."}


def step_of(membership, name):
    return f"/desk/members/membership/{membership.pk}/step/{name}/"


@pytest.mark.parametrize("who", [*CAST, "reviewer"])
@pytest.mark.parametrize("name", ["suspend", "remove"])
def test_steps_are_for_coordinators_of_this_community(
    request, sign_in, membership, hold, who, name
):
    response = sign_in(request.getfixturevalue(who)).post(
        step_of(membership, name), hold | {"confirmed": "1"}
    )

    membership.refresh_from_db()
    if who in {"priya", "admin"}:
        assert membership.state == {"suspend": "suspended", "remove": "removed"}[name]
    else:
        assert response.status_code in {302, 403, 404}
        assert membership.state == "active"
        assert not Delivery.objects.exists()


def test_hold_shows_the_mail_first_then_acts_once(sign_in, membership, address, priya, hold):
    client, url = sign_in(priya), step_of(membership, "suspend")
    letter = client.post(url, hold).content.decode()

    assert "You shouted &amp; &lt;left&gt;." in letter
    assert "is on hold until" in letter
    assert "%%" not in letter
    assert not Delivery.objects.exists()
    assert "&lt;left&gt;.</textarea>" in client.post(url, hold | {"edit": "1"}).content.decode()
    for _tap in range(2):
        client.post(url, hold | {"confirmed": "1"})

    membership.refresh_from_db()
    assert membership.state == "suspended"
    assert Delivery.objects.filter(kind="membership_suspended").count() == 1
    assert "Put on hold" in client.get(address).content.decode()


def test_end_of_the_hold_shows_its_mail_too(sign_in, membership, priya, hold):
    client = sign_in(priya)
    client.post(step_of(membership, "suspend"), hold | {"confirmed": "1"})
    url = step_of(membership, "end-hold")

    assert "Everything is open to you again." in client.post(url).content.decode()
    membership.refresh_from_db()
    assert membership.state == "suspended"
    client.post(url, {"confirmed": "1"})
    membership.refresh_from_db()
    assert membership.state == "active"


@pytest.mark.parametrize("days", [0, -3, 31, None])
def test_a_day_that_cannot_be_is_said_before_the_mail(sign_in, membership, priya, days):
    today = local_day(membership.community, timezone.now())
    until = (today + timedelta(days=days)).isoformat() if days is not None else "soon"

    text = (
        sign_in(priya)
        .post(step_of(membership, "suspend"), {"until": until, "reason": "x", "confirmed": "1"})
        .content.decode()
    )

    assert 'role="alert"' in text
    membership.refresh_from_db()
    assert membership.state == "active"


def test_removal_needs_words_and_tells_of_the_appeal(sign_in, membership, priya):
    client, url = sign_in(priya), step_of(membership, "remove")
    assert 'role="alert"' in client.post(url, {"reason": " ", "confirmed": "1"}).content.decode()

    letter = client.post(url, {"reason": "Harm was done."}).content.decode()
    assert "within 30 days" in letter
    client.post(url, {"reason": "Harm was done.", "confirmed": "1"})

    membership.refresh_from_db()
    assert membership.state == "removed"
    assert Delivery.objects.filter(kind="membership_removed").count() == 1


def test_nobody_decides_about_their_own(sign_in, community, priya, hold):
    own = Membership.objects.create(community=community, person=priya, joined_on="2026-04-01")
    text = sign_in(priya).post(step_of(own, "suspend"), hold | {"confirmed": "1"})

    assert "your own membership" in text.content.decode()
    own.refresh_from_db()
    assert own.state == "active"


def test_page_shows_where_it_came_from(sign_in, membership, address, community, reviewer):
    house = make_organization("Maison ʔa-ɬqi · بيت السلام")
    Membership.objects.filter(pk=membership.pk).update(state="left", ended_on="2026-09-01")
    apply(community, membership.person, organization=house)

    text = sign_in(reviewer).get(address).content.decode()

    for words in (house.name, "Applications", "History", "Received"):
        assert words in text
    assert "step/suspend" not in text
