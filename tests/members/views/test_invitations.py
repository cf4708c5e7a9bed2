import html
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from cop.core.links import make_token
from members.models import Invitation, Membership
from outbox.actions import send_due
from tests.conftest import CAST
from tests.factories import NOW, make_community, make_person, make_staff

WORDS = "Nuit après nuit.\n<b>ʔa</b> שלום"


@pytest.fixture
def cohort(db):
    return make_community("cohort", admission_policy="invitation")


@pytest.fixture
def inviter(cohort):
    return make_staff(cohort, "coordinator", "مها " + "Élisabeth-Thérèse " * 6)


@pytest.fixture
def invitation(cohort, inviter):
    return Invitation.objects.create(
        community=cohort, email="invited@people.example", words=WORDS, invited_by=inviter,
        sent_at=NOW, expires_on=NOW.date() + timedelta(days=30),
    )  # fmt: skip


@pytest.fixture
def invited(db):
    return make_person("ʔa Théberge", email="invited@people.example")


def page_of(invitation, purpose="invitation"):
    return reverse("members:invitation", args=[make_token(purpose, invitation.public_id)])


@pytest.mark.parametrize("who", CAST)
def test_invitation_opens_for_each_of_the_cast_and_changes_nothing(
    request, sign_in, cohort, invitation, who
):
    client = sign_in(request.getfixturevalue(who))

    for method in (client.get, client.head, client.post):
        assert method(page_of(invitation)).status_code == 200
    text = client.get(page_of(invitation)).content.decode()

    invitation.refresh_from_db()
    assert invitation.state == "sent"
    assert not cohort.memberships.exists()
    assert "invited@people.example" not in text
    assert ("Make an account" in text) == (who == "visitor")
    assert ("went to another address" in text) == (who != "visitor")


def test_invitation_shows_who_and_what_before_one_signs_in(client, invitation, inviter):
    text = client.get(page_of(invitation)).content.decode()

    assert "Nuit après nuit." in text
    assert "&lt;b&gt;ʔa&lt;/b&gt;" in text
    assert inviter.display_name in text
    assert f"next=/m/{make_token('invitation', invitation.public_id)[:10]}" in text


def test_invitation_is_accepted_once(sign_in, invited, cohort, invitation):
    client = sign_in(invited)
    assert b"Ask before giving advice." in client.get(page_of(invitation)).content
    assert not Membership.objects.exists()

    unticked = client.post(page_of(invitation), {})
    assert b"Tick it to go on" in unticked.content
    assert not Membership.objects.exists()

    for _ in range(2):
        response = client.post(page_of(invitation), {"agreement": "on"})
        assert response["Location"] == cohort.get_absolute_url()
    assert Membership.objects.get().person == invited
    assert client.get(page_of(invitation))["Location"] == cohort.get_absolute_url()
    assert client.get(cohort.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "accepted"}, "has been used"),
        ({"state": "withdrawn"}, "taken back"),
        ({"expires_on": NOW.date() - timedelta(days=90)}, "has ended"),
    ],
)
@pytest.mark.parametrize("who", ["visitor", "newcomer", "invited"])
def test_invitation_that_is_over_says_so(request, sign_in, invitation, changes, words, who):
    Invitation.objects.update(**changes)
    client = sign_in(request.getfixturevalue(who))

    for method in (client.get, client.post):
        response = method(page_of(invitation), {"agreement": "on"})
        assert response.status_code == 410
        assert words in response.content.decode()
    assert not Membership.objects.exists()


def test_invitation_with_a_link_of_another_kind(client, invitation):
    assert client.get(page_of(invitation, "works-here")).status_code == 404
    assert client.get("/m/forged/invitation/").status_code == 404


def test_invitation_to_what_is_archived(client, cohort, invitation):
    type(cohort).objects.update(status="archived")

    assert client.get(page_of(invitation)).status_code == 404


def test_somebody_without_an_account_comes_back_to_the_invitation(client, invitation, mailbox):
    cache.clear()
    page = page_of(invitation)
    link = re.search(r'href="(/account/signup/[^"]+)"', client.get(page).content.decode())[1]
    client.get(html.unescape(link))
    person = {"email": invitation.email, "display_name": "ʔa Nía", "next": page}
    asked = client.post("/account/signup/", person, follow=True)
    send_due()
    code = re.search(r"\b(\d{6})\b", mailbox.last.get_body(("plain",)).get_content())[1]

    there = client.post(asked.request["PATH_INFO"], {"code": code, "next": page}, follow=True)

    assert there.request["PATH_INFO"] == page
    assert b"Accept and join" in there.content
    client.post(page, {"agreement": "on"})
    assert Membership.objects.get().person.email == invitation.email
