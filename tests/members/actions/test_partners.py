from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from cop.core.errors import ActionError
from cop.core.models import AuditEvent
from members.actions.agreements import renew_consent
from members.actions.communities import keep_communities
from members.actions.directory import save_profile
from members.actions.partners import add_partner, change_host, change_partner, end_partner
from members.models import DirectoryProfile, Partner, PersonalConsent
from members.queries.communities import current_partners, host_of
from members.queries.consents import consents_to_renew
from outbox.models import Delivery
from tests.factories import NOW, make_member, make_organization

TODAY = date(2026, 11, 26)


@pytest.fixture
def host(community):
    organization = make_organization("Tidewater Capacity Network", kind="host")
    return Partner.objects.create(
        community=community, organization=organization, role="host", starts_on=date(2026, 4, 1)
    )


@pytest.fixture
def heir(db):
    return make_organization("Coast Alliance ʔa Théberge", kind="host")


def test_there_is_exactly_one_host(community, host, heir, priya):
    with pytest.raises(ActionError, match="host already"):
        add_partner(community=community, organization=heir, role="host", by=priya)
    with pytest.raises(IntegrityError):
        Partner.objects.create(community=community, organization=heir, role="host")


def test_the_host_does_not_end_without_another(community, host, priya):
    with pytest.raises(ActionError, match="always a host"):
        end_partner(partner=host, by=priya, ends_on=TODAY, now=NOW)


def test_change_host_ends_the_old_row_and_begins_a_new_one(community, host, heir, priya, dani):
    cohost = add_partner(community=community, organization=heir, role="cohost", by=priya)

    new = change_host(community=community, organization=heir, by=priya, now=NOW)

    host.refresh_from_db()
    cohost.refresh_from_db()
    assert host.ends_on == cohost.ends_on == TODAY - timedelta(days=1)
    assert (new.role, new.starts_on, new.ends_on) == ("host", TODAY, None)
    assert host_of(community).organization == heir
    assert [row.organization for row in current_partners(community, TODAY)] == [heir]
    event = AuditEvent.objects.get(action="host_changed")
    assert (event.old, event.scope) == ("Tidewater Capacity Network", community.public_id)


def test_change_host_asks_consents_that_name_the_old_one_again(community, host, heir, priya, dani):
    other = make_member(community, "Other Ola")
    save_profile(person=dani, community=community, now=NOW, is_listed=True)

    change_host(community=community, organization=heir, by=priya, now=NOW)

    profile = DirectoryProfile.objects.get(person=dani)
    assert not profile.is_listed
    assert [row.host for row in consents_to_renew(dani)] == [host.organization]
    assert consents_to_renew(other) == []
    mails = {row.person_id: row.text for row in Delivery.objects.filter(kind="host_changed")}
    assert set(mails) == {dani.pk, other.pk}
    assert "So we ask again" in mails[dani.pk]
    assert "nothing for you to do" in mails[other.pk]


@pytest.mark.parametrize("given", [True, False])
def test_renew_consent_is_one_answer_for_the_new_host(community, host, heir, priya, dani, given):
    save_profile(person=dani, community=community, now=NOW, is_listed=True)
    change_host(community=community, organization=heir, by=priya, now=NOW)
    later = NOW + timedelta(hours=1)
    answer = {"person": dani, "community": community, "purpose": "directory", "now": later}

    renew_consent(given=given, **answer)
    renew_consent(given=not given, **answer)

    latest = PersonalConsent.objects.filter(person=dani).order_by("-at", "-pk").first()
    assert (latest.given, latest.host) == (given, heir)
    assert PersonalConsent.objects.count() == 2
    assert consents_to_renew(dani) == []
    assert DirectoryProfile.objects.get(person=dani).is_listed == given


def test_who_joins_after_the_change_is_told_nothing(community, host, heir, priya, dani):
    change_host(community=community, organization=heir, by=priya, now=NOW)
    late = make_member(community, "Late Lee")
    late.memberships.update(joined_on=TODAY + timedelta(days=1))

    keep_communities(now=NOW + timedelta(days=1))
    assert not Delivery.objects.filter(person=late).exists()
    assert Delivery.objects.filter(person=dani, kind="host_changed").count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"is_regulator_or_funder": True}, "totals only"), ({"status": "closed"}, "closed or merged")],
)
def test_change_host_refuses(community, host, priya, fields, words):
    wrong = make_organization("Fund", **fields)
    with pytest.raises(ActionError, match=words):
        change_host(community=community, organization=wrong, by=priya, now=NOW)
    with pytest.raises(ActionError, match="already"):
        change_host(community=community, organization=host.organization, by=priya, now=NOW)


@pytest.mark.parametrize("who", ["dani", "outsider", "reviewer"])
def test_partners_are_for_coordinators_of_the_community(request, community, host, heir, who):
    by = request.getfixturevalue(who)
    for act in (
        lambda: add_partner(community=community, organization=heir, role="funder", by=by),
        lambda: change_partner(partner=host, by=by, statement="Mine"),
        lambda: end_partner(partner=host, by=by, ends_on=TODAY, now=NOW),
        lambda: change_host(community=community, organization=heir, by=by, now=NOW),
    ):
        with pytest.raises(ActionError, match="Only a coordinator"):
            act()


def test_partners_come_and_go_by_their_days_and_in_order(community, host, priya):
    made = [
        add_partner(
            community=community, organization=make_organization(name), role="knowledge", by=priya,
            position=position, starts_on=begins,
        )
        for name, position, begins in (
            ("Second", 2, None), ("First", 1, TODAY), ("Tomorrow", 0, TODAY + timedelta(days=1)),
        )
    ]  # fmt: skip
    names = [row.organization.name for row in current_partners(community, TODAY)]
    assert names == ["Tidewater Capacity Network", "First", "Second"]

    end_partner(partner=made[0], by=priya, ends_on=TODAY, now=NOW)
    assert "Second" in [row.organization.name for row in current_partners(community, TODAY)]
    tomorrow = TODAY + timedelta(days=1)
    assert "Second" not in [row.organization.name for row in current_partners(community, tomorrow)]
