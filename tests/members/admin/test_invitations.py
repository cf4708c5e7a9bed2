from datetime import timedelta

import pytest
from django.urls import reverse

from members.models import Community, Invitation
from outbox.models import Delivery
from tests.factories import NOW, make_community, make_staff

LIST = reverse("admin:members_invitation_changelist")
ADD = reverse("admin:members_invitation_add")
FORM = {"email": "invited@people.example", "category": "member", "words": "Do come."}


@pytest.fixture
def cohort(community):
    Community.objects.filter(pk=community.pk).update(admission_policy="invitation")
    return community


@pytest.fixture
def invitation(cohort, priya):
    return Invitation.objects.create(
        community=cohort, email="invited@people.example", invited_by=priya,
        sent_at=NOW, expires_on=NOW.date() + timedelta(days=30),
    )  # fmt: skip


def step(row):
    return reverse("admin:members_invitation_withdraw", args=[row.pk])


def test_invite_at_the_desk(sign_in, priya, cohort):
    client = sign_in(priya)
    assert b"Send the invitation" in client.get(ADD).content

    response = client.post(ADD, FORM | {"community": cohort.pk}, follow=True)

    row = Invitation.objects.get()
    assert (row.community, row.invited_by, row.email) == (cohort, priya, "invited@people.example")
    assert b"on its way to invited@people.example" in response.content
    assert Delivery.objects.get().kind == "community_invitation"

    again = client.post(ADD, FORM | {"community": cohort.pk})
    assert b"is open" in again.content
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("changes", [{"email": "nobody"}, {"category": "guest"}, {"email": ""}])
def test_invite_says_what_needs_another_look(sign_in, priya, cohort, changes):
    response = sign_in(priya).post(ADD, FORM | {"community": cohort.pk} | changes)

    assert response.status_code == 200
    assert not Invitation.objects.exists()


def test_invite_only_where_people_come_by_invitation(sign_in, priya, community):
    assert sign_in(priya).get(ADD).status_code == 403
    assert sign_in(priya).get(LIST).status_code == 200


def test_invite_only_to_communities_of_one_s_own(sign_in, priya, cohort):
    other = make_community("other", admission_policy="invitation")

    sign_in(priya).post(ADD, FORM | {"community": other.pk})

    assert not Invitation.objects.exists()


def test_withdraw_at_the_desk_asks_once_more(sign_in, priya, invitation):
    client = sign_in(priya)
    assert b"Take it back" in client.get(LIST).content
    assert b"opens nothing any more" in client.get(step(invitation)).content
    invitation.refresh_from_db()
    assert invitation.state == "sent"

    client.post(step(invitation))

    invitation.refresh_from_db()
    assert invitation.state == "withdrawn"
    page = reverse("admin:members_invitation_change", args=[invitation.pk])
    assert client.get(page).status_code == 200
    told = client.get(reverse("admin:members_invitation_history", args=[invitation.pk]))
    assert b"Invitation taken back" in told.content


@pytest.mark.parametrize("who", ["outsider", "reviewer", "editor", "dani", "visitor"])
def test_desk_is_closed_to_others(request, sign_in, cohort, invitation, who):
    roles = {"reviewer", "editor"}
    person = make_staff(cohort, who) if who in roles else request.getfixturevalue(who)
    client = sign_in(person)

    for url in (step(invitation), reverse("admin:members_invitation_change", args=[invitation.pk])):
        for method in (client.get, client.post):
            assert method(url).status_code in {302, 403, 404}
    if who == "outsider":
        assert b"invited@people.example" not in client.get(LIST).content
    invitation.refresh_from_db()
    assert invitation.state == "sent"


@pytest.mark.parametrize("count", [1, 20])
def test_list_costs_the_same_however_many(
    sign_in, priya, cohort, count, django_assert_max_num_queries
):
    for number in range(count):
        Invitation.objects.create(
            community=cohort, email=f"a{number}@people.example", invited_by=priya,
            sent_at=NOW, expires_on=NOW.date(),
        )  # fmt: skip
    client = sign_in(priya)

    with django_assert_max_num_queries(28):
        assert client.get(LIST).content.count(b"@people.example") >= count
